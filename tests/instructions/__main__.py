"""python3 -m tests.instructions: counts the instructions of a frame, and compares them with limits.

Instructions are repeatable where seconds are not. The program benches/instructions draws one case
for a number of frames; what two runs differ by is the cost of the frames between them.

- On this computer, valgrind counts (``apt install valgrind``). Without it the check is skipped.
- ``--arm`` also counts on 64-bit and 32-bit ARM, with qemu's emulation and a plugin that counts
  (``apt install qemu-user gcc-aarch64-linux-gnu gcc-arm-linux-gnueabihf``; ``rustup target add
  aarch64-unknown-linux-gnu armv7-unknown-linux-gnueabihf``).

The exit status is 1 if a case needs over 5 % more than its limit in budget.txt. ``--write`` writes
the counts as the new limits.
"""

from __future__ import annotations

import argparse
import sys

from . import budget
from .processors import NATIVE, MissingError, Processor, available

# How far a count may exceed its limit: compilers differ.
TOLERANCE = 1.05


def main() -> int:
    """Counts all cases and prints them beside their limits."""
    parser = argparse.ArgumentParser(prog="tests.instructions", description=__doc__)
    parser.add_argument("match", nargs="?", default="", help="only cases whose name contains this")
    parser.add_argument("--arm", action="store_true", help="count also on ARM, by emulation")
    parser.add_argument("--write", action="store_true", help="write the counts as the limits")
    args = parser.parse_args()
    limits = budget.read()
    counts: budget.Counts = {}
    for name in available() if args.arm else [NATIVE]:
        try:
            processor = Processor(name)
        except MissingError as missing:
            _write("skipped on %s: %s" % (name, missing))
            continue
        for case in processor.cases():
            if args.match in case:
                counts.setdefault(case, {})[name] = processor.count(case)
    over = _print(counts, limits)
    if args.write:
        changed = {case: {**limits.get(case, {}), **found} for case, found in counts.items()}
        budget.write({**limits, **changed})
        return 0
    for case, name in over:
        _write("%s on %s exceeds its limit by more than 5 %%" % (case, name))
    return 1 if over else 0


def _write(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _print(counts: budget.Counts, limits: budget.Counts) -> list[tuple[str, str]]:
    """Prints the counts; returns those that exceed their limit."""
    over = []
    for case, found in counts.items():
        columns = []
        for name, count in found.items():
            limit = limits.get(case, {}).get(name)
            columns.append("%7d %-7s (limit %s)" % (count, name, limit or "none"))
            if limit is not None and count > limit * TOLERANCE:
                over.append((case, name))
        _write("%-32s %s" % (case, "  ".join(columns)))
    return over


if __name__ == "__main__":
    sys.exit(main())
