"""The command line. Each command is a module with `add_arguments` and `run`, loaded on use."""

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

# Name, module, and what it does.
COMMANDS = (
    ("demo", "demo", "play a whole print on the simulator"),
    ("preview", "preview", "draw what a printer.cfg would show"),
    ("check", "cli.check", "find what is wrong with the lights in a printer.cfg"),
    ("effects", "cli.effects", "list the effects and their options"),
    ("install", "install", "put Lumen into Klipper or Kalico"),
    ("uninstall", "install", "take Lumen out of Klipper or Kalico"),
    ("blank", "cli.blank", "darken the strips once Klipper has been stopped"),
    ("helper", "cli.helper", "install the service that drives PWM and PCM pins"),
    ("bench", "cli.bench", "measure the engine in real time"),
)


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Runs a command; returns 0 when all is well, 1 when it is not, 2 when it was mistyped."""
    argv = sys.argv[1:] if argv is None else list(argv)
    args = _parser(argv).parse_args(argv)
    try:
        code: int = args.run(args)
        sys.stdout.flush()
    except LumenError as error:
        print("%s %s: %s" % (PROGRAM, args.command, error), file=sys.stderr)
        return 1
    except BrokenPipeError:
        # The reader, often `head`, has what it wanted; nothing may be flushed at exit.
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
    for name, module, words in COMMANDS:
        command = commands.add_parser(name, help=words, description=words[0].upper() + words[1:])
        # Only the command in question is imported: some need packages that others do not.
        if [name] == argv[:1]:
            loaded = importlib.import_module("klipper_lumen." + module)
            loaded.add_arguments(command)
            command.set_defaults(run=loaded.run)
    return parser
