"""The parameters of a request, whoever sent them: names in any case, texts and numbers alike."""

from __future__ import annotations

import difflib
import math
from typing import TYPE_CHECKING, Any, Optional

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class UsageError(Exception):
    """What is wrong with a request, in words, without the request's name."""


class Values:
    """Parameters that are taken one after the other; what is left at the end was mistyped."""

    def __init__(self, given: Mapping[str, Any], known: Sequence[str]) -> None:
        """``known`` are the names that the request takes, in upper case."""
        self._known = known
        self._left = {name.upper(): _text(name, value) for name, value in given.items()}

    def text(self, name: str) -> str:
        """A text that must be there."""
        value = self._left.pop(name, None)
        if value is None:
            raise UsageError("%s is missing" % name + self._instead_of(name))
        _not_empty(name, value)
        return value.strip()

    def maybe_text(self, name: str) -> Optional[str]:
        """A text that may be left out."""
        return self.text(name) if name in self._left else None

    def number(self, name: str, low: float, high: float, default: Optional[float] = None) -> float:
        """A number from ``low`` to ``high``; it must be there where there is no default."""
        if default is not None and name not in self._left:
            return default
        text = self.text(name)
        number = _float(text)
        if not low <= number <= high:
            raise UsageError("%s must be from %g to %g, got '%s'" % (name, low, high, text))
        return number

    def count(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``."""
        if name not in self._left:
            return default
        text = self.text(name)
        number = _float(text)
        if not (number.is_integer() and low <= number <= high):
            raise UsageError(
                "%s must be a whole number from %d to %d, got '%s'" % (name, low, high, text)
            )
        return int(number)

    def seconds(self, name: str, endless: bool = False) -> Optional[float]:
        """A span of time, if it is there; where ``endless``, 0 means without end, as None does."""
        if name not in self._left:
            return None
        text = self.text(name)
        seconds = _float(text)
        if not math.isfinite(seconds) or seconds < 0.0:
            raise UsageError("%s must be a number of seconds, got '%s'" % (name, text))
        return None if endless and seconds == 0.0 else seconds

    def rest(self) -> dict[str, str]:
        """All that is left: options of an effect, which the engine judges."""
        for name, value in self._left.items():
            # Only we know our own names.
            self._not_misspelt(name)
            _not_empty(name, value)
        options = {name.lower(): value.strip() for name, value in self._left.items()}
        self._left = {}
        return options

    def done(self) -> None:
        """Nothing more is taken."""
        for name in self._left:
            self._not_misspelt(name)
            listed = ", ".join(self._known) if self._known else "none"
            raise UsageError("unknown parameter '%s' (parameters: %s)" % (name, listed))

    def _not_misspelt(self, name: str) -> None:
        close = difflib.get_close_matches(name, self._known, 1, 0.8)
        if close:
            raise UsageError("unknown parameter '%s' (did you mean '%s'?)" % (name, close[0]))

    def _instead_of(self, name: str) -> str:
        """Names what was given instead of a missing parameter, if something alike was."""
        close = difflib.get_close_matches(name, list(self._left), 1, 0.6)
        return " (got '%s')" % close[0] if close else ""


def _text(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, (str, int, float)):
        return str(value)
    raise UsageError("%s must be a text or a number, got %s" % (name.upper(), _kind(value)))


def _kind(value: Any) -> str:
    return {type(None): "null", dict: "an object", list: "a list"}.get(type(value), "something")


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _not_empty(name: str, value: str) -> None:
    if value.strip():
        return
    if name.endswith("COLOR") or "COLOR_" in name:
        raise UsageError(
            "empty %s; '#' starts a comment in G-code, write %s=ff8800 instead of %s=#ff8800"
            % (name, name, name)
        )
    raise UsageError("empty %s" % name)
