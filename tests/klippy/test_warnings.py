"""Warnings are shown only as long as their problem exists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from klippy_extra.lumen.notices import MAX_SHOWN
from tests.klippy.test_lights import lit

if TYPE_CHECKING:
    from tests.klippy.lights import MakePrinter


def test_the_warning_about_leds_is_cleared_when_they_recover(make: MakePrinter) -> None:
    printer = lit(make, "rainbow")
    adapter = printer.lookup_object("lumen")._lights._strips[0].parts[0].adapter
    original = adapter._check_transmit

    def fail(*_: object) -> None:
        raise RuntimeError("no answer")

    def warnings() -> list[str]:
        warnings = printer.query("lumen")["lumen"]["warnings"]
        return [text for text in warnings if "refuses updates" in text]

    adapter._check_transmit = fail
    printer.advance(20.0)
    assert len(warnings()) == 1
    adapter._check_transmit = original
    printer.advance(120.0)
    assert warnings() == []


def test_the_strip_of_a_group_is_named_with_its_group(make: MakePrinter) -> None:
    leds = "[neopixel sb]\npin: PA1\nchain_count: 3\n"
    config = "[lumen]\n[lumen_group Top]\ndriver: klipper\nneopixel: sb\nindex_end: 3\n"
    (strip,) = make(leds + config).start().engine.host_strips()
    assert strip["label"] == "'sb' of group 'Top'"


def test_cleared_warnings_make_room_for_later_ones(make: MakePrinter) -> None:
    printer = make().start()
    notices = printer.lookup_object("lumen")._notices
    for number in range(10 * MAX_SHOWN):
        notices.warn("lumen: strip %d is dark" % number, about="case")
        printer.advance(60.0)
        assert notices.warnings()[-1] == "lumen: strip %d is dark" % number
        notices.clear_warnings("case")
    assert len(printer.query("configfile")["configfile"]["warnings"]) <= MAX_SHOWN
