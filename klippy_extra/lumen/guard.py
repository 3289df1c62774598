"""Guards: no mistake of Lumen's may reach Klipper, where it would stop the print.

An exception that leaves a reactor callback, an event handler, a command or get_status() shuts the
printer down. A guard stands round Lumen's own lines, and only these: it logs, once, and answers
with a fallback. It lets pass what is not ours to hold: GreenletExit, KeyboardInterrupt,
SystemExit, and the polite errors that a caller names. It also adds up the time that guarded
entries hold the reactor.
"""

from __future__ import annotations

import logging
import resource
import time
import traceback
from typing import TYPE_CHECKING, Callable, NamedTuple, Optional, TypeVar

from .text import to_line

if TYPE_CHECKING:
    from .klipper import Reactor

T = TypeVar("T")
log = logging.getLogger(__name__)

# A fault that repeats is logged_at again no more often than this.
REPEAT_S = 60.0
# The share of the reactor is logged_at of the last full window of this length.
WINDOW_S = 10.0
# So many different faults are logged_at apart; a table that grows without end is a leak.
MAX_FAULTS = 64
# Innermost calls of a traceback in the log.
MAX_CALLS = 12


def should_catch(error: BaseException) -> bool:
    """Whether an exception is a plain fault: an Exception, or a panic of the native engine.

    pyo3's PanicException derives from BaseException and has no importable name.
    """
    return isinstance(error, Exception) or type(error).__name__ == "PanicException"


class _Fault:
    """One kind of fault: how often it came since it was last logged_at, and when that was."""

    def __init__(self, logged_at: float) -> None:
        self.logged_at = logged_at
        self.repeat_count = 0


class HoldHistogram:
    """How long single calls held the reactor: a histogram of bounded size, exact to 1/16."""

    # Buckets of one doubling.
    _STEPS = 16
    # The last one takes all from 16 s on.
    _SIZE = _STEPS * 21

    def __init__(self) -> None:
        self.counts = [0] * self._SIZE
        self.max_s = 0.0

    def add(self, seconds: float) -> None:
        """Counts a call."""
        micros = int(seconds * 1e6)
        shift = max(micros.bit_length() - 5, 0)
        bucket = shift * self._STEPS + (micros >> shift)
        self.counts[min(bucket, self._SIZE - 1)] += 1
        self.max_s = max(self.max_s, seconds)

    def clear(self) -> None:
        """Begins to count again."""
        self.counts = [0] * self._SIZE
        self.max_s = 0.0

    def quantile_s(self, share: float) -> float:
        """The time within which this share of the calls was done."""
        left = sum(self.counts) * (1.0 - share)
        for bucket in range(self._SIZE - 1, -1, -1):
            left -= self.counts[bucket]
            if left < 0.0:
                shift = max(bucket // self._STEPS - 1, 0)
                edge = (bucket - shift * self._STEPS + 1) << shift
                return min(edge * 1e-6, self.max_s)
        return 0.0


class ClockReading(NamedTuple):
    """When a call began, by three clocks."""

    # Seconds of the wall clock.
    wall_s: float
    # Seconds that this thread has had of a processor.
    cpu_s: float
    # How often this thread has waited: for a lock, for Python's, for a device.
    wait_count: int

    @classmethod
    def now(cls) -> ClockReading:
        usage = resource.getrusage(resource.RUSAGE_THREAD)
        return cls(time.perf_counter(), usage.ru_utime + usage.ru_stime, usage.ru_nvcsw)

    def wall_elapsed_s(self, end: ClockReading) -> float:
        """How long the reactor was held until then."""
        return end.wall_s - self.wall_s

    def own_elapsed_s(self, end: ClockReading) -> float:
        """The same without the time that other programs had the processor.

        A call that waited counts as a whole: what it waited for is not known.
        """
        if end.wait_count != self.wait_count:
            return self.wall_elapsed_s(end)
        return min(end.cpu_s - self.cpu_s, self.wall_elapsed_s(end))


class Guard:
    """The guards of one printer, with their memory of what was logged."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._faults: dict[tuple[str, str], _Fault] = {}
        # Since when the outermost entry holds the reactor; None while none does.
        self._since: Optional[ClockReading] = None
        # Seconds that guarded entries have held the reactor.
        self.held_s = 0.0
        # The time of each call, since Klipper was ready and in the running window of figures.
        self.holds = HoldHistogram()
        self.recent_holds = HoldHistogram()
        # Since Klipper was ready, without the time that other programs had the processor.
        self.own_holds = HoldHistogram()
        # The same in milliseconds a second, over the last full window.
        self.share_ms_per_s = 0.0
        self._window = (clock(), 0.0)

    def call(self, what: str, func: Callable[..., T], *args: object, default: T) -> T:
        """Calls ``func(*args)``; logs a fault as ``what`` and returns ``default`` instead."""
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
        """A guarded form of ``func`` to hand to Klipper; ``passes`` are the errors it may raise."""

        def enter(*args: object) -> T:
            # An entry within an entry is part of the outer one's time.
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

    def pause(self, reactor: Reactor, waketime: float) -> None:
        """Lets everything else run until then; an entry that wait_count does not hold the reactor."""
        was_held = self._add_hold()
        try:
            reactor.pause(waketime)
        finally:
            self._since = ClockReading.now() if was_held else None

    def _add_hold(self) -> bool:
        """Adds up what the outermost entry held; whether there was one."""
        since, self._since = self._since, None
        if since is None:
            return False
        end = ClockReading.now()
        held_s = since.wall_elapsed_s(end)
        self.held_s += held_s
        self.holds.add(held_s)
        self.recent_holds.add(held_s)
        self.own_holds.add(since.own_elapsed_s(end))
        return True

    def reset_totals(self) -> None:
        """Counts the calls since Klipper was ready from now on."""
        self.holds.clear()
        self.own_holds.clear()

    def update_window(self, now: float) -> None:
        """Ends a window when its time has come; to be called now and then."""
        start, held_s = self._window
        if now - start >= WINDOW_S:
            self.share_ms_per_s = (self.held_s - held_s) * 1000.0 / (now - start)
            self._window = (now, self.held_s)

    def report(self, what: str, error: BaseException) -> None:
        """Logs a fault with its traceback; repeats are counted and logged_at once a minute."""
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
            log.error("lumen: %s (again %d times)", _describe(what, error), fault.repeat_count)
            fault.logged_at = now
            fault.repeat_count = 0


def _describe(what: str, error: BaseException) -> str:
    # The text of an exception may be anything that came from outside, of any length.
    return to_line("%s: %s: %s" % (what, type(error).__name__, error))
