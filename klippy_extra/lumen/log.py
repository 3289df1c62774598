"""Messages of Lumen: in klippy.log, in the warnings of web interfaces, and on the console.

The render thread never logs. It queues notices and signals an eventfd. The reactor then calls
`Notices` on Klipper's own thread, and each notice is logged with Rust's `log`, which pyo3-log
passes to Python's `logging` as ``lumen.engine``.

Klipper's configfile object keeps each warning until a restart and ignores a text that it had
before. `KlipperWarnings` also removes a warning when its problem is solved, and shows it again when
the problem returns. A Klipper whose lists have other names keeps the warnings.

The `Console` shows at most ten messages a minute, the last two reserved for errors. During a job
only errors are shown. A message that repeats within a minute is counted and shown once more with
its count. Replies to commands count towards the ten. Everything is in klippy.log too. Lumen does
not read the console, and errors of the console go to the log only, so there is no feedback loop.
"""

from __future__ import annotations

import logging
import re
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable, Optional

from klipper_lumen import counted

from .guard import Guard, to_line
from .klipper_api import ConfigFile, GCode, Printer, Reactor

if TYPE_CHECKING:
    from klipper_lumen import Engine, Notice

log = logging.getLogger(__name__)

WINDOW_S = 60.0


class Throttle:
    """Allows a limited number of events in any minute."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._passed: deque[float] = deque()
        self._suppressed = 0

    def allow(self, now: float, reserve: int = 0) -> bool:
        """Returns whether an event is allowed, with ``reserve`` places kept for important ones."""
        if self.try_acquire(now, reserve):
            return True
        self._suppressed += 1
        return False

    def try_acquire(self, now: float, reserve: int = 0) -> bool:
        """Does the same without counting rejected events."""
        passed = self._passed
        while passed and now - passed[0] >= WINDOW_S:
            passed.popleft()
        if len(passed) >= self._limit - reserve:
            return False
        passed.append(now)
        return True

    def take_suppressed(self) -> int:
        """Returns and resets the number of rejected events."""
        count, self._suppressed = self._suppressed, 0
        return count


# Maximum number of different texts for a printer object, because Klipper keeps all of them.
MAX_TEXTS = 32
# The lists in Klipper, and in Kalico, which builds the second from the first.
LISTS = ("runtime_warnings", "status_warnings")
KIND = "runtime_warning"


class KlipperWarnings:
    """Lumen's warnings in the configfile object of one printer object."""

    def __init__(self, configfile: Optional[ConfigFile]) -> None:
        self._configfile = configfile
        # All texts that Klipper has received.
        self._known: set[str] = set()

    def show(self, text: str) -> None:
        """Logs a warning and shows it."""
        # Older versions of Klipper do not have it.
        show: Optional[Callable[[str], None]] = getattr(self._configfile, KIND, None)
        if show is None or (text not in self._known and len(self._known) >= MAX_TEXTS):
            log.warning("%s", text)
        elif text not in self._known:
            # It also logs the text.
            show(text)
            self._known.add(text)
        else:
            log.warning("%s", text)
            entry = {"type": KIND, "message": text}
            self._replace(lambda entries: entries if entry in entries else [*entries, entry])

    def remove(self, texts: set[str]) -> None:
        """Removes warnings that Lumen has shown."""
        removed = [{"type": KIND, "message": text} for text in texts & self._known]
        if removed:
            self._replace(lambda entries: [entry for entry in entries if entry not in removed])

    def _replace(self, change: Callable[[list[object]], list[object]]) -> None:
        # Klipper sees only new lists as a change of its status.
        for name in LISTS:
            entries = getattr(self._configfile, name, None)
            if isinstance(entries, list):
                setattr(self._configfile, name, change(entries))


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


# Maximum lines per minute; the others are counted. The log belongs to the printer.
BURST = 20
# Maximum number of different warnings that are shown for a printer object.
MAX_SHOWN = 32
# What warnings about the config are about; a reload replaces them. It is no name of strips.
CONFIG = "the config"
# The suffix that the engine adds to a repeated notice.
REPEAT_SUFFIX = re.compile(r" \(again(?: \d+ times?)?\)$")


class Notices:
    """Delivers the notices of one engine while the printer object exists."""

    def __init__(
        self,
        printer: Printer,
        guard: Guard,
        on_message: Callable[[str, bool], None],
        on_change: Callable[[], None],
    ) -> None:
        """``on_message`` receives each text and whether it is an error. ``on_change`` is called
        after each notice, because notices also change the status.
        """
        self._reactor: Reactor = printer.get_reactor()
        self._klipper = KlipperWarnings(printer.lookup_object("configfile", None))
        self._guard = guard
        self._on_change = on_change
        self._engine: Optional[Engine] = None
        self._handler: Any = None
        # The current warnings in order, each with the strips that it is about.
        self._shown: dict[str, Optional[str]] = {}
        self._throttle = Throttle(BURST)
        self._on_message = on_message

    def start(self, engine: Engine) -> None:
        """Starts to listen for notices."""
        self._engine = engine
        callback = self._guard.entry("notices", self._on_readable, self.stop)
        self._handler = self._reactor.register_fd(engine.notice_fd(), callback)

    def stop(self) -> None:
        """Stops listening. Must be called before the engine closes its descriptor."""
        self._engine = None
        handler, self._handler = self._handler, None
        if handler is not None:
            self._reactor.unregister_fd(handler)

    def warn(self, text: str, about: Optional[str] = None) -> None:
        """Logs a warning and shows it in the web interfaces, once while it is current.

        ``about`` names the strips whose recovery clears it, or is CONFIG.
        """
        text = to_line(text)
        if text in self._shown:
            return
        if len(self._shown) >= MAX_SHOWN:
            if self._may_log():
                log.warning("%s", text)
            return
        self._shown[text] = about
        self._on_change()
        self._klipper.show(text)

    def clear_warnings(self, about: str) -> None:
        """Clears the warnings about strips that have recovered, or about a replaced config."""
        cleared = {text for text, subject in self._shown.items() if subject == about}
        if cleared:
            for text in cleared:
                del self._shown[text]
            self._guard.call("warnings", self._klipper.remove, cleared, default=None)
            self._on_change()

    def warnings(self) -> list[str]:
        """Returns the current warnings, oldest first."""
        return list(self._shown)

    def _on_readable(self, _: float) -> None:
        self._on_change()
        if self._engine is not None:
            for notice in self._engine.notices():
                self.log_notice(notice)

    def log_notice(self, notice: Notice) -> None:
        """Logs a notice, unless the limit per minute is reached."""
        level, about = notice.level, notice.about
        # Web interfaces identify a warning by its text, so the text must not contain a count.
        constant = REPEAT_SUFFIX.sub("", to_line(notice.text))
        if about is not None and level == "info":
            self.clear_warnings(about)
        if not self._may_log():
            return
        self._on_message(constant, level == "error")
        is_new = level == "warning" and constant not in self._shown
        if is_new and len(self._shown) < MAX_SHOWN:
            self.warn(constant, about)
        else:
            notice.log()

    def _may_log(self) -> bool:
        if not self._throttle.allow(self._reactor.monotonic()):
            return False
        suppressed = self._throttle.take_suppressed()
        if suppressed:
            log.warning("lumen: %s not logged", counted(suppressed, "notice"))
        return True
