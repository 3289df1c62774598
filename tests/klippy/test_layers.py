"""Layers and overlapping groups: in the config, in commands, in lists, and after a reload."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.klippy.lights import BASE, MakePrinter, refused
from tests.klippy.test_reload import MACHINE, printer, reloaded, settle, write

if TYPE_CHECKING:
    from klipper_lumen.sim import Printer

__all__ = ["printer"]

LOOK = """
[lumen_effect attention]
layers:
    solid white pixels=1-2
    solid red opacity=0.5
show: True
"""

BAR = """
[lumen_group bar]
pixels: case 4-6
over: chamber
on_printing: solid blue
"""

RED, HALF, WHITE, BLUE = (255, 0, 0), (128, 0, 0), (255, 255, 255), (0, 0, 255)


def frame(printer: Printer) -> list[tuple[int, int, int]]:
    """Returns red, green and blue of each pixel, after the cross-fade."""
    printer.advance(2.0)
    rgbw = printer.engine.frame("case")
    return [(rgbw[at], rgbw[at + 1], rgbw[at + 2]) for at in range(0, len(rgbw), 4)]


def group(printer: Printer, name: str = "chamber") -> dict[str, Any]:
    printer.advance(1.1)
    status: dict[str, Any] = printer.query("lumen_group " + name)["lumen_group " + name]
    return status


@pytest.fixture
def lit(make: MakePrinter) -> Printer:
    return make(BASE + "on_idle:\n    solid white pixels=10\n    solid red\n" + LOOK + BAR).start()


def test_a_value_of_several_lines_is_a_stack(lit: Printer) -> None:
    assert frame(lit) == [RED] * 9 + [WHITE]
    assert group(lit)["effect"] == "solid white pixels=10 | solid red"


def test_a_command_takes_layers(lit: Printer) -> None:
    lit.run('LUMEN_SET GROUP=chamber EFFECT="solid blue pixels=2-3 | solid red" DURATION=20')
    assert frame(lit)[:4] == [RED, BLUE, BLUE, RED]
    assert group(lit)["effect"] == "solid blue pixels=2-3 | solid red"
    lit.run("LUMEN_SET GROUP=chamber EFFECT=attention FADE=0")
    assert frame(lit)[:3] == [WHITE, WHITE, HALF]
    assert group(lit)["effect"] == "attention"
    words = refused(lit, 'LUMEN_SET GROUP=chamber EFFECT="solid rde | solid blue blend=ad"')
    assert "layer 1: unknown color 'rde' (did you mean 'red'?)" in words
    assert "layer 2: unknown blend mode 'ad' (did you mean 'add'?)" in words
    assert group(lit)["effect"] == "attention"


def test_a_look_is_listed(lit: Printer) -> None:
    effects = {it["name"]: it for it in lit.ask("lumen/effects")["effects"]}
    look = effects["attention"]
    assert (look["effect"], look["options"], look["usage"]) == ("layers", [], "attention")
    lit.run("LUMEN_EFFECTS")
    assert (
        "attention: layers: solid white pixels=1-2 | solid red opacity=0.5"
        in (lit.gcode.output[-1])
    )


def test_groups_share_pixels(lit: Printer) -> None:
    lit.run("LUMEN_STATE STATE=printing")
    lit.run("LUMEN_SET GROUP=chamber EFFECT=attention")
    assert frame(lit)[:7] == [WHITE, WHITE, HALF, BLUE, BLUE, BLUE, HALF]
    assert group(lit, "bar")["effect"] == "solid blue"
    lit.run("LUMEN_STATE STATE=idle")
    assert frame(lit)[3] == HALF
    assert group(lit, "bar")["effect"] == "off"
    lit.run('LUMEN_SET GROUP=bar EFFECT="solid white pixels=1"')
    assert frame(lit)[3:5] == [WHITE, HALF]
    lit.run("LUMEN_OFF GROUP=bar")
    assert frame(lit)[2:7] == [HALF, (0, 0, 0), (0, 0, 0), (0, 0, 0), HALF]
    lit.run("LUMEN_ON GROUP=bar")
    lit.run("LUMEN_CLEAR GROUP=bar")
    assert frame(lit)[3] == HALF


def test_a_reload_changes_layers_and_the_order(printer: Printer) -> None:
    config = MACHINE + BASE + "on_idle:\n    solid white pixels=1\n    solid red\n"
    write(printer, config + BAR.replace("on_printing", "on_idle"))
    assert reloaded(printer) == "// LUMEN_RELOAD: the config was reloaded"
    assert frame(printer)[:6] == [WHITE, RED, RED, BLUE, BLUE, BLUE]
    config = config.replace("pixels=1", "pixels=2")
    write(printer, config)
    assert reloaded(printer) == "// LUMEN_RELOAD: the config was reloaded"
    assert frame(printer)[:5] == [RED, WHITE, RED, RED, RED]
    write(printer, config + BAR.replace("over: chamber\n", ""))
    printer.run("LUMEN_RELOAD")
    settle(printer)
    assert "add 'over: chamber' to [lumen_group bar]" in "\n".join(printer.gcode.output)
    assert frame(printer)[:5] == [RED, WHITE, RED, RED, RED]
    write(printer, config + BAR.replace("on_printing", "on_idle"))
    assert reloaded(printer) == "// LUMEN_RELOAD: the config was reloaded"
    assert frame(printer)[3] == BLUE
