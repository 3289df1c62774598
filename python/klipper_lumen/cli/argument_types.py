"""Types of arguments of the command line: numbers with limits."""

from __future__ import annotations

from argparse import ArgumentTypeError
from typing import Callable

from .. import shown


def seconds(most: float, low: float = 0.0) -> Callable[[str], float]:
    """Returns the argparse type of a time above ``low`` and at most ``most`` seconds."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = low
        # Also true for NaN.
        if not low < value <= most:
            text_format = "must be above %g and at most %g seconds, got '%s'"
            raise ArgumentTypeError(text_format % (low, most, shown(text)))
        return value

    return read


def whole(most: int) -> Callable[[str], int]:
    """Returns the argparse type of a whole number from 0 to ``most``."""

    def read(text: str) -> int:
        if not text.isdecimal() or int(text[:9]) > most or len(text) > 9:
            text_format = "must be a whole number from 0 to %d, got '%s'"
            raise ArgumentTypeError(text_format % (most, shown(text)))
        return int(text)

    return read
