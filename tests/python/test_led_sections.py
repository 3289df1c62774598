"""The channels of Klipper's LED sections in a config file, and the messages of `check`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from klipper_lumen import Engine, config
from klipper_lumen.cli.check import check

FIXTURES = Path(__file__).parents[1] / "fixtures"


def test_the_engine_gets_only_the_channels_of_led_sections() -> None:
    read = config.read(FIXTURES / "mixed_chain.cfg")
    leds = json.loads(read.lumen_json())["leds"]
    assert leds == {"neopixel sb_leds": ["GRB"] * 8 + ["GRBW"] * 2}


@pytest.mark.parametrize(
    ("name", "pixels"),
    [
        ("mixed_chain.cfg", [(255, 255, 255, 0)] * 8 + [(0, 0, 0, 255)] * 2),
        ("rgbw_chain.cfg", [(0, 0, 0, 255)] * 8),
    ],
)
def test_a_preview_lights_the_white_leds(name: str, pixels: list[tuple[int, ...]]) -> None:
    path = FIXTURES / name
    assert check(path) == ([], [])
    engine = Engine(config.read(path).lumen_json(), None, clock="manual", seed=1)
    try:
        engine.event("ready")
        engine.set("all", "solid white", {})
        engine.advance(2.0)
        assert engine.frame("sb_leds") == bytes(value for pixel in pixels for value in pixel)
    finally:
        engine.close()


def test_check_warns_about_a_color_order_without_effect(tmp_path: Path) -> None:
    path = tmp_path / "printer.cfg"
    path.write_text((FIXTURES / "rgbw_chain.cfg").read_text() + "color_order: GRB, RGBW\n")
    problems, (warning,) = check(path)
    assert problems == []
    assert "has no effect; [neopixel sb_leds] defines the channels" in warning.message
