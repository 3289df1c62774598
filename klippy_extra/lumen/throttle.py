"""A rate limit per minute that counts what it rejects."""

from __future__ import annotations

from collections import deque

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
