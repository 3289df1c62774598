"""Samples of the printer's objects, 4 times a second, passed to the engine in one call.

From load_config on, the reactor's timer sends the engine's heartbeat and detects a failed start.
From klippy:ready on it also samples. The normal path is short: it looks up no objects and makes no
decisions. The engine checks the values. Only if that fails, the objects are queried one by one.
Broken objects are skipped for a minute, each with a line in the log.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Callable, Optional

from .guard import Guard, should_catch
from .klipper_api import GCode, Printer, Reactor, Status

if TYPE_CHECKING:
    from klipper_lumen import Engine

log = logging.getLogger(__name__)

# The source that follows the active tool.
TOOL = "tool"
# The macro of moonraker-timelapse that waits for the camera.
TIMELAPSE = "gcode_macro TIMELAPSE_TAKE_FRAME"
OBJECTS = (
    "print_stats",
    "pause_resume",
    "virtual_sdcard",
    "display_status",
    "motion_report",
    "manual_probe",
    "bed_screws",
    TIMELAPSE,
)

# When a broken object is tried again.
RETRY_AFTER_S = 60.0

GetStatus = Callable[[float], Status]
# Temperature and target of a source.
Pair = tuple[Optional[float], Optional[float]]

NUMBER = (int, float)
# The types of the fields that are read; each field may be missing.
KINDS: dict[str, tuple[type, ...]] = {
    "temperature": (*NUMBER, type(None)),
    "target": (*NUMBER, type(None)),
    "progress": (*NUMBER, type(None)),
    "message": (str, type(None)),
    "filament_used": NUMBER,
    "live_position": (list, tuple),
    "live_velocity": NUMBER,
    "live_extruder_velocity": NUMBER,
}

_EMPTY: Status = {}


def _empty_status(_: float) -> Status:
    """The status of an object that does not exist."""
    return _EMPTY


PERIOD_S = 0.25
# Delay after a failed sample.
RETRY_S = 1.0
# Web interfaces query all objects 4 times a second. Their data is in the CPU caches then, and a
# sample costs a third, so it is taken up to this much early, directly after a query.
EARLY_S = 0.1
# Postpones the regular sample, so that queries come first.
LAG_S = 0.02


class Sampler:
    """The objects that one engine needs, by their full names."""

    def __init__(
        self, printer: Printer, guard: Guard, wants: dict[str, Any], broken: dict[str, float]
    ) -> None:
        """``broken`` maps skipped objects to their retry times; it outlives the sampler."""
        self._printer = printer
        self._guard = guard
        self._broken = broken
        self._temperatures: list[Pair] = []
        # The last status of motion_report, and the speeds of tool head and filament.
        self._motion: Status = _EMPTY
        self._speeds = (0.0, 0.0)
        self._sources: list[str] = list(wants["sources"])
        self._sensors: list[str] = list(wants["filament_sensors"])
        self._getters: dict[str, GetStatus] = {}
        self._skipped: dict[str, GetStatus] = {}
        gcode: GCode = printer.lookup_object("gcode")
        self._is_commanded = gcode.get_mutex().test
        for name in (*OBJECTS, *filter(None, self._sources), *self._sensors):
            self._add(name, name)
        self.follow_tool()

    def follow_tool(self) -> None:
        """Looks up the active extruder for the source ``tool``."""
        toolhead = self._printer.lookup_object("toolhead", None)
        if TOOL in self._sources and toolhead is not None:
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
        """Stores the getters in attributes, so that `_send` needs no lookups."""
        getters = self._getters
        self._get_stats = getters.get("print_stats", _empty_status)
        self._get_pause = getters.get("pause_resume", _empty_status)
        self._get_file = getters.get("virtual_sdcard", _empty_status)
        # display_status prefers the slicer's progress (M73) to the position in the file.
        self._get_progress = getters.get("display_status", self._get_file)
        self._get_motion = getters.get("motion_report", _empty_status)
        self._get_probe = getters.get("manual_probe", _empty_status)
        self._get_screws = getters.get("bed_screws", _empty_status)
        self._get_timelapse = getters.get(TIMELAPSE, _empty_status)
        self._get_filament = [getters.get(name, _empty_status) for name in self._sensors]
        self._get_temperatures = [getters.get(name, _empty_status) for name in self._sources]

    def _send(self, engine: Engine, now: float) -> None:
        stats = self._get_stats(now)
        motion = self._get_motion(now)
        position = motion.get("live_position")
        if motion is not self._motion:
            # Klipper returns the same dict for a quarter of a second.
            self._speeds = _speeds(self._motion.get("live_position"), motion)
            self._motion = motion
        velocity, extruder_velocity = self._speeds
        temperatures = [getter(now) for getter in self._get_temperatures]
        self._temperatures = [
            (status.get("temperature"), status.get("target")) for status in temperatures
        ]
        filament = [getter(now) for getter in self._get_filament]
        engine.sample(
            str(stats.get("state", "standby")),
            stats.get("message") or "",
            sources=self._temperatures,
            paused=bool(self._get_pause(now).get("is_paused")),
            filament_used=stats.get("filament_used", 0.0),
            velocity=velocity,
            extruder_velocity=extruder_velocity,
            commanded=self._is_commanded(),
            manual_probe=bool(self._get_probe(now).get("is_active")),
            bed_screws=bool(self._get_screws(now).get("is_active")),
            taking_frame=bool(self._get_timelapse(now).get("takingframe")),
            filament=[
                (bool(sensor.get("enabled")), bool(sensor.get("filament_detected")))
                for sensor in filament
            ],
            progress=self._get_progress(now).get("progress"),
            file_progress=self._get_file(now).get("progress"),
            # There may be more axes.
            position=(position[0], position[1], position[2]) if position else None,
        )

    def _drop_broken(self, now: float) -> None:
        for name, getter in list(self._getters.items()):
            if self._guard.call("status of '%s'" % name, _is_valid, getter, now, default=False):
                continue
            self._skipped[name] = self._getters.pop(name)
            self._broken[name] = now + RETRY_AFTER_S
            log.warning("lumen: the status of '%s' is invalid; it is skipped for a minute", name)
        self._bind()

    def _retry_broken(self, now: float) -> None:
        for name, getter in list(self._skipped.items()):
            if not self._guard.call("status of '%s'" % name, _is_valid, getter, now, default=False):
                self._broken[name] = now + RETRY_AFTER_S
                continue
            self._getters[name] = self._skipped.pop(name)
            del self._broken[name]
            log.info("lumen: the status of '%s' is valid again", name)
        self._bind()


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
        self._after_sample(eventtime)
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


def _speeds(before: Any, motion: Status) -> tuple[float, float]:
    """Returns the speeds of the tool head and the filament.

    After the last move Klipper keeps reporting its final velocity, which is not always zero. An
    unchanged position means that nothing moves.
    """
    position = motion.get("live_position")
    velocity = motion.get("live_velocity", 0.0)
    extruder_velocity = motion.get("live_extruder_velocity", 0.0)
    if before and position:
        if before[:3] == position[:3]:
            velocity = 0.0
        # The extruder is the fourth axis, if there is one.
        if len(position) > 3 and before[3:4] == position[3:4]:
            extruder_velocity = 0.0
    return velocity, extruder_velocity


def _is_valid(getter: GetStatus, now: float) -> bool:
    status = getter(now)
    for field, kinds in KINDS.items():
        value = status.get(field)
        if field in status and not isinstance(value, kinds):
            raise TypeError("'%s' is %r" % (field, value))
    position = status.get("live_position")
    return position is None or all(isinstance(mm, NUMBER) for mm in position[:3])
