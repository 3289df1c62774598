"""Test mode: shows states and effects one after the other, whatever the printer does.

The printer's state is tracked meanwhile and shows when test mode ends, by command or by timeout.
The states `error` and `disconnected` take priority over test mode.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, Callable, Optional

import klipper_lumen

from .values import UsageError

if TYPE_CHECKING:
    from klipper_lumen import Engine

# LUMEN's test mode was to end after ten minutes, too.
TIMEOUT_S = 600.0

# The text for the console and the data for programs.
Reply = tuple[str, dict[str, Any]]


class TestMode:
    """The test mode of one printer."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        catalog = json.loads(klipper_lumen.catalog())
        self._states: list[str] = [state["name"] for state in catalog["states"]]
        self._effects: list[str] = [effect["name"] for effect in catalog["effects"]]
        self._ends_at = 0.0
        self._state = 0
        self._effect: dict[str, int] = {}

    def is_on(self) -> bool:
        """Returns whether test mode is active."""
        return self._monotonic() < self._ends_at

    def start(self, engine: Engine, duration: Optional[float]) -> Reply:
        """Starts with the first state."""
        self._ends_at = self._monotonic() + (duration or TIMEOUT_S)
        self._state = 0
        self._effect = {}
        return self._show_state(engine)

    def show(self, engine: Engine, state: str, duration: Optional[float]) -> Reply:
        """Shows a state, which may be one of the user's own states."""
        span = duration or TIMEOUT_S
        engine.state(state, span)
        self._ends_at = self._monotonic() + span
        if state in self._states:
            self._state = self._states.index(state)
        return self._reply(state)

    def step_state(self, engine: Engine, step: int) -> Reply:
        """Shows the next state, or the previous one with -1."""
        self._check_is_on()
        self._state = (self._state + step) % len(self._states)
        return self._show_state(engine)

    def step_effect(self, engine: Engine, group: Optional[str], step: int) -> Reply:
        """Shows the next effect on a group, or on all groups."""
        self._check_is_on()
        name = group or "all"
        index = self._effect.get(name, -1 if step > 0 else 0)
        index = (index + step) % len(self._effects)
        effect = self._effects[index]
        engine.set(name, effect, {}, self._seconds_left())
        self._effect[name] = index
        text = "%s shows %s (%d of %d)" % (name, effect, index + 1, len(self._effects))
        return text, {"group": name, "effect": effect, "index": index, "of": len(self._effects)}

    def stop(self, engine: Engine) -> Reply:
        """Ends test mode; the lights follow the printer again."""
        self._check_is_on()
        self.reset()
        engine.clear()
        return "The lights follow the printer", {}

    def reset(self) -> None:
        """Resets test mode without changing the lights."""
        self._ends_at = 0.0
        self._effect = {}

    def _show_state(self, engine: Engine) -> Reply:
        state = self._states[self._state]
        engine.state(state, self._seconds_left())
        return self._reply(state)

    def _reply(self, state: str) -> Reply:
        text = "The lights show %s for up to %d s; end the test with LUMEN_TEST_STOP" % (
            state,
            math.ceil(self._seconds_left()),
        )
        data = {
            "state": state,
            "states": list(self._states),
            "ends_in": round(self._seconds_left()),
        }
        return text, data

    def _seconds_left(self) -> float:
        return max(self._ends_at - self._monotonic(), 0.001)

    def _check_is_on(self) -> None:
        if not self.is_on():
            raise UsageError("test mode is not active; start it with LUMEN_TEST_START")
