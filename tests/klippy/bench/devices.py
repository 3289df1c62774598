"""Reads and sets the simulated devices through the memory that mcu_sim.c shares."""

from __future__ import annotations

import mmap
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

COUNTERS = [
    "magic",
    "boots",
    "pid",
    "gpio_writes",
    "gpio_reads",
    "adc_reads",
    "pwm_writes",
    "spi_writes",
    "spi_bytes",
    "i2c_writes",
    "ws_frames",
    "ws_bytes",
    "clock_lost_ns",
    "clock_stalls",
]
PINS, AXES, TEMPERATURES, PWMS, WS_BYTES = 64, 8, 8, 16, 3072

# Offsets within struct shared.
PIN = 8 * len(COUNTERS)
PIN_SIZE = 16
AXIS = PIN + PIN_SIZE * PINS
SIZE = AXIS + 8 * (2 * AXES + 2 * TEMPERATURES + 2 * PWMS) + WS_BYTES

# Returns a pin to the simulation.
FREE = -1


class Devices:
    """A view of one simulator's state."""

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), SIZE)

    def counters(self) -> dict[str, int]:
        """Returns the counters of the micro-controller program."""
        return dict(zip(COUNTERS, struct.unpack_from("<%dQ" % len(COUNTERS), self._map, 0)))

    def strip(self, leds: int) -> bytes:
        """Returns the last bytes sent to a ws2812 strip, in wire order."""
        return bytes(self._map[SIZE - WS_BYTES : SIZE - WS_BYTES + 3 * leds])

    def wire(self, size: int) -> bytes:
        """Returns the first bytes of the last transfer to a ws2812 strip, for any kind of LED."""
        return bytes(self._map[SIZE - WS_BYTES : SIZE - WS_BYTES + size])

    def force_pin(self, pin: int, value: int) -> None:
        """Sets an input pin to 0 or 1, or returns it to the simulation."""
        struct.pack_into("<i", self._map, PIN + PIN_SIZE * pin + 12, value)
