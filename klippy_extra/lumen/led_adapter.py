"""A adapter: one of Klipper's own objects that shows some pixels of a strip.

LEDs and lamps are adapters, each kind behind its own adapter; what no adapter fits raises
`UnsupportedObjectError`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Optional

if TYPE_CHECKING:
    from .klipper import Printer
    from .schedule import PinSchedule

# Klipper schedules the first value of a pin 0.2 s after it has configured the MCU, and keeps back
# what comes later until that is out. What is due before that arrives too late then, and an MCU
# that gets a change too late shuts down.
SETTLE_S = 0.5
# More than this nobody sees on LEDs, and each update costs the reactor half a millisecond.
MIN_PERIOD_S = 1.0 / 30.0


class UnsupportedObjectError(Exception):
    """Why an object cannot be lit, in words for the user."""


class Cost(NamedTuple):
    """What one update takes of an MCU."""

    # Bytes on the line to it.
    wire: float
    # Seconds of its command task.
    mcu_s: float


class LedAdapter:
    """One object of Klipper that shows some pixels of a strip."""

    def __init__(self, name: str, mcu: Any, count: int) -> None:
        self.name = name
        # None where it is not known.
        self.mcu = mcu
        self.count = count
        # At least so long from one update to the next.
        self.period_s = MIN_PERIOD_S
        # So long after Klipper is ready it takes the first.
        self.settle_s = 0.0
        # Of pins, whose writes carry a time; None for what is sent at once.
        self.schedule: Optional[PinSchedule] = None
        # What a callback of the last update caught.
        self.fault: Optional[BaseException] = None

    def is_busy(self) -> bool:
        """Whether the last update is still on its way."""
        return False

    def invalidate(self) -> None:
        """Writes everything the next time."""

    def release(self, successor: Optional[LedAdapter]) -> bool:
        """Keeps what its successor on the same object does not have; whether that is anything."""
        return successor is None

    def show(self, frame: bytes) -> Optional[Cost]:
        """Writes what differs from the last time; None where nothing does.

        ``frame`` holds red, green, blue and white of each of ``count`` pixels. An error of the
        object passes.
        """
        raise NotImplementedError


def is_ready(printer: Printer) -> bool:
    """Whether Klipper runs: what is sent to an MCU of a printer that is shut down is lost."""
    return printer.get_state_message()[1] == "ready"


def kind_of(name: str) -> str:
    """The first word of a section's name."""
    return name.split(maxsplit=1)[0]


def mcu_of(obj: Any) -> Any:
    """The MCU that an object is connected to; None where it does not tell."""
    if hasattr(obj, "mcu"):
        return obj.mcu
    for part in ("spi", "i2c", "mcu_pin"):
        if hasattr(obj, part):
            return getattr(obj, part).get_mcu()
    pins = getattr(obj, "pins", None)
    return pins[0][1].get_mcu() if pins else None
