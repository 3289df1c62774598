"""Measures how long a G-code command waits for its answer, sent as a web interface does."""

from __future__ import annotations

import statistics
import threading
import time
from contextlib import closing, suppress
from typing import TYPE_CHECKING

from .api import Api
from .environment import BenchError

if TYPE_CHECKING:
    from .session import Session

# It moves nothing, waits for no move and prints nothing.
COMMAND = "SAVE_GCODE_STATE NAME=kbench"
PERIOD_S = 0.25


class Latency:
    """Sends the command repeatedly on its own connection; a context manager."""

    def __init__(self, session: Session) -> None:
        self._socket = session.socket
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        # The delay of each answer, in ms.
        self.waits_ms: list[float] = []

    def __enter__(self) -> Latency:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(30.0)

    def _run(self) -> None:
        with closing(Api(self._socket)) as api, suppress(BenchError):
            while not self._stop.wait(PERIOD_S):
                begun = time.monotonic()
                api.call("gcode/script", {"script": COMMAND}, 20.0)
                self.waits_ms.append(1000.0 * (time.monotonic() - begun))


def median(waits_ms: list[float]) -> float:
    """Returns the median of some delays, in ms."""
    return statistics.median(waits_ms)


def p99(waits_ms: list[float]) -> float:
    """Returns the time that 99 of 100 delays do not exceed, in ms."""
    return sorted(waits_ms)[int(0.99 * (len(waits_ms) - 1))]
