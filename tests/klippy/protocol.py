"""python3 -m tests.klippy.protocol: the test protocols, on a real klippy, each with its criteria.

* stress: rainbow, fire and disco for minutes on every output

It needs what bench/README.md says and the wheel in dist; all is in real time, one after the other.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Callable

from .bench import stress
from .bench.criteria import Table
from .bench.doubles import DOUBLES
from .bench.environment import BenchError, Environment
from .bench.plugin import unpack

if TYPE_CHECKING:
    from collections.abc import Iterator

LENGTHS = (150, 500, 1000)


class Bench:
    """Where protocols run: a klippy to start, the wheel, and a new folder for each run."""

    def __init__(self, environment: Environment, work: Path, args: argparse.Namespace) -> None:
        self.environment = environment
        self.args = args
        self._work = work
        self._runs = 0
        self.site = work / "site"
        unpack(self.site)

    def folder(self) -> Path:
        """A folder for the next session."""
        self._runs += 1
        folder = self._work / ("run-%d" % self._runs)
        folder.mkdir()
        return folder


def _stress(bench: Bench) -> Iterator[Table]:
    for double in DOUBLES:
        for pixels in bench.args.pixels:
            if double.output in bench.args.outputs:
                yield stress.run(
                    bench.environment,
                    bench.site,
                    bench.folder(),
                    double,
                    pixels,
                    bench.args.minutes,
                )


PROTOCOLS: dict[str, Callable[[Bench], Iterator[Table]]] = {
    "stress": _stress,
}


def arguments() -> argparse.Namespace:
    """The command line."""
    outputs = [double.output for double in DOUBLES]
    parser = argparse.ArgumentParser(prog="protocol", description=__doc__)
    add = parser.add_argument
    add("protocol", nargs="*", choices=[[], *PROTOCOLS], help="only these")
    add("--minutes", type=float, default=5.0, help="stress: for each output and number of pixels")
    add("--outputs", type=_words, default=outputs, metavar="NAME,...", help="stress: only these")
    add("--pixels", type=_numbers, default=LENGTHS, metavar="N,...", help="stress: strips so long")
    return parser.parse_args()


def _words(text: str) -> list[str]:
    return text.split(",")


def _numbers(text: str) -> list[int]:
    return [int(word) for word in text.split(",")]


def run(bench: Bench) -> bool:
    """Runs what was asked for and tells each figure; whether all criteria are kept."""
    is_kept = True
    for name in bench.args.protocol or PROTOCOLS:
        load = (os.getloadavg()[0], os.cpu_count() or 1)
        _say("%s, with a load of %.1f on %d processors" % (name, *load))
        try:
            for table in PROTOCOLS[name](bench):
                _say(str(table))
                is_kept = is_kept and table.is_kept
        except BenchError as error:
            _say("  FAIL: %s" % error)
            is_kept = False
    return is_kept


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> int:
    """Exit status: 0 all criteria kept, 1 one is not, 2 something is missing."""
    args = arguments()
    with tempfile.TemporaryDirectory(prefix="kbench-") as work:
        try:
            bench = Bench(Environment.of("KLIPPER"), Path(work), args)
        except BenchError as error:
            sys.stderr.write("protocol: %s\n" % error)
            return 2
        return 0 if run(bench) else 1


if __name__ == "__main__":
    sys.exit(main())
