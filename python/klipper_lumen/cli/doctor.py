"""`klipper-lumen doctor`: finds what keeps a strip dark, and says what to do."""

from __future__ import annotations

import json
import os
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional

from .. import ConfigError, __version__, config, install
from .._engine import doctor as examine
from ..setup import printers
from . import check

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

LEVELS = ("ok", "warning", "problem")


@dataclass(frozen=True)
class Finding:
    """The result of one check."""

    check: str
    level: str
    text: str
    advice: str = ""

    def __str__(self) -> str:
        line = "%-8s %s: %s" % (self.level, self.check, self.text)
        return line + ("\n         " + self.advice if self.advice else "")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the options of `doctor`."""
    parser.add_argument(
        "config",
        metavar="CONFIG",
        type=Path,
        nargs="?",
        help="printer.cfg; by default that of the printer in the home folder",
    )
    parser.add_argument("--klipper", metavar="DIR", help="folder of Klipper or Kalico")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Runs `doctor`; returns 0 without problems, else 1."""
    found = findings(args.config, args.klipper)
    if args.json:
        is_fine = all(it.level != "problem" for it in found)
        print(json.dumps({"ok": is_fine, "findings": [vars(it) for it in found]}, indent=2))
        return 0 if is_fine else 1
    for finding in found:
        print(finding)
    counts = {level: sum(it.level == level for it in found) for level in LEVELS}
    print("%(ok)d ok, %(warning)d warnings, %(problem)d problems" % counts)
    return 1 if counts["problem"] else 0


def findings(
    path: Optional[Path], tree: Optional[str] = None, root: Path = Path("/")
) -> list[Finding]:
    """Returns the result of all checks. ``root`` is the root of the computer's files."""
    home = printers.find(Path.home())
    path = path or next((printer.config for printer in home), None)
    tree = tree or next((str(printer.tree) for printer in home), None)
    found = [_package(), _loader(tree)]
    lumen, facts = None, None
    if path is None:
        found.append(Finding("config", "problem", "no printer.cfg found", "add its path"))
    else:
        found += _config(path)
        lumen, facts = _documents(path)
    try:
        computer = _computer(lumen, facts, root)
    except ConfigError:
        # Reported by the check of the config.
        computer = _computer(None, None, root)
    return [*found, *computer]


def _package() -> Finding:
    python = "%d.%d" % sys.version_info[:2]
    text = "klipper-lumen %s, Python %s, %s" % (__version__, python, sysconfig.get_platform())
    return Finding("package", "ok", text)


def _loader(tree: Optional[str]) -> Finding:
    try:
        found = install.find(tree)
        steps = install.plan_install(found)
    except (install.InstallError, OSError) as error:
        return Finding("Klipper", "problem", str(error))
    if steps:
        advice = "%s -m klipper_lumen install --klipper %s" % (sys.executable, found.root)
        return Finding("Klipper", "problem", "%s does not load Lumen" % found.root, advice)
    return Finding("Klipper", "ok", "%s loads Lumen" % found.root)


def _config(path: Path) -> Iterator[Finding]:
    problems, remarks = check.check(path)
    for problem in problems:
        yield Finding("config", "problem", str(problem))
    for remark in remarks:
        if remark.level == "warning":
            place = "%s:%d" % (remark.file, remark.line) if remark.line else remark.file
            yield Finding("config", "warning", "%s: %s" % (place, remark.message))
    if not problems:
        yield Finding("config", "ok", "%s: no problems found" % path)


def _documents(path: Path) -> tuple[Optional[str], Optional[str]]:
    try:
        read = config.read(path, is_kalico=install.is_kalico())
    except config.ConfigFileError:
        return None, None
    return read.lumen_json(), read.facts_json()


def _computer(lumen: Optional[str], facts: Optional[str], root: Path) -> Sequence[Finding]:
    groups = os.getgroups()
    found: list[dict[str, Any]] = examine(lumen, facts, root, os.geteuid(), groups)
    return [Finding(it["check"], it["level"], it["text"], it["advice"]) for it in found]
