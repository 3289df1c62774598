"""`klipper-lumen helper`: installs, checks, removes and runs the service for PWM and PCM pins."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path
from typing import Optional

from .. import LumenError
from .._engine import serve_helper
from ..helper import (
    CONFIG,
    SOCKET,
    HelperError,
    Source,
    TargetSystem,
    plan_install,
    plan_uninstall,
    trust,
)
from ..helper.check import findings

ACTIONS = {
    "install": "install the service, its config and root's copy of Lumen; needs sudo",
    "check": "find the problems of the service",
    "uninstall": "remove the service and all files of install; needs sudo",
    "serve": "drive the pins; used by the service",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the actions of `helper` with their options."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    parsers = {
        name: actions.add_parser(name, help=text, description=text[0].upper() + text[1:])
        for name, text in ACTIONS.items()
    }
    for name in ("install", "check", "uninstall"):
        parsers[name].add_argument("--root", metavar="DIR", type=Path, help=argparse.SUPPRESS)
    for name in ("install", "check"):
        _add_source(parsers[name])
    for name in ("install", "uninstall"):
        parsers[name].add_argument("--dry-run", action="store_true", help="only print the steps")
    parsers["install"].add_argument(
        trust.TRUST,
        action="store_true",
        help="run as root although other users can change these files; they can become root then",
    )
    _add_serve(parsers["serve"])


def _add_source(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--config",
        metavar="FILE",
        type=Path,
        help="printer.cfg with the strips (default: the user's printer_data/config/printer.cfg)",
    )
    parser.add_argument(
        "--user", metavar="NAME", help="user that runs Klipper (default: the user of sudo)"
    )
    parser.add_argument(
        "--python", metavar="FILE", type=Path, help="the system's Python that runs the service"
    )
    parser.add_argument(
        "--wheel", metavar="FILE", type=Path, help="install from this wheel instead of this package"
    )


def _add_serve(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", metavar="FILE", type=Path, default=Path("/", CONFIG))
    parser.add_argument("--socket", metavar="FILE", type=Path, default=Path("/", SOCKET))
    parser.add_argument(
        "--dry-run", metavar="FILE", type=Path, help="write the frames to FILE, not to the pins"
    )


def run(args: argparse.Namespace) -> int:
    """Runs an action of `helper`."""
    if args.action == "serve":
        return _serve(args)
    try:
        system = TargetSystem(args.root)
        if args.action == "check":
            return _check(system, args)
        return _change(system, args)
    except (HelperError, OSError) as error:
        print("klipper-lumen helper %s: %s" % (args.action, error), file=sys.stderr)
        return 1


def _source(args: argparse.Namespace) -> Source:
    return Source.find(args.user, args.config, args.python, args.wheel)


def _change(system: TargetSystem, args: argparse.Namespace) -> int:
    install = args.action == "install"
    if install and system.is_live and not args.trust_this_environment:
        # Before the check for root, because the command may be refused as root too.
        trust.require_trust(system, args.wheel)
    if not args.dry_run:
        system.require_root()
    if install:
        source = _source(args)
        print("the helper will serve user '%s' and drive" % source.user)
        for strip in source.strips:
            print("  " + strip)
        steps = plan_install(system, source)
    else:
        steps = plan_uninstall(system)
    for step in steps:
        print("  " + step.description)
        if not args.dry_run:
            step.do()
    if not steps:
        print("the helper is already installed" if install else "the helper is not installed")
    elif args.dry_run:
        print("nothing was changed (--dry-run)")
    return 0


def _check(system: TargetSystem, args: argparse.Namespace) -> int:
    source: Optional[Source] = None
    try:
        source = _source(args)
    except HelperError:
        if args.config or args.user:
            raise
        # The current user need not be the user that runs Klipper.
    problems = findings(system, source)
    for problem in problems:
        print(problem, file=sys.stderr)
    if not problems:
        print("the helper is installed and can light its strips")
    return 1 if problems else 0


def _serve(args: argparse.Namespace) -> int:
    readable, writable = os.pipe()
    os.set_blocking(writable, False)
    # The interpreter's signal handler writes to the pipe at once, even if another thread has the
    # GIL.
    signal.set_wakeup_fd(writable)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    try:
        serve_helper(
            str(args.config),
            str(args.socket),
            readable,
            notify=os.environ.get("NOTIFY_SOCKET"),
            dry_run=str(args.dry_run) if args.dry_run is not None else None,
        )
    except LumenError as error:
        print("lumen-helper: %s" % error, file=sys.stderr, flush=True)
        # A thread may hang in the pin driver; do not wait for it.
        os._exit(1)
    return 0
