"""Schedules the writes of MCU pins, each of which has a time at which it takes effect.

A write that reaches the MCU after its time shuts down the MCU ("Timer too close"). So each write is
made a second ahead, only while Klipper runs on time, and only after the previous write has taken
effect. Klipper itself holds a write back until 0.1 s before its time, and a busy computer can lose
these 0.1 s. A command without effect, sent directly after the write, makes Klipper send both at
once.

The other writes of Lumen have no time that an MCU checks:

- neopixel, dotstar: `neopixel_update`, `neopixel_send` and `spi_send` run on arrival. Lumen passes
  no print time, and Klipper sends them at background priority.
- pca9533, pca9632: `i2c_write` also runs on arrival.
- SET_LED, for LEDs of other plug-ins, is sent with SYNC=0, so the object gets no time. A [led],
  whose pins need a time, is never written with SET_LED.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Optional

if TYPE_CHECKING:
    from .guard import Guard
    from .klipper_api import Printer, Reactor

# How far ahead pins are written; Klipper plans moves equally far ahead while printing.
LEAD_S = 1.0
# A reactor that is this late now, or was within the last LEAD_S, may use up the lead. Also the
# interval of the check.
LATE_S = LEAD_S / 10.0
# A write counts as pending for at most this time, because the MCU may have been reconnected.
MAX_PENDING_S = 10.0
# Added to a wait, so that it does not end exactly at the time of a write.
MARGIN_S = 0.001


class Lateness:
    """Detects with a timer whether the reactor runs its timers on time."""

    def __init__(self, reactor: Reactor, guard: Guard) -> None:
        self._reactor = reactor
        self._guard = guard
        self._timer: Any = None
        self._due = reactor.NEVER
        self._late_until = 0.0

    def start(self) -> None:
        """Starts the timer."""
        if self._timer is None:
            self._due = self._reactor.monotonic()
            tick = self._guard.entry("lateness", self._tick, self._next)
            self._timer = self._reactor.register_timer(tick, self._reactor.NOW)

    def stop(self) -> None:
        """Stops the timer."""
        timer, self._timer = self._timer, None
        if timer is not None:
            self._reactor.unregister_timer(timer)

    def late_until(self) -> float:
        """Returns until when no pin may be written; in the past if the reactor is on time."""
        # Not the time that the reactor passes to timers, which excludes the time that earlier
        # timers of the same round took.
        now = self._reactor.monotonic()
        if now - self._due > LATE_S:
            self._late_until = now + LEAD_S
        return self._late_until

    def _tick(self, _: float) -> float:
        self.late_until()
        return self._next()

    def _next(self) -> float:
        self._due = self._reactor.monotonic() + LATE_S
        return self._due


class PinSchedule:
    """The writes of one pin, or of pins that are written together."""

    def __init__(self, printer: Printer, mcu: Any, busy_until: Callable[[], float]) -> None:
        """``busy_until`` returns the print time before which the object accepts no write."""
        self._reactor: Reactor = printer.get_reactor()
        self._mcu = mcu
        self._busy_until = busy_until
        self._due = 0.0
        self._waiting_since: Optional[float] = None
        self._flush: Optional[Callable[[], object]] = None

    def write(self, set_pin: Callable[[float], object]) -> None:
        """Calls ``set_pin`` with the print time of a write made now."""
        now = self._reactor.monotonic()
        print_time = self._print_time(now) + LEAD_S
        set_pin(print_time)
        # The object may have delayed the write, after a SET_PIN.
        self._due = max(print_time, self._busy_until())
        self._waiting_since = None
        if self._flush is None:
            self._flush = flush_function(self._mcu)
        self._flush()

    def wait_s(self) -> float:
        """Returns the time until the last write, by anyone, has taken effect by the MCU's clock."""
        now = self._reactor.monotonic()
        left_s = max(self._due, self._busy_until()) - self._print_time(now)
        if left_s < 0.0:
            self._waiting_since = None
            return 0.0
        if self._waiting_since is None:
            self._waiting_since = now
        if now - self._waiting_since > MAX_PENDING_S:
            return 0.0
        return min(left_s, MAX_PENDING_S) + MARGIN_S

    def _print_time(self, now: float) -> float:
        return float(self._mcu.estimated_print_time(now))


class PinSchedules:
    """The schedules of all pins, by object. They outlive a reload: a write may be pending."""

    def __init__(self, printer: Printer) -> None:
        self._printer = printer
        self._by_name: dict[str, PinSchedule] = {}

    def of(self, name: str, mcu: Any, busy_until: Callable[[], float]) -> PinSchedule:
        """Returns the schedule of an object."""
        new = PinSchedule(self._printer, mcu, busy_until)
        return self._by_name.setdefault(name, new)


def flush_function(mcu: Any) -> Callable[[], object]:
    """Returns a function that makes Klipper send pending writes to an MCU now.

    `debug_nop` exists in every Klipper firmware. A command without a time is sent immediately,
    together with pending ones.
    """
    try:
        send: Callable[[], object] = mcu.lookup_command("debug_nop").send
    except Exception:  # noqa: BLE001 - what a missing command raises is Klipper's own
        # Another kind of MCU or another version of Klipper: it sends the write at its own time.
        return lambda: None
    return send
