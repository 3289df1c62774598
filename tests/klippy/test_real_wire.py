"""What 150 LEDs on an MCU show over time, in a real klippy, compared with the engine's frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.klippy.bench import side_by_side, wire
from tests.klippy.bench.plugin import install
from tests.klippy.bench.session import Plan, Session
from tests.klippy.test_real import environment, site
from tests.klippy.test_real_lights import wait

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["site"]

pytestmark = pytest.mark.timeout(600)

# A busy computer delays klippy and its MCU, by this much at most in most runs.
BUSY_S = 0.1


@pytest.fixture(scope="module", params=["KLIPPER", "KALICO"])
def klippy(
    request: pytest.FixtureRequest, site: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Session]:
    """A real klippy with a rainbow on a chain of its second micro-controller."""
    found = environment(request.param)
    config = side_by_side.CHAIN + side_by_side.LUMEN
    plan = Plan(0.2, config, (site,), lambda tree: install(found, site, tree), led_mcu=True)
    with Session(found, tmp_path_factory.mktemp("kw"), plan) as session:
        yield session


def test_the_chain_follows_the_frames_with_few_updates(klippy: Session) -> None:
    frames, shown = wire.record(klippy, "chain", side_by_side.LEDS, 4.0)
    assert len(frames) > 100
    # The whole chain 10.5 times a second, instead of 20 or more.
    assert 25 <= len(shown) <= 46
    assert wire.longest_difference_s(frames, shown) <= side_by_side.VISIBLE_S + BUSY_S


def test_set_led_and_the_status_see_what_the_chain_shows(klippy: Session) -> None:
    klippy.gcode("LUMEN_SET GROUP=chain EFFECT=solid COLOR=ff8000 FADE=0")
    wanted_colors = [[1.0, 0.502, 0.0, 0.0]] * side_by_side.LEDS
    wait(lambda: klippy.query("neopixel chain")["neopixel chain"]["color_data"] == wanted_colors)
    wanted = bytes([128, 255, 0]) * side_by_side.LEDS

    def is_lit() -> bool:
        sent = klippy.led_devices.strip(side_by_side.LEDS)
        # A busy computer sometimes sends a wrong bit.
        return sum(a == b for a, b in zip(sent, wanted)) >= len(wanted) - 5

    wait(is_lit, 5.0)
