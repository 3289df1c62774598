"""Limits the updates of all LEDs on one MCU.

The strips on an MCU share one budget: bytes per second on the connection, and a share of the MCU's
time, because an MCU that sends a neopixel chain handles no other command. The next update waits
until the budget allows it and the last update is finished. A link that is behind shows the newest
frame; it has no queue. Pins have further conditions, see pin_schedule.py. While the printer homes
or probes, updates get a quarter of the budget.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Optional

from .guard import Guard, should_catch
from .led_adapter import SETTLE_S, Cost, LedAdapter
from .pin_schedule import Lateness
from .profile import UpdateTiming

if TYPE_CHECKING:
    from .klipper_api import Printer, Reactor

# The share of a serial line, which sends 10 bits per byte.
SERIAL_SHARE = 0.15
# A CAN bus of 1 Mbit/s carries 50-60 kB/s of payload; this is a tenth of it.
CAN_BYTES_PER_BIT = 0.005
# USB and processes on the host have no relevant byte limit, only a time limit.
FREE_BYTES_PER_S = 20_000.0
# The share of an MCU's time for sending chains.
MCU_SHARE = 0.1
# Divisor of the budget while the printer homes or probes.
QUIET_FACTOR = 4.0

# First and longest interval for checking whether an update is finished.
POLL_S, MAX_POLL_S = 0.004, 0.25
# A timer that runs this early counts as on time.
TOLERANCE_S = 1e-6
# A longer update is a fault. Failed updates are retried after RETRY_S, doubled each time.
STUCK_S = 2.0
RETRY_S, MAX_RETRY_S = 0.5, 30.0


class StripPart:
    """An adapter with its place on a strip and its state."""

    def __init__(self, adapter: LedAdapter, fetch: Callable[[StripPart], Optional[bytes]]) -> None:
        self.adapter = adapter
        self._fetch = fetch
        # Number of the frame that was last shown.
        self.shown_number = 0
        self.waiting: Optional[bytes] = None
        self.sent_at = 0.0
        # Earliest time of the next update.
        self.next_at = 0.0
        self.frames = 0
        self.wire_bytes = 0.0
        self.faults_in_a_row = 0
        self.fault = ""
        self.fault_at: Optional[float] = None
        # Measures updates while a profile is requested.
        self.timing: Optional[UpdateTiming] = None

    def has_new_frame(self) -> bool:
        """Returns whether there is a frame that was not shown yet."""
        frame = self._fetch(self)
        if frame is not None:
            self.waiting = frame
        return self.waiting is not None

    def show(self, now: float, frame: bytes) -> Optional[Cost]:
        """Shows a frame; returns None if nothing was written."""
        if self.timing is None:
            return self.adapter.show(frame)
        if self.timing.is_over(now):
            self.timing = None
            return self.adapter.show(frame)
        return self.timing.show(self.adapter.show, frame)

    def is_stuck(self, now: float) -> bool:
        """Returns whether the last update has taken too long."""
        return self.adapter.is_busy() and now - self.sent_at > STUCK_S

    def note_fault(self, now: float, error: BaseException) -> None:
        """Records a failed update and schedules the retry."""
        self.fault = "%s: %s" % (type(error).__name__, error)
        self.fault_at = now
        self.next_at = now + min(RETRY_S * 2.0**self.faults_in_a_row, MAX_RETRY_S)
        self.faults_in_a_row = min(self.faults_in_a_row + 1, 10)
        self.invalidate()

    def invalidate(self) -> None:
        """Forces the newest frame to be shown again completely."""
        self.shown_number = -1
        self.adapter.invalidate()


class McuLink:
    """One MCU with all parts on it, and one timer."""

    def __init__(
        self,
        printer: Printer,
        guard: Guard,
        mcu: Any,
        bytes_per_s: Optional[float],
        lateness: Lateness,
    ) -> None:
        self._reactor: Reactor = printer.get_reactor()
        self._guard = guard
        self._lateness = lateness
        self.mcu = mcu
        self.name = name_of(mcu)
        self.bytes_per_s = bytes_per_s or default_bytes_per_s(printer, mcu)
        self.parts: list[StripPart] = []
        self.is_quiet = False
        # Earliest time for the next update within the budget.
        self._budget_at = 0.0
        tick = guard.entry("LEDs on '%s'" % self.name, self._tick, self._later)
        self._timer: Any = self._reactor.register_timer(tick, self._reactor.NEVER)

    def wake(self) -> None:
        """Checks soon whether there is something to show."""
        if self._timer is not None:
            self._reactor.update_timer(self._timer, self._reactor.NOW)

    def stop(self) -> None:
        """Stops all updates."""
        timer, self._timer = self._timer, None
        if timer is not None:
            self._reactor.unregister_timer(timer)

    def is_gone(self) -> bool:
        """Returns whether this is a non-critical MCU of Kalico that is disconnected."""
        return bool(getattr(self.mcu, "non_critical_disconnected", False))

    def _later(self) -> float:
        return self._reactor.monotonic() + 1.0

    def _tick(self, now: float) -> float:
        if self._timer is None:
            return self._reactor.NEVER
        if self.is_gone():
            for part in self.parts:
                part.invalidate()
                # Kalico configures the MCU again after it reconnects.
                part.next_at = now + 1.0 + SETTLE_S
            return now + 1.0
        if now < self._budget_at - TOLERANCE_S:
            return self._budget_at
        wake_at = self._reactor.NEVER
        for index, part in enumerate(self.parts):
            self._collect_fault(part, now)
            has_new_frame = part.has_new_frame()
            if not has_new_frame and not part.adapter.is_busy():
                continue
            try:
                ready_at = self._ready_at(part, now)
            except BaseException as error:
                if not should_catch(error):
                    raise
                # Continue with the other parts.
                self._note_fault(part, now, error)
                ready_at = part.next_at
                has_new_frame = False
            if has_new_frame and ready_at <= now + TOLERANCE_S:
                # Start with the other parts next time.
                self.parts = self.parts[index + 1 :] + self.parts[: index + 1]
                return self._send(part, now)
            wake_at = min(wake_at, ready_at)
        return wake_at

    def _ready_at(self, part: StripPart, now: float) -> float:
        if part.adapter.is_busy():
            since = now - part.sent_at
            return now + min(max(POLL_S, since / 8.0), MAX_POLL_S)
        schedule = part.adapter.schedule
        if schedule is None or (part.faults_in_a_row and part.next_at > now):
            return part.next_at
        # By then a newer frame may be available, which is shown instead.
        return max(part.next_at, now + schedule.wait_s(), self._lateness.late_until())

    def _send(self, part: StripPart, now: float) -> float:
        """Shows the newest frame; returns the earliest time of the next update."""
        frame, part.waiting = part.waiting, None
        if frame is None:
            return now
        try:
            cost = part.show(now, frame)
        except BaseException as error:
            if not should_catch(error):
                raise
            part.waiting = frame
            self._note_fault(part, now, error)
            return now
        if cost is None:
            return now
        part.sent_at = now
        part.next_at = now + part.adapter.period_s
        part.frames += 1
        part.wire_bytes += cost.wire
        self._budget_at = now + self._budget_time_s(cost)
        return self._budget_at

    def _budget_time_s(self, cost: Cost) -> float:
        seconds = max(cost.wire / self.bytes_per_s, cost.mcu_s / MCU_SHARE)
        return seconds * (QUIET_FACTOR if self.is_quiet else 1.0)

    def _note_fault(self, part: StripPart, now: float, error: BaseException) -> None:
        part.note_fault(now, error)
        self._guard.report("LEDs '%s'" % part.adapter.name, error)

    def _collect_fault(self, part: StripPart, now: float) -> None:
        error, part.adapter.fault = part.adapter.fault, None
        if error is not None:
            self._note_fault(part, now, error)
        elif not part.adapter.is_busy() and part.sent_at > (part.fault_at or part.sent_at):
            part.faults_in_a_row = 0


def name_of(mcu: Any) -> str:
    """Returns Klipper's name of an MCU; empty if unknown."""
    get_name = getattr(mcu, "get_name", None)
    return str(get_name()) if get_name is not None else ""


def default_bytes_per_s(printer: Printer, mcu: Any) -> float:
    """Returns the bytes per second for light on the connection to an MCU, by its kind."""
    now = printer.get_reactor().monotonic()
    name = name_of(mcu)
    config = printer.lookup_object("configfile", None)
    settings = config.get_status(now).get("settings", {}) if config is not None else {}
    section = settings.get("mcu" if name == "mcu" else "mcu %s" % name.lower(), {})
    get_status = getattr(mcu, "get_status", None)
    constants = get_status(now).get("mcu_constants", {}) if get_status is not None else {}
    if "canbus_uuid" in section:
        return float(constants.get("CANBUS_FREQUENCY", 1_000_000)) * CAN_BYTES_PER_BIT
    baud = constants.get("SERIAL_BAUD")
    # An MCU that reports constants without a baud rate uses USB or runs on the host.
    if constants and baud is None:
        return FREE_BYTES_PER_S
    return float(baud or section.get("baud") or 250_000) / 10.0 * SERIAL_SHARE
