"""The effect ``flash``: endstops and probes that trigger flash."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.klippy.lights import BASE, MakePrinter

if TYPE_CHECKING:
    from klipper_lumen.sim import Printer

FLASH = """
on_idle: solid blue
on_homing: flash red green decay=0.2
on_probing: homing white endstops=x,probe decay=0.1
"""
# The brightest channel of a flash in its first frames.
FLASHING = 150


def flashes(printer: Printer, command: str) -> list[str]:
    """Runs a command and returns the channels of the flashes that it caused."""
    printer.engine.take_frames("case")
    printer.run(command).advance(1.0)
    seen = [""]
    for _, frame in printer.engine.take_frames("case"):
        lit = "".join(name for name, level in zip("grb", frame) if level > FLASHING)
        if lit != seen[-1]:
            seen.append(lit)
    return [lit for lit in seen if lit not in ("", "b")]


def test_homing_flashes_at_each_endstop_in_the_next_color(make: MakePrinter) -> None:
    printer = make(BASE + FLASH).start().advance(2.0)
    assert flashes(printer, "G28 X Y") == ["r", "g"]


def test_a_probe_flashes(make: MakePrinter) -> None:
    printer = make(BASE + FLASH).start().advance(2.0)
    assert flashes(printer, "PROBE") == ["grb"]


def test_an_endstop_that_is_not_listed_does_not_flash(make: MakePrinter) -> None:
    printer = make(BASE + "on_homing: flash red endstops=stepper_y").start().advance(2.0)
    assert flashes(printer, "G28 X") == []
    assert flashes(printer, "G28 Y") == ["r"]
