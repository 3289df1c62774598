"""The command `setup`: shows its steps, asks, and does them.

Everything is checked before the first step. If a step fails, the steps before it are undone, so
that Klipper starts as before.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from .. import install
from .board import Board, spi_commands
from .plan import Options, Plan, check_idle, plan_removal, plan_setup
from .printers import UNITS, Printer, SetupError, chosen, find, home_folder
from .starter import Wanted

if TYPE_CHECKING:
    from collections.abc import Sequence


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the options of `setup`."""
    add = parser.add_argument
    add("--from", dest="wheels", type=_path, metavar="PATH", help="a wheel, or a folder of wheels")
    add("--leds", type=int, metavar="N", help="number of LEDs of a strip on SPI, or of --wled")
    add("--wled", metavar="HOST", help="address of a WLED controller; needs --leds")
    add("--moonraker", action="store_true", help="let Moonraker update Lumen")
    add("--restart", action="store_true", help="restart Klipper if no print is running")
    add("--klipper", type=_path, metavar="DIR", help="folder of Klipper or Kalico")
    add("--env", type=_path, metavar="DIR", help="Python environment of klippy")
    add("--config", type=_path, metavar="FILE", help="printer.cfg")
    add(
        "--home",
        type=_path,
        default=home_folder(),
        metavar="DIR",
        help="where to look for printers",
    )
    add("--yes", action="store_true", help="do not ask")
    add("--dry-run", action="store_true", help="only print the steps")
    add("--repair", action="store_true", help="install the package and the loader again")
    add("--uninstall", action="store_true", help="remove Lumen")
    # For tests.
    add("--units", type=_path, default=UNITS, help=argparse.SUPPRESS)
    add("--root", type=_path, default=Path("/"), help=argparse.SUPPRESS)


def _path(text: str) -> Path:
    return Path(os.path.abspath(os.path.expanduser(text)))


def run(args: argparse.Namespace) -> int:
    """Runs `setup`; returns 0 if Lumen is set up or removed, else 1."""
    try:
        with tempfile.TemporaryDirectory() as downloads:
            return _run(args, Path(downloads))
    except (SetupError, install.InstallError, OSError) as error:
        print("klipper-lumen setup: %s" % error, file=sys.stderr)
        return 1


def _run(args: argparse.Namespace, downloads: Path) -> int:
    if args.leds is not None and not 1 <= args.leds <= 10_000:
        raise SetupError("--leds must be from 1 to 10000, got %d" % args.leds)
    if args.wled is not None and args.leds is None:
        raise SetupError("--wled needs --leds N, the number of LEDs of the controller")
    printers = _printers(args)
    board = Board(args.root)
    device = None if board.is_pi else board.spi_device
    options = Options(
        wheels=args.wheels,
        wanted=Wanted(args.leds, args.wled, device),
        is_repair=args.repair,
        with_moonraker=args.moonraker,
        downloads=downloads,
    )
    plan = plan_removal(printers, args.home) if args.uninstall else plan_setup(printers, options)
    for line in plan.described():
        print(line)
    if not plan.steps:
        print("Nothing to do: Lumen is %s" % ("not set up" if args.uninstall else "set up"))
    elif args.dry_run:
        print("Nothing was changed (--dry-run)")
        return 0
    elif not (args.yes or _agrees()):
        print("Nothing was changed")
        return 1
    else:
        plan.run()
    return _closing(args, board, printers, plan)


def _printers(args: argparse.Namespace) -> list[Printer]:
    python = args.env / "bin" / "python" if args.env is not None else None
    printers = chosen(find(args.home, args.units), args.klipper, python, args.config)
    for printer in printers:
        if os.geteuid() == 0 and printer.tree.stat().st_uid != 0:
            raise SetupError(
                "run this as the user that runs klippy, without sudo: root would own files in %s"
                % printer.tree
            )
    return printers


def _agrees() -> bool:
    if not sys.stdin.isatty():
        raise SetupError("nothing was changed; add --yes to do these steps without a question")
    return input("Do these steps? [Y/n] ").strip().lower() in ("", "y", "yes")


def _closing(args: argparse.Namespace, board: Board, printers: list[Printer], plan: Plan) -> int:
    reboots = False
    # The commented strip of a first config is of use on a Raspberry Pi only.
    if plan.has_spi_strip and (args.leds is not None or board.is_pi):
        commands = spi_commands(board, os.getgroups())
        _print_commands(board, commands)
        reboots = args.leds is not None and "sudo reboot" in commands
    services = sorted({printer.service or "klipper.service" for printer in printers})
    if plan.needs_restart:
        words = ("unload" if args.uninstall else "load", " ".join(services))
        if args.restart:
            _restart(services, printers)
        elif reboots:
            print("The reboot also loads Lumen.")
        else:
            print("To %s Lumen, run:\n  sudo systemctl restart %s" % words)
    if not args.uninstall:
        python = printers[0].python
        print(
            "Afterwards, the doctor finds what is wrong:\n  %s -m klipper_lumen doctor %s"
            % (python, printers[0].config)
        )
    return 0


def _print_commands(board: Board, commands: Sequence[str]) -> None:
    """Prints what a strip on SPI still needs. A line with `#` is a task without a command."""
    tasks = [command for command in commands if command.startswith("#")]
    for task in tasks:
        print("There is no /dev/spidev*, so a strip on SPI stays dark. First of all:")
        print("  " + task.lstrip("# "))
    left = [command for command in commands if command not in tasks]
    if left:
        place = "GPIO10" if board.is_pi else "SPI"
        text = "Only when ls /dev/spidev* finds a device, run" if tasks else "A strip on %s needs"
        print((text if tasks else text % place) + " these commands, once:")
        print("".join("  %s\n" % command for command in left), end="")


def _restart(services: list[str], printers: list[Printer]) -> None:
    check_idle(printers, services)
    command = ["sudo", "systemctl", "restart", *services]
    print("  " + " ".join(command))
    if subprocess.run(command, check=False).returncode != 0:  # noqa: S603
        raise SetupError("the restart failed; see the message above")
