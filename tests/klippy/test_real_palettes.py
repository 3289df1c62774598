"""A config with palettes and all notations of colors in a real klippy; see test_real.py."""

from __future__ import annotations

import base64
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.klippy.bench.plugin import install
from tests.klippy.bench.session import Plan, Session
from tests.klippy.test_real import environment, site, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["site"]

pytestmark = pytest.mark.timeout(300)

CONFIG = """
[lumen]
fade: 0

[lumen_strip case]
driver: memory
count: 30

[lumen_group left]
pixels: case 1-10
on_idle: solid mine
on_heating: thermal extruder temperature 20 60
on_printing: progress black 2700K white

[lumen_group right]
pixels: case 11-30
on_idle: solid hsv(120, 100%, 100%), rgb(0, 0, 255)
on_paused: pulse red, yellow, green speed=0.5
on_homing: comet palette=ocean
on_meshing: warm_fire
on_complete: chase party
on_bored: kitt red blue

[lumen_effect warm_fire]
effect: fire
palette: black, red, ffcc00, white

[lumen_palette mine]
# Comments and several lines are Klipper's syntax.
colors:
    black 0%, red 40%  # as hot iron
    ffcc00 80%
    (1.0, 1.0, 1.0) 100%
"""


@pytest.fixture(scope="module", params=["KLIPPER", "KALICO"])
def klippy(
    request: pytest.FixtureRequest, site: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Session]:
    found = environment(request.param)
    plan = Plan(0.2, CONFIG, (site,), lambda tree: install(found, site, tree))
    with Session(found, tmp_path_factory.mktemp("kp"), plan) as session:
        wait_for(session, "idle")
        yield session


def ask(session: Session, name: str, **params: Any) -> Any:
    return session.api.call("lumen/" + name, params, 10.0)


def pixels(session: Session) -> list[bytes]:
    """Returns red, green and blue of each pixel."""
    # Long enough for a frame.
    time.sleep(0.3)
    frame = base64.b64decode(ask(session, "preview", strip="case")["rgbw"])
    return [frame[at : at + 3] for at in range(0, len(frame), 4)]


def test_the_palettes_of_the_config_are_shown(klippy: Session) -> None:
    shown = pixels(klippy)
    assert (shown[0], shown[9]) == (b"\0\0\0", b"\xff\xff\xff")
    assert (shown[10], shown[29]) == (b"\0\xff\0", b"\0\0\xff")


def test_the_palettes_are_listed(klippy: Session) -> None:
    palettes = {it["name"]: it["colors"] for it in ask(klippy, "effects")["palettes"]}
    assert [it["place"] for it in palettes["mine"]] == [0.0, 0.4, 0.8, 1.0]
    assert "ocean" in palettes


def test_commands_take_colors_and_palettes(klippy: Session) -> None:
    klippy.gcode('LUMEN_SET GROUP=left EFFECT="solid red, blue"')
    shown = pixels(klippy)
    assert (shown[0], shown[9]) == (b"\xff\0\0", b"\0\0\xff")
    klippy.gcode("LUMEN_SET GROUP=left EFFECT=solid PALETTE=mine")
    assert pixels(klippy)[0] == b"\0\0\0"
    klippy.gcode('LUMEN_SET GROUP=left EFFECT=solid COLOR="hsv(240, 100%, 100%)"')
    assert pixels(klippy)[0] == b"\0\0\xff"
    klippy.gcode("LUMEN_CLEAR")
    assert pixels(klippy)[9] == b"\xff\xff\xff"


def test_every_state_with_a_palette_draws(klippy: Session) -> None:
    for state in ("paused", "homing", "meshing", "complete", "bored"):
        ask(klippy, "state", state=state)
        first = pixels(klippy)
        assert any(any(pixel) for pixel in first), state
    ask(klippy, "clear")
