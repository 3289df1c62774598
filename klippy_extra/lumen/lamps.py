"""Lamps: Klipper's output pins as lights, written without the toolhead's queue.

SET_PIN always uses the queue of moves and resets the idle timeout. Template updates do not: they
use `gcrq.send_async_request` in Klipper since 2024 and in Kalico, and the pin's `_set_pin` with a
time before that. A pin that can only be set by the queue of moves is not supported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Optional

from .led_adapter import SETTLE_S, Cost, LedAdapter, UnsupportedObjectError, kind_of, mcu_of
from .pin_schedule import LEAD_S, PinSchedule

if TYPE_CHECKING:
    from .klipper_api import Printer

# Includes the command that makes Klipper send it at once.
SET_COST = Cost(20.0, 0.0002)


class LampAdapter(LedAdapter):
    """An output pin as a lamp: as bright as the brightest channel of its pixels."""

    def __init__(
        self,
        name: str,
        obj: Any,
        pixels: int,
        schedule: PinSchedule,
        set_pin: Callable[[float, float], object],
    ) -> None:
        """``set_pin`` takes a print time and a level from 0.0 to 1.0."""
        super().__init__(name, mcu_of(obj), pixels)
        self._set_pin = set_pin
        self.schedule: PinSchedule = schedule
        self._is_switch = not getattr(obj, "is_pwm", True)
        self._level: Optional[int] = None
        self.settle_s = SETTLE_S
        # Only one write may be pending. A switched pin may also be a relay.
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
    """Creates the adapter of a lamp.

    ``strip_info`` is the engine's description of the strip. Raises UnsupportedObjectError.
    """
    set_pin = _setter(name, obj)
    # Klipper's pins take 0-1, independent of the scale of SET_PIN.
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
            "its value is synchronized with moves; a lamp must be an [output_pin]"
        )
    if request is not None:
        return lambda print_time, value: request(value, print_time)
    if hasattr(obj, "last_cycle_time"):
        # A [pwm_cycle_time], and every pin of Klipper until January 2024.
        return lambda print_time, value: set_pin(print_time, value, obj.last_cycle_time)
    setter: Callable[[float, float], object] = set_pin
    return setter


def _busy_until(obj: Any) -> float:
    """Returns the print time of the pin's last write by anyone, as far as known."""
    queue = getattr(obj, "gcrq", None)
    times = (getattr(queue, "next_min_flush_time", 0.0), getattr(obj, "last_print_time", 0.0))
    return max(times)
