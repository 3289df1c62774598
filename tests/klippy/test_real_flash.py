"""The effect `flash` on the endstops of a real klippy; see test_real.py."""

from __future__ import annotations

import base64
import threading
import time
from typing import TYPE_CHECKING

import pytest

from tests.klippy.bench.plugin import install
from tests.klippy.bench.session import Plan, Session
from tests.klippy.test_real import environment, site, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["site"]

pytestmark = pytest.mark.timeout(150)

CONFIG = """
[lumen]
fade: 0

[lumen_strip case]
driver: memory
count: 8

[lumen_group case]
pixels: case 1-8
on_idle: solid 000011
on_homing: flash green
"""
IDLE = b"\0\0\x11\0"


@pytest.fixture(params=["KLIPPER", "KALICO"])
def klippy(request: pytest.FixtureRequest, site: Path, tmp_path: Path) -> Iterator[Session]:
    found = environment(request.param)
    plan = Plan(0.2, CONFIG, (site,), lambda tree: install(found, site, tree))
    with Session(found, tmp_path, plan) as session:
        wait_for(session, "idle")
        yield session


def pixel(session: Session) -> bytes:
    """Returns red, green, blue and white of the first pixel."""
    return base64.b64decode(session.api.call("lumen/preview", {"strip": "case"}, 10.0)["rgbw"])[:4]


def test_an_endstop_flashes_the_group(klippy: Session) -> None:
    assert pixel(klippy) == IDLE
    homing = threading.Thread(target=klippy.gcode, args=("G28 X",))
    homing.start()
    seen = set()
    end = time.monotonic() + 60.0
    while homing.is_alive() and time.monotonic() < end:
        seen.add(pixel(klippy))
        time.sleep(0.02)
    homing.join(10.0)
    greens = sorted(color[1] for color in seen if color[1] and not color[0] and not color[2])
    # Bright at the trigger, and fading.
    assert len(greens) > 5, seen
    assert greens[-1] > 150, seen
    wait_for(klippy, "idle")
    time.sleep(0.5)
    assert pixel(klippy) == IDLE
