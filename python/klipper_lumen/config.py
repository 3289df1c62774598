"""Reads a printer.cfg the way Klipper does, for the command line.

It knows the syntax (comments, includes, values of several lines, sections that come twice, the
block of SAVE_CONFIG) and where each option stands. What options mean is the engine's affair.
"""

from __future__ import annotations

import glob
import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Optional

# What Klipper writes above the options that SAVE_CONFIG keeps.
AUTOSAVE = [
    "#*# <---------------------- SAVE_CONFIG ---------------------->",
    "#*# DO NOT EDIT THIS BLOCK OR BELOW. The contents are auto-generated.",
    "#*#",
]
AUTOSAVE_LINE = re.compile(r"#\*#( |$)")

# Sections that give a temperature, besides heaters. A driver of the TMC family may report its own.
HEATERS = re.compile(r"extruder\d*$|heater_bed$|heater_generic ")
SENSORS = re.compile(
    r"temperature_sensor |temperature_fan |temperature_probe |z_thermal_adjust$|tmc\d+ "
)

# What Lumen reads of a section of Klipper's whose pin is one of Lumen's.
GUEST_OPTIONS = ("pin", "chain_count", "color_order")

_SECTION = re.compile(r"\[(?P<name>.+)\]")
_OPTION = re.compile(r"(?P<name>.*?)\s*[:=]\s*(?P<value>.*)$")
# Kalico puts the value of another option here (its configfile.py, SectionInterpolation).
_REFERENCE = re.compile(r"\$\{(?:(?P<section>[^.:${}]+)[.:])?(?P<option>[^${}]+)\}")
# The depth at which Python's configparser gives up.
_MAX_REFERENCES = 10


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


@dataclass
class Option:
    """The value of an option as it stands in the file."""

    lines: list[str]
    place: Place

    @property
    def value(self) -> str:
        """The value, all its lines."""
        return "\n".join(self.lines).rstrip()


@dataclass
class Section:
    """One section, also where the files have it in several places."""

    place: Place
    options: dict[str, Option] = field(default_factory=dict)


@dataclass
class Config:
    """A whole config with all that it includes. Section names keep their case, options do not."""

    sections: dict[str, Section] = field(default_factory=dict)

    def lumen_json(self) -> str:
        """The sections of Lumen, and those with a pin of Lumen's, as the engine takes them."""
        sections = []
        for name, section in self.sections.items():
            options = {
                key: self._resolved(name, option.value) for key, option in section.options.items()
            }
            if name == "lumen" or name.startswith("lumen_"):
                sections.append((name, options))
            elif is_guest(name, options.get("pin", "")):
                known = {key: value for key, value in options.items() if key in GUEST_OPTIONS}
                sections.append((name, known))
        return json.dumps({"sections": sections})

    def facts_json(self) -> Optional[str]:
        """What the file says of the printer, as the engine takes it; None without ``[printer]``."""
        if "printer" not in self.sections:
            return None
        facts: dict[str, object] = {
            "heaters": [name for name in self.sections if HEATERS.match(name)],
            "sensors": [name for name in self.sections if SENSORS.match(name)],
        }
        travel = [self._travel("stepper_" + axis) for axis in "xyz"]
        if all(travel):
            facts["travel"] = travel
        return json.dumps(facts)

    def place(self, section: str, option: Optional[str]) -> Optional[Place]:
        """Where an option stands; where its section begins when it has no line of its own."""
        found = self.sections.get(section)
        if found is None:
            return None
        line = found.options.get(option.lower()) if option else None
        return line.place if line is not None else found.place

    def _resolved(self, section: str, value: str) -> str:
        """A value with all that it refers to; a reference to nothing stays as it is written."""
        for _ in range(_MAX_REFERENCES):
            match = _REFERENCE.search(value)
            if match is None:
                break
            place = self.sections.get(match["section"] or section)
            option = place.options.get(match["option"].lower()) if place is not None else None
            if option is None:
                break
            value = value[: match.start()] + option.value + value[match.end() :]
        return value

    def _travel(self, stepper: str) -> Optional[tuple[float, float]]:
        section = self.sections.get(stepper)
        if section is None or "position_max" not in section.options:
            return None
        low = section.options.get("position_min")
        try:
            ends = (float(low.value) if low else 0.0, float(section.options["position_max"].value))
        except ValueError:
            return None
        return ends if ends[0] < ends[1] else None


