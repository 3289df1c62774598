"""Motion of the simulated klippy: linear moves over time, and the objects that report them."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Optional

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .core import PrinterCore
    from .thermal import Heaters

Point = tuple[float, float, float]
Range = tuple[float, float]

AXES = "xyz"


class Move:
    """One move: its start, its end and its time."""

    def __init__(
        self, start: float, end: float, origin: Point, target: Point, extruded: float = 0.0
    ) -> None:
        self.start = start
        self.end = end
        self.extruded = extruded
        self.origin = origin
        self.target = target

    def at(self, now: float) -> Point:
        """Returns the position on this move."""
        done = self.done(now)
        x, y, z = (a + (b - a) * done for a, b in zip(self.origin, self.target))
        return (x, y, z)

    def done(self, now: float) -> float:
        """Returns the completed part of this move, 0.0-1.0."""
        span = self.end - self.start
        return 1.0 if span <= 0.0 else min(max((now - self.start) / span, 0.0), 1.0)

    def velocities(self) -> tuple[float, float]:
        """Returns the speeds of the toolhead and the filament in mm/s."""
        span = self.end - self.start
        if span <= 0.0:
            return 0.0, 0.0
        distance = sum((a - b) ** 2 for a, b in zip(self.origin, self.target)) ** 0.5
        return distance / span, self.extruded / span


class Toolhead:
    """The printer object ``toolhead``."""

    def __init__(
        self,
        printer: PrinterCore,
        stepper_enable: StepperEnable,
        travel: Sequence[Range],
        extruder: str,
    ) -> None:
        self._printer = printer
        self._stepper_enable = stepper_enable
        printer.register_event_handler("stepper_enable:motor_off", self._motor_off)
        printer.register_event_handler("klippy:shutdown", self.halt)
        self._moves: deque[Move] = deque()
        self._rest: Point = (0.0, 0.0, 0.0)
        self._extruded = 0.0
        self.travel = list(travel)
        self.homed_axes = ""
        self.extruder = extruder

    @property
    def position(self) -> Point:
        """The end of the last queued move."""
        return self._moves[-1].target if self._moves else self._rest

    def busy_until(self) -> float:
        """Returns the end time of the last queued move, or the current time."""
        now = self._printer.reactor.monotonic()
        return max(now, self._moves[-1].end) if self._moves else now

    def move(self, target: Sequence[Optional[float]], speed: float, extruded: float = 0.0) -> None:
        """Queues a move in mm and mm/s; None keeps a coordinate."""
        origin = self.position
        x, y, z = (old if new is None else new for old, new in zip(origin, target))
        distance = sum((a - b) ** 2 for a, b in zip(origin, (x, y, z))) ** 0.5
        self.hold(max(distance, abs(extruded)) / max(speed, 0.1), (x, y, z), extruded)

    def hold(self, seconds: float, target: Optional[Point] = None, extruded: float = 0.0) -> None:
        """Queues a dwell, or a move to ``target``, of ``seconds``."""
        start = self.busy_until()
        place = self.position
        self._moves.append(Move(start, start + seconds, place, target or place, extruded))
        self._stepper_enable.turn_on()
        end = start + seconds
        self._printer.send_event("toolhead:sync_print_time", start, start, end)

    def wait(self) -> None:
        """Waits until the queue is empty (M400)."""
        reactor = self._printer.reactor
        while self.busy_until() > reactor.monotonic():
            reactor.pause(self.busy_until())
            self._printer.check_alive()

    def live_position(self, now: float) -> Point:
        """Returns the current position."""
        while self._moves and self._moves[0].end <= now:
            move = self._moves.popleft()
            self._rest = move.target
            self._extruded += move.extruded
        return self._moves[0].at(now) if self._moves else self._rest

    def live_extruded(self, now: float) -> float:
        """Returns the extruded length in mm."""
        self.live_position(now)
        move = self._moves[0] if self._moves else None
        return self._extruded + (move.extruded * move.done(now) if move else 0.0)

    def live_velocities(self, now: float) -> tuple[float, float]:
        """Returns the speeds of the toolhead and the filament in mm/s."""
        self.live_position(now)
        return self._moves[0].velocities() if self._moves else (0.0, 0.0)

    def halt(self) -> None:
        """Drops all moves."""
        self._rest = self.live_position(self._printer.reactor.monotonic())
        self._moves.clear()

    def _motor_off(self) -> None:
        self.homed_axes = ""

    def get_status(self, eventtime: float) -> dict[str, Any]:
        return {
            "position": [*self.position, 0.0],
            "homed_axes": self.homed_axes,
            "axis_minimum": [*(low for low, _ in self.travel), 0.0],
            "axis_maximum": [*(high for _, high in self.travel), 0.0],
            "extruder": self.extruder,
        }


class MotionReport:
    """The printer object ``motion_report``."""

    def __init__(self, toolhead: Toolhead) -> None:
        self._toolhead = toolhead

    def get_status(self, eventtime: float) -> dict[str, Any]:
        velocity, extruder_velocity = self._toolhead.live_velocities(eventtime)
        return {
            "live_position": [
                *self._toolhead.live_position(eventtime),
                self._toolhead.live_extruded(eventtime),
            ],
            "live_velocity": velocity,
            "live_extruder_velocity": extruder_velocity,
        }


class StepperEnable:
    """The printer object ``stepper_enable``."""

    def __init__(self, printer: PrinterCore) -> None:
        self._printer = printer
        self.steppers: dict[str, bool] = {"stepper_" + axis: False for axis in AXES}

    def turn_on(self) -> None:
        """Enables all motors."""
        self.steppers = dict.fromkeys(self.steppers, True)

    def turn_off(self) -> None:
        """Disables all motors (M84)."""
        self.steppers = dict.fromkeys(self.steppers, False)
        self._printer.send_event("stepper_enable:motor_off")

    def get_status(self, eventtime: float) -> dict[str, Any]:
        return {"steppers": dict(self.steppers)}


class IdleTimeout:
    """The printer object ``idle_timeout``; its state "Printing" means moving."""

    READY_S = 0.5

    def __init__(
        self,
        printer: PrinterCore,
        toolhead: Toolhead,
        stepper_enable: StepperEnable,
        heaters: Heaters,
        timeout: float,
    ) -> None:
        self._printer = printer
        self._toolhead = toolhead
        self._stepper_enable = stepper_enable
        self._heaters = heaters
        self.timeout = timeout
        self.state = "Idle"
        self._timer = printer.reactor.register_timer(self._check)
        printer.register_event_handler("toolhead:sync_print_time", self._note_motion)

    def _note_motion(self, start: float, print_time: float, until: float) -> None:
        self._printer.reactor.update_timer(self._timer, until + self.READY_S)
        if self.state != "Printing":
            self.state = "Printing"
            self._printer.send_event("idle_timeout:printing", until)

    def _check(self, eventtime: float) -> float:
        end = self._toolhead.busy_until()
        if end > eventtime:
            return end + self.READY_S
        if self.state == "Printing":
            self.state = "Ready"
            self._printer.send_event("idle_timeout:ready", eventtime)
            return eventtime + self.timeout
        self.state = "Idle"
        self._heaters.turn_off()
        self._stepper_enable.turn_off()
        self._printer.send_event("idle_timeout:idle", eventtime)
        return self._printer.reactor.NEVER

    def get_status(self, eventtime: float) -> dict[str, Any]:
        return {"state": self.state, "idle_timeout": self.timeout}


class HomingMove:
    """The argument of homing:homing_move_begin and homing:homing_move_end."""

    def __init__(self, names: list[str]) -> None:
        self.endstops: list[tuple[object, str]] = [(object(), name) for name in names]


class ManualProbe:
    """The printer object ``manual_probe``."""

    def __init__(self) -> None:
        self.is_active = False

    def get_status(self, eventtime: float) -> dict[str, Any]:
        return {"is_active": self.is_active}
