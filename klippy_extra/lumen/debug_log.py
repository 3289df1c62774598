"""Logs what the lights show and why, for users who set up states and effects.

Option ``debug`` of ``[lumen]`` enables it, in klippy.log and optionally on the console. It logs
changes of the state and of what the groups show. While a group shows temperatures and nothing is
printing, it also logs these, at a change of 1 degree or after 10 seconds, in klippy.log only. The
number of lines per minute is limited. Without ``debug`` there is no timer and no cost.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Callable, Optional

from klipper_lumen import counted

from .guard import Guard, to_line
from .klipper_api import Printer, Reactor
from .log import Console, Throttle

if TYPE_CHECKING:
    from collections.abc import Mapping

    from klipper_lumen import Engine

    from .printer_state import Pair

log = logging.getLogger(__name__)

# The built-in effect that shows temperatures.
THERMAL = "thermal"
# How often the engine is polled; its status changes at most as often.
POLL_S = 0.25
# Maximum lines per minute, of scene changes and of temperatures.
LINES = 60
TEMPERATURE_LINES = 60
# A temperature is logged again after a change of STEP_C, or of MIN_STEP_C after SLOW_S.
STEP_C = 1.0
MIN_STEP_C = 0.1
SLOW_S = 10.0


class DebugLog:
    """The debug log of one printer."""

    def __init__(
        self,
        printer: Printer,
        guard: Guard,
        console: Console,
        temperatures: Callable[[], Mapping[str, Pair]],
    ) -> None:
        """``temperatures`` returns temperature and target of each source, as last sampled."""
        self._reactor: Reactor = printer.get_reactor()
        self._guard = guard
        self._console = console
        self._temperatures = temperatures
        self._engine: Optional[Engine] = None
        self._timer: Any = None
        # First words of the effects that show temperatures.
        self._thermal: frozenset[str] = frozenset()
        self._revision: Optional[int] = None
        self._state = ""
        self._shown: dict[str, str] = {}
        self._shows_temperatures = False
        self._logged: dict[str, tuple[float, Pair]] = {}
        self._lines = Throttle(LINES)
        self._temperature_lines = Throttle(TEMPERATURE_LINES)

    def start(self, engine: Engine) -> None:
        """Starts to log changes of this engine, as the option ``debug`` of its config says."""
        self.stop()
        self._engine = engine
        offer = engine.offer()
        effects = offer["effects"]
        names = {it["name"].lower() for it in effects if it["effect"] == THERMAL}
        self._thermal = frozenset({THERMAL, *names})
        self._revision = None
        self._console.is_on = offer["debug"] == "console"
        if offer["debug"] != "off":
            poll = self._guard.entry("debug log", self._poll, self._later)
            self._timer = self._reactor.register_timer(poll, self._reactor.NOW)

    def stop(self) -> None:
        """Releases the engine."""
        self._engine = None
        timer, self._timer = self._timer, None
        if timer is not None:
            self._reactor.unregister_timer(timer)

    def _later(self) -> float:
        return self._reactor.monotonic() + SLOW_S

    def _poll(self, now: float) -> float:
        engine = self._engine
        if engine is None:
            return self._reactor.NEVER
        revision = engine.revision()
        if revision != self._revision:
            self._revision = revision
            self._log_scene(engine.status(), now)
        if self._shows_temperatures:
            self._log_temperatures(now)
        self._console.update(now)
        return now + POLL_S

    def _log_scene(self, status: dict[str, Any], now: float) -> None:
        state, shown = _state_of(status), _shown_of(status)
        changes = []
        if state != self._state:
            before = " (was %s)" % self._state if self._state else ""
            changes.append("state %s%s" % (state, before))
        changes += ["%s: %s" % item for item in shown.items() if item not in self._shown.items()]
        self._state, self._shown = state, shown
        words = (text.partition(" ")[0].lower() for text in shown.values())
        self._shows_temperatures = any(word in self._thermal for word in words)
        if changes:
            text = "lumen: " + "; ".join(changes)
            _write(self._lines, now, text)
            self._console.write(text)

    def _log_temperatures(self, now: float) -> None:
        changes = {
            name: pair
            for name, pair in self._temperatures().items()
            if self._has_changed(name, pair, now)
        }
        if not changes or self._console.is_printing(now):
            return
        self._logged.update({name: (now, pair) for name, pair in changes.items()})
        text = ", ".join("%s %s" % (name, _degrees(pair)) for name, pair in changes.items())
        _write(self._temperature_lines, now, "lumen: " + text)

    def _has_changed(self, name: str, pair: Pair, now: float) -> bool:
        if name not in self._logged:
            return True
        logged_at, logged = self._logged[name]
        change = max(_difference(new, old) for new, old in zip(pair, logged))
        return change >= STEP_C or (now - logged_at >= SLOW_S and change >= MIN_STEP_C)


def _write(throttle: Throttle, now: float, text: str) -> None:
    if throttle.allow(now):
        left_out = throttle.take_suppressed()
        if left_out:
            log.info("lumen: %s not logged", counted(left_out, "line"))
        log.info("%s", to_line(text))


def _state_of(status: dict[str, Any]) -> str:
    return str(status["state"]) + ", forced" * bool(status["forced"])


def _shown_of(status: dict[str, Any]) -> dict[str, str]:
    return {
        name: group["effect"] + ", by command" * (group["source"] == "command")
        for name, group in status["groups"].items()
    }


def _difference(new: Optional[float], old: Optional[float]) -> float:
    if new is None or old is None:
        return 0.0 if new is old else STEP_C
    return abs(new - old)


def _degrees(pair: Pair) -> str:
    temperature, target = pair
    text = "?" if temperature is None else "%.1f" % temperature
    return text + (" of %.1f" % target if target else "") + " degrees"
