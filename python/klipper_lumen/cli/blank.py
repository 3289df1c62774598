"""`klipper-lumen blank`: darkens the strips of a printer.cfg once Klipper has been stopped.

A service that is stopped dies at once, and strips keep their last frame. For the service's
ExecStopPost.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from .. import ConfigError, config, limits
from .. import blank as darken
from .numbers import seconds

if TYPE_CHECKING:
    import argparse

# Instead of what the files say of Klipper.
NOTHING_KNOWN = '{"sections": []}'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the options of `blank`."""
    parser.add_argument("config", metavar="CONFIG", type=Path, help="printer.cfg")
    parser.add_argument(
        "--timeout",
        type=seconds(dict(limits())["wait_s"]),
        default=2.0,
        metavar="S",
        help="how long to wait for devices (2)",
    )


def run(args: argparse.Namespace) -> int:
    """Runs `blank`: 0 when all strips are dark that this host drives, 1 when one may be lit."""
    try:
        read = config.read(args.config)
    except config.ConfigFileError as error:
        print("blank: %s: %s" % (error.place or args.config, error), file=sys.stderr)
        return 1
    try:
        # What is missing in Klipper keeps no strip of this computer lit.
        answers = darken(read.lumen_json(NOTHING_KNOWN), args.timeout)
    except ConfigError as error:
        for message in read.messages(error.errors):
            print("blank: %s" % message, file=sys.stderr)
        return 1
    for strips, problem, _ in answers:
        if problem is not None:
            print("blank: %s: %s" % (strips, problem), file=sys.stderr)
    is_lit = any(problem and not is_klippers for _, problem, is_klippers in answers)
    return 1 if is_lit else 0
