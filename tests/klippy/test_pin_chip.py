"""Klipper's own [neopixel] on a pin of Lumen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.klippy.lights import MakePrinter, watch_engine

if TYPE_CHECKING:
    from pathlib import Path

    from klipper_lumen.sim import Printer

CONFIG = """
[lumen]

[lumen_strip case]
driver: memory
count: 4

[lumen_group chamber]
pixels: case 1-2
on_idle: solid red
on_error: solid blue

[neopixel bar]
pin: lumen:case
chain_count: 4
"""

GREEN = (0.0, 1.0, 0.0, 0.0)
BLACK = (0.0, 0.0, 0.0, 0.0)
RED_BYTES = b"\xff\x00\x00\x00"
GREEN_BYTES = b"\x00\xff\x00\x00"
BLUE_BYTES = b"\x00\x00\xff\x00"
BLACK_BYTES = bytes(4)


def bar(printer: Printer) -> Any:
    return printer.lookup_object("neopixel bar")


def paint(printer: Printer, *colors: Any) -> bytes:
    bar(printer).paint(list(colors))
    printer.advance(1.0)
    return printer.engine.frame("case")


def test_klippers_colors_cover_the_group_except_black(make: MakePrinter) -> None:
    printer = make(CONFIG).start()
    printer.advance(1.0)
    shown = paint(printer, BLACK, GREEN, GREEN, BLACK)
    assert shown == RED_BYTES + GREEN_BYTES * 2 + BLACK_BYTES
    assert paint(printer, *[BLACK] * 4) == RED_BYTES * 2 + BLACK_BYTES * 2


@pytest.mark.parametrize("order", ["RGB", "GRB", "BGR"])
def test_each_color_order_is_supported(make: MakePrinter, order: str) -> None:
    printer = make(CONFIG + "color_order: " + order).start()
    colors = [(0.2, 0.4, 0.6, 0.0)] * 4
    assert paint(printer, *colors) == bytes([51, 102, 153, 0]) * 4


def test_klipper_sets_the_white_channel_directly(make: MakePrinter) -> None:
    strip = "driver: memory\ncolor_order: GRBW\nwhite: off"
    config = CONFIG.replace("driver: memory", strip)
    printer = make(config + "color_order: GRBW").start()
    assert paint(printer, *[(0.2, 0.4, 0.6, 0.8)] * 4)[8:12] == bytes([51, 102, 153, 204])


def test_a_color_waits_for_its_move_while_the_reactor_runs(make: MakePrinter) -> None:
    printer = make(CONFIG + "\n[neopixel other]\npin: mcu:PA1").start()
    printer.add_object("mcu", printer.lookup_object("neopixel other").mcu)
    printer.advance(1.0)
    ticks: list[float] = []
    printer.reactor.register_callback(ticks.append, printer.now + 0.5)
    begun = printer.now
    bar(printer).paint([GREEN] * 4, print_time=begun + 1.5)
    assert printer.now == pytest.approx(begun + 1.5)
    assert ticks == [pytest.approx(begun + 0.5)]
    printer.advance(0.1)
    assert printer.engine.frame("case") == GREEN_BYTES * 4


def test_a_fault_of_the_engine_never_reaches_klippers_section(make: MakePrinter) -> None:
    printer = make(CONFIG)
    watched = watch_engine(printer)
    watched.errors["paint"] = RuntimeError("broken")
    printer.start()
    paint(printer, *[GREEN] * 4)
    assert printer.is_ready()
    assert "paint" in watched.calls


def test_an_alarm_takes_priority_over_klippers_colors(make: MakePrinter) -> None:
    printer = make(CONFIG).start()
    paint(printer, *[GREEN] * 4)
    printer.emergency_stop()
    printer.advance(1.0)
    assert printer.engine.frame("case") == BLUE_BYTES * 2 + GREEN_BYTES * 2


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (
            "[output_pin x]\npin: lumen:case",
            "Section 'output_pin x' cannot use a Lumen pin; only [neopixel] can",
        ),
        (
            "[neopixel x]\npin: lumen:cas",
            "Option 'pin' in section 'neopixel x': unknown strip 'cas' (did you mean 'case'?)",
        ),
        (
            "[neopixel x]\npin: lumen:case",
            "Sections 'neopixel bar' and 'neopixel x' both use strip 'case'",
        ),
        (
            "[lumen_group loop]\ndriver: klipper\nneopixel: bar",
            (
                "Section 'lumen_group loop' cannot light [neopixel bar], which is itself on "
                "strip 'case'; use that strip instead"
            ),
        ),
    ],
)
def test_an_invalid_section_is_a_config_error(make: MakePrinter, lines: str, words: str) -> None:
    printer = make(CONFIG + "\n" + lines).start()
    assert printer.get_state_message() == (words, "error")


def test_an_unsupported_neopixel_is_a_config_error(make: MakePrinter) -> None:
    printer = make(CONFIG)

    def speak() -> None:
        chip = printer.lookup_object("pins").chips["lumen"]
        chip.add_config_cmd("config_neopixel oid=7 port=A data_size=12")

    printer.register_event_handler("klippy:mcu_identify", speak)
    message, state = printer.start().get_state_message()
    assert state == "error"
    assert message.startswith("Lumen does not support the [neopixel] of this Klipper")


def test_a_reload_does_not_change_neopixel_sections(make: MakePrinter, tmp_path: Path) -> None:
    printer = make(CONFIG, clock="real").start()
    file = tmp_path / "printer.cfg"
    file.write_text(CONFIG)
    printer.config_file = str(file)
    assert printer.ask("lumen/reload") == {"warnings": []}
    assert paint(printer, *[GREEN] * 4) == GREEN_BYTES * 4
    file.write_text(CONFIG.replace("chain_count: 4", "chain_count: 3"))
    words = "changes to [neopixel] sections take effect after a RESTART"
    assert printer.ask("lumen/reload") == {"warnings": [words]}


def test_a_restart_clears_klippers_colors(make: MakePrinter) -> None:
    printer = make(CONFIG).start()
    paint(printer, *[GREEN] * 4)
    again = printer.restart().start()
    try:
        again.advance(1.0)
        assert again.engine.frame("case") == RED_BYTES * 2 + BLACK_BYTES * 2
        assert paint(again, *[GREEN] * 4) == GREEN_BYTES * 4
    finally:
        again.close()
