"""The parameters of a request: names in any case, values as strings or numbers.

Their number and length are checked first, so no request is expensive. Invalid values raise
UsageError.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Optional

import klipper_lumen

from .text import LIMITS, shorten

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


VALUE_BYTES = LIMITS["value_bytes"]
NAME_BYTES = LIMITS["name_bytes"]
PARAMETERS = LIMITS["parameters"]


class UsageError(Exception):
    """What is wrong with a request, as text without the name of the request."""


class Values:
    """Parameters that are read one by one; the remaining ones are unknown."""

    def __init__(self, given: Mapping[str, Any], known: Sequence[str]) -> None:
        """``known`` are the names of the request's parameters, in upper case."""
        self._known = known
        if len(given) > PARAMETERS:
            raise UsageError("at most %d parameters, got %d" % (PARAMETERS, len(given)))
        self._left = {_name(name): _text(name, value) for name, value in given.items()}
        if len(self._left) < len(given):
            raise UsageError("a parameter is given twice, in upper and lower case")

    def text(self, name: str) -> str:
        """Returns a required text."""
        value = self._left.pop(name, None)
        if value is None:
            raise UsageError("%s is missing" % name + self._got_instead(name))
        _check_not_empty(name, value)
        return value.strip()

    def maybe_text(self, name: str) -> Optional[str]:
        """Returns an optional text."""
        return self.text(name) if name in self._left else None

    def number(self, name: str, low: float, high: float, default: Optional[float] = None) -> float:
        """Returns a number from ``low`` to ``high``; required if there is no default."""
        if default is not None and name not in self._left:
            return default
        text = self.text(name)
        number = _float(text)
        if not low <= number <= high:
            meant = _suggestion(text, is_share=high == 1.0)
            raise UsageError(
                "%s must be from %g to %g, got '%s'%s" % (name, low, high, shorten(text), meant)
            )
        return number

    def count(self, name: str, default: int, low: int, high: int) -> int:
        """Returns a whole number from ``low`` to ``high``."""
        if name not in self._left:
            return default
        text = self.text(name)
        number = _float(text)
        if not (number.is_integer() and low <= number <= high):
            allowed = "a whole number from %d to %d" % (low, high) if low < high else "%d" % low
            raise UsageError(
                "%s must be %s, got '%s'%s" % (name, allowed, shorten(text), _suggestion(text))
            )
        return int(number)

    def seconds(self, name: str, endless: bool = False) -> Optional[float]:
        """Returns a duration, if given; with ``endless``, 0 means no limit and returns None."""
        if name not in self._left:
            return None
        text = self.text(name)
        seconds = _float(text)
        if not math.isfinite(seconds) or seconds < 0.0:
            raise UsageError(
                "%s must be a number of seconds, got '%s'%s"
                % (name, shorten(text), _suggestion(text))
            )
        return None if endless and seconds == 0.0 else seconds

    def rest(self) -> dict[str, str]:
        """Returns all remaining parameters: options of an effect, which the engine checks."""
        for name, value in self._left.items():
            _check_not_empty(name, value)
        options = {name.lower(): value.strip() for name, value in self._left.items()}
        self._left = {}
        return options

    def done(self) -> None:
        """Raises UsageError if parameters remain."""
        for name in self._left:
            self._check_misspelled(name)
            listed = ", ".join(self._known) if self._known else "none"
            raise UsageError("unknown parameter '%s' (parameters: %s)" % (shorten(name), listed))

    def check_misspelled(self, options: Mapping[str, str]) -> None:
        """Raises UsageError if a refused option is a misspelled parameter."""
        for name in options:
            self._check_misspelled(name.upper())

    def _check_misspelled(self, name: str) -> None:
        close = klipper_lumen.nearest(name, self._known)
        if close and close != name:
            raise UsageError("unknown parameter '%s' (did you mean '%s'?)" % (shorten(name), close))

    def _got_instead(self, name: str) -> str:
        """Names a given parameter that is similar to the missing one."""
        close = klipper_lumen.nearest(name, list(self._left))
        return " (got '%s')" % shorten(close) if close else ""


def _name(name: str) -> str:
    if not _fits(name, NAME_BYTES):
        raise UsageError("the name of a parameter is longer than %d bytes" % NAME_BYTES)
    return name.upper()


def _text(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, str):
        text = value
    elif isinstance(value, int) and value.bit_length() > VALUE_BYTES:
        # Converting it to a string for the length check would take long.
        raise UsageError("%s is too large a number" % shorten(name.upper()))
    elif isinstance(value, (int, float)):
        text = str(value)
    else:
        what = _KINDS.get(type(value), "something")
        raise UsageError("%s must be a text or a number, got %s" % (shorten(name.upper()), what))
    if not _fits(text, VALUE_BYTES):
        raise UsageError("%s is longer than %d bytes" % (shorten(name.upper()), VALUE_BYTES))
    return text


_KINDS = {type(None): "null", dict: "an object", list: "a list"}


def _fits(text: str, limit: int) -> bool:
    """Returns whether a text has at most ``limit`` bytes."""
    if len(text) > limit:
        return False
    if text.isascii():
        return True
    try:
        return len(text.encode()) <= limit
    except UnicodeEncodeError:
        raise UsageError("unpaired surrogates are not valid characters") from None


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _suggestion(text: str, is_share: bool = False) -> str:
    """Suggests a valid number for an invalid one; empty if there is none."""
    # 2 may mean anything, 50 is a percentage.
    if is_share and 10.0 <= _float(text) <= 100.0:
        text += "%"
    meant = klipper_lumen.number_meant(text, is_share)
    return "; write %s" % meant if meant else ""


def _check_not_empty(name: str, value: str) -> None:
    if value.strip():
        return
    if name.endswith("COLOR") or "COLOR_" in name:
        raise UsageError(
            "empty %s; '#' starts a comment in G-code, write %s=ff8800 instead of %s=#ff8800"
            % (shorten(name), shorten(name), shorten(name))
        )
    raise UsageError("empty %s" % shorten(name))
