"""A throttle: so many things in any minute, and the count of the rest."""

from __future__ import annotations

from collections import deque

WINDOW_S = 60.0


class Throttle:
    """Lets things through while there were few of late."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._passed: deque[float] = deque()
        self._suppressed = 0

    def allow(self, now: float, reserve: int = 0) -> bool:
        """Whether one more may pass, with ``reserve`` places kept for what matters more."""
        if self.try_acquire(now, reserve):
            return True
        self._suppressed += 1
        return False

    def try_acquire(self, now: float, reserve: int = 0) -> bool:
        """The same, for what is not counted where it may not pass."""
        passed = self._passed
        while passed and now - passed[0] >= WINDOW_S:
            passed.popleft()
        if len(passed) >= self._limit - reserve:
            return False
        passed.append(now)
        return True

    def take_suppressed(self) -> int:
        """How many did not pass since this was last asked."""
        count, self._suppressed = self._suppressed, 0
        return count
