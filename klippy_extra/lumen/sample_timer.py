"""The reactor timer that samples the printer for the engine, 4 times a second.

From load_config on it sends the engine's heartbeat and detects a failed start. From klippy:ready on
it also samples.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional

from .guard import Guard
from .klipper_api import Printer, Reactor
from .sample import Pair, Sampler

if TYPE_CHECKING:
    from klipper_lumen import Engine

    from .operations import Operations

PERIOD_S = 0.25
# Delay after a failed sample.
RETRY_S = 1.0
# Web interfaces query all objects 4 times a second. Their data is in the CPU caches then, and a
# sample costs a third, so it is taken up to this much early, directly after a query.
EARLY_S = 0.1
# Postpones the regular sample, so that queries come first.
LAG_S = 0.02


class SampleTimer:
    """The sample timer of one printer and one engine."""

    def __init__(self, printer: Printer, guard: Guard, operations: Operations) -> None:
        self._printer = printer
        self._reactor: Reactor = printer.get_reactor()
        self._guard = guard
        self._engine: Optional[Engine] = None
        self._timer: Any = None
        self._wants: dict[str, Any] = {}
        self._sampler: Optional[Sampler] = None
        self._broken: dict[str, float] = {}
        # When the next sample is due.
        self._due = 0.0
        self._is_postponed = False
        # When objects were last queried.
        self._queried_at = -RETRY_S
        self._failed = False
        # The engine's revision when its wants were last read.
        self._revision: Optional[int] = None
        # A reload is in progress, and the sources of a sample would be ambiguous.
        self._is_paused = False
        self._operations = operations

    def start(self, engine: Engine) -> None:
        """Starts the heartbeat."""
        self._engine = engine
        tick = self._guard.entry("sampling", self._tick, self._later)
        self._timer = self._reactor.register_timer(tick, self._reactor.NOW)

    def stop(self) -> None:
        """Stops the timer and releases the engine."""
        self._engine = None
        timer, self._timer = self._timer, None
        if timer is not None:
            self._reactor.unregister_timer(timer)

    def sample_soon(self) -> None:
        """Takes a sample at the next opportunity."""
        if self._timer is not None:
            self._wake_at(self._reactor.NOW)

    def on_status_query(self, now: float) -> None:
        """Moves the next sample close to a status query, without increasing the rate."""
        self._queried_at = now
        wait_s = self._due - now
        if self._timer is None or wait_s <= 0.0:
            return
        if wait_s <= EARLY_S:
            self._wake_at(self._reactor.NOW)
        elif wait_s <= PERIOD_S + LAG_S and not self._is_postponed:
            # Only once, because frequent queries could postpone it forever.
            self._is_postponed = True
            self._wake_at(now + PERIOD_S + LAG_S)

    def pause(self) -> None:
        """Pauses sampling until ``resume``; the heartbeat continues."""
        self._is_paused = True

    def resume(self) -> None:
        """Resumes sampling."""
        self._is_paused = False
        self.sample_soon()

    def update_wants(self, wants: dict[str, Any]) -> None:
        """Samples what the engine wants; a command may want more than the config does.

        Nothing is sampled before Klipper is ready: a failed start is detected from its state.
        """
        if self._sampler is None and self._printer.get_state_message()[1] != "ready":
            return
        if wants != self._wants:
            self._wants = wants
            self._sampler = Sampler(self._printer, self._guard, wants, self._broken)
        self.sample_soon()

    def sample(self) -> None:
        """Takes a sample now, before an event that depends on it is posted."""
        if self._engine is not None and self._sampler is not None and not self._is_paused:
            self._sampler.send(self._engine, self._reactor.monotonic())

    def follow_tool(self) -> None:
        """Handles a change of the active extruder."""
        if self._sampler is not None:
            self._sampler.follow_tool()

    def temperatures(self) -> dict[str, Pair]:
        """Returns temperature and target of each source, as last sampled."""
        return self._sampler.temperatures() if self._sampler is not None else {}

    def _wake_at(self, due: float) -> None:
        self._due = due
        self._reactor.update_timer(self._timer, due)

    def _later(self) -> float:
        if self._engine is not None:
            self._guard.call("heartbeat", self._engine.heartbeat, default=None)
        return self._reactor.monotonic() + RETRY_S

    def _tick(self, eventtime: float) -> float:
        self._is_postponed = False
        self._due = due = self._sample(eventtime)
        return due

    def _sample(self, eventtime: float) -> float:
        engine = self._engine
        if engine is None:
            return self._reactor.NEVER
        self._guard.holds.update_window(eventtime)
        if self._is_paused:
            engine.heartbeat()
            return eventtime + PERIOD_S
        if self._sampler is None:
            self._note_failure(engine)
            engine.heartbeat()
            return eventtime + PERIOD_S
        self._update_from_engine(engine)
        self._sampler.send(engine, eventtime)
        self._operations.poll(eventtime)
        lag_s = LAG_S if eventtime - self._queried_at < RETRY_S else 0.0
        return eventtime + PERIOD_S + lag_s

    def _update_from_engine(self, engine: Engine) -> None:
        """Stops sampling for effects that have ended."""
        revision = engine.revision()
        if revision == self._revision:
            return
        self._revision = revision
        wants = engine.wants()
        if wants != self._wants:
            self._wants = wants
            self._sampler = Sampler(self._printer, self._guard, wants, self._broken)

    def _note_failure(self, engine: Engine) -> None:
        # A config error in another section sends no event: Klipper only changes its state and never
        # becomes ready.
        if self._failed:
            return
        message, state = self._printer.get_state_message()
        if state in ("error", "shutdown"):
            engine.event("shutdown", message)
            self._failed = True