def is_guest(name: str, pin: str) -> bool:
    """Whether a section of Klipper's has a pin of Lumen's."""
    return not name.startswith("lumen") and pin.strip().startswith("lumen:")


def read(path: Path) -> Config:
    """Reads a config file and all that it includes.

    Raises ConfigFileError for what Klipper could not read either.
    """
    text = _text(path)
    regular, saved, saved_at = _split_autosave(text)
    config = Config()
    _Reader(config).file(path, regular, ())
    # What the file itself says goes before what SAVE_CONFIG kept.
    kept = Config()
    _Reader(kept).lines(path, saved, saved_at)
    for name, section in kept.sections.items():
        own = config.sections.setdefault(name, Section(section.place))
        for key, option in section.options.items():
            own.options.setdefault(key, option)
    return config


def _text(path: Path, at: Optional[Place] = None) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ConfigFileError("%s is not UTF-8: %s" % (path, error.reason), at) from None
    except OSError as error:
        raise ConfigFileError("cannot open %s: %s" % (path, error.strerror), at) from None


def _split_autosave(text: str) -> tuple[list[str], list[str], int]:
    """The lines before the block of SAVE_CONFIG, its own without prefix, and where they begin."""
    lines = text.split("\n")
    size = len(AUTOSAVE)
    starts = [at for at in range(1, len(lines)) if lines[at : at + size] == AUTOSAVE]
    if len(starts) != 1:
        return lines, [], 0
    first = starts[0] + size
    saved = "\n".join(lines[first:]).rstrip().split("\n")
    if not all(AUTOSAVE_LINE.match(line) for line in saved):
        # Somebody wrote into the block or below it: Klipper leaves it out.
        return lines, [], 0
    return lines[: starts[0]], [line[4:] for line in saved], first + 1


class _Reader:
    """Reads lines into a config."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._section: Optional[Section] = None
        self._option: Optional[Option] = None
        self._indent = 0

    def file(self, path: Path, lines: list[str], above: tuple[str, ...]) -> None:
        """Reads the lines of a file; ``above`` are the files that include it."""
        above = (*above, os.path.abspath(path))
        start = 0
        for index, line in enumerate(lines):
            header = _SECTION.match(line.partition("#")[0])
            if header is None or not header["name"].startswith("include "):
                continue
            self.lines(path, lines[start:index], start + 1)
            start = index + 1
            self._include(header["name"][len("include ") :].strip(), Place(path, start), above)
        self.lines(path, lines[start:], start + 1)

    def _include(self, pattern: str, place: Place, above: tuple[str, ...]) -> None:
        wanted = os.path.join(os.path.dirname(place.file), pattern)
        found = sorted(glob.glob(wanted))
        if not found and not glob.has_magic(wanted):
            raise ConfigFileError("include file '%s' does not exist" % wanted, place)
        for name in found:
            if os.path.abspath(name) in above:
                raise ConfigFileError("'%s' includes itself" % name, place)
            self.file(Path(name), _text(Path(name), place).split("\n"), above)

    def lines(self, path: Path, lines: list[str], first: int) -> None:
        """Reads lines without includes; they begin outside of any section."""
        self._section = self._option = None
        self._indent = 0
        for number, line in enumerate(lines, first):
            self._line(line, Place(path, number))

    def _line(self, line: str, place: Place) -> None:
        bare = _without_comment(line)
        text = bare.strip()
        if not text:
            # An empty line, also one of a # comment alone, belongs to the value above it.
            if bare == line.partition("#")[0] and self._option is not None:
                self._option.lines.append("")
            return
        indent = len(bare) - len(bare.lstrip())
        if self._option is not None and indent > self._indent:
            self._option.lines.append(text)
            return
        self._indent = indent
        self._option = None
        header = _SECTION.match(text)
        if header is not None:
            self._section = self._config.sections.setdefault(header["name"], Section(place))
            return
        self._set(text, place)

    def _set(self, text: str, place: Place) -> None:
        if self._section is None:
            raise ConfigFileError("'%s' stands outside of any section" % text, place)
        option = _OPTION.match(text)
        if option is None or not option["name"]:
            raise ConfigFileError("'%s' is neither an option nor a section" % text, place)
        self._option = Option([option["value"]], place)
        self._section.options[option["name"].lower()] = self._option


def _without_comment(line: str) -> str:
    """Cuts a comment: ``#`` anywhere, ``;`` at the start or after a space."""
    line = line.partition("#")[0]
    semicolon = re.search(r"(^|\s);", line)
    return line[: semicolon.start()] if semicolon else line
