"""Unsolicited messages of Lumen on the console.

At most ten messages a minute, the last two reserved for errors. During a job only errors are shown.
A message that repeats within a minute is counted and shown once more with its count. Replies to
commands (see ``replies``) count towards the ten. Everything is in klippy.log too. Lumen does not
read the console, and errors of this module go to the log only, so there is no feedback loop.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from klipper_lumen import counted

from .guard import Guard, to_line
from .klipper_api import GCode, Printer, Reactor
from .throttle import WINDOW_S, Throttle

LIMIT = 10
# Messages reserved for errors.
RESERVE = 2
# How many different messages are tracked for repeats.
MAX_RECENT = 4 * LIMIT


@dataclass
class _RecentMessage:
    """A message that was shown within the last minute."""

    sent_at: float
    is_error: bool
    repeat_count: int = 0


class Console:
    """The console of one printer; disabled unless the config enables it."""

    def __init__(self, printer: Printer, guard: Guard) -> None:
        self._printer = printer
        self._reactor: Reactor = printer.get_reactor()
        self._guard = guard
        self.is_on = False
        # Messages sent since the start.
        self.sends = 0
        self._throttle = Throttle(LIMIT)
        self._recent: dict[str, _RecentMessage] = {}
        self._suppressed = 0
        self._is_sending = False

    def write(self, text: str, is_error: bool = False) -> None:
        """Shows a message, if the limits allow it now."""
        # No reply to a plug-in that reacts to a message by causing another one.
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
        """Counts a reply to a command towards the limit."""
        self.sends += 1
        self._throttle.try_acquire(now)

    def update(self, now: float) -> None:
        """Shows the counts whose minute is over; must be called regularly."""
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
            self._send("lumen: %s in klippy.log" % counted(count, "more message"))

    def is_printing(self, now: float) -> bool:
        """Returns whether a job prints; True if that is unknown."""
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
        # Some hosts end the job at a line that begins with '!!', so errors do not use it.
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
        # It is in the log already.
        gcode.respond_info(text, log=False)
