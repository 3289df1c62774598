"""The console: what Lumen says there by itself, which is little, and never in the way.

At most ten messages in any minute, the last of them kept for errors; none while a job prints, but
errors; and a text that repeats within a minute is counted and shown once more with its count.
Replies to commands, see ``replies``, take places of the ten. All of it is in klippy.log too.
Nothing of Lumen's listens to the console, and its own faults go to the log alone, so
that it never feeds itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .guard import Guard
from .klipper import GCode, Printer, Reactor
from .text import to_line
from .throttle import WINDOW_S, Throttle

LIMIT = 10
# Places that only errors may take.
RESERVE = 2
# Texts whose repeats are counted.
MAX_RECENT = 4 * LIMIT


@dataclass
class _RecentMessage:
    """A text on the console: since when, and how often it came again."""

    sent_at: float
    is_error: bool
    repeat_count: int = 0


class Console:
    """The console of one printer, where it was asked for."""

    def __init__(self, printer: Printer, guard: Guard) -> None:
        self._printer = printer
        self._reactor: Reactor = printer.get_reactor()
        self._guard = guard
        self.is_on = False
        # Messages since the start.
        self.sends = 0
        self._throttle = Throttle(LIMIT)
        self._recent: dict[str, _RecentMessage] = {}
        self._suppressed = 0
        self._is_sending = False

    def write(self, text: str, is_error: bool = False) -> None:
        """Says something, if it may be said now."""
        # Whoever hears a message and makes Lumen say another is not answered.
        if not self.is_on or self._is_sending:
            return
        text = to_line(text)
        recent = self._recent.get(text)
        if recent is not None:
            recent.repeat_count += 1
            return
        if len(self._recent) >= MAX_RECENT:
            self._suppressed += 1
            return
        self._write_limited(self._reactor.monotonic(), text, text, is_error)

    def count_reply(self, now: float) -> None:
        """Counts a reply to a command, which takes a place if one is free."""
        self.sends += 1
        self._throttle.try_acquire(now)

    def update(self, now: float) -> None:
        """Tells what was counted, once its minute is over; to be called now and then."""
        for text, message in list(self._recent.items()):
            if now - message.sent_at < WINDOW_S:
                continue
            del self._recent[text]
            if message.repeat_count:
                again = "%s (again%s)" % (
                    text,
                    " %d times" % message.repeat_count * (message.repeat_count > 1),
                )
                self._write_limited(now, text, again, message.is_error)
        if self._suppressed and not self.is_printing(now) and self._throttle.allow(now, RESERVE):
            count, self._suppressed = self._suppressed, 0
            self._send("lumen: %d more messages are in klippy.log" % count)

    def is_printing(self, now: float) -> bool:
        """Whether a job prints; yes, where that cannot be message."""
        stats = self._printer.lookup_object("print_stats", None)
        if stats is None:
            return False
        status: dict[str, Any] = self._guard.call(
            "status of 'print_stats'", stats.get_status, now, default={"state": "printing"}
        )
        return status.get("state") == "printing"

    def _write_limited(self, now: float, key: str, text: str, is_error: bool) -> None:
        is_allowed = is_error or not self.is_printing(now)
        if not is_allowed or not self._throttle.allow(now, 0 if is_error else RESERVE):
            self._suppressed += 1
            return
        self._recent[key] = _RecentMessage(now, is_error)
        # A line that begins with '!!' is an error of the firmware for some hosts: they end the job.
        self._send("lumen: error: " + text.replace("lumen: ", "", 1) if is_error else text)

    def _send(self, text: str) -> None:
        self.sends += 1
        self._is_sending = True
        try:
            self._guard.call("console", self._respond, text, default=None)
        finally:
            self._is_sending = False

    def _respond(self, text: str) -> None:
        gcode: GCode = self._printer.lookup_object("gcode")
        # The log has it already.
        gcode.respond_info(text, log=False)
