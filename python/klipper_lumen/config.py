"""Reads a printer.cfg the way Klipper does: the engine's reader, in Python's words.

It knows the syntax (comments, includes, values of several lines, sections that come twice, the
block of SAVE_CONFIG) and where each option stands. What options mean is the engine's affair.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Optional

from . import _engine
from ._engine import is_guest, is_lumen

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

__all__ = [
    "GUEST_OPTIONS",
    "Config",
    "ConfigFileError",
    "Message",
    "Option",
    "Place",
    "Section",
    "is_guest",
    "is_lumen",
]

# Section, option or None, and message.
Finding = tuple[str, Optional[str], str]

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
class Message:
    """What is to be said about a config, with its place."""

    # The line; the file alone if it is no line.
    place: Optional[Place]
    file: Path
    section: Optional[str]
    option: Optional[str]
    text: str

    def __str__(self) -> str:
        return "%s: %s" % (self.place or self.file, self.text)

    def short(self) -> str:
        """The message with the file as web interfaces name it: from the folder of printer.cfg."""
        place = self.place
        if place is None:
            return "%s: %s" % (self.file.name, self.text)
        with suppress(ValueError):
            place = Place(place.file.relative_to(self.file.parent), place.line)
        return "%s: %s" % (place, self.text)


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
        """Frees what was read, while other Python threads run; nothing is in the config then."""
        self.__dict__.pop("sections", None)
        self._read.discard()

    def lumen_json(self, known: Optional[str] = None) -> str:
        """The sections of Lumen, and those with a pin of Lumen's, as the engine takes them.

        ``known`` is what there is of Klipper's own sections; what the files say of them if None.
        """
        return self._read.lumen_json(known)

    def known_json(self) -> str:
        """What the files say of Klipper's own sections."""
        return self._read.known_json()

    def notes(self) -> list[Message]:
        """What the user should know of single lines."""
        notes = []
        for place, option, text in self._read.notes():
            section, name = option or (None, None)
            notes.append(Message(_place(place), self._path, section, name, text))
        return notes

    def messages(
        self, findings: Iterable[Finding] = (), more: Iterable[Message] = ()
    ) -> list[Message]:
        """What the engine found, and more messages, in the order of the lines."""
        found = [
            Message(self.place(section, option), self._path, section, option, text)
            for section, option, text in findings
        ]
        return sorted([*more, *found], key=self._order)

    def _order(self, message: Message) -> tuple[bool, tuple[int, int]]:
        place = message.place
        if place is None:
            # The count of what is not listed comes last.
            return message.section == "", (0, 0)
        return False, self._read.order(place.file, place.line)

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


def read(path: os.PathLike[str], is_kalico: bool = False) -> Config:
    """Reads a config file and all that it includes; other threads run meanwhile.

    To Kalico ``**`` in an include means any number of folders.

    Raises ConfigFileError for what Klipper could not read either, and for what is no regular file
    or above a limit.
    """
    try:
        return Config(_engine.read_config(path, is_kalico), Path(path))
    except _engine.ConfigFileError as error:
        raise ConfigFileError(str(error), _place(error.place)) from None


def _place(found: Optional[tuple[os.PathLike[str], int]]) -> Optional[Place]:
    return Place(Path(found[0]), found[1]) if found is not None else None
