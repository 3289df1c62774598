"""Compares what a chain of LEDs shows with the frames that the engine draws, over time.

kbench_probe records both in klippy: the frames, and the commands `neopixel_update` and
`neopixel_send`. A chain shows new data when the MCU has answered `neopixel_send`.
"""

from __future__ import annotations

import struct
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .session import Session

# A difference that the eye does not see, in steps of a byte.
INVISIBLE = 2
# The time from a frame to the LEDs: a frame of the engine, and the connection to the MCU.
WIRE_S = 0.03

Timed = tuple[float, bytes]


def record(
    session: Session, strip: str, leds: int, seconds: float
) -> tuple[list[Timed], list[Timed]]:
    """Records the engine's frames (RGBW) and the chain's data (GRB), with their times."""
    folder = session.folder
    params = {"strip": strip, "seconds": seconds, "folder": str(folder)}
    session.api.call("kbench/frames", params)
    time.sleep(seconds + 1.0)
    frames = _frames((folder / "frames.bin").read_bytes(), 4 * leds)
    return list(frames), list(_shown((folder / "wire.bin").read_bytes(), 3 * leds))


def _frames(data: bytes, size: int) -> Iterator[Timed]:
    for at in range(0, len(data), 8 + size):
        (when,) = struct.unpack_from("<d", data, at)
        yield when, data[at + 8 : at + 8 + size]


def _shown(data: bytes, size: int) -> Iterator[Timed]:
    """Yields what the chain shows after each `neopixel_send`."""
    chain = bytearray(size)
    at = 0
    while at < len(data):
        when, position, length = struct.unpack_from("<dHH", data, at)
        at += struct.calcsize("<dHH")
        chain[position : position + length] = data[at : at + length]
        at += length
        # The first entry is what it showed before.
        if length in (0, size):
            yield when, bytes(chain)


def longest_difference_s(frames: list[Timed], shown: list[Timed]) -> float:
    """Returns how long a channel differed visibly from the frames of the last WIRE_S, at most."""
    events = [(when, 0, data) for when, data in frames] + [(when, 1, data) for when, data in shown]
    start = max(frames[0][0], shown[0][0]) + 1.0
    recent: list[Timed] = []
    chain = shown[0][1]
    since: dict[int, float] = {}
    longest = 0.0
    for when, is_chain, data in sorted(events):
        longest = max([longest, *(when - began for began in since.values())])
        if is_chain:
            chain = data
        else:
            # The newest frame before the window was the newest one at its start.
            old = [frame for frame in recent if frame[0] < when - WIRE_S]
            recent = [*old[-1:], *recent[len(old) :], (when, data)]
        if when < start:
            continue
        wrong = set(_wrong(recent[-1][1], chain))
        for _, frame in recent[:-1]:
            if wrong:
                wrong &= set(_wrong(frame, chain))
        since = {place: since.get(place, when) for place in wrong}
    return longest


def _wrong(frame: bytes, chain: bytes) -> Iterator[int]:
    """Yields the channels that differ visibly; the chain has green first."""
    for led in range(len(chain) // 3):
        for place, channel in enumerate((1, 0, 2)):
            if abs(frame[4 * led + channel] - chain[3 * led + place]) > INVISIBLE:
                yield 3 * led + place
