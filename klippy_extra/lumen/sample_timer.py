"""The watch: one reactor timer that samples the printer for the engine, 4 times a second.

From load_config on it is the engine's heartbeat, and it notices a start that failed. From
klippy:ready on it samples too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional

from .guard import Guard
from .klipper import Printer, Reactor
from .sample import Pair, Sampler

if TYPE_CHECKING:
    from klipper_lumen import Engine

    from .operations import Operations

PERIOD_S = 0.25
# When a tick that failed is tried again.
RETRY_S = 1.0
# Web interfaces getter all objects 4 times a second. What those run and read is in the processor's
# caches then, and a sample costs a third: it comes so much before its time to be the next.
EARLY_S = 0.1
# So much later it would come by itself: they go first.
LAG_S = 0.02


class SampleTimer:
    """The timer of one printer for one engine."""

    def __init__(self, printer: Printer, guard: Guard, operations: Operations) -> None:
        self._printer = printer
        self._reactor: Reactor = printer.get_reactor()
        self._guard = guard
        self._engine: Optional[Engine] = None
        self._timer: Any = None
        self._wants: dict[str, Any] = {}
        self._sampler: Optional[Sampler] = None
        self._broken: dict[str, float] = {}
        # When the next one is due.
        self._due = 0.0
        self._is_postponed = False
        # When objects were asked last.
        self._queried_at = -RETRY_S
        self._failed = False
        # Of what the engine shows, when it was asked what it wants.
        self._revision: Optional[int] = None
        # Another config is on its way: whose sources a sample has would not be known.
        self._is_paused = False
        self._operations = operations

    def start(self, engine: Engine) -> None:
        """Beats from now on."""
        self._engine = engine
        tick = self._guard.entry("sampling", self._tick, self._later)
        self._timer = self._reactor.register_timer(tick, self._reactor.NOW)

    def stop(self) -> None:
        """Ends the timer and lets go of the engine."""
        self._engine = None
        timer, self._timer = self._timer, None
        if timer is not None:
            self._reactor.unregister_timer(timer)

    def sample_soon(self) -> None:
        """Samples as soon as the reactor comes round."""
        if self._timer is not None:
            self._wake_at(self._reactor.NOW)

    def on_status_query(self, now: float) -> None:
        """Keeps step with whoever getters all objects now, without sampling more often."""
        self._queried_at = now
        wait_s = self._due - now
        if self._timer is None or wait_s <= 0.0:
            return
        if wait_s <= EARLY_S:
            self._wake_at(self._reactor.NOW)
        elif wait_s <= PERIOD_S + LAG_S and not self._is_postponed:
            # Once, or somebody who getters all the time would put it off for ever.
            self._is_postponed = True
            self._wake_at(now + PERIOD_S + LAG_S)

    def pause(self) -> None:
        """Beats, and samples nothing until ``resume``."""
        self._is_paused = True

    def resume(self) -> None:
        """Samples again."""
        self._is_paused = False
        self.sample_soon()

    def update_wants(self, wants: dict[str, Any]) -> None:
        """Samples what is wanted from now on; a command may update_wants more than the config did.

        Before Klipper is ready nothing is sampled: a start that fails shows in its state alone.
        """
        if self._sampler is None and self._printer.get_state_message()[1] != "ready":
            return
        if wants != self._wants:
            self._wants = wants
            self._sampler = Sampler(self._printer, self._guard, wants, self._broken)
        self.sample_soon()

    def sample(self) -> None:
        """Samples now: what is posted next must not show what was before."""
        if self._engine is not None and self._sampler is not None and not self._is_paused:
            self._sampler.send(self._engine, self._reactor.monotonic())

    def follow_tool(self) -> None:
        """Another extruder is in use."""
        if self._sampler is not None:
            self._sampler.follow_tool()

    def temperatures(self) -> dict[str, Pair]:
        """Temperature and target of each source, as they were last sampled."""
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
        self._guard.update_window(eventtime)
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
        """Samples no more for an effect of a command that has ended."""
        revision = engine.revision()
        if revision == self._revision:
            return
        self._revision = revision
        wants = engine.wants()
        if wants != self._wants:
            self._wants = wants
            self._sampler = Sampler(self._printer, self._guard, wants, self._broken)

    def _note_failure(self, engine: Engine) -> None:
        # A config error in another section raises no event: Klipper only changes its state, and
        # never gets ready. This is all that can tell the lights of it.
        if self._failed:
            return
        message, state = self._printer.get_state_message()
        if state in ("error", "shutdown"):
            engine.event("shutdown", message)
            self._failed = True
