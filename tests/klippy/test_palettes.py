"""Palettes of the config: in effects, in commands, in lists, and after a reload."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.klippy.lights import BASE, MakePrinter, refused
from tests.klippy.test_reload import MACHINE, printer, reloaded, write

if TYPE_CHECKING:
    from klipper_lumen.sim import Printer

__all__ = ["printer"]

PALETTES = """
[lumen_palette mine]
colors:
    black 0%, red 50%
    hsv(120, 100%, 100%)

[lumen_palette party]
colors: blue, 2700K
"""


def frame(printer: Printer) -> list[tuple[int, int, int]]:
    """Returns red, green and blue of each pixel, after the cross-fade."""
    printer.advance(2.0)
    rgbw = printer.engine.frame("case")
    return [(rgbw[at], rgbw[at + 1], rgbw[at + 2]) for at in range(0, len(rgbw), 4)]


def chamber(printer: Printer) -> dict[str, Any]:
    printer.advance(1.1)
    status: dict[str, Any] = printer.query("lumen_group chamber")["lumen_group chamber"]
    return status


@pytest.fixture
def lit(make: MakePrinter) -> Printer:
    return make(BASE + "on_idle: solid mine\n" + PALETTES).start()


def test_an_effect_shows_a_palette_of_the_config(lit: Printer) -> None:
    pixels = frame(lit)
    assert (pixels[0], pixels[-1]) == ((0, 0, 0), (0, 255, 0))
    assert all(blue == 0 for _, _, blue in pixels)
    assert [red for red, _, _ in pixels[:5]] == sorted(red for red, _, _ in pixels[:5])
    assert chamber(lit)["effect"] == "solid mine"


def test_a_command_takes_colors_and_palettes(lit: Printer) -> None:
    for words in ('EFFECT="solid red blue"', 'EFFECT=solid COLOR="red blue"'):
        lit.run("LUMEN_SET GROUP=chamber " + words)
        pixels = frame(lit)
        assert (pixels[0], pixels[-1]) == ((255, 0, 0), (0, 0, 255))
    lit.run("LUMEN_SET GROUP=chamber EFFECT=solid PALETTE=party")
    assert frame(lit)[0] == (0, 0, 255)
    lit.run("LUMEN_SET GROUP=chamber EFFECT=solid PALETTE=rainbow")
    assert frame(lit)[0] == (255, 0, 0)
    words = refused(lit, "LUMEN_SET GROUP=chamber EFFECT=solid PALETTE=mien")
    assert words == "LUMEN_SET: unknown palette 'mien' (did you mean 'mine'?)"


def test_a_flash_takes_several_colors(lit: Printer) -> None:
    lit.run('LUMEN_FLASH COLOR="red, blue" COUNT=4')
    assert chamber(lit)["effect"].startswith("pulse red blue")


def test_palettes_are_listed_with_the_effects(lit: Printer) -> None:
    palettes = {it["name"]: it["colors"] for it in lit.ask("lumen/effects")["palettes"]}
    assert palettes["mine"] == [
        {"color": "000000", "place": 0.0},
        {"color": "ff0000", "place": 0.5},
        {"color": "00ff00", "place": 1.0},
    ]
    assert palettes["party"][0] == {"color": "0000ff", "place": 0.0}
    assert len(palettes["rainbow"]) == 9
    lit.run("LUMEN_EFFECTS")
    last = lit.gcode.output[-1].splitlines()[-1]
    assert last.startswith("// palettes: rainbow, party, heat, ")
    assert last.endswith(", mine")


def test_a_reload_changes_a_palette(printer: Printer) -> None:
    config = MACHINE + BASE + "on_idle: solid mine\non_error: solid mine\n"
    write(printer, config + PALETTES)
    assert reloaded(printer) == "// LUMEN_RELOAD: the config was reloaded"
    assert frame(printer)[-1] == (0, 255, 0)
    write(printer, config + PALETTES.replace("hsv(120, 100%, 100%)", "white"))
    assert reloaded(printer) == "// LUMEN_RELOAD: the config was reloaded"
    assert frame(printer)[-1] == (255, 255, 255)
    write(printer, config + PALETTES.replace("red 50%", "rde 50%"))
    printer.run("LUMEN_RELOAD")
    printer.advance(0.5)
    assert frame(printer)[-1] == (255, 255, 255)


def test_mistakes_name_the_section(make: MakePrinter) -> None:
    config = BASE + "on_idle: solid mien\n" + PALETTES.replace("red 50%", "red 150%")
    text, category = make(config).start().get_state_message()
    assert category == "error"
    assert "Option 'colors' in section 'lumen_palette mine': '150%' must be from 0% to 100%" in text
    assert "unknown color 'mien' (did you mean 'mine'?)" in text
