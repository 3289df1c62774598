"""Samples: what is read of the printer's objects at one moment, handed to the engine in one call.

The usual way is short, for it runs on the reactor four times a second. While the printer is busy
its parts take turns: temperatures and the progress are asked twice a second, for the engine eases
from one value to the next for half a second; the state of the job and the rest of the machine once,
for most changes come by an event besides; and only the position every time. What an object says is
checked by the engine. Only when that fails are the objects looked at one by one; the broken ones
are left out for a minute, each with a line in the log, and the rest goes on.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Callable, Optional

from .guard import Guard, is_ours_to_hold
from .klipper import Printer, Status

if TYPE_CHECKING:
    from klipper_lumen import Engine

log = logging.getLogger(__name__)

FILAMENT_SENSORS = ("filament_switch_sensor", "filament_motion_sensor")
# display_status prefers what the slicer says (M73) over the position in the file.
PROGRESS = ("display_status", "virtual_sdcard")
# The name that follows the tool in use.
ACTIVE_EXTRUDER = "extruder"
# The states of a job in which a pause that is no print_stats' own counts: a host that streams its
# job pauses without it.
PAUSABLE = ("standby", "printing")

# Of four samples, which read what.
HEAT_TURNS = (0, 2)
PROGRESS_TURNS = (1, 3)
JOB_TURN = 1
MACHINE_TURN = 3

# When a broken object is asked again.
RETRY_AFTER_S = 60.0

Ask = Callable[[float], Status]
# Temperature and target of one source.
Pair = tuple[Optional[float], Optional[float]]

NUMBER = (int, float)
# What the fields that are read may be; one that is missing is well.
KINDS: dict[str, tuple[type, ...]] = {
    "temperature": (*NUMBER, type(None)),
    "target": (*NUMBER, type(None)),
    "progress": (*NUMBER, type(None)),
    "filament_used": NUMBER,
    "live_position": (list, tuple),
    "steppers": (dict,),
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
        self._job = "standby"
        self._extruding = False
        self._progress: Optional[float] = None
        self._filament_missing = False
        self._manual_probe = False
        self._motors_on = False
        self._heat: list[Pair] = []
        # Something is being heated.
        self._heats = False
        self._turn = 0
        self._sources: list[str] = list(wants["sources"])
        self._asks: dict[str, Ask] = {}
        self._left_out: dict[str, Ask] = {}
        names = [
            "print_stats",
            "pause_resume",
            "manual_probe",
            "stepper_enable",
            *filter(None, self._sources),
        ]
        if wants["progress"]:
            names += PROGRESS
        if wants["position"]:
            names.append("motion_report")
        for kind in FILAMENT_SENSORS:
            names += [name for name, _ in printer.lookup_objects(kind)]
        for name in names:
            self._take(name, name)
        self.follow_tool()

    def follow_tool(self) -> None:
        """Looks up which extruder is in use; the source ``extruder`` follows it."""
        toolhead = self._printer.lookup_object("toolhead", None)
        if ACTIVE_EXTRUDER in self._sources and toolhead is not None:
            now = self._printer.get_reactor().monotonic()
            status: Status = self._guard.call("toolhead", toolhead.get_status, now, default={})
            self._take(ACTIVE_EXTRUDER, status.get("extruder") or ACTIVE_EXTRUDER)
        self._bind()

    def pass_on(self, engine: Engine, now: float, whole: bool) -> bool:
        """Hands one sample to the engine, a part of it new, or the whole; returns whether the
        printer is busy.
        """
        if self._left_out and now >= min(self._broken.values(), default=now):
            self._take_back(now)
        try:
            return self._pass_on(engine, now, whole)
        except BaseException as error:
            if not is_ours_to_hold(error):
                raise
            self._drop_broken(now)
            return self._pass_on(engine, now, True)

    def heat(self) -> dict[str, Pair]:
        """Temperature and target of each source, as they were last read."""
        return {name: pair for name, pair in zip(self._sources, self._heat) if name}

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
        self._ask_probe = asks.get("manual_probe", _nothing)
        self._ask_steppers = asks.get("stepper_enable", _nothing)
        self._ask_position = asks.get("motion_report", _nothing)
        self._ask_progress = next((asks[name] for name in PROGRESS if name in asks), _nothing)
        self._ask_filament = [
            ask for name, ask in asks.items() if name.split(maxsplit=1)[0] in FILAMENT_SENSORS
        ]
        self._ask_heat = [asks.get(name, _nothing) for name in self._sources]

    def _pass_on(self, engine: Engine, now: float, whole: bool) -> bool:
        self._turn = (self._turn + 1) % 4
        if whole or self._turn in HEAT_TURNS:
            self._read_heat(now)
        if whole or self._turn in PROGRESS_TURNS:
            self._progress = self._ask_progress(now).get("progress")
        if whole or self._turn == JOB_TURN:
            self._read_job(now)
        if whole or self._turn == MACHINE_TURN:
            self._read_machine(now)
        engine.sample(
            self._job,
            self._extruding,
            self._filament_missing,
            self._manual_probe,
            self._motors_on,
            self._progress,
            _place(self._ask_position(now).get("live_position")),
            self._heat,
        )
        return self._heats or self._motors_on or self._manual_probe or self._job == "printing"

    def _read_job(self, now: float) -> None:
        stats = self._ask_stats(now)
        self._job = str(stats.get("state", "standby"))
        if self._job in PAUSABLE and self._ask_pause(now).get("is_paused"):
            self._job = "paused"
        self._extruding = stats.get("filament_used", 0.0) > 0.0

    def _read_machine(self, now: float) -> None:
        self._motors_on = any(self._ask_steppers(now).get("steppers", _EMPTY).values())
        self._manual_probe = bool(self._ask_probe(now).get("is_active"))
        self._filament_missing = self._lacks_filament(now)

    def _read_heat(self, now: float) -> None:
        heat = [ask(now) for ask in self._ask_heat]
        self._heat = [(status.get("temperature"), status.get("target")) for status in heat]
        self._heats = any(target for _, target in self._heat)

    def _lacks_filament(self, now: float) -> bool:
        for ask in self._ask_filament:
            status = ask(now)
            if status.get("enabled") and not status.get("filament_detected", True):
                return True
        return False

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


def _is_sound(ask: Ask, now: float) -> bool:
    status = ask(now)
    for field, kinds in KINDS.items():
        value = status.get(field)
        if field in status and not isinstance(value, kinds):
            raise TypeError("'%s' is %r" % (field, value))
    place = status.get("live_position")
    return place is None or all(isinstance(mm, NUMBER) for mm in place[:3])


def _place(live: Optional[Any]) -> Optional[tuple[float, float, float]]:
    # Extra axes may follow the three.
    return (live[0], live[1], live[2]) if live else None
