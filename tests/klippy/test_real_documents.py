"""The example files of the documentation, in a real klippy; see test_real.py."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.klippy.bench.plugin import install
from tests.klippy.bench.session import Plan, Session
from tests.klippy.test_real import environment, lumen, site, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["site"]

pytestmark = pytest.mark.timeout(300)

MACROS = Path(__file__).resolve().parents[2] / "docs" / "lumen_macros.cfg"

CONFIG = """
[lumen]

[lumen_group case]
driver: memory
index_end: 8
on_idle: solid white
"""


@pytest.fixture(scope="module", params=["KLIPPER", "KALICO"])
def klippy(
    request: pytest.FixtureRequest, site: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Session]:
    found = environment(request.param)
    config = CONFIG + MACROS.read_text()
    plan = Plan(0.2, config, (site,), lambda tree: install(found, site, tree))
    with Session(found, tmp_path_factory.mktemp("kd"), plan) as session:
        wait_for(session, "idle")
        yield session


def wait_for_effect(session: Session, name: str) -> None:
    """Waits for an effect: the status follows a command within a quarter of a second."""
    end = time.monotonic() + 10.0
    shown = ""
    while not shown.startswith(name):
        assert time.monotonic() < end, shown
        shown = session.api.call("lumen/status", {}, 10.0)["groups"]["case"]["effect"]


def test_every_button_works_with_its_own_defaults(klippy: Session) -> None:
    names = re.findall(r"^\[gcode_macro (\w+)\]", MACROS.read_text(), re.M)
    assert len(names) == 5
    for name in names:
        klippy.gcode(name)
    answers = klippy.log.read_text()
    assert "LUMEN_SET: " not in answers
    assert "LUMEN_BRIGHTNESS: " not in answers


def test_effect_buttons_show_their_effect_and_return_to_the_printer(klippy: Session) -> None:
    klippy.gcode("LIGHTS_EFFECT")
    wait_for_effect(klippy, "rainbow")
    klippy.gcode("LIGHTS_EFFECT EFFECT=pulse COLOR=red")
    wait_for_effect(klippy, "pulse")
    # Mainsail puts a value with spaces into quotes.
    klippy.gcode('LIGHTS_EFFECT GROUP=case EFFECT="comet blue speed=20"')
    wait_for_effect(klippy, "comet blue")
    klippy.gcode("LIGHTS_FOLLOW")
    wait_for_effect(klippy, "solid white")
    assert lumen(klippy)["state"] == "idle"
