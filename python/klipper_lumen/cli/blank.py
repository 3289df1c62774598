"""`klipper-lumen blank`: switches off the strips of a printer.cfg after Klipper was stopped.

A stopped service is killed at once, and strips keep their last frame. This command is meant for the
service's ExecStopPost.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from .. import ConfigError, config, install, limits
from .. import blank as blank_strips
from .argument_types import seconds
from .config_path import add_argument, config_path

if TYPE_CHECKING:
    import argparse

# No sections of Klipper.
NO_KLIPPER_SECTIONS = '{"sections": []}'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the options of `blank`."""
    add_argument(parser)
    parser.add_argument(
        "--timeout",
        type=seconds(dict(limits())["wait_s"]),
        default=2.0,
        metavar="S",
        help="seconds to wait for devices (default: 2)",
    )


def run(args: argparse.Namespace) -> int:
    """Runs `blank`; returns 0 if all strips that this host drives are dark, else 1."""
    path = config_path(args.config, "blank")
    try:
        read = config.read(path, install.is_kalico())
    except config.ConfigFileError as error:
        print("blank: %s: %s" % (error.place or path, error), file=sys.stderr)
        return 1
    try:
        # Missing sections of Klipper must not keep strips of this computer lit.
        answers = blank_strips(read.lumen_json(NO_KLIPPER_SECTIONS), args.timeout)
    except ConfigError as error:
        for message in read.messages(error.errors):
            print("blank: %s" % message, file=sys.stderr)
        return 1
    for strips, problem, _ in answers:
        if problem is not None:
            print("blank: %s: %s" % (strips, problem), file=sys.stderr)
    is_lit = any(problem and not is_klippers for _, problem, is_klippers in answers)
    return 1 if is_lit else 0
