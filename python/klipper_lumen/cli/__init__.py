"""The command line. A command is a module with `add_arguments` and `run`, imported when used."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from typing import TYPE_CHECKING, Optional

from .. import LumenError, __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

PROGRAM = "klipper-lumen"

# Name, module, help.
COMMANDS = (
    ("demo", "demo", "play a whole print on the simulator"),
    ("preview", "preview", "draw the lights of a printer.cfg"),
    ("live", "live", "put the live page beside Mainsail or Fluidd"),
    ("check", "cli.check", "find the mistakes of the Lumen sections in a printer.cfg"),
    ("doctor", "cli.doctor", "find what keeps a strip dark, and what to do"),
    ("report", "cli.report", "print what helps to verify Lumen on your hardware"),
    ("effects", "cli.effects", "list the effects and their options"),
    ("setup", "setup", "set up Lumen for the printers of this user, or remove it"),
    ("install", "install", "add Lumen to Klipper or Kalico"),
    ("uninstall", "install", "remove Lumen from Klipper or Kalico"),
    ("blank", "cli.blank", "switch off the strips after Klipper was stopped"),
    ("helper", "cli.helper", "install the service that drives PWM and PCM pins"),
    ("bench", "cli.bench", "measure the engine in real time"),
)


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Runs a command; returns 0 on success, 1 on a failure, 2 for wrong arguments."""
    argv = sys.argv[1:] if argv is None else list(argv)
    args = _parser(argv).parse_args(argv)
    try:
        code: int = args.run(args)
        sys.stdout.flush()
    except LumenError as error:
        print("%s %s: %s" % (PROGRAM, args.command, error), file=sys.stderr)
        return 1
    except BrokenPipeError:
        # The reader, such as `head`, has closed the pipe. A flush at exit must not fail.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    return code


def _parser(argv: list[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROGRAM, description="Lumen, the LED engine of Klipper printers."
    )
    parser.add_argument("--version", action="version", version="%(prog)s " + __version__)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, module, text in COMMANDS:
        command = commands.add_parser(name, help=text, description=text[0].upper() + text[1:])
        # Imports only this command: some commands need optional packages.
        if [name] == argv[:1]:
            loaded = importlib.import_module("klipper_lumen." + module)
            loaded.add_arguments(command)
            command.set_defaults(run=loaded.run)
    return parser
