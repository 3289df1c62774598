"""The outputs on test doubles of their devices, which take as long as the real wire."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .environment import HERE, BenchError

if TYPE_CHECKING:
    from pathlib import Path

SOURCES = HERE.parents[1] / "doubles"


@dataclass(frozen=True)
class Double:
    """One kind of output without its hardware."""

    output: str
    # The file in tests/doubles to preload.
    source: str = ""
    # The environment of the double; `%d` is the number of pixels.
    variables: dict[str, str] = field(default_factory=dict)
    options: dict[str, str] = field(default_factory=dict)
    # Additional text of printer.cfg; `%d` is the number of pixels.
    config: str = ""
    led_mcu: bool = False
    longest: int = 10_000

    def environment(self, work: Path, pixels: int) -> dict[str, str]:
        """Returns klippy's environment; builds the double once for each work folder."""
        variables = {
            name: value % pixels if "%d" in value else value
            for name, value in self.variables.items()
        }
        if self.source:
            variables["LD_PRELOAD"] = str(build(self.source, work))
        return variables


DOUBLES = [
    Double("spi", "spidev.c", {"SPIDEV_WIRE": "1", "SPIDEV_BUFSIZ": "32768"}),
    Double("apa102", "spidev.c", {"SPIDEV_WIRE": "1", "SPIDEV_BUFSIZ": "32768"}),
    Double(
        "gpio",
        "pi.c",
        {"PI_MODEL": "Raspberry Pi 3 Model B Rev 1.2", "PI_REVISION": "a02082"},
        {"pin": "18"},
    ),
    Double(
        "pio",
        "leds.c",
        {
            "LEDS_COUNT": "%d",
            "LEDS_MODEL": "Raspberry Pi 5 Model B Rev 1.0",
            "LEDS_RELEASE": "6.12.62+rpt-rpi-2712\n",
        },
    ),
    Double("ddp", options={"host": "127.0.0.1"}),
    # The longest chain that Klipper accepts.
    Double(
        "klipper",
        options={"neopixel": "stress"},
        config="\n[neopixel stress]\npin: led:gpio40\nchain_count: %d\n",
        led_mcu=True,
        longest=166,
    ),
]


def build(source: str, work: Path) -> Path:
    """Builds a double once for each folder."""
    library = work / source.replace(".c", ".so")
    if library.exists():
        return library
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise BenchError("no gcc to build %s" % source)
    command = [compiler, "-O2", "-shared", "-fPIC", "-o", str(library), str(SOURCES / source)]
    done = subprocess.run([*command, "-ldl"], capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchError("%s does not build:\n%s" % (source, done.stderr))
    return library
