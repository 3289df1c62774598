"""Adapters for Klipper objects that show pixels of a strip.

`LedAdapter` is the common interface of LEDs and lamps. An object that no adapter supports raises
`UnsupportedObjectError`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Optional

if TYPE_CHECKING:
    from .klipper_api import Printer
    from .pin_schedule import PinSchedule

# Klipper schedules the first value of a pin 0.2 s after it has configured the MCU and holds back
# later values until then. A value that is due earlier reaches the MCU too late, and an MCU that
# gets a change too late shuts down.
SETTLE_S = 0.5
# Faster updates are not visible on LEDs, and each one costs the reactor half a millisecond.
MIN_PERIOD_S = 1.0 / 30.0


class UnsupportedObjectError(Exception):
    """Why an object is not supported, as text for the user."""


class Cost(NamedTuple):
    """What one update costs an MCU."""

    # Bytes on the connection.
    wire: float
    # Seconds of its command task.
    mcu_s: float


class LedAdapter:
    """A Klipper object that shows some pixels of a strip."""

    def __init__(self, name: str, mcu: Any, count: int) -> None:
        self.name = name
        # None if unknown.
        self.mcu = mcu
        self.count = count
        # Minimum time between updates.
        self.period_s = MIN_PERIOD_S
        # Delay of the first update after Klipper is ready.
        self.settle_s = 0.0
        # For pins, whose writes have a time; None for LEDs that are written immediately.
        self.schedule: Optional[PinSchedule] = None
        # The exception that a callback of the last update caught.
        self.fault: Optional[BaseException] = None

    def is_busy(self) -> bool:
        """Returns whether the last update is still in progress."""
        return False

    def invalidate(self) -> None:
        """Forces the next update to write everything."""

    def release(self, successor: Optional[LedAdapter]) -> bool:
        """Gives up the pixels that the successor on the same object drives; returns whether any are
        left.
        """
        return successor is None

    def show(self, frame: bytes) -> Optional[Cost]:
        """Writes what has changed since the last update; returns None if nothing has.

        ``frame`` contains red, green, blue and white of each of the ``count`` pixels. Exceptions of
        the object pass.
        """
        raise NotImplementedError


def is_ready(printer: Printer) -> bool:
    """Returns whether Klipper is ready: after a shutdown, commands to an MCU are lost."""
    return printer.get_state_message()[1] == "ready"


def kind_of(name: str) -> str:
    """Returns the first word of a section name."""
    return name.split(maxsplit=1)[0]


def mcu_of(obj: Any) -> Any:
    """Returns the MCU of an object; None if unknown."""
    if hasattr(obj, "mcu"):
        return obj.mcu
    for part in ("spi", "i2c", "mcu_pin"):
        if hasattr(obj, part):
            return getattr(obj, part).get_mcu()
    pins = getattr(obj, "pins", None)
    return pins[0][1].get_mcu() if pins else None
