"""Samples of the printer's objects, passed to the engine in one call.

A sample is taken four times a second on the reactor, so the normal path is short: it looks up no
objects and makes no decisions. The engine checks the values. Only if that fails, the objects are
queried one by one. Broken objects are skipped for a minute, each with a line in the log.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Callable, Optional

from .guard import Guard, should_catch
from .klipper_api import GCode, Printer, Status

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

    def temperatures(self) -> dict[str, Pair]:
        """Returns temperature and target of each source, as last sampled."""
        return {name: pair for name, pair in zip(self._sources, self._temperatures) if name}

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
