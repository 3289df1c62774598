"""Samples: what is read of the printer's objects at one moment, handed to the engine in one call.

It runs on the reactor four times a second, so the usual way is short: no object is searched, and
nothing is decided here. What an object sensor is checked by the engine. Only when that fails are the
objects asked one by one; the broken ones are left out for a minute, each with a line in the log,
and the rest goes on.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Callable, Optional

from .guard import Guard, should_catch
from .klipper import GCode, Printer, Status

if TYPE_CHECKING:
    from klipper_lumen import Engine

log = logging.getLogger(__name__)

# The source that follows the tool in use.
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

# When a broken object is asked again.
RETRY_AFTER_S = 60.0

GetStatus = Callable[[float], Status]
# Temperature and target of one source.
Pair = tuple[Optional[float], Optional[float]]

NUMBER = (int, float)
# The types of the fields that are read; a field may be missing.
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
    """The answer of an object that is not there."""
    return _EMPTY


class Sampler:
    """The objects that one engine wants sampled, by their full names."""

    def __init__(
        self, printer: Printer, guard: Guard, wants: dict[str, Any], broken: dict[str, float]
    ) -> None:
        """``broken`` outlives the sampler: what was left out, and when it is asked again."""
        self._printer = printer
        self._guard = guard
        self._broken = broken
        self._temperatures: list[Pair] = []
        # What motion_report said last, and how fast the tool head and the filament moved then.
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
        """Looks up which extruder is in use; the source ``tool`` follows it."""
        toolhead = self._printer.lookup_object("toolhead", None)
        if TOOL in self._sources and toolhead is not None:
            now = self._printer.get_reactor().monotonic()
            status: Status = self._guard.call("toolhead", toolhead.get_status, now, default={})
            self._add(TOOL, status.get("extruder") or "extruder")
        self._bind()

    def send(self, engine: Engine, now: float) -> None:
        """Hands one sample to the engine."""
        if self._skipped and now >= min(self._broken.values(), default=now):
            self._retry_broken(now)
        try:
            self._send(engine, now)
        except BaseException as error:
            if not should_catch(error):
                raise
            self._drop_broken(now)
            self._send(engine, now)

    def temperatures(self) -> dict[str, Pair]:
        """Temperature and target of each source, as they were last read."""
        return {name: pair for name, pair in zip(self._sources, self._temperatures) if name}

    def names(self) -> list[str]:
        """The objects that are asked."""
        return list(self._getters)

    def _add(self, key: str, name: str) -> None:
        getter = getattr(self._printer.lookup_object(name, None), "get_status", None)
        if getter is None:
            return
        getters = self._skipped if key in self._broken else self._getters
        getters[key] = getter

    def _bind(self) -> None:
        """Puts the objects where `_send` finds them without a search."""
        getters = self._getters
        self._get_stats = getters.get("print_stats", _empty_status)
        self._get_pause = getters.get("pause_resume", _empty_status)
        self._get_file = getters.get("virtual_sdcard", _empty_status)
        # It prefers what the slicer sensor (M73) to the position in the file.
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
            # Klipper answers with the same dict for a quarter of a second.
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
            # Extra axes may follow the three.
            position=(position[0], position[1], position[2]) if position else None,
        )

    def _drop_broken(self, now: float) -> None:
        for name, getter in list(self._getters.items()):
            if self._guard.call("status of '%s'" % name, _is_valid, getter, now, default=False):
                continue
            self._skipped[name] = self._getters.pop(name)
            self._broken[name] = now + RETRY_AFTER_S
            log.warning("lumen: '%s' does not tell its status; it is left out for a minute", name)
        self._bind()

    def _retry_broken(self, now: float) -> None:
        for name, getter in list(self._skipped.items()):
            if not self._guard.call("status of '%s'" % name, _is_valid, getter, now, default=False):
                self._broken[name] = now + RETRY_AFTER_S
                continue
            self._getters[name] = self._skipped.pop(name)
            del self._broken[name]
            log.info("lumen: '%s' tells its status again", name)
        self._bind()


def _speeds(before: Any, motion: Status) -> tuple[float, float]:
    """How fast the tool head and the filament move.

    Once all moves are done Klipper goes on to report the velocity at the end of the last one, which
    is not always zero: what has not changed its position stands still.
    """
    position = motion.get("live_position")
    velocity = motion.get("live_velocity", 0.0)
    extruder_velocity = motion.get("live_extruder_velocity", 0.0)
    if before and position:
        if before[:3] == position[:3]:
            velocity = 0.0
        # The extruder is the fourth axis, where there is one.
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
