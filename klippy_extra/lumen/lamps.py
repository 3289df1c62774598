"""Lamps: output pins of Klipper as lights, past the toolhead's queue.

SET_PIN always rides on the queue of moves and wakes the idle timeout. What templates use does
not: `gcrq.send_async_request` in Klipper since 2024 and in Kalico, the pin's own `_set_pin` with a
time before that. A pin that only the queue of moves can set is no lamp.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Optional

from .fixture import LEAD_S, SETTLE_S, Cost, Fixture, MisfitError, kind_of, mcu_of

if TYPE_CHECKING:
    from .klipper import Printer

# Klipper takes a change every 0.1 s; half of that leaves room for SET_PIN.
PERIOD_S = 0.2
# A pin that can only be on or off may be a relay.
SWITCH_PERIOD_S = 1.0

SET_COST = Cost(14.0, 0.0002)


class LampFixture(Fixture):
    """One output pin as a lamp: as bright as the brightest channel of its pixels."""

    def __init__(self, name: str, found: Any, pixels: int, send: Callable[[float], object]) -> None:
        """``send`` sets the pin, 0.0-1.0."""
        super().__init__(name, mcu_of(found), pixels)
        self._send = send
        self._is_switch = not getattr(found, "is_pwm", True)
        self._level: Optional[int] = None
        self.settle_s = SETTLE_S
        self.period_s = SWITCH_PERIOD_S if self._is_switch else PERIOD_S

    def forget(self) -> None:
        self._level = None

    def show(self, frame: bytes) -> Optional[Cost]:
        level = max(frame, default=0)
        if self._is_switch:
            level = 255 if level else 0
        if level == self._level:
            return None
        self._send(level / 255.0)
        self._level = level
        return SET_COST


def fit(printer: Printer, name: str, found: Any, told: dict[str, Any]) -> LampFixture:
    """The fixture of a lamp; raises MisfitError. ``told`` is what the engine says of the strip."""
    send = _sender(printer, name, found)
    # Klipper's pins take 0-1, whatever SET_PIN's scale is.
    scale = told["scale"]
    gain = 1.0 if scale is None else scale / float(getattr(found, "scale", 1.0))

    def dimmed(value: float) -> object:
        return send(min(value * gain, 1.0))

    return LampFixture(name, found, told["pixels"], dimmed)


def _sender(printer: Printer, name: str, found: Any) -> Callable[[float], object]:
    kind, reactor = kind_of(name), printer.get_reactor()
    request: Any = getattr(getattr(found, "gcrq", None), "send_async_request", None)
    set_pin: Any = getattr(found, "_set_pin", None)
    if kind not in ("output_pin", "pwm_cycle_time") or not (request or set_pin):
        raise MisfitError("it can only be set in step with the moves; a lamp is an [output_pin]")
    mcu = mcu_of(found)

    def send(value: float) -> None:
        print_time = mcu.estimated_print_time(reactor.monotonic()) + LEAD_S
        if request is not None:
            request(value, print_time)
        elif kind == "pwm_cycle_time":
            set_pin(print_time, value, found.last_cycle_time)
        else:
            set_pin(print_time, value)

    return send
