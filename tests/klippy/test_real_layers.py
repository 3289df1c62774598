"""A config with layers and overlapping groups in a real klippy; see test_real.py."""

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
count: 20

[lumen_group case]
pixels: case 1-20
on_idle:
    solid white pixels=1  # a comment

    solid red pixels=1-3
    solid 000033
on_error:
    pulse white speed=1 blend=add
    pulse red speed=0.5 min=0
    solid 330000
on_paused: attention

[lumen_group bar]
pixels: case 11-14
over: case
on_heating: solid green

[lumen_effect attention]
layers:
    # Comments and several lines are Klipper's syntax.
    solid white pixels=1-2
    solid blue ; the lowest
"""

WHITE, RED, BLUE, GREEN = b"\xff\xff\xff", b"\xff\0\0", b"\0\0\xff", b"\0\xff\0"
DIM = b"\0\0\x33"


@pytest.fixture(scope="module", params=["KLIPPER", "KALICO"])
def klippy(
    request: pytest.FixtureRequest, site: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Session]:
    found = environment(request.param)
    plan = Plan(0.2, CONFIG, (site,), lambda tree: install(found, site, tree))
    with Session(found, tmp_path_factory.mktemp("ky"), plan) as session:
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


def effect(session: Session, group: str = "case") -> str:
    time.sleep(0.5)
    return str(ask(session, "status")["groups"][group]["effect"])


def check(session: Session) -> None:
    """Checks what the config shows."""
    assert pixels(session)[:5] == [WHITE, RED, RED, DIM, DIM]
    assert effect(session) == "solid white pixels=1 | solid red pixels=1-3 | solid 000033"
    ask(session, "state", state="error")
    assert pixels(session)[0][0] >= 0x33
    shown = "pulse white speed=1 blend=add | pulse red speed=0.5 min=0 | solid 330000"
    assert effect(session) == shown
    ask(session, "state", state="paused")
    assert pixels(session)[:4] == [WHITE, WHITE, BLUE, BLUE]
    assert effect(session) == "attention"
    ask(session, "state", state="heating")
    assert pixels(session)[10:14] == [GREEN] * 4
    assert effect(session, "bar") == "solid green"
    ask(session, "clear")
    assert pixels(session)[10:14] == [DIM] * 4


def test_layers_show_and_survive_a_reload(klippy: Session) -> None:
    check(klippy)
    klippy.gcode("LUMEN_RELOAD")
    time.sleep(2.0)
    check(klippy)
    assert "LUMEN_RELOAD: the config was reloaded" in klippy.log.read_text()


def test_commands_take_layers(klippy: Session) -> None:
    klippy.gcode('LUMEN_SET GROUP=case EFFECT="solid green pixels=2 | solid red"')
    assert pixels(klippy)[:3] == [RED, GREEN, RED]
    assert effect(klippy) == "solid green pixels=2 | solid red"
    klippy.gcode("LUMEN_SET GROUP=case EFFECT=attention")
    assert pixels(klippy)[1:3] == [WHITE, BLUE]
    klippy.gcode('LUMEN_SET GROUP=bar EFFECT="solid red pixels=1"')
    assert pixels(klippy)[9:13] == [BLUE, RED, BLUE, BLUE]
    klippy.gcode("LUMEN_CLEAR")
    assert pixels(klippy)[:2] == [WHITE, RED]
