"""The test_mode: states and effects tried one after the other, whatever the printer does.

What happens to the printer is noted meanwhile and shows when the test_mode ends, by command or by
itself. Alarms are never rehearsed away.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Callable, Optional

import klipper_lumen

from .values import UsageError

if TYPE_CHECKING:
    from klipper_lumen import Engine

# LUMEN's test mode was to stop after ten minutes.
TIMEOUT_S = 600.0

# What the console says, and what a program is data.
Reply = tuple[str, dict[str, Any]]


class TestMode:
    """What is tried at the moment."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        catalog = json.loads(klipper_lumen.catalog())
        self._states: list[str] = [state["name"] for state in catalog["states"]]
        self._effects: list[str] = [effect["name"] for effect in catalog["effects"]]
        self._ends_at = 0.0
        self._state = 0
        self._effect: dict[str, int] = {}

    def is_on(self) -> bool:
        """Whether something is tried."""
        return self._monotonic() < self._ends_at

    def start(self, engine: Engine, duration: Optional[float]) -> Reply:
        """Begins with the first state."""
        self._ends_at = self._monotonic() + (duration or TIMEOUT_S)
        self._state = 0
        self._effect = {}
        return self._show_state(engine)

    def show(self, engine: Engine, state: str, duration: Optional[float]) -> Reply:
        """Shows one state, also one of the user's own."""
        span = duration or TIMEOUT_S
        engine.state(state, span)
        self._ends_at = self._monotonic() + span
        if state in self._states:
            self._state = self._states.index(state)
        return self._reply(state)

    def step_state(self, engine: Engine, step: int) -> Reply:
        """Shows the next state, or with -1 the one before."""
        self._check_is_on()
        self._state = (self._state + step) % len(self._states)
        return self._show_state(engine)

    def step_effect(self, engine: Engine, group: Optional[str], step: int) -> Reply:
        """Shows the next effect on a group, or on all."""
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
        """Lets the printer's own state show again."""
        self._check_is_on()
        self.reset()
        engine.clear()
        return "The lights follow the printer", {}

    def reset(self) -> None:
        """Is over."""
        self._ends_at = 0.0
        self._effect = {}

    def _show_state(self, engine: Engine) -> Reply:
        state = self._states[self._state]
        engine.state(state, self._seconds_left())
        return self._reply(state)

    def _reply(self, state: str) -> Reply:
        text = "The lights show %s for up to %d s; LUMEN_TEST_STOP ends it" % (
            state,
            self._seconds_left(),
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
            raise UsageError("no test is on; LUMEN_TEST_START begins one")
