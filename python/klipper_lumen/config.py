"""Reads a printer.cfg as Klipper does: a Python interface of the engine's reader.

It handles the syntax (comments, includes, multi-line values, repeated sections, the SAVE_CONFIG
block) and knows the place of each option. The engine interprets the options.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Optional

from . import _engine
from ._engine import is_klipper_neopixel, is_lumen

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

__all__ = [
    "KLIPPER_NEOPIXEL_OPTIONS",
    "Config",
    "ConfigFileError",
    "Message",
    "Option",
    "Place",
    "Section",
    "is_klipper_neopixel",
    "is_lumen",
]

# Section, option or None, and message.
Finding = tuple[str, Optional[str], str]

# The options that Lumen reads from a Klipper section with a pin of Lumen.
KLIPPER_NEOPIXEL_OPTIONS = tuple(_engine.klipper_neopixel_options())


@dataclass(frozen=True)
class Place:
    """A line of a file, counted from 1."""

    file: Path
    line: int

    def __str__(self) -> str:
        return "%s:%d" % (self.file, self.line)


class ConfigFileError(Exception):
    """A file cannot be read; ``place`` is its line, if known."""

    def __init__(self, problem: str, place: Optional[Place] = None) -> None:
        super().__init__(problem)
        self.place = place


@dataclass(frozen=True)
class Message:
    """A message about a config, with its place."""

    # None if the message belongs to no line.
    place: Optional[Place]
    file: Path
    section: Optional[str]
    option: Optional[str]
    text: str
    # The message with its place; the file is relative to the folder of printer.cfg.
    line: str

    def __str__(self) -> str:
        return "%s: %s" % (self.place or self.file, self.text)


@dataclass(frozen=True)
class Option:
    """The value of an option as written in the file."""

    value: str
    place: Place


@dataclass(frozen=True)
class Section:
    """One section, merged if the files have it in several places."""

    place: Optional[Place]
    options: dict[str, Option]


class Config:
    """A config with all its includes. Section names keep their case, options do not."""

    def __init__(self, read: _engine.ConfigFile, path: Path) -> None:
        self._read = read
        self._path = path

    @cached_property
    def sections(self) -> dict[str, Section]:
        """All sections by name, in the order of the files."""
        return {name: self._section(name) for name in self._read.sections()}

    def names(self) -> list[str]:
        """The full names of all sections, in the order of the files."""
        return self._read.sections()

    def has_section(self, name: str) -> bool:
        """Whether there is a section with this full name."""
        return self._read.place(name) is not None

    def discard(self) -> None:
        """Frees the content while other Python threads run; the config is empty afterwards."""
        self.__dict__.pop("sections", None)
        self._read.discard()

    def lumen_json(self, known: Optional[str] = None) -> str:
        """Returns Lumen's sections, and those with a pin of Lumen, as JSON for the engine.

        ``known`` describes Klipper's own sections; by default they are read from the files.
        """
        return self._read.lumen_json(known)

    def known_json(self) -> str:
        """Returns the description of Klipper's own sections as JSON."""
        return self._read.known_json()

    def messages(self, findings: Iterable[Finding] = (), with_notes: bool = False) -> list[Message]:
        """Returns the engine's findings in the order of the lines, and warnings about single lines
        too if ``with_notes`` is set.
        """
        return [
            Message(_place(place), self._path, section, option, text, line)
            for place, section, option, text, line in self._read.messages(
                list(findings), with_notes
            )
        ]

    def facts_json(self) -> Optional[str]:
        """Returns the printer's facts as JSON for the engine; None without ``[printer]``."""
        return self._read.facts_json()

    def place(self, section: str, option: Optional[str]) -> Optional[Place]:
        """Returns the line of an option, or the first line of its section."""
        return _place(self._read.place(section, option))

    def _section(self, name: str) -> Section:
        options = {
            option: Option(value, Place(Path(file), line))
            for option, value, (file, line) in self._read.options(name) or ()
        }
        return Section(self.place(name, None), options)


def read(path: os.PathLike[str], is_kalico: bool = False) -> Config:
    """Reads a config file with all its includes; other threads run meanwhile.

    On Kalico, ``**`` in an include means any number of folders.

    Raises ConfigFileError for a file that Klipper could not read either, for a file that is not
    regular, and above a limit.
    """
    try:
        return Config(_engine.read_config(path, is_kalico), Path(path))
    except _engine.ConfigFileError as error:
        raise ConfigFileError(str(error), _place(error.place)) from None


def _place(found: Optional[tuple[os.PathLike[str], int]]) -> Optional[Place]:
    return Place(Path(found[0]), found[1]) if found is not None else None
