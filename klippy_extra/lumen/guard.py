"""Keeps errors of Lumen away from Klipper, where they would stop the print.

An exception that leaves a reactor callback, an event handler, a command or get_status() shuts down
the printer. A guard wraps only Lumen's own code: it logs an exception once and returns a fallback.
GreenletExit, KeyboardInterrupt, SystemExit and the exceptions that a caller lists pass. It also
measures how long guarded calls block the reactor.
"""

from __future__ import annotations

import logging
import resource
import time
import traceback
from typing import TYPE_CHECKING, Any, Callable, NamedTuple, Optional, TypeVar

import klipper_lumen
from klipper_lumen import counted

if TYPE_CHECKING:
    from klipper_lumen.klipper_api import Printer, Reactor

T = TypeVar("T")
log = logging.getLogger(__name__)

# Minimum time between log lines about the same fault.
REPEAT_S = 60.0
# Maximum number of different faults that are tracked.
MAX_FAULTS = 64
# Maximum number of calls of a traceback in the log.
MAX_CALLS = 12

LIMITS = dict(klipper_lumen.limits())
LINE_CHARS = LIMITS["line_chars"]
SHOWN_CHARS = LIMITS["shown_chars"]
# How often a thread is polled.
POLL_S = 0.05
# Maximum lines of one message; the others are counted.
LINES = LIMITS["problems"] + 2


def should_catch(error: BaseException) -> bool:
    """Returns whether to catch an exception: an Exception, or a panic of the native engine.

    pyo3's PanicException derives from BaseException and has no importable name.
    """
    return isinstance(error, Exception) or type(error).__name__ == "PanicException"


class _Fault:
    """A kind of fault: when it was last logged, and how often it has occurred since."""

    def __init__(self, logged_at: float) -> None:
        self.logged_at = logged_at
        self.repeat_count = 0


class ClockReading(NamedTuple):
    """The time by three clocks."""

    # Wall clock, in seconds.
    wall_s: float
    # CPU time of this thread, in seconds.
    cpu_s: float
    # Voluntary context switches of this thread: waits for a lock, the GIL or a device.
    wait_count: int

    @classmethod
    def now(cls) -> ClockReading:
        usage = resource.getrusage(resource.RUSAGE_THREAD)
        return cls(time.perf_counter(), usage.ru_utime + usage.ru_stime, usage.ru_nvcsw)

    def wall_elapsed_s(self, end: ClockReading) -> float:
        """Returns the wall clock time until ``end``."""
        return end.wall_s - self.wall_s

    def own_elapsed_s(self, end: ClockReading) -> float:
        """Returns the time until ``end`` without the time that other programs used the CPU.

        If the thread has waited, returns the whole time, because the reason for waiting is unknown.
        """
        if end.wait_count != self.wait_count:
            return self.wall_elapsed_s(end)
        return min(end.cpu_s - self.cpu_s, self.wall_elapsed_s(end))


