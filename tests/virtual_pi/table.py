"""The table of checks."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator


class CheckError(Exception):
    """What a check found wrong."""


class Table:
    """Prints one line for each check, and counts them."""

    def __init__(self) -> None:
        self.passed = 0
        self.failed = 0
        self.skipped = 0
        self._begun = time.monotonic()

    @contextlib.contextmanager
    def check(self, name: str) -> Iterator[None]:
        """Runs a check. Its failure is printed, and the next checks go on."""
        begun = time.monotonic()
        try:
            yield
        except CheckError as error:
            self.failed += 1
            self._row("FAILED", name, begun)
            for line in str(error).splitlines():
                _print("         %s" % line)
        else:
            self.passed += 1
            self._row("ok", name, begun)

    def skip(self, name: str, reason: str) -> None:
        self.skipped += 1
        self._row("skipped", "%s: %s" % (name, reason), time.monotonic())

    def title(self, text: str) -> None:
        _print("\n" + text)

    def end(self) -> int:
        """Prints the sum; returns the exit status."""
        took = time.monotonic() - self._begun
        _print(
            "\n%d passed, %d failed, %d skipped in %d s"
            % (self.passed, self.failed, self.skipped, took)
        )
        return 1 if self.failed or not self.passed else 0

    @staticmethod
    def _row(result: str, name: str, begun: float) -> None:
        _print("%-8s %6.1f s  %s" % (result, time.monotonic() - begun, name))


def expect(is_true: object, problem: str) -> None:
    """Raises CheckError unless a condition is true."""
    if not is_true:
        raise CheckError(problem)


def expect_in(text: str, output: str) -> None:
    """Raises CheckError with the output unless it contains a text."""
    expect(text in output, "not found: %s\nin:\n%s" % (text, output.strip() or "(no output)"))


def expect_not_in(text: str, output: str) -> None:
    """Raises CheckError with the output if it contains a text."""
    expect(text not in output, "found: %s\nin:\n%s" % (text, output.strip()))


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
