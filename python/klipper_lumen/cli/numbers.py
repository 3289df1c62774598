"""Numbers of the command line, within limits."""

from __future__ import annotations

from argparse import ArgumentTypeError
from typing import Callable

from .. import shown


def seconds(most: float, low: float = 0.0) -> Callable[[str], float]:
    """The type of an option that is a time: above ``low`` and at most ``most`` seconds."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = low
        # Also false for what is not a number.
        if not low < value <= most:
            words = "must be above %g and at most %g seconds, got '%s'"
            raise ArgumentTypeError(words % (low, most, shown(text)))
        return value

    return read
