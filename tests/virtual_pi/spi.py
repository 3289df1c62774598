"""Group 3: spidev: permissions, buffer, and the bytes on the wire from the kernel's trace."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .machine import Machine
from .table import Table, expect, expect_in, expect_not_in

TRACING = "/sys/kernel/tracing"
EVENT = TRACING + "/events/spi/spi_transfer_start/enable"
LINE = re.compile(r"spi_transfer_start: \S+ \S+ len=(\d+) tx=\[([0-9a-f-]*)\]")
# The kernel writes the first bytes of a transfer.
TRACED = 64
PYTHON = "klippy-env/bin/python"
LUMEN = "klippy-env/bin/klipper-lumen"
PIXELS = 60


@dataclass(frozen=True)
class Transfer:
    """A transfer: its length and its first bytes."""

    length: int
    head: bytes


@dataclass(frozen=True)
class Strip:
    """A kind of strip, with the bytes of a lit and of a dark pixel."""

    name: str
    config: str
    length: int
    lit: bytes
    dark: bytes

    def is_dark(self, transfer: Transfer) -> bool:
        return self.is_shown(transfer, self.dark)

    def is_shown(self, transfer: Transfer, pixel: bytes) -> bool:
        wanted = (bytes(4) + pixel * PIXELS)[:TRACED]
        return transfer == Transfer(self.length, wanted)


def ws281x(pixel: bytes, one: str) -> bytes:
    """Encodes a pixel as the datasheets draw it: four SPI bits for each bit."""
    bits = "".join(one if byte >> bit & 1 else "1000" for byte in pixel for bit in range(7, -1, -1))
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


STRIPS = (
    # Green, red, blue; four zero bytes before and 16 after.
    Strip(
        "WS2812",
        "ws2812.cfg",
        4 + 12 * PIXELS + 16,
        ws281x(b"\x00\xff\x00", "1110"),
        ws281x(bytes(3), "1110"),
    ),
    Strip(
        "SK6812 with white",
        "sk6812.cfg",
        4 + 16 * PIXELS + 16,
        ws281x(b"\x00\xff\x00\x00", "1100"),
        ws281x(bytes(4), "1100"),
    ),
    # Brightness, blue, green, red.
    Strip(
        "APA102",
        "apa102.cfg",
        4 + 4 * PIXELS + 4 + 4,
        b"\xff\xff\x00\x00",
        b"\xe0\x00\x00\x00",
    ),
)


class Trace:
    """Records the SPI transfers of the kernel."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def __enter__(self) -> Trace:
        self._machine.run("echo 0 > %s/tracing_on; echo 1 > %s" % (TRACING, EVENT)).must()
        self.clear()
        return self

    def __exit__(self, *_: object) -> None:
        self._machine.run("echo 0 > %s" % EVENT)

    def clear(self) -> None:
        self._machine.run("echo > %s/trace; echo 1 > %s/tracing_on" % (TRACING, TRACING)).must()

    def transfers(self) -> list[Transfer]:
        """Returns the transfers without repeats."""
        # Equal frames are sent again and again, and the console is slow.
        command = "sed -n 's/.*\\(spi_transfer_start: spi0.0\\) [0-9a-fx]*/\\1 x/p'"
        text = self._machine.run("%s %s/trace | uniq" % (command, TRACING), 120).must()
        return [
            Transfer(int(length), bytes.fromhex(head.replace("-", "")))
            for length, head in LINE.findall(text)
        ]


def check(table: Table, machine: Machine) -> None:
    """Runs the checks of the first boot, with the default buffer."""
    light = "%s tools/light.py strips/%%s 4" % PYTHON
    with table.check("without the group spi: the kernel's refusal, with the command that helps"):
        found = machine.as_user(light % "ws2812.cfg", 120).output
        expect_in("cannot open /dev/spidev0.0: Permission denied", found)
        expect_in("sudo usermod -a -G spi pi", found)
    with table.check("doctor names the command too"):
        found = machine.as_user("%s doctor strips/ws2812.cfg" % LUMEN, 120).output
        expect_in("sudo usermod -a -G spi $USER", found)
    with table.check("after that command the strip is lit"):
        machine.as_user("sudo usermod -a -G spi pi").must()
        found = machine.as_user(light % "ws2812.cfg", 120).output
        expect_in('"health": "ok"', found)
    for strip in STRIPS:
        _bytes(table, machine, strip)
    _report(table, machine)
    with table.check("the kernel has no complaint about SPI"):
        expect_not_in("unsupported mode bits", machine.run("dmesg").must())
    with table.check("400 pixels do not fit into the default buffer: the message says so"):
        found = machine.as_user(light % "long.cfg", 120).output
        expect_in("400 pixels are too many for the SPI buffer: its 4096 bytes carry 339", found)
        expect_in("spidev.bufsiz=32768", found)


def _bytes(table: Table, machine: Machine, strip: Strip) -> None:
    with (
        table.check("%s: the bytes of a lit frame, and of blank" % strip.name),
        Trace(machine) as trace,
    ):
        machine.as_user("%s tools/light.py strips/%s 4" % (PYTHON, strip.config), 120)
        sent = trace.transfers()
        expect(sent and strip.is_shown(sent[-1], strip.lit), "no lit frame in %s" % sent[-3:])
        trace.clear()
        machine.as_user("%s blank strips/%s" % (LUMEN, strip.config), 120).must()
        sent = trace.transfers()
        expect(sent and strip.is_dark(sent[-1]), "no dark frame in %s" % sent[-3:])


def _report(table: Table, machine: Machine) -> None:
    with table.check("report has the model, the kernel and the frames, and no names"):
        command = "%s report strips/ws2812.cfg --seconds 3" % LUMEN
        found = machine.as_user(command + " 2>/dev/null", 120).must()
        expect_in("model: Raspberry Pi 3 Model B", found)
        expect_in("kernel: ", found)
        expect_in("strip 1: spi, 60 pixels, ok, ", found)
        for name in ("raspberrypi", "/home/pi", "case"):
            expect_not_in(name, found)


def check_long_buffer(table: Table, machine: Machine) -> None:
    """Runs the check of the second boot, with spidev.bufsiz=32768."""
    with table.check("with spidev.bufsiz=32768, 400 pixels are lit"), Trace(machine) as trace:
        machine.as_user("%s tools/light.py strips/long.cfg 4" % PYTHON, 120)
        lengths = {transfer.length for transfer in trace.transfers()}
        expect(4 + 12 * 400 + 16 in lengths, "transfers of %s bytes" % sorted(lengths))
