"""Produces the outputs that the documents show: on the console, in klippy.log and in a terminal."""

from __future__ import annotations

import errno
import grp
import logging
import os
import re
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Callable

import pytest

from klipper_lumen import install
from klipper_lumen.cli import check, doctor
from klipper_lumen.sim import Printer
from klipper_lumen.sim.gcode import CommandError
from tests.klippy.bench.doubles import build
from tests.klippy.bench.environment import BenchError
from tests.python.test_install import make_tree

if TYPE_CHECKING:
    from pathlib import Path

# Numbers and the kind of the processor differ.
NUMBER = re.compile(r"\d+(\.\d+)?")
PROCESSOR = re.compile(r"linux-\w+")
# The place of a warning in a file.
PLACE = re.compile(r"printer\.cfg:\d+: ")

GPIO10 = "[lumen]\n[lumen_group case]\ndriver: gpio\ngpio_pin: 10\nindex_end: 30\n"
SPI = "[lumen]\n[lumen_strip case]\ndriver: spi\ncount: 30\n[lumen_group case]\nstrip: case\n"
SAVED = """[printer]
kinematics: none

[lumen]

[lumen_group case]
driver: spi
index_end: 30

#*# <---------------------- SAVE_CONFIG ---------------------->
#*# DO NOT EDIT THIS BLOCK OR BELOW. The contents are auto-generated.
#*#
#*# [bltouch]
#*# z_offset = 1.0

[fan]
pin: PA1
"""
HEATING = "[lumen_group case]\ndriver: memory\non_heating: thermal bed ice lava\n"
# A klippy that cannot open its strip.
REFUSED = """
import logging, sys
from klipper_lumen.sim import Printer

logging.basicConfig(format="%(message)s", stream=sys.stdout)
printer = Printer(sys.argv[1], clock="real").start().advance(0.3)
printer.close()
"""


def has(printed: list[str], line: str) -> bool:
    """Returns whether a line of a document was printed; its dots stand for any text."""
    wanted = re.compile(".*".join(re.escape(_common(it)) for it in line.strip().split("...")))
    return any(wanted.fullmatch(_common(it)) for it in printed)


def _common(line: str) -> str:
    return PROCESSOR.sub("linux", NUMBER.sub("0", line))


class Lights:
    """A simulated printer, and what it prints."""

    def __init__(self, names: str = "case", config: str = "", **options: str) -> None:
        groups = "".join("[lumen_group %s]\ndriver: memory\n" % name for name in names.split())
        head = "[extruder]\n[heater_bed]\n"
        self.printer = Printer(head + (config or "[lumen]\n" + groups), **options)  # type: ignore[arg-type]
        self.printer.start().advance(0.5)

    def run(self, *script: str) -> list[str]:
        """Runs commands; returns the lines on the console."""
        before = len(self.printer.gcode.output)
        for line in script:
            with suppress(CommandError):
                self.printer.run(line).advance(0.3)
        lines = "\n".join(self.printer.gcode.output[before:]).splitlines()
        self.printer.close()
        return lines


def _status_of_a_dark_strip(_: Path) -> list[str]:
    return Lights(config=GPIO10, clock="real").run("LUMEN_STATUS")


def _statistics(_: Path) -> list[str]:
    lights = Lights()
    line = lights.printer.lookup_object("lumen").stats(lights.printer.now)[1]
    lights.run()
    return [line]


def checked(config: str) -> Callable[[Path], list[str]]:
    """The warnings of `check`, with their places and without."""

    def lines(folder: Path) -> list[str]:
        path = folder / "printer.cfg"
        path.write_text(config)
        found = [str(it).replace(str(folder) + "/", "") for it in check.check(path)[1]]
        return found + [PLACE.sub("", it) for it in found]

    return lines


