"""The printer.cfg of a command that names none: that of the printer in the home folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Optional

from .. import LumenError

if TYPE_CHECKING:
    import argparse

    from ..setup.printers import Printer


def add_argument(parser: argparse.ArgumentParser, text: str = "printer.cfg") -> None:
    """Adds CONFIG."""
    parser.add_argument(
        "config",
        metavar="CONFIG",
        type=Path,
        nargs="?",
        help=text + "; by default that of the printer in the home folder",
    )


def usual_printer(command: str) -> Optional[Printer]:
    """Returns the printer in the home folder; None if there is none.

    Raises LumenError if there are several.
    """
    # `setup` uses the commands, so it cannot be imported above.
    from ..setup import printers

    found = printers.find(printers.home_folder())
    configs = sorted({str(printer.config) for printer in found})
    if len(configs) > 1:
        raise LumenError(
            "there are several printers; add the path of one: klipper-lumen %s %s"
            % (command, " or ".join(configs))
        )
    return found[0] if found else None


def config_path(path: Optional[Path], command: str) -> Path:
    """Returns the path that a command was given, or the usual one."""
    if path is not None:
        return path
    printer = usual_printer(command)
    if printer is None:
        raise LumenError(
            "no printer.cfg found; add its path: klipper-lumen %s PRINTER.CFG" % command
        )
    return printer.config
