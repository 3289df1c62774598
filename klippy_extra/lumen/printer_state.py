"""Samples of the printer's objects, 4 times a second, passed to the engine in one call.

From load_config on, the reactor's timer sends the engine's heartbeat and detects a failed start.
From klippy:ready on it also samples. The normal path is short: it looks up no objects and makes no
decisions. The engine says which objects to query, checks and interprets their fields, and decides
when the next sample is due. Only if a status is invalid, the objects are queried one by one. Broken
objects are skipped for a minute, each with a line in the log.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Callable, Optional

from klipper_lumen import PrinterObjects, SampleClock
from klipper_lumen.klipper_api import GCode, Printer, Reactor, Status

from .guard import Guard, should_catch

if TYPE_CHECKING:
    from klipper_lumen import Engine

log = logging.getLogger(__name__)

# The source that follows the active tool.
TOOL = "tool"
# When a broken object is tried again.
RETRY_AFTER_S = 60.0
# The interval of heartbeats while nothing is sampled.
HEARTBEAT_S = 0.25

GetStatus = Callable[[float], Status]
# Temperature and target of a source.
Pair = tuple[Optional[float], Optional[float]]

_EMPTY: Status = {}


def _empty_status(_: float) -> Status:
    """The status of an object that does not exist."""
    return _EMPTY


class Sampler:
    """The objects that one engine needs, by their full names."""

    def __init__(
        self, printer: Printer, guard: Guard, wants: dict[str, Any], broken: dict[str, float]
    ) -> None:
        """``broken`` maps skipped objects to their retry times; it outlives the sampler."""
        self._printer = printer
        self._guard = guard
        self._broken = broken
        self._objects = PrinterObjects(wants["sources"], wants["filament_sensors"])
        self._names = self._objects.names()
        self._getters: dict[str, GetStatus] = {}
        self._skipped: dict[str, GetStatus] = {}
        # The getters in the order of the names.
        self._bound: list[GetStatus] = []
        gcode: GCode = printer.lookup_object("gcode")
        self._is_commanded = gcode.get_mutex().test
        for name in filter(None, self._names):
            self._add(name, name)
        self.follow_tool()

    def follow_tool(self) -> None:
        """Looks up the active extruder for the source ``tool``."""
        toolhead = self._printer.lookup_object("toolhead", None)
        if TOOL in self._names and toolhead is not None:
            now = self._printer.get_reactor().monotonic()
            status: Status = self._guard.call("toolhead", toolhead.get_status, now, default={})
            self._add(TOOL, status.get("extruder") or "extruder")
        self._bind()

    def send(self, engine: Engine, now: float) -> None:
        """Passes one sample to the engine."""
        if self._skipped and now >= min(self._broken.values(), default=now):
            self._retry_broken(now)
        try:
            self._send(engine, now)
        except BaseException as error:
            if not should_catch(error):
                raise
            self._drop_broken(now)
            self._send(engine, now)

    def names(self) -> list[str]:
        """Returns the names of the queried objects."""
        return list(self._getters)

    def _add(self, key: str, name: str) -> None:
        getter = getattr(self._printer.lookup_object(name, None), "get_status", None)
        if getter is None:
            return
        getters = self._skipped if key in self._broken else self._getters
        getters[key] = getter

    def _bind(self) -> None:
        self._bound = [self._getters.get(name, _empty_status) for name in self._names]

    def _send(self, engine: Engine, now: float) -> None:
        statuses = [getter(now) for getter in self._bound]
        engine.sample_objects(self._objects, statuses, self._is_commanded())

    def _drop_broken(self, now: float) -> None:
        for name, getter in list(self._getters.items()):
            if self._is_valid(name, getter, now):
                continue
            self._skipped[name] = self._getters.pop(name)
            self._broken[name] = now + RETRY_AFTER_S
            log.warning("lumen: the status of '%s' is invalid; it is skipped for a minute", name)
        self._bind()

    def _retry_broken(self, now: float) -> None:
        for name, getter in list(self._skipped.items()):
            if not self._is_valid(name, getter, now):
                self._broken[name] = now + RETRY_AFTER_S
                continue
            self._getters[name] = self._skipped.pop(name)
            del self._broken[name]
            log.info("lumen: the status of '%s' is valid again", name)
        self._bind()

    def _is_valid(self, name: str, getter: GetStatus, now: float) -> bool:
        def check() -> bool:
            self._objects.check(name, getter(now))
            return True

        return self._guard.call("status of '%s'" % name, check, default=False)


class SampleTimer:
    """The sample timer of one printer and one engine."""

    def __init__(
        self, printer: Printer, guard: Guard, after_sample: Callable[[float], None]
    ) -> None:
        """``after_sample`` is called with the time after each regular sample."""
        self._printer = printer
        self._reactor: Reactor = printer.get_reactor()
        self._guard = guard
        self._engine: Optional[Engine] = None
        self._timer: Any = None
        self._wants: dict[str, Any] = {}
        self._sampler: Optional[Sampler] = None
        self._broken: dict[str, float] = {}
        self._clock = SampleClock()
        self._failed = False
        # The engine's revision when its wants were last read.
        self._revision: Optional[int] = None
        # A reload is in progress, and the sources of a sample would be ambiguous.
        self._is_paused = False
        self._after_sample = after_sample

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
            self._clock.hurry()
            self._reactor.update_timer(self._timer, self._reactor.NOW)

    def on_status_query(self, now: float) -> None:
        """Moves the next sample close to a status query, without increasing the rate."""
        due = self._clock.queried(now)
        if self._timer is not None and due is not None:
            self._reactor.update_timer(self._timer, due)

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
        self._adopt(wants)
        self.sample_soon()

    def sample(self) -> None:
        """Takes a sample now, before an event that depends on it is posted."""
        if self._engine is not None and self._sampler is not None and not self._is_paused:
            self._sampler.send(self._engine, self._reactor.monotonic())

    def follow_tool(self) -> None:
        """Handles a change of the active extruder."""
        if self._sampler is not None:
            self._sampler.follow_tool()

    def _later(self) -> float:
        if self._engine is not None:
            self._guard.call("heartbeat", self._engine.heartbeat, default=None)
        return self._clock.failed(self._reactor.monotonic())

    def _tick(self, eventtime: float) -> float:
        engine = self._engine
        if engine is None:
            return self._reactor.NEVER
        self._guard.holds.update_window(eventtime)
        if self._is_paused or self._sampler is None:
            if self._sampler is None:
                self._note_failure(engine)
            engine.heartbeat()
            return eventtime + HEARTBEAT_S
        self._update_from_engine(engine)
        self._sampler.send(engine, eventtime)
        self._after_sample(eventtime)
        return self._clock.sampled(eventtime)

    def _update_from_engine(self, engine: Engine) -> None:
        """Stops sampling for effects that have ended."""
        revision = engine.revision()
        if revision == self._revision:
            return
        self._revision = revision
        self._adopt(engine.wants())

    def _adopt(self, wants: dict[str, Any]) -> None:
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