def _examined(folder: Path) -> list[str]:
    """The doctor on a Raspberry Pi 3 without SPI."""
    tree = make_tree(folder / "klipper", kalico=False)
    for step in install.plan_install(install.find(str(tree))):
        step.do()
    config = folder / "printer.cfg"
    config.write_text(SPI)
    root = folder / "root"
    (root / "proc" / "device-tree").mkdir(parents=True)
    (root / "proc" / "device-tree" / "model").write_text("Raspberry Pi 3 Model B Plus Rev 1.3\0")
    (root / "boot" / "firmware").mkdir(parents=True)
    (root / "boot" / "firmware" / "config.txt").write_text("arm_64bit=1\n")
    lines: list[str] = doctor.report(config, str(tree), root)["lines"]
    return lines


def _refused(folder: Path) -> list[str]:
    """klippy's log, where its user must not open the device of the strip."""
    try:
        library = build("spidev.c", folder)
    except BenchError as error:
        pytest.skip(str(error))
    group = next(it.gr_gid for it in grp.getgrall() if it.gr_gid)
    double = {"SPIDEV_FAULT": "open=%d" % errno.EACCES, "SPIDEV_GROUP": str(group)}
    double["LD_PRELOAD"] = str(library)
    command = [sys.executable, "-c", REFUSED, GPIO10]
    found = subprocess.run(
        command, env={**os.environ, **double}, capture_output=True, text=True, check=True
    )
    return [re.sub(r"-a -G \w+ \w+", "-a -G spi pi", it) for it in found.stdout.splitlines()]


class _Lines(logging.Handler):
    """Collects the messages of a logger."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())


def _debug_log(_: Path) -> list[str]:
    lines = _Lines()
    log = logging.getLogger("lumen.debug_log")
    level = log.level
    log.addHandler(lines)
    log.setLevel(logging.INFO)
    try:
        Lights(config="[lumen]\ndebug: log\n" + HEATING).run("M140 S60")
    finally:
        log.removeHandler(lines)
        log.setLevel(level)
    return lines.texts


def console(names: str, *script: str) -> Callable[[Path], list[str]]:
    """What commands print on a printer with these groups."""
    return lambda _: Lights(names).run(*script)


G_CODES, TROUBLESHOOTING = "docs/G-Codes.md", "docs/Troubleshooting.md"
NO_END = "[printer]\n[lumen]\n[lumen_group case]\ndriver: spi\n"
# Each output by its page and the start of its first line.
PRODUCERS: dict[tuple[str, str], Callable[[Path], list[str]]] = {
    (G_CODES, "// LUMEN_SET: unknown group 'chambr'"): console(
        "chamber toolhead", "LUMEN_SET GROUP=chambr EFFECT=off", "LUMEN_STATE STATE=pasued"
    ),
    (G_CODES, "!! Malformed command"): console(
        "chamber", "LUMEN_SET chamber", 'LUMEN_SET GROUP="chamber EFFECT=off'
    ),
    (G_CODES, "problem: strip 'case'"): _examined,
    ("docs/Recipes.md", "// moving, "): console(
        "case", "LUMEN_SET GROUP=case EFFECT=rainbow", "LUMEN_STATUS"
    ),
    ("docs/Status_Reference.md", "lumen: fps="): _statistics,
    (TROUBLESHOOTING, "// Lumen 0.1.0 shows idle"): _status_of_a_dark_strip,
    (TROUBLESHOOTING, "warning: Section 'lumen_group case'"): checked(NO_END),
    (TROUBLESHOOTING, "// The lights show heating"): console("case", "LUMEN_TEST STATE=heating"),
    (TROUBLESHOOTING, "// SET_LED: unknown LED"): console(
        "chamber toolhead", "SET_LED LED=case RED=1"
    ),
    (TROUBLESHOOTING, "// LUMEN_SET: unknown group"): console(
        "case top", "LUMEN_SET GROUP=cse EFFECT=off"
    ),
    (TROUBLESHOOTING, "lumen: strip 'gpio10'"): _refused,
    (TROUBLESHOOTING, "printer.cfg:20: warning: "): checked(SAVED),
    (TROUBLESHOOTING, "// LUMEN_BRIGHTNESS: "): console("case", "LUMEN_BRIGHTNESS VALUE=30"),
    (TROUBLESHOOTING, "lumen: state heating"): _debug_log,
}
