"""The channels of LEDs that Klipper drives: which LED of a chain shows which part of a color."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from klipper_lumen.sim import Printer
from klipper_lumen.sim.lights import LedChain
from klippy_extra.lumen.led_objects import channels_of
from tests.klippy.lights import MakePrinter
from tests.klippy.test_reload import reloaded

if TYPE_CHECKING:
    from pathlib import Path

CHAIN = """
[printer]

[neopixel sb_leds]
pin: toolhead:PD3
chain_count: 4
%s

[lumen]
fade: 0
unmapped: default

[lumen_group logo]
driver: klipper
neopixel: sb_leds
index_end: 2
on_idle: %s
%s

[lumen_group nozzle]
driver: klipper
neopixel: sb_leds
index_start: 3
index_end: 4
on_idle: %s
"""

RGB_WHITE = (1.0, 1.0, 1.0, 0.0)
WHITE = (0.0, 0.0, 0.0, 1.0)
RED = (1.0, 0.0, 0.0, 0.0)


def lit(make: MakePrinter, order: str, effect: str, more: str = "") -> Printer:
    return make(CHAIN % (order, effect, more, effect)).start().advance(1.0)


def colors(printer: Printer, name: str = "neopixel sb_leds") -> list[Any]:
    chain: LedChain = printer.lookup_object(name)
    return chain.sent[-1][1]


def warnings(printer: Printer) -> list[str]:
    entries = printer.lookup_object("configfile").get_status(0.0)["warnings"]
    return [warning["message"] for warning in entries]


@pytest.mark.parametrize(
    ("order", "white"),
    [
        ("", [RGB_WHITE] * 4),
        ("color_order: RGB", [RGB_WHITE] * 4),
        ("color_order: GRBW", [WHITE] * 4),
        ("color_order: GRB, GRB, GRB, GRBW", [RGB_WHITE] * 3 + [WHITE]),
    ],
)
def test_white_uses_the_white_led_if_there_is_one(
    make: MakePrinter, order: str, white: list[Any]
) -> None:
    printer = lit(make, order, "solid white")
    assert colors(printer) == white
    assert warnings(printer) == []
    printer.run("LUMEN_SET GROUP=all EFFECT=solid COLOR=ff0000")
    printer.advance(1.0)
    assert colors(printer) == [RED] * 4


def test_a_group_with_its_own_color_order_starts_with_a_warning(make: MakePrinter) -> None:
    printer = lit(make, "color_order: GRB, GRB, GRB, GRBW", "solid white", "color_order: GRBW")
    assert colors(printer) == [RGB_WHITE] * 3 + [WHITE]
    (warning,) = warnings(printer)
    assert "'color_order' in section 'lumen_group logo' has no effect" in warning
    assert "[neopixel sb_leds] defines" in warning


def test_a_reload_keeps_the_channels_of_the_objects(make: MakePrinter, tmp_path: Path) -> None:
    printer = lit(make, "color_order: GRBW", "solid white")
    path = tmp_path / "printer.cfg"
    # The object is unchanged since the start: its LEDs stay RGBW, whatever the file contains now.
    path.write_text(CHAIN % ("color_order: GRB", "solid 808080", "", "solid 808080"))
    printer.config_file = str(path)
    assert reloaded(printer) == "// LUMEN_RELOAD: the config was reloaded"
    printer.advance(1.0)
    assert colors(printer) == [(0.0, 0.0, 0.0, 0.502)] * 4


class Found:
    """An LED object with the attributes that a test sets."""

    def __init__(self, **parts: Any) -> None:
        self.__dict__.update(parts)

    def get_status(self, eventtime: float) -> dict[str, Any]:
        return {"color_data": [(0.0, 0.0, 0.0, 0.0)] * 2}


@pytest.mark.parametrize(
    ("name", "parts", "channels"),
    [
        (
            "neopixel a",
            {"color_map": list(enumerate([(0, 1), (0, 0), (0, 2), (1, 3), (1, 0)]))},
            ["GRB", "WR"],
        ),
        # A fork with no map, or with a different one.
        ("neopixel a", {}, ["", ""]),
        ("neopixel a", {"color_map": [7]}, ["", ""]),
        ("neopixel a", {"color_map": list(enumerate([(2, 0)]))}, ["", ""]),
        ("dotstar a", {}, ["RGB", "RGB"]),
        ("led a", {"pins": [(0, object()), (3, object())]}, ["RW"]),
        # The chip has four outputs, independent of the LEDs connected to them.
        ("pca9632 a", {"color_map": [0, 1, 2, 3]}, ["", ""]),
        ("pca9533 a", {}, ["", ""]),
    ],
)
def test_channels_are_read_from_the_object(
    name: str, parts: dict[str, Any], channels: list[str]
) -> None:
    assert channels_of(name, Found(**parts)) == channels


def test_an_object_with_unknown_channels_counts_as_rgb_with_a_warning(make: MakePrinter) -> None:
    config = """
[printer]

[pca9632 bar]

[lumen]
fade: 0

[lumen_group bar]
driver: klipper
led: pca9632 bar
"""
    printer = make(config).start().advance(3.0)
    assert colors(printer, "pca9632 bar")[0][3] == 0.0
    (warning,) = warnings(printer)
    assert "[pca9632 bar] has a white LED, so Lumen uses RGB" in warning


def test_one_white_led_is_as_bright_as_the_color(make: MakePrinter) -> None:
    config = """
[printer]

[led ceiling]
white_pin: PB6

[lumen]
fade: 0

[lumen_group room]
driver: klipper
led: ceiling
on_idle: solid 0,0.5,0
"""
    printer = make(config).start().advance(3.0)
    assert colors(printer, "led ceiling") == [(0.0, 0.0, 0.0, 0.502)]
