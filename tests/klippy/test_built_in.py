"""Groups with some `on_...` options: their other states, and the warnings about them."""

from __future__ import annotations

import pytest

from klipper_lumen.sim import Printer
from klipper_lumen.sim.lights import OutputPin
from tests.klippy.lights import BASE, MakePrinter

LIT = BASE + "on_idle: solid green\non_printing: solid blue\n"
LAMP = """
[printer]

[output_pin lamp]
pin: gpio2
pwm: yes

[lumen]
fade: 0

[lumen_group room]
driver: pwm
pin_name: lamp
"""


def effect(printer: Printer) -> str:
    return str(printer.engine.status()["groups"]["chamber"]["effect"])


def warnings(printer: Printer) -> list[str]:
    entries = printer.lookup_object("configfile").get_status(0.0)["warnings"]
    return [warning["message"] for warning in entries]


@pytest.mark.parametrize("more", ["", "unmapped: keep\n", "unmapped: off\n"])
def test_every_group_shows_a_printer_error(make: MakePrinter, more: str) -> None:
    printer = make(LIT + more).start().advance(1.0)
    assert effect(printer) == "solid green"
    printer.invoke_shutdown("MCU 'mcu' shutdown: Timer too close")
    printer.advance(1.0)
    assert effect(printer).startswith("heartbeat red")


def test_other_states_show_the_built_in_scenes(make: MakePrinter) -> None:
    printer = make(LIT).start().advance(41.0)
    assert effect(printer).startswith("solid 0.1,0.1,0.1")
    kept = make(LIT + "unmapped: keep\n").start().advance(41.0)
    assert effect(kept) == "solid green"


def test_a_new_config_has_no_warning_about_lumen_1(make: MakePrinter) -> None:
    assert warnings(make(LIT).start()) == []


def test_a_changed_look_is_reported_with_an_option_of_lumen_1(make: MakePrinter) -> None:
    old = LIT.replace("[lumen]", "[lumen]\nupdate_rate: 0.1")
    _, warning = warnings(make(old).start())
    assert warning.startswith("Groups without an 'on_...' option for some states now show")
    assert "instead of the last effect: chamber;" in warning
    assert "write 'unmapped: default' in [lumen]" in warning


def test_a_lamp_is_fully_on_in_an_error(make: MakePrinter) -> None:
    printer = make(LAMP).start().advance(2.0)
    lamp: OutputPin = printer.lookup_object("output_pin lamp")
    assert lamp.last_value == pytest.approx(0.3, abs=0.01)
    printer.engine.event("command_error")
    printer.advance(1.0)
    assert lamp.last_value == 1.0
    sent = len(lamp.sent)
    printer.advance(1.0)
    assert len(lamp.sent) == sent
