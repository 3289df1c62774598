"""The first config of a printer: lumen.cfg, and the line in printer.cfg that includes it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Optional

from .. import config
from .printers import SetupError

if TYPE_CHECKING:
    from collections.abc import Sequence

FILE = "lumen.cfg"
INCLUDE = "[include lumen.cfg]"
MARK = "# Written by klipper-lumen setup. Change it as you like; setup does not write it again."
# Klipper's LED sections.
LED_KINDS = ("neopixel", "dotstar", "led", "pca9533", "pca9632")
# More LED sections than a first config shows.
MAX_CHAINS = 8

STRIP = """
[lumen_group case]
driver: gpio
gpio_pin: 10
index_end: {leds}
"""
# The same on other boards.
STRIP_ON_DEVICE = """
[lumen_group case]
driver: spi
device: {device}
index_end: {leds}
"""
CONTROLLER = """
[lumen_group case]
driver: ddp
host: {host}
index_end: {leds}
"""
CHAIN = """
[lumen_group {name}]
driver: klipper
{option}: {value}
index_end: {leds}
"""
EXAMPLE = """
# A WS281x strip on {place} of this computer: remove the # and write the number of LEDs.
"""


@dataclass(frozen=True)
class Wanted:
    """What the first config drives, besides Klipper's LED sections."""

    # LEDs on SPI of this computer, or of the controller.
    leds: Optional[int] = None
    # The address of a WLED controller.
    wled: Optional[str] = None
    # The SPI device of this computer; None on a Raspberry Pi, which has GPIO10.
    device: Optional[str] = None


def read(path: Path, is_kalico: bool) -> config.Config:
    """Reads a printer.cfg; raises SetupError."""
    try:
        return config.read(path, is_kalico)
    except config.ConfigFileError as error:
        raise SetupError(str(error)) from None


def text(found: config.Config, wanted: Wanted) -> str:
    """Returns a first config for the LEDs of a printer."""
    parts = [MARK, "\n\n[lumen]\n"]
    if wanted.wled is not None:
        parts.append(CONTROLLER.format(host=wanted.wled, leds=wanted.leds))
    elif wanted.leds is not None:
        parts.append(_strip(wanted, wanted.leds))
    chains = [chain for name in found.names() for chain in _chain(found, name)]
    parts += chains[:MAX_CHAINS]
    return "".join(parts if len(parts) > 2 else [*parts, _example(wanted)])


def _strip(wanted: Wanted, leds: int) -> str:
    """Returns the group of a strip on SPI of this computer."""
    if wanted.device is None:
        return STRIP.format(leds=leds)
    return STRIP_ON_DEVICE.format(device=wanted.device, leds=leds)


def _example(wanted: Wanted) -> str:
    """Returns such a group as a comment."""
    lines = _strip(wanted, 30).strip().splitlines()
    head = EXAMPLE.format(place=wanted.device or "GPIO10")
    return head + "".join("#%s\n" % line for line in lines)


def _chain(found: config.Config, name: str) -> list[str]:
    kind, _, own = name.partition(" ")
    options = found.sections[name].options
    pin = options.get("pin")
    is_ours = pin is not None and config.is_klipper_neopixel(name, pin.value)
    if kind not in LED_KINDS or not own or is_ours:
        return []
    count = options.get("chain_count")
    leds = count.value if count is not None else "1"
    option, value = ("neopixel", own) if kind == "neopixel" else ("led", name)
    return [CHAIN.format(name=own, option=option, value=value, leds=leds)]


def with_include(lines: Sequence[str]) -> str:
    """Returns the text of a printer.cfg with the include line above everything else."""
    has_line = any(line.strip() == INCLUDE for line in lines)
    return "".join(lines if has_line else [INCLUDE + "\n", *lines])


def without_include(lines: Sequence[str]) -> str:
    """Returns the text of a printer.cfg without the include line."""
    return "".join(line for line in lines if line.strip() != INCLUDE)


def lines_of(path: Path) -> list[str]:
    """Returns the lines of a file with their ends, as they are."""
    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        return file.readlines()


def replace_file(path: Path, text: str) -> None:
    """Writes a file completely or not at all; a link stays a link, permissions stay."""
    target = Path(os.path.realpath(path))
    part = target.with_name(target.name + ".lumen-part")
    try:
        with part.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            part.chmod(target.stat().st_mode & 0o7777)
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
