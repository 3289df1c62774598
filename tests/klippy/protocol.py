"""python3 -m tests.klippy.protocol: the test protocols, on a real klippy, each with its criteria.

- baseline: the same job with and without Lumen
- stress: rainbow, fire and disco for minutes on every output
- console: messages while everything heats, and while it prints
- rates: frames in every state of the printer, and messages to the helper
- side_by_side: bytes, reactor time and print time of LEDs on an MCU, with klipper-led_effect
- busy: klippy's reactor and Lumen's frames while other processes use all CPU time
- hostile: a print under attack by four clients and by bad config files, on Klipper and Kalico

Requires what bench/README.md lists, and the wheel in dist. Everything runs in real time.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Callable, Optional

from .bench import baseline, busy, console, helper, hostile, rates, side_by_side, stress
from .bench.bad_files import BAD
from .bench.criteria import Table, info
from .bench.doubles import DOUBLES
from .bench.environment import BenchError, Environment
from .bench.lab import Lab

LENGTHS = (150, 500, 1000)
FIRMWARE = ["KLIPPER", "KALICO"]


# Creates the tables one by one, so that one failure does not prevent the others.
Tables = Iterator[Callable[[], Table]]


def _baseline(lab: Lab, args: argparse.Namespace) -> Tables:
    yield partial(baseline.run, lab, args.runs, args.job)


def _stress(lab: Lab, args: argparse.Namespace) -> Tables:
    for double in DOUBLES:
        for pixels in args.pixels:
            if double.output in args.outputs and pixels <= double.longest:
                yield partial(stress.run, lab, double, pixels, args.minutes)


def _console(lab: Lab, _: argparse.Namespace) -> Tables:
    yield partial(console.run, lab)


def _rates(lab: Lab, _: argparse.Namespace) -> Tables:
    yield partial(rates.run, lab)
    yield partial(helper.run, lab)


def _side_by_side(lab: Lab, args: argparse.Namespace) -> Tables:
    yield partial(side_by_side.run, lab, 20.0, args.job)


def _busy(lab: Lab, _: argparse.Namespace) -> Tables:
    yield partial(busy.run, lab)


def _hostile(lab: Lab, args: argparse.Namespace) -> Tables:
    for name in args.firmware:
        yield partial(_hostile_on, lab, name, args)


def _hostile_on(lab: Lab, name: str, args: argparse.Namespace) -> Table:
    try:
        lab = lab.on(Environment.of(name))
    except BenchError as error:
        return Table("hostile: %s" % name, [info("skipped", str(error))])
    options = hostile.Options(args.minutes, args.seed, args.files, args.has_control)
    return hostile.run(lab, name, options)


PROTOCOLS: dict[str, Callable[[Lab, argparse.Namespace], Tables]] = {
    "baseline": _baseline,
    "stress": _stress,
    "console": _console,
    "rates": _rates,
    "side_by_side": _side_by_side,
    "busy": _busy,
    "hostile": _hostile,
}
OUTPUTS = [double.output for double in DOUBLES]


def arguments(words: Optional[list[str]]) -> argparse.Namespace:
    """Returns the parsed command line."""
    parser = argparse.ArgumentParser(
        prog="protocol", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("protocol", nargs="*", choices=[[], *PROTOCOLS], help="only these")
    add("--runs", type=int, default=3, help="baseline: jobs with Lumen, and as many without")
    add(
        "--job", type=float, default=0.75, metavar="MINUTES", help="baseline: how long a job prints"
    )
    help_minutes = "stress: for each output and number of pixels; hostile: of attack"
    add("--minutes", type=float, default=5.0, help=help_minutes)
    add("--outputs", type=_outputs, default=OUTPUTS, metavar="NAME,...", help="stress: only these")
    add("--pixels", type=_numbers, default=LENGTHS, metavar="N,...", help="stress: strips so long")
    add("--work", type=Path, help="a new folder for all files, which are kept")
    add("--seed", type=int, default=1, help="hostile: another seed makes other requests")
    add(
        "--firmware", type=_firmware, default=FIRMWARE, metavar="NAME,...", help="hostile: on these"
    )
    add(
        "--files", type=_files, default=BAD, metavar="NAME,...", help="hostile: only these bad ones"
    )
    help_control = "hostile: without the session that has no Lumen"
    add("--no-control", dest="has_control", action="store_false", help=help_control)
    return parser.parse_args(words)


def _files(text: str) -> list[str]:
    names = text.split(",")
    if not set(names) <= set(BAD):
        raise argparse.ArgumentTypeError("some of " + ",".join(BAD))
    return names


def _outputs(text: str) -> list[str]:
    outputs = text.split(",")
    if not set(outputs) <= set(OUTPUTS):
        raise argparse.ArgumentTypeError("some of " + ",".join(OUTPUTS))
    return outputs


def _firmware(text: str) -> list[str]:
    names = text.upper().split(",")
    if not set(names) <= set(FIRMWARE):
        raise argparse.ArgumentTypeError("some of " + ",".join(FIRMWARE))
    return names


def _numbers(text: str) -> list[int]:
    return [int(word) for word in text.split(",")]


def run(lab: Lab, args: argparse.Namespace) -> bool:
    """Runs the selected protocols and prints each figure; returns whether all criteria are met."""
    is_kept = True
    for name in args.protocol or PROTOCOLS:
        load = (os.getloadavg()[0], os.cpu_count() or 1)
        _say("%s, with a load of %.1f on %d processors" % (name, *load))
        for make in PROTOCOLS[name](lab, args):
            is_kept = _report(make) and is_kept
    return is_kept


def _report(make: Callable[[], Table]) -> bool:
    try:
        table = make()
    except BenchError as error:
        _say("FAIL: %s" % error)
        return False
    _say(str(table))
    return table.is_kept


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _folder(stack: ExitStack, work: Optional[Path]) -> Path:
    if work is None:
        return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kbench-")))
    work.mkdir(parents=True)
    return work


def main(words: Optional[list[str]] = None) -> int:
    """Returns the exit status: 0 if all criteria are met, 1 if not, 2 if something is missing."""
    args = arguments(words)
    with ExitStack() as stack:
        try:
            lab = Lab(Environment.of("KLIPPER"), _folder(stack, args.work))
        except BenchError as error:
            sys.stderr.write("protocol: %s\n" % error)
            return 2
        return 0 if run(lab, args) else 1


if __name__ == "__main__":
    sys.exit(main())
