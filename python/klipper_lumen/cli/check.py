"""`klipper-lumen check`: checks the Lumen sections of a printer.cfg without Klipper."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional

from .. import ConfigError, config, counted, install, old_macro
from .. import check as compile_config

if TYPE_CHECKING:
    import argparse

    from ..config import Message

# The model of a single-board computer.
BOARD = Path("/proc/device-tree/model")
NOT_LOADED = "no section [lumen]; Lumen is not loaded"
NOT_IN_THIS_FILE = "there is no section [lumen] in this file; printer.cfg must have it"


@dataclass(frozen=True)
class Problem:
    """A finding of the check, with its place."""

    file: str
    line: Optional[int]
    section: Optional[str]
    option: Optional[str]
    message: str
    # "problem" (Lumen does not start), "warning" or "note".
    level: str = "problem"

    def __str__(self) -> str:
        place = "%s:%d" % (self.file, self.line) if self.line else self.file
        return "%s: %s%s" % (
            place,
            "" if self.level == "problem" else self.level + ": ",
            self.message,
        )

    def as_json(self) -> dict[str, Any]:
        """Returns the fields for JSON output, without the level."""
        return {name: value for name, value in vars(self).items() if name != "level"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the options of `check`."""
    parser.add_argument("config", metavar="CONFIG", type=Path, help="printer.cfg, or a part of it")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Runs `check`; returns 0 if Lumen would start with this config, else 1."""
    problems, remarks = check(args.config)
    if args.json:
        found: dict[str, Any] = {"ok": not problems}
        found["problems"] = [problem.as_json() for problem in problems]
        for level in ("warning", "note"):
            found[level + "s"] = [it.as_json() for it in remarks if it.level == level]
        print(json.dumps(found, indent=2))
        return 1 if problems else 0
    for remark in remarks:
        print(remark)
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        # With too many problems, the last one is a count and has no section.
        if problems[-1].section != "":
            print(counted(len(problems), "problem"), file=sys.stderr)
        return 1
    print("%s: no problems found" % args.config)
    return 0


def check(path: Path) -> tuple[list[Problem], list[Problem]]:
    """Returns the problems of a config file, and its warnings and notes."""
    try:
        read = config.read(path, is_kalico=install.is_kalico())
    except config.ConfigFileError as error:
        file = str(error.place.file) if error.place else str(path)
        line = error.place.line if error.place else None
        return [Problem(file, line, None, None, str(error))], []
    facts = read.facts_json()
    has_lumen = read.has_section("lumen")
    is_part = facts is None and any(config.is_lumen(name) for name in read.names())
    problems, remarks = [], []
    if not has_lumen and is_part:
        remarks.append(Problem(str(path), None, None, None, NOT_IN_THIS_FILE, "note"))
    elif not has_lumen:
        problems.append(Problem(str(path), None, None, None, NOT_LOADED))
    macros = _macros(read)
    try:
        found = compile_config(read.lumen_json(), facts)
    except ConfigError as error:
        problems += [_finding(it, "problem") for it in read.messages([*macros, *error.errors])]
        return problems, remarks + [
            _finding(it, "warning") for it in read.messages(with_notes=True)
        ]
    problems += [_finding(it, "problem") for it in read.messages(macros)]
    devices = _missing_devices(found["devices"]) if facts is not None else []
    notes = {text for _, _, text in found["notes"]}
    findings = found["warnings"] + found["notes"] + devices
    messages = read.messages(findings, with_notes=True)
    remarks += [_finding(it, "note" if it.text in notes else "warning") for it in messages]
    return problems, remarks


def _macros(read: config.Config) -> list[config.Finding]:
    """Finds macros with the names of Lumen's commands."""
    sections = read.sections.items()
    found = [(name, old_macro(name, list(section.options))) for name, section in sections]
    return [(name, None, text) for name, text in found if text is not None]


def _missing_devices(devices: list[tuple[str, str]]) -> list[tuple[str, Optional[str], str]]:
    """Finds missing devices, if this is a single-board computer."""
    if not BOARD.exists():
        return []
    text = "Section '%s': %s does not exist on this computer, so the strip stays dark"
    return [
        (section, "device", text % (section, device))
        for section, device in devices
        if not Path(device).exists()
    ]


def _finding(message: Message, level: str) -> Problem:
    place = message.place
    file = str(place.file if place else message.file)
    line = place.line if place else None
    return Problem(file, line, message.section, message.option, message.text, level)