class Guard:
    """The guard of one printer; remembers which faults were logged."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._faults: dict[tuple[str, str], _Fault] = {}
        # When the outermost call began; None while none is active.
        self._since: Optional[ClockReading] = None
        # How long guarded calls block the reactor.
        self.holds = klipper_lumen.Holds(clock())

    def call(self, what: str, func: Callable[..., T], *args: object, default: T) -> T:
        """Calls ``func(*args)``; on a fault logs it as ``what`` and returns ``default``."""
        try:
            return func(*args)
        except BaseException as error:
            if not should_catch(error):
                raise
            self.report(what, error)
            return default

    def entry(
        self,
        what: str,
        func: Callable[..., T],
        fallback: Callable[[], T],
        passes: tuple[type[Exception], ...] = (),
    ) -> Callable[..., T]:
        """Returns a guarded ``func`` for Klipper to call; ``passes`` are not caught."""

        def enter(*args: object) -> T:
            # A nested call is part of the outer call's time.
            is_outermost = self._since is None
            if is_outermost:
                self._since = ClockReading.now()
            try:
                return func(*args)
            except BaseException as error:
                if isinstance(error, passes) or not should_catch(error):
                    raise
                self.report(what, error)
                return fallback()
            finally:
                if is_outermost:
                    self._add_hold()

        return enter

    def on(
        self,
        printer: Printer,
        event: str,
        handler: Callable[..., object],
        passes: tuple[type[Exception], ...] = (),
    ) -> None:
        """Registers a guarded handler of an event."""
        printer.register_event_handler(event, self.entry(event, handler, lambda: None, passes))

    def pause(self, reactor: Reactor, waketime: float) -> None:
        """Pauses until ``waketime``; the time does not count as blocked."""
        was_held = self._add_hold()
        try:
            reactor.pause(waketime)
        finally:
            self._since = ClockReading.now() if was_held else None

    def _add_hold(self) -> bool:
        """Adds the time of the outermost call to the totals; returns whether there was one."""
        since, self._since = self._since, None
        if since is None:
            return False
        end = ClockReading.now()
        self.holds.add(since.wall_elapsed_s(end), since.own_elapsed_s(end))
        return True

    def report(self, what: str, error: BaseException) -> None:
        """Logs a fault with its traceback; repeats are counted and logged once a minute."""
        key = (what, type(error).__name__)
        fault = self._faults.get(key)
        now = self._clock()
        if fault is None:
            if len(self._faults) < MAX_FAULTS:
                self._faults[key] = _Fault(now)
                calls = "".join(traceback.format_tb(error.__traceback__, -MAX_CALLS))
                log.error("lumen: %s\n%s", _describe(what, error), calls.rstrip())
            return
        fault.repeat_count += 1
        if now - fault.logged_at >= REPEAT_S:
            again = counted(fault.repeat_count, "time")
            log.error("lumen: %s (again %s)", _describe(what, error), again)
            fault.logged_at = now
            fault.repeat_count = 0


def _describe(what: str, error: BaseException) -> str:
    # The text of an exception may come from outside and have any length.
    return to_line("%s: %s: %s" % (what, type(error).__name__, error))


# Text from outside may contain anything. It must pass through these functions before it goes to
# klippy.log or the console.


def shorten(word: str) -> str:
    """Shortens a user's word for a message to 60 characters."""
    # One extra character, so that the function detects the cut.
    return klipper_lumen.shown(_encodable(word[: SHOWN_CHARS + 1]))


def to_line(text: str) -> str:
    """Converts a text to one line: escapes what is not printable and cuts what is too long."""
    if len(text) <= LINE_CHARS and text.isprintable():
        return text
    plain = "".join(map(_printable, text[: LINE_CHARS + 1]))
    return plain if len(plain) <= LINE_CHARS else plain[:LINE_CHARS] + "..."


def join_lines(texts: list[str], most: int = LINES) -> str:
    """Joins several lines to one message; by default as many as a config has problems."""
    kept = [to_line(text) for text in texts[:most]]
    if len(texts) > most:
        kept.append("and %d more" % (len(texts) - most))
    return "\n".join(kept)


def _printable(character: str) -> str:
    if character.isprintable():
        return character
    return character.encode("unicode_escape").decode("ascii")


def _encodable(text: str) -> str:
    """Replaces unpaired surrogates, which JSON may contain and UTF-8 does not."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


class Poller:
    """A guarded timer that polls a thread until the thread has ended."""

    def __init__(self, what: str, reactor: Reactor, guard: Guard) -> None:
        self._what = what
        self._reactor = reactor
        self._guard = guard
        self._timer: Any = None

    def start(self, poll: Callable[[float], float]) -> None:
        """Calls ``poll`` until it returns NEVER. It replaces an earlier one."""
        self.stop()

        def later() -> float:
            return self.next_poll(self._reactor.monotonic())

        entry = self._guard.entry(self._what, poll, later)
        self._timer = self._reactor.register_timer(entry, later())

    def next_poll(self, eventtime: float) -> float:
        """Returns when to poll again."""
        return eventtime + POLL_S

    def stop(self) -> None:
        """Stops polling; the thread may go on."""
        timer, self._timer = self._timer, None
        if timer is not None:
            self._reactor.unregister_timer(timer)
