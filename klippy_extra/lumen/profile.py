"""Measures how long updates of LEDs block the reactor, while a profile is requested."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Callable, Optional

if TYPE_CHECKING:
    from .led_adapter import Cost


class UpdateTiming:
    """Measures updates until a given time."""

    def __init__(self, until: float) -> None:
        self._until = until
        self.times_us: list[float] = []

    def is_over(self, now: float) -> bool:
        """Returns whether the measurement is over."""
        return now >= self._until

    def show(self, show: Callable[[bytes], Optional[Cost]], frame: bytes) -> Optional[Cost]:
        """Shows a frame and measures it; failed and empty updates do not count."""
        start = time.perf_counter()
        cost = show(frame)
        if cost is not None:
            self.times_us.append((time.perf_counter() - start) * 1e6)
        return cost
