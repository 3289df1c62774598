"""The watch: one reactor timer that tells the engine how the printer is.

From load_config on it is the engine's heartbeat, and it notices a start that failed. From
klippy:ready on it samples too: 4 times a second while the printer is busy, once at rest, and only
the objects that some effect or state needs. Each object is asked under its own guard; one that is
broken is dropped. All scalars cross to the engine in one call.
"""

from __future__ import annotations

import logging
import math
from typing import TYPE_CHECKING, Any, Callable, Optional

from .guard import Guard
from .klipper import HasStatus, Printer, Reactor, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from klipper_lumen import Engine

log = logging.getLogger(__name__)

BUSY_S = 0.25
REST_S = 1.0

JOBS = ("standby", "printing", "paused", "complete", "cancelled", "error")
FILAMENT_SENSORS = ("filament_switch_sensor", "filament_motion_sensor")
# The name that follows the tool in use.
ACTIVE_EXTRUDER = "extruder"

Pair = tuple[Optional[float], Optional[float]]
Position = tuple[float, float, float]


class Watch:
    """The sampling of one printer for one engine."""

    def __init__(
        self, printer: Printer, guard: Guard, commands_busy: Callable[[float], bool]
    ) -> None:
        self._printer = printer
        self._reactor: Reactor = printer.get_reactor()
        self._guard = guard
        self._engine: Optional[Engine] = None
        self._timer: Any = None
        self._objects: dict[str, HasStatus] = {}
        self._sensors: list[str] = []
        self._sources: list[str] = []
        self._wanted: set[str] = set()
        self._failed = False
        self._ready = False
        # Asked at each tick whether a command that shows is running.
        self._commands_busy = commands_busy

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

    def kick(self) -> None:
        """Samples as soon as the reactor comes round."""
        if self._timer is not None:
            self._reactor.update_timer(self._timer, self._reactor.NOW)

    def ready(self, wants: dict[str, Any]) -> None:
        """Takes the references to all objects that are wanted, and begins to sample."""
        for kind in FILAMENT_SENSORS:
            self._sensors += [name for name, _ in self._printer.lookup_objects(kind)]
        for name in ("print_stats", "pause_resume", "manual_probe", "stepper_enable"):
            self._take(name, name)
        for name in self._sensors:
            self._take(name, name)
        self._ready = True
        self.want(wants)

    def want(self, wants: dict[str, Any]) -> None:
        """Samples what is wanted from now on; a command may want more than the config did."""
        if not self._ready:
            return
        sources = list(wants["sources"])
        names = [name for name in sources if name not in self._sources]
        if wants["progress"]:
            names += ["display_status", "virtual_sdcard"]
        if wants["position"]:
            names.append("motion_report")
        self._sources = sources
        for name in names:
            # What was dropped as broken stays so.
            if name not in self._wanted:
                self._wanted.add(name)
                self._take(name, name)
        self.follow_tool()
        self.kick()

    def follow_tool(self) -> None:
        """Looks up which extruder is in use; the source ``extruder`` follows it."""
        toolhead = self._printer.lookup_object("toolhead", None)
        if ACTIVE_EXTRUDER not in self._sources or toolhead is None:
            return
        status: Status = self._guard.call(
            "toolhead", toolhead.get_status, self._reactor.monotonic(), default={}
        )
        self._take(ACTIVE_EXTRUDER, status.get("extruder") or ACTIVE_EXTRUDER)

    def _take(self, key: str, name: str) -> None:
        found = self._printer.lookup_object(name, None)
        if found is not None and hasattr(found, "get_status"):
            self._objects[key] = found

    def _later(self) -> float:
        return self._reactor.monotonic() + REST_S

    def _tick(self, eventtime: float) -> float:
        engine = self._engine
        if engine is None:
            return self._reactor.NEVER
        self._guard.roll(eventtime)
        self._note_failure(engine)
        if not self._ready:
            engine.heartbeat()
            return eventtime + BUSY_S
        busy = self._commands_busy(eventtime)
        busy = self._sample(engine, eventtime) or busy
        return eventtime + (BUSY_S if busy else REST_S)

    def _note_failure(self, engine: Engine) -> None:
        # A config error in another section or a failed MCU raises no event: Klipper only changes
        # its state. This is all that can tell the lights of it.
        if self._failed:
            return
        if self._printer.get_state_message()[1] in ("error", "shutdown"):
            self._failed = True
            engine.event("shutdown")

    def _sample(self, engine: Engine, now: float) -> bool:
        """Hands over one sample; returns whether the printer is busy."""
        stats = self._status("print_stats", now)
        job = _job(stats, bool(self._status("pause_resume", now).get("is_paused")))
        steppers = self._status("stepper_enable", now).get("steppers", {})
        motors_on = any(steppers.values())
        manual_probe = bool(self._status("manual_probe", now).get("is_active"))
        sources = [self._source(name, now) for name in self._sources]
        engine.sample(
            job,
            (_number(stats.get("filament_used")) or 0.0) > 0.0,
            any(self._lacks_filament(name, now) for name in self._sensors),
            manual_probe,
            motors_on,
            self._progress(now),
            _position(self._status("motion_report", now)),
            sources,
        )
        return job == "printing" or manual_probe or motors_on or _heats(sources)

    def _status(self, name: str, now: float) -> Status:
        """What an object says; nothing where there is none, or where it proved broken."""
        found = self._objects.get(name)
        if found is None:
            return {}
        status: Optional[Status] = self._guard.call(
            "status of '%s'" % name, found.get_status, now, default=None
        )
        if not isinstance(status, dict):
            del self._objects[name]
            log.warning("lumen: '%s' does not tell its status; it is no longer sampled", name)
            return {}
        return status

    def _source(self, name: str, now: float) -> Pair:
        status = self._status(name, now)
        return _number(status.get("temperature")), _number(status.get("target"))

    def _lacks_filament(self, name: str, now: float) -> bool:
        status = self._status(name, now)
        return bool(status.get("enabled")) and not status.get("filament_detected", True)

    def _progress(self, now: float) -> Optional[float]:
        # display_status prefers what the slicer says (M73) over the position in the file.
        for name in ("display_status", "virtual_sdcard"):
            progress = _number(self._status(name, now).get("progress"))
            if progress is not None:
                return progress
        return None


def _job(stats: Status, paused: bool) -> str:
    """What the print job does; a host that streams its job pauses without print_stats."""
    job = stats.get("state", "standby")
    if paused and job in ("standby", "printing"):
        return "paused"
    return job if job in JOBS else "standby"


def _number(value: object) -> Optional[float]:
    if isinstance(value, (int, float)) and math.isfinite(value):
        return float(value)
    return None


def _position(status: Status) -> Optional[Position]:
    place = [_number(value) for value in status.get("live_position", ())[:3]]
    if len(place) < 3 or None in place:
        return None
    x, y, z = place
    return (x or 0.0, y or 0.0, z or 0.0)


def _heats(sources: Sequence[Pair]) -> bool:
    return any((target or 0.0) > 0.0 for _, target in sources)
