"""The bytes that a chain of RGB, RGBW or mixed LEDs receives from a real klippy.

Runs if KLIPPER_DIR and its companions are set; see bench/README.md.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.klippy.bench.plugin import install
from tests.klippy.bench.session import Plan, Session
from tests.klippy.test_real import environment, site

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["site"]

pytestmark = pytest.mark.timeout(600)

FIXTURES = Path(__file__).parents[1] / "fixtures"

RGB_CHAIN = """
[neopixel sb_leds]
pin: led:gpio40
chain_count: 10

[lumen]

[lumen_group logo]
driver: klipper
neopixel: sb_leds
index_end: 10
on_idle: solid white
"""

# The bytes of each color for one LED, in the order of its wire: GRB and GRBW.
COLORS = {
    "ffffff": (b"\xff\xff\xff", b"\x00\x00\x00\xff"),
    "ff0000": (b"\x00\xff\x00", b"\x00\xff\x00\x00"),
    "808080": (b"\x80\x80\x80", b"\x00\x00\x00\x80"),
    "ff8040": (b"\x80\xff\x40", b"\x40\xbf\x00\x40"),
    # White by its own digits; an RGB LED has no white.
    "00000080": (b"\x00\x00\x00", b"\x00\x00\x00\x80"),
}


class Chain(NamedTuple):
    """A chain: its config, its number of LEDs, and those that the groups use."""

    config: str
    rgb: int
    rgbw: int
    # LEDs behind them that no group uses.
    dark: int

    def bytes_of(self, color: str) -> bytes:
        rgb, rgbw = COLORS[color]
        return rgb * self.rgb + rgbw * self.rgbw + bytes(4 * self.dark)


def fixture(name: str) -> str:
    return (FIXTURES / name).read_text().replace("toolhead:PD3", "led:gpio40")


CHAINS = {
    "rgb": Chain(RGB_CHAIN, 10, 0, 0),
    # The example of docs/Outputs.md.
    "rgbw": Chain(fixture("rgbw_chain.cfg"), 0, 8, 2),
    "mixed": Chain(fixture("mixed_chain.cfg"), 8, 2, 0),
}


@pytest.fixture(scope="module", params=["KLIPPER", "KLIPPER_OLD", "KALICO"])
def tree(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module", params=list(CHAINS))
def lit(
    request: pytest.FixtureRequest,
    tree: str,
    site: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Session, Chain]]:
    """A real klippy that is ready, with a chain on its second micro-controller."""
    found, chain = environment(tree), CHAINS[request.param]
    config = chain.config.replace("[lumen]", "[lumen]\nfade: 0\nbored_timeout: 600")
    plan = Plan(0.2, config, (site,), lambda tree: install(found, site, tree), led_mcu=True)
    with Session(found, tmp_path_factory.mktemp("ch"), plan) as session:
        yield session, chain


MAX_WRONG_BITS = 2


def reaches(session: Session, wanted: bytes, limit_s: float = 4.0) -> bool:
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        sent = session.led_devices.wire(len(wanted))
        # A busy computer sometimes sends a wrong bit, as a busy MCU does.
        if sum(bin(a ^ b).count("1") for a, b in zip(sent, wanted)) <= MAX_WRONG_BITS:
            return True
        time.sleep(0.02)
    return False


def test_solid_white_lights_the_right_leds(lit: tuple[Session, Chain]) -> None:
    session, chain = lit
    wanted = chain.bytes_of("ffffff")
    assert reaches(session, wanted, 10.0), session.led_devices.wire(len(wanted)).hex(" ")


@pytest.mark.parametrize("color", COLORS)
def test_each_led_shows_a_color_with_its_own_channels(
    lit: tuple[Session, Chain], color: str
) -> None:
    session, chain = lit
    wanted = chain.bytes_of(color)
    session.gcode("LUMEN_SET GROUP=all EFFECT=solid COLOR=0000ff")
    session.gcode("LUMEN_SET GROUP=all EFFECT=solid COLOR=%s" % color)
    assert reaches(session, wanted), session.led_devices.wire(len(wanted)).hex(" ")


def test_only_the_expected_warnings_are_shown(lit: tuple[Session, Chain]) -> None:
    session, _ = lit
    entries = session.query("configfile")["configfile"]["warnings"]
    warnings = [it["message"] for it in entries if "lumen" in it["message"].lower()]
    # No warning about channels, only about the changed default of unmapped.
    assert ["built-in effects" in text for text in warnings] == [True]
