"""The event loop of the simulated klippy: timers, file descriptors and pauses.

It runs on the real clock, or on a manual clock that jumps from timer to timer. It has no greenlets:
a callback that pauses runs the loop recursively until its wake time, so nested pauses end in
reverse order. Klipper's G-code mutex allows one script at a time, so this makes no difference for
scripts. But if a print file's command waits during a step of time, the step takes as long as that
command.
"""

from __future__ import annotations

import select
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Callable, Literal, Optional

if TYPE_CHECKING:
    from collections.abc import Iterator

Clock = Literal["manual", "real"]

# Timers within this time of each other run in one step of the manual clock.
GRAIN_S = 1e-9


class ReactorError(Exception):
    """A pause where Klipper forbids one."""


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
    """The event loop."""

    NOW = 0.0
    NEVER = 9999999999999999.0

    def __init__(self, clock: Clock = "manual") -> None:
        self._manual = clock == "manual"
        self._now = 0.0
        self._timers: list[Timer] = []
        self._files: dict[int, FileHandler] = {}
        self._poll = select.poll()
        self._no_pause = 0
        # Called for each step of the manual clock, before the timers of the new time run.
        self.on_step: Optional[Callable[[float], None]] = None
        # Called with an exception that leaves a callback; None raises it.
        self.on_fault: Optional[Callable[[BaseException], None]] = None

    def monotonic(self) -> float:
        return self._now if self._manual else time.monotonic()

    def register_timer(self, callback: Callable[[float], float], waketime: float = NEVER) -> Timer:
        timer = Timer(callback, waketime)
        self._timers.append(timer)
        return timer

    def update_timer(self, timer_handler: Timer, waketime: float) -> None:
        # As in Klipper, the return value of a running timer takes priority.
        if not timer_handler.is_running:
            timer_handler.waketime = waketime

    def unregister_timer(self, timer_handler: Timer) -> None:
        timer_handler.waketime = self.NEVER
        self._timers.remove(timer_handler)

    def register_callback(self, callback: Callable[[float], object], waketime: float = NOW) -> None:
        """Calls ``callback`` once."""

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
        """Forbids pauses inside the context."""
        self._no_pause += 1
        try:
            yield
        finally:
            self._no_pause -= 1

    def pause(self, waketime: float) -> float:
        """Runs everything else until ``waketime``."""
        if self._no_pause:
            raise ReactorError("Internal error - reactor pause disabled")
        self.run_until(waketime)
        return self.monotonic()

    def run_until(self, end: float) -> None:
        """Runs all timers until ``end``; always runs those that are due now."""
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
        """Advances the manual clock without running timers, like a busy computer."""
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
        except BaseException as error:  # noqa: BLE001 - _fault raises system exits
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
