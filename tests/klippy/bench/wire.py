"""Compares what a chain of LEDs shows with the frames that the engine draws, over time.

The frames come from klippy, recorded by kbench_probe; what the chain shows is decoded from the
signal on the pin by the simulated device. Both have times of the same clock.
"""

from __future__ import annotations

import struct
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .session import Session

# A difference that the eye does not see, in steps of a byte.
INVISIBLE = 2
SAMPLE_S = 0.001

Timed = tuple[float, bytes]


def record(session: Session, strip: str, leds: int, seconds: float) -> tuple[list[Timed], list[Timed]]:
    """Records the engine's frames (RGBW) and the chain's data (GRB), with their times."""
    path = session.folder / "frames.bin"
    params = {"strip": strip, "seconds": seconds, "path": str(path)}
    session.api.call("kbench/frames", params)
    shown: list[Timed] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        data = session.led_devices.strip(leds)
        if not shown or shown[-1][1] != data:
            shown.append((time.monotonic(), data))
        time.sleep(SAMPLE_S)
    time.sleep(0.5)
    return list(_frames(path.read_bytes(), 4 * leds)), shown


def _frames(data: bytes, size: int) -> Iterable[Timed]:
    for at in range(0, len(data), 8 + size):
        (when,) = struct.unpack_from("<d", data, at)
        yield when, data[at + 8 : at + 8 + size]


def longest_difference_s(frames: list[Timed], shown: list[Timed]) -> float:
    """Returns how long a channel differed visibly from the newest frame, at most."""
    events = sorted([(when, 0, data) for when, data in frames] + [(w, 1, d) for w, d in shown])
    start = max(frames[0][0], shown[0][0]) + 1.0
    now: list[bytes] = [frames[0][1], shown[0][1]]
    since: dict[int, float] = {}
    longest = 0.0
    for when, kind, data in events:
        for began in since.values():
            longest = max(longest, when - began)
        now[kind] = data
        if when < start:
            continue
        wrong = set(_wrong(now[0], now[1]))
        since = {place: since.get(place, when) for place in wrong}
    return longest


def _wrong(frame: bytes, chain: bytes) -> Iterable[int]:
    """Yields the channels that differ visibly; the chain has green first."""
    for place, (channel, source) in enumerate(
        (3 * led + at, 4 * led + it) for led in range(len(chain) // 3) for at, it in ((0, 1), (1, 0), (2, 2))
    ):
        if abs(frame[source] - chain[channel]) > INVISIBLE:
            yield place
