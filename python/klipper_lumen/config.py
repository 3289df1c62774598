"""Reads a printer.cfg the way Klipper does: the engine's reader, in Python's words.

It knows the syntax (comments, includes, values of several lines, sections that come twice, the
block of SAVE_CONFIG) and where each option stands. What options mean is the engine's affair.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Optional

from . import _engine
from ._engine import is_guest

if TYPE_CHECKING:
    import os

__all__ = ["GUEST_OPTIONS", "Config", "ConfigFileError", "Option", "Place", "Section", "is_guest"]

# What Lumen reads of a section of Klipper's whose pin is one of Lumen's.
GUEST_OPTIONS = tuple(_engine.guest_options())


@dataclass(frozen=True)
class Place:
    """A line of a file, counted from 1."""

    file: Path
    line: int

    def __str__(self) -> str:
        return "%s:%d" % (self.file, self.line)


class ConfigFileError(Exception):
    """What keeps a file from being read, with its place where there is one."""

    def __init__(self, problem: str, place: Optional[Place] = None) -> None:
        super().__init__(problem)
        self.place = place


@dataclass(frozen=True)
class Option:
    """The value of an option as it stands in the file."""

    value: str
    place: Place


@dataclass(frozen=True)
class Section:
    """One section, also where the files have it in several places."""

    place: Optional[Place]
    options: dict[str, Option]


class Config:
    """A whole config with all that it includes. Section names keep their case, options do not."""

    def __init__(self, read: _engine.ConfigFile) -> None:
        self._read = read

    @cached_property
    def sections(self) -> dict[str, Section]:
        """All sections by name, in the order of the files."""
        return {name: self._section(name) for name in self._read.sections()}

    def has_section(self, name: str) -> bool:
        """Whether there is a section with this full name."""
        return self._read.place(name) is not None

    def discard(self) -> None:
        """Frees what was read, while other Python threads run; nothing is in the config then."""
        self.__dict__.pop("sections", None)
        self._read.discard()

    def lumen_json(self, leds: Optional[str] = None) -> str:
        """The sections of Lumen, and those with a pin of Lumen's, as the engine takes them.

        ``leds`` are the channels of Klipper's own LEDs as JSON; those that the files say if None.
        """
        return self._read.lumen_json(leds)

    def facts_json(self) -> Optional[str]:
        """What the file says of the printer, as the engine takes it; None without ``[printer]``."""
        return self._read.facts_json()

    def place(self, section: str, option: Optional[str]) -> Optional[Place]:
        """Where an option stands; where its section begins when it has no line of its own."""
        return _place(self._read.place(section, option))

    def _section(self, name: str) -> Section:
        options = {
            option: Option(value, Place(Path(file), line))
            for option, value, (file, line) in self._read.options(name) or ()
        }
        return Section(self.place(name, None), options)


def read(path: os.PathLike[str]) -> Config:
    """Reads a config file and all that it includes; other threads run meanwhile.

    Raises ConfigFileError for what Klipper could not read either, and for what is no regular file
    or above a limit.
    """
    try:
        return Config(_engine.read_config(path))
    except _engine.ConfigFileError as error:
        raise ConfigFileError(str(error), _place(error.place)) from None


def _place(found: Optional[tuple[os.PathLike[str], int]]) -> Optional[Place]:
    return Place(Path(found[0]), found[1]) if found is not None else None
