"""`klipper-lumen check`: what is wrong with the lights in a printer.cfg, without Klipper."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Optional

from .. import ConfigError, config
from .. import check as compile_config

if TYPE_CHECKING:
    import argparse


@dataclass(frozen=True)
class Problem:
    """One thing that keeps Lumen from starting, and where it stands."""

    file: str
    line: Optional[int]
    section: Optional[str]
    option: Optional[str]
    message: str

    def __str__(self) -> str:
        place = "%s:%d" % (self.file, self.line) if self.line else self.file
        return "%s: %s" % (place, self.message)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the options of `check`."""
    parser.add_argument("config", metavar="CONFIG", type=Path, help="printer.cfg, or a part of it")
    parser.add_argument("--json", action="store_true", help="for programs")


def run(args: argparse.Namespace) -> int:
    """Runs `check`: 0 when Lumen would start with this config, 1 when it would not."""
    problems, warnings = check(args.config)
    if args.json:
        found = [asdict(problem) for problem in problems]
        print(json.dumps({"ok": not problems, "problems": found, "warnings": warnings}, indent=2))
        return 1 if problems else 0
    for text in warnings:
        print("%s: warning: %s" % (args.config, text))
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        count = len(problems)
        # The last one counts the rest, if there are more than are printed.
        if problems[-1].section != "":
            print("%d problem%s" % (count, "" if count == 1 else "s"), file=sys.stderr)
        return 1
    print("%s: no problems found" % args.config)
    return 0


def check(path: Path) -> tuple[list[Problem], list[str]]:
    """All problems of a config file, and its warnings when there are no problems."""
    try:
        read = config.read(path)
    except config.ConfigFileError as error:
        file = str(error.place.file) if error.place else str(path)
        line = error.place.line if error.place else None
        return [Problem(file, line, None, None, str(error))], []
    if not read.has_section("lumen"):
        return [Problem(str(path), None, None, None, "no section [lumen]; Lumen is not loaded")], []
    macros = _macros(path, read)
    try:
        return macros, compile_config(read.lumen_json(), read.facts_json())
    except ConfigError as error:
        return [*macros, *(_problem(path, read, *found) for found in error.errors)], []


def _macros(path: Path, read: config.Config) -> list[Problem]:
    """Macros with the names of Lumen's commands."""
    from klippy_extra.lumen.macros import leftover

    sections = read.sections.items()
    found = [(name, leftover(name, section.options)) for name, section in sections]
    return [_problem(path, read, name, None, words) for name, words in found if words is not None]


def _problem(
    path: Path, read: config.Config, section: str, option: Optional[str], message: str
) -> Problem:
    place = read.place(section, option)
    file = str(place.file) if place else str(path)
    return Problem(file, place.line if place else None, section, option, message)
