"""`klipper-lumen check`: checks the Lumen sections of a printer.cfg without Klipper."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional

from .. import counted, install
from .._engine import check_file
from .config_path import add_argument, config_path

if TYPE_CHECKING:
    import argparse

# The model of a single-board computer.
BOARD = Path("/proc/device-tree/model")


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
    add_argument(parser, "printer.cfg, or a part of it")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Runs `check`; returns 0 if Lumen would start with this config, else 1."""
    path = config_path(args.config, "check")
    problems, remarks = check(path)
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
    warnings = sum(remark.level == "warning" for remark in remarks)
    print("%s: %s" % (path, counted(warnings, "warning") if warnings else "no problems found"))
    return 0


def check(path: Path) -> tuple[list[Problem], list[Problem]]:
    """Returns the problems of a config file, and its warnings and notes."""
    found = check_file(path, install.is_kalico(), BOARD.exists())
    problems = [Problem(**it) for it in found if it["level"] == "problem"]
    return problems, [Problem(**it) for it in found if it["level"] != "problem"]
