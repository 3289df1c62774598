"""The event loop of the klippy double: timers, file descriptors and pauses.

It runs on a manual clock, which moves only when told and jumps from timer to timer, or on the real
one. There are no greenlets: a callback that pauses runs the loop inside itself until its time has
come, so pauses end in the reverse order of their beginning. For one script at a time, which is
what Klipper's G-code mutex allows, that is the same; but a step of time that meets a print file's
waiting command takes as long as that command does.
"""

from __future__ import annotations

import select
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Callable, Literal, Optional

if TYPE_CHECKING:
    from collections.abc import Iterator

Clock = Literal["manual", "real"]

# A manual clock reaches timers that fall due within this of each other in one step.
GRAIN_S = 1e-9


class ReactorError(Exception):
    """A pause where Klipper allows none."""


class Timer:
    """A registered timer."""

    def __init__(self, callback: Callable[[float], float], waketime: float) -> None:
        self.callback = callback
        self.waketime = waketime
        self.is_running = False


class FileHandler:
    """A registered file descriptor."""

    def __init__(self, fd: int, read_callback: Callable[[float], object]) -> None:
        self.fd = fd
        self.read_callback = read_callback


class Reactor:
    """Timers and descriptors in order of time."""

    NOW = 0.0
    NEVER = 9999999999999999.0

    def __init__(self, clock: Clock = "manual") -> None:
        self._manual = clock == "manual"
        self._now = 0.0
        self._timers: list[Timer] = []
        self._files: dict[int, FileHandler] = {}
        self._poll = select.poll()
        self._no_pause = 0
        # Told of every step of a manual clock, before the timers of the new time run.
        self.on_step: Optional[Callable[[float], None]] = None
        # Takes what a callback lets escape; without it, the exception passes.
        self.on_fault: Optional[Callable[[BaseException], None]] = None

    def monotonic(self) -> float:
        return self._now if self._manual else time.monotonic()

    def register_timer(self, callback: Callable[[float], float], waketime: float = NEVER) -> Timer:
        timer = Timer(callback, waketime)
        self._timers.append(timer)
        return timer

    def update_timer(self, timer_handler: Timer, waketime: float) -> None:
        # What a running timer returns wins, in Klipper too.
        if not timer_handler.is_running:
            timer_handler.waketime = waketime

    def unregister_timer(self, timer_handler: Timer) -> None:
        timer_handler.waketime = self.NEVER
        self._timers.remove(timer_handler)

    def register_callback(self, callback: Callable[[float], object], waketime: float = NOW) -> None:
        """Calls back once."""

        def once(eventtime: float) -> float:
            self.unregister_timer(timer)
            callback(eventtime)
            return self.NEVER

        timer = self.register_timer(once, waketime)

    def register_fd(self, fd: int, read_callback: Callable[[float], object]) -> FileHandler:
        handler = FileHandler(fd, read_callback)
        self._files[fd] = handler
        self._poll.register(fd, select.POLLIN)
        return handler

    def unregister_fd(self, file_handler: FileHandler) -> None:
        self._poll.unregister(file_handler.fd)
        del self._files[file_handler.fd]

    @contextmanager
    def assert_no_pause(self) -> Iterator[None]:
        """Forbids pauses within."""
        self._no_pause += 1
        try:
            yield
        finally:
            self._no_pause -= 1

    def pause(self, waketime: float) -> float:
        """Lets everything else run until ``waketime``."""
        if self._no_pause:
            raise ReactorError("Internal error - reactor pause disabled")
        self.run_until(waketime)
        return self.monotonic()

    def run_until(self, end: float) -> None:
        """Runs all that falls due until ``end``, and once what is due now."""
        while True:
            self._serve_files(0.0)
            due = self._due()
            if due is not None:
                self._run(due)
                continue
            now = self.monotonic()
            if now >= end:
                return
            wake = min([end] + [t.waketime for t in self._timers if not t.is_running])
            self._wait(max(wake - now, 0.0))

    def stall(self, seconds: float) -> None:
        """Lets a manual clock go on while no timer runs, as a computer does that is too busy."""
        self._now += seconds
        if self.on_step is not None:
            self.on_step(seconds)

    def _wait(self, seconds: float) -> None:
        if not self._manual:
            self._serve_files(min(seconds, 1.0))
            return
        self._now += seconds
        if self.on_step is not None and seconds > 0.0:
            self.on_step(seconds)

    def _due(self) -> Optional[Timer]:
        limit = self.monotonic() + (GRAIN_S if self._manual else 0.0)
        due = [t for t in self._timers if t.waketime <= limit and not t.is_running]
        return min(due, key=lambda timer: timer.waketime, default=None)

    def _run(self, timer: Timer) -> None:
        timer.is_running = True
        timer.waketime = self.NEVER
        try:
            timer.waketime = timer.callback(self.monotonic())
        except BaseException as error:  # noqa: BLE001 - _fault raises what must pass
            self._fault(error)
        finally:
            timer.is_running = False

    def _serve_files(self, timeout: float) -> None:
        for fd, _ in self._poll.poll(timeout * 1000.0):
            handler = self._files.get(fd)
            if handler is None:
                continue
            try:
                handler.read_callback(self.monotonic())
            except BaseException as error:  # noqa: BLE001 - as above
                self._fault(error)

    def _fault(self, error: BaseException) -> None:
        if self.on_fault is None or isinstance(error, (KeyboardInterrupt, SystemExit)):
            raise error
        self.on_fault(error)
