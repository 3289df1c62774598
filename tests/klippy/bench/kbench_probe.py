"""A Klippy extra of the bench: how late a reactor timer is, and the frames that Lumen draws.

[kbench_probe]

The endpoint "kbench/lag" returns a summary in milliseconds; {"reset": 1} starts again.
The endpoint "kbench/frames" records for some seconds, in two files, the frames that Lumen draws for
a strip, and the commands to the [neopixel] of the same name.
"""

from __future__ import annotations

import struct
import sys
import threading
import time
from pathlib import Path
from typing import Any

PERIOD_S = 0.005
# Buckets of 20 us up to 200 ms; the last one has all longer times.
STEP_S = 0.00002
BUCKETS = 10000
# How often the newest frame is read while frames are recorded.
FRAME_POLL_S = 0.003


class Histogram:
    """A histogram of delays."""

    def __init__(self) -> None:
        self._buckets: list[int] = [0] * (BUCKETS + 1)
        self._count = 0
        self._max = 0.0

    def add(self, value: float) -> None:
        """Counts one delay in seconds."""
        self._buckets[min(max(int(value / STEP_S), 0), BUCKETS)] += 1
        self._count += 1
        self._max = max(self._max, value)

    def _quantile_ms(self, share: float) -> float:
        need, seen = self._count * share, 0
        for index, count in enumerate(self._buckets):
            seen += count
            if count and seen >= need:
                return round((index + 0.5) * STEP_S * 1000.0, 3)
        return 0.0

    def summary(self) -> dict[str, float]:
        """Returns the quantiles in milliseconds."""
        return {
            "lag_count": self._count,
            "lag_p50_ms": self._quantile_ms(0.5),
            "lag_p99_ms": self._quantile_ms(0.99),
            "lag_p999_ms": self._quantile_ms(0.999),
            "lag_max_ms": round(self._max * 1000.0, 3),
            "lag_over_10ms": sum(self._buckets[int(0.010 / STEP_S) :]),
        }


class Probe:
    """The timer and its histogram."""

    def __init__(self, config: Any) -> None:
        self._printer = printer = config.get_printer()
        self._reactor = printer.get_reactor()
        self._lag = Histogram()
        self._expected = 0.0
        printer.register_event_handler("klippy:ready", self._ready)
        self._wire: Any = None
        self._watch(sys.modules["mcu"])
        webhooks = printer.lookup_object("webhooks")
        webhooks.register_endpoint("kbench/lag", self._answer)
        webhooks.register_endpoint("kbench/frames", self._record)

    def _ready(self) -> None:
        self._expected = self._reactor.monotonic() + PERIOD_S
        self._reactor.register_timer(self._tick, self._expected)

    def _tick(self, eventtime: float) -> float:
        now = self._reactor.monotonic()
        self._lag.add(now - self._expected)
        # On a fixed grid, so that one late tick does not hide the delay of the next.
        self._expected += PERIOD_S
        if self._expected < now:
            self._expected = now + PERIOD_S
        return self._expected

    def _answer(self, web_request: Any) -> None:
        now = self._reactor.monotonic()
        web_request.send({"eventtime": now, "lag": self._lag.summary()})
        if web_request.get_int("reset", 0):
            self._lag = Histogram()

    def _record(self, web_request: Any) -> None:
        engine = self._printer.lookup_object("lumen")._engine
        strip, folder = web_request.get_str("strip"), Path(web_request.get_str("folder"))
        chain = self._printer.lookup_object("neopixel " + strip)
        end = time.monotonic() + web_request.get_float("seconds")
        wire = (folder / "wire.bin").open("wb")
        self._wire = wire
        self._note_wire(0, bytes(chain.old_color_data))

        def run() -> None:
            last = b""
            with (folder / "frames.bin").open("wb") as file:
                while time.monotonic() < end:
                    frame = engine.frame(strip)
                    if frame != last:
                        file.write(struct.pack("<d", time.monotonic()) + frame)
                        last = frame
                    time.sleep(FRAME_POLL_S)
            self._wire = None
            time.sleep(0.1)
            wire.close()

        threading.Thread(target=run, daemon=True).start()

    def _note_wire(self, position: int, data: bytes) -> None:
        """Records a piece of data for a chain; an empty one shows what was sent before."""
        if self._wire is not None:
            self._wire.write(struct.pack("<dHH", time.monotonic(), position, len(data)) + data)

    def _watch(self, mcu: Any) -> None:
        """Records the commands to chains, as klippy hands them to the connection."""
        send, query = mcu.CommandWrapper.send, mcu.CommandQueryWrapper.send

        def watched_send(wrapper: Any, data: Any = (), *args: Any, **options: Any) -> Any:
            if wrapper._cmd.name == "neopixel_update":
                self._note_wire(data[1], bytes(data[2]))
            return send(wrapper, data, *args, **options)

        def watched_query(wrapper: Any, *args: Any, **options: Any) -> Any:
            answer = query(wrapper, *args, **options)
            if wrapper._cmd.name == "neopixel_send" and answer["success"]:
                self._note_wire(0, b"")
            return answer

        mcu.CommandWrapper.send, mcu.CommandQueryWrapper.send = watched_send, watched_query


def load_config(config: Any) -> Probe:
    """Creates the printer object of [kbench_probe]."""
    return Probe(config)
