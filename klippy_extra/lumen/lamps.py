"""Lamps: output pins of Klipper as lights, past the toolhead's queue.

SET_PIN always rides on the queue of moves and wakes the idle timeout. What templates use does
not: `gcrq.send_async_request` in Klipper since 2024 and in Kalico, the pin's own `_set_pin` with a
time before that. A pin that only the queue of moves can set is no lamp.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Optional

from .led_adapter import SETTLE_S, Cost, LedAdapter, UnsupportedObjectError, kind_of, mcu_of
from .schedule import LEAD_S, PinSchedule

if TYPE_CHECKING:
    from .klipper import Printer

# With what makes Klipper send it.
SET_COST = Cost(20.0, 0.0002)


class LampAdapter(LedAdapter):
    """One output pin as a lamp: as bright as the brightest channel of its pixels."""

    def __init__(
        self,
        name: str,
        obj: Any,
        pixels: int,
        schedule: PinSchedule,
        set_pin: Callable[[float, float], object],
    ) -> None:
        """``set_pin`` takes a print time and a level, 0.0-1.0."""
        super().__init__(name, mcu_of(obj), pixels)
        self._set_pin = set_pin
        self.schedule: PinSchedule = schedule
        self._is_switch = not getattr(obj, "is_pwm", True)
        self._level: Optional[int] = None
        self.settle_s = SETTLE_S
        # One write is pending at a time; a pin that can only be on or off may be a relay, too.
        self.period_s = LEAD_S

    def invalidate(self) -> None:
        self._level = None

    def show(self, frame: bytes) -> Optional[Cost]:
        level = max(frame, default=0)
        if self._is_switch:
            level = 255 if level else 0
        if level == self._level:
            return None
        self.schedule.write(lambda print_time: self._set_pin(print_time, level / 255.0))
        self._level = level
        return SET_COST


def make_adapter(printer: Printer, name: str, obj: Any, strip_info: dict[str, Any]) -> LampAdapter:
    """The adapter of a lamp; raises UnsupportedObjectError. ``strip_info`` is what the engine says of the strip."""
    set_pin = _setter(name, obj)
    # Klipper's pins take 0-1, whatever SET_PIN's scale is.
    scale = strip_info["scale"]
    gain = 1.0 if scale is None else scale / float(getattr(obj, "scale", 1.0))

    def dimmed(print_time: float, value: float) -> object:
        return set_pin(print_time, min(value * gain, 1.0))

    schedule = PinSchedule(printer, mcu_of(obj), lambda: _busy_until(obj))
    return LampAdapter(name, obj, strip_info["pixels"], schedule, dimmed)


def _setter(name: str, obj: Any) -> Callable[[float, float], object]:
    kind = kind_of(name)
    request: Any = getattr(getattr(obj, "gcrq", None), "send_async_request", None)
    set_pin: Any = getattr(obj, "_set_pin", None)
    if kind not in ("output_pin", "pwm_cycle_time") or not (request or set_pin):
        raise UnsupportedObjectError(
            "it can only be set in step with the moves; a lamp is an [output_pin]"
        )
    if request is not None:
        return lambda print_time, value: request(value, print_time)
    if hasattr(obj, "last_cycle_time"):
        # A [pwm_cycle_time], and any pin of Klipper until January 2024.
        return lambda print_time, value: set_pin(print_time, value, obj.last_cycle_time)
    setter: Callable[[float, float], object] = set_pin
    return setter


def _busy_until(obj: Any) -> float:
    """The print time of the last write by anyone, as far as the pin knows."""
    queue = getattr(obj, "gcrq", None)
    times = (getattr(queue, "next_min_flush_time", 0.0), getattr(obj, "last_print_time", 0.0))
    return max(times)
