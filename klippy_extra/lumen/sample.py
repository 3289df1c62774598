"""Samples: what is read of the printer's objects at one moment, handed to the engine in one call.

It runs on the reactor four times a second, so the usual way is short: no object is searched, and
nothing is decided here. What an object says is checked by the engine. Only when that fails are the
objects asked one by one; the broken ones are left out for a minute, each with a line in the log,
and the rest goes on.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Callable, Optional

from .guard import Guard, is_ours_to_hold
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

Ask = Callable[[float], Status]
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


def _nothing(_: float) -> Status:
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
        self._asks: dict[str, Ask] = {}
        self._left_out: dict[str, Ask] = {}
        gcode: GCode = printer.lookup_object("gcode")
        self._is_commanded = gcode.get_mutex().test
        for name in (*OBJECTS, *filter(None, self._sources), *self._sensors):
            self._take(name, name)
        self.follow_tool()

    def follow_tool(self) -> None:
        """Looks up which extruder is in use; the source ``tool`` follows it."""
        toolhead = self._printer.lookup_object("toolhead", None)
        if TOOL in self._sources and toolhead is not None:
            now = self._printer.get_reactor().monotonic()
            status: Status = self._guard.call("toolhead", toolhead.get_status, now, default={})
            self._take(TOOL, status.get("extruder") or "extruder")
        self._bind()

    def pass_on(self, engine: Engine, now: float) -> None:
        """Hands one sample to the engine."""
        if self._left_out and now >= min(self._broken.values(), default=now):
            self._take_back(now)
        try:
            self._pass_on(engine, now)
        except BaseException as error:
            if not is_ours_to_hold(error):
                raise
            self._drop_broken(now)
            self._pass_on(engine, now)

    def temperatures(self) -> dict[str, Pair]:
        """Temperature and target of each source, as they were last read."""
        return {name: pair for name, pair in zip(self._sources, self._temperatures) if name}

    def names(self) -> list[str]:
        """The objects that are asked."""
        return list(self._asks)

    def _take(self, key: str, name: str) -> None:
        ask = getattr(self._printer.lookup_object(name, None), "get_status", None)
        if ask is None:
            return
        asks = self._left_out if key in self._broken else self._asks
        asks[key] = ask

    def _bind(self) -> None:
        """Puts the objects where `_pass_on` finds them without a search."""
        asks = self._asks
        self._ask_stats = asks.get("print_stats", _nothing)
        self._ask_pause = asks.get("pause_resume", _nothing)
        self._ask_file = asks.get("virtual_sdcard", _nothing)
        # It prefers what the slicer says (M73) to the position in the file.
        self._ask_progress = asks.get("display_status", self._ask_file)
        self._ask_motion = asks.get("motion_report", _nothing)
        self._ask_probe = asks.get("manual_probe", _nothing)
        self._ask_screws = asks.get("bed_screws", _nothing)
        self._ask_timelapse = asks.get(TIMELAPSE, _nothing)
        self._ask_filament = [asks.get(name, _nothing) for name in self._sensors]
        self._ask_temperatures = [asks.get(name, _nothing) for name in self._sources]

    def _pass_on(self, engine: Engine, now: float) -> None:
        stats = self._ask_stats(now)
        motion = self._ask_motion(now)
        place = motion.get("live_position")
        if motion is not self._motion:
            # Klipper answers with the same dict for a quarter of a second.
            self._speeds = _speeds(self._motion.get("live_position"), motion)
            self._motion = motion
        velocity, extruder_velocity = self._speeds
        temperatures = [ask(now) for ask in self._ask_temperatures]
        self._temperatures = [
            (status.get("temperature"), status.get("target")) for status in temperatures
        ]
        filament = [ask(now) for ask in self._ask_filament]
        engine.sample(
            str(stats.get("state", "standby")),
            stats.get("message") or "",
            sources=self._temperatures,
            paused=bool(self._ask_pause(now).get("is_paused")),
            filament_used=stats.get("filament_used", 0.0),
            velocity=velocity,
            extruder_velocity=extruder_velocity,
            commanded=self._is_commanded(),
            manual_probe=bool(self._ask_probe(now).get("is_active")),
            bed_screws=bool(self._ask_screws(now).get("is_active")),
            taking_frame=bool(self._ask_timelapse(now).get("takingframe")),
            filament=[
                (bool(says.get("enabled")), bool(says.get("filament_detected")))
                for says in filament
            ],
            progress=self._ask_progress(now).get("progress"),
            file_progress=self._ask_file(now).get("progress"),
            # Extra axes may follow the three.
            position=(place[0], place[1], place[2]) if place else None,
        )

    def _drop_broken(self, now: float) -> None:
        for name, ask in list(self._asks.items()):
            if self._guard.call("status of '%s'" % name, _is_sound, ask, now, default=False):
                continue
            self._left_out[name] = self._asks.pop(name)
            self._broken[name] = now + RETRY_AFTER_S
            log.warning("lumen: '%s' does not tell its status; it is left out for a minute", name)
        self._bind()

    def _take_back(self, now: float) -> None:
        for name, ask in list(self._left_out.items()):
            if not self._guard.call("status of '%s'" % name, _is_sound, ask, now, default=False):
                self._broken[name] = now + RETRY_AFTER_S
                continue
            self._asks[name] = self._left_out.pop(name)
            del self._broken[name]
            log.info("lumen: '%s' tells its status again", name)
        self._bind()


def _speeds(before: Any, motion: Status) -> tuple[float, float]:
    """How fast the tool head and the filament move.

    Once all moves are done Klipper goes on to report the velocity at the end of the last one, which
    is not always zero: what has not changed its position stands still.
    """
    place = motion.get("live_position")
    velocity = motion.get("live_velocity", 0.0)
    extruder_velocity = motion.get("live_extruder_velocity", 0.0)
    if before and place:
        if before[:3] == place[:3]:
            velocity = 0.0
        # The extruder is the fourth axis, where there is one.
        if len(place) > 3 and before[3:4] == place[3:4]:
            extruder_velocity = 0.0
    return velocity, extruder_velocity


def _is_sound(ask: Ask, now: float) -> bool:
    status = ask(now)
    for field, kinds in KINDS.items():
        value = status.get(field)
        if field in status and not isinstance(value, kinds):
            raise TypeError("'%s' is %r" % (field, value))
    place = status.get("live_position")
    return place is None or all(isinstance(mm, NUMBER) for mm in place[:3])
