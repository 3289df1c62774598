"""Lights, buttons and the pin chip in a real klippy; see test_real.py."""

from __future__ import annotations

import base64
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.klippy.bench.environment import BenchError
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
unmapped: keep

[lumen_strip case]
driver: memory
count: 4

[lumen_group Chamber]
pixels: case 1-2
on_idle: solid red

[lumen_group Own]
driver: memory
index_end: 3
on_idle: solid white
on_homing: solid green

[lumen_effect party]
effect: disco
show: True

[neopixel bar]
pin: lumen:case
chain_count: 4
initial_BLUE: 1.0

[display_template level]
text: 0.0, 0.0, 1.0, 0.0
"""

RED, GREEN, BLUE, BLACK = b"\xff\0\0\0", b"\0\xff\0\0", b"\0\0\xff\0", bytes(4)


@pytest.fixture(scope="module", params=["KLIPPER", "KLIPPER_OLD", "KALICO"])
def klippy(
    request: pytest.FixtureRequest, site: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Session]:
    found = environment(request.param)
    plan = Plan(0.2, CONFIG, (site,), lambda tree: install(found, site, tree))
    with Session(found, tmp_path_factory.mktemp("kw"), plan) as session:
        wait_for(session, "idle")
        yield session


def frame(session: Session) -> bytes:
    time.sleep(0.6)
    answer = session.api.call("lumen/preview", {"strip": "case"}, 10.0)
    return base64.b64decode(answer["rgbw"])


def status_of(session: Session, name: str) -> Any:
    time.sleep(1.2)
    return session.query(name)[name]


def test_the_initial_colors_of_the_section_show(klippy: Session) -> None:
    assert frame(klippy) == BLUE * 4


def test_set_led_covers_the_group_except_black(klippy: Session) -> None:
    klippy.gcode("SET_LED LED=bar GREEN=1 SYNC=0\nSET_LED LED=bar INDEX=2 SYNC=0")
    assert frame(klippy) == GREEN + RED + GREEN * 2
    klippy.gcode("SET_LED LED=bar SYNC=0")
    assert frame(klippy) == RED * 2 + BLACK * 2


def test_a_color_comes_with_its_move(klippy: Session) -> None:
    klippy.gcode("SET_LED LED=bar SYNC=0")
    klippy.gcode("G4 P1500\nSET_LED LED=bar GREEN=1")
    time.sleep(2.0)
    assert frame(klippy) == GREEN * 4


def test_a_display_template_drives_the_strip(klippy: Session) -> None:
    klippy.gcode("SET_LED_TEMPLATE LED=bar TEMPLATE=level")
    time.sleep(1.0)
    assert frame(klippy) == BLUE * 4
    klippy.gcode("SET_LED_TEMPLATE LED=bar TEMPLATE=")
    klippy.gcode("SET_LED LED=bar SYNC=0")


def test_a_group_is_a_light_of_web_interfaces(klippy: Session) -> None:
    objects = klippy.api.call("objects/list")["objects"]
    assert {"neopixel bar", "neopixel Own", "neopixel Chamber", "led_effect party"} <= set(objects)
    settings = klippy.query("configfile")["configfile"]["settings"]
    assert settings["neopixel own"]["color_order"] == ["RGB"]
    assert settings["neopixel bar"]["chain_count"] == 4
    assert list(settings["neopixel bar"]["color_order"]) == ["GRB"]
    assert status_of(klippy, "neopixel Own") == {"color_data": [[1.0, 1.0, 1.0, 0.0]]}
    klippy.gcode('SET_LED LED="Own" RED=1.0 GREEN=0.2 BLUE=0 SYNC=0 TRANSMIT=1')
    assert status_of(klippy, "neopixel Own") == {"color_data": [[1.0, 0.2, 0.0, 0.0]]}
    klippy.gcode("LUMEN_CLEAR GROUP=Own")
    assert status_of(klippy, "neopixel Own") == {"color_data": [[1.0, 1.0, 1.0, 0.0]]}
    klippy.gcode("SET_LED LED=Own RED=3")
    assert klippy.api.console[-1] == "// SET_LED: RED must be from 0 to 1, got '3'"
    # There is a [neopixel] section, so a mistyped name is Klipper's error, as usual.
    with pytest.raises(BenchError, match="The value 'own' is not valid for LED"):
        klippy.gcode("SET_LED LED=own RED=1")
    klippy.gcode("SET_LED_EFFECT EFFECT=nosuch")
    words = "// SET_LED_EFFECT: unknown EFFECT 'nosuch' (known: party, follow printer)"
    assert klippy.api.console[-1] == words
    assert klippy.api.call("info")["state"] == "ready"


def test_an_effect_is_a_button(klippy: Session) -> None:
    # The error of Klipper's command above shows for a moment, above anything picked.
    wait_for(klippy, "idle")
    klippy.gcode('SET_LED_EFFECT EFFECT="party"')
    assert status_of(klippy, "led_effect party") == {"enabled": True}
    klippy.gcode("STOP_LED_EFFECTS")
    assert status_of(klippy, "led_effect party") == {"enabled": False}


def test_a_color_sent_back_by_mainsail_does_not_change_the_light(klippy: Session) -> None:
    wait_for(klippy, "idle")
    klippy.gcode('SET_LED LED="Own" RED=1.00 GREEN=1.00 BLUE=1.00 WHITE=0.00 SYNC=0 TRANSMIT=1')
    assert status_of(klippy, "lumen_group Own")["source"] == "state"
    klippy.gcode("LUMEN_OFF\nSET_LED LED=Own BLUE=1 SYNC=0")
    assert status_of(klippy, "lumen_group Own")["effect"] == "solid 0000ff"
    assert status_of(klippy, "lumen_group Chamber")["effect"] == "off"
    assert status_of(klippy, "led_effect follow printer") == {"enabled": False}
    klippy.gcode('SET_LED_EFFECT EFFECT="follow printer"')
    assert status_of(klippy, "led_effect follow printer") == {"enabled": True}
    assert status_of(klippy, "lumen_group Own")["effect"] == "solid white"
    klippy.gcode("LUMEN_STATE STATE=paused")
    assert status_of(klippy, "led_effect follow printer") == {"enabled": False}
    klippy.gcode('SET_LED_EFFECT EFFECT="follow printer"')
    assert status_of(klippy, "led_effect follow printer") == {"enabled": True}


def test_a_color_sent_back_by_mainsail_does_not_replace_an_effect(klippy: Session) -> None:
    wait_for(klippy, "idle")
    klippy.gcode("LUMEN_SET GROUP=Own EFFECT=pulse COLOR=blue")
    assert status_of(klippy, "neopixel Own") == {"color_data": [[0.0, 0.0, 1.0, 0.0]]}
    klippy.gcode("SET_LED LED=Own RED=0 GREEN=0 BLUE=1 WHITE=0 SYNC=0 TRANSMIT=1")
    assert status_of(klippy, "lumen_group Own")["effect"].startswith("pulse")
    klippy.gcode("LUMEN_CLEAR")


def test_a_color_sent_back_during_homing_does_not_change_the_light(klippy: Session) -> None:
    wait_for(klippy, "idle")
    homing = threading.Thread(target=klippy.gcode, args=("G28",))
    homing.start()
    wait_for(klippy, "homing")
    # Klipper runs it after G28, when the light is white again.
    klippy.gcode("SET_LED LED=Own RED=0 GREEN=1 BLUE=0 WHITE=0 SYNC=0 TRANSMIT=1")
    homing.join()
    wait_for(klippy, "idle")
    assert status_of(klippy, "lumen_group Own")["source"] == "state"


def test_a_warning_disappears_when_its_problem_is_solved(klippy: Session) -> None:
    path = klippy.folder / "printer.cfg"
    config = path.read_text()

    def shown() -> list[str]:
        entries = klippy.query("configfile")["configfile"]["warnings"]
        return [it["message"] for it in entries if "starts a comment" in it.get("message", "")]

    # Klipper ignores a text that it had before.
    for _ in range(2):
        path.write_text(config.replace("on_idle: solid red", "on_idle: solid #ff0000"))
        klippy.gcode("LUMEN_RELOAD")
        wait_for_text(klippy, "the config was reloaded")
        assert len(shown()) == 1
        path.write_text(config)
        klippy.gcode("LUMEN_RELOAD")
        wait_for_text(klippy, "the config was reloaded")
        assert shown() == []


def wait_for_text(session: Session, text: str) -> None:
    """Waits for an answer on the console, and forgets all answers."""
    end = time.monotonic() + 15.0
    while text not in "\n".join(session.api.console):
        assert time.monotonic() < end, session.api.console
        time.sleep(0.1)
    session.api.console.clear()


def test_stop_clears_the_effects_on_these_leds(klippy: Session) -> None:
    klippy.gcode("SET_LED LED=Own BLUE=1 SYNC=0\nSET_LED LED=Chamber BLUE=1 SYNC=0")
    # [neopixel bar] is on the strip of this group.
    klippy.gcode('STOP_LED_EFFECTS LEDS="neopixel:bar (1-2)"')
    assert status_of(klippy, "lumen_group Chamber")["source"] == "state"
    assert status_of(klippy, "lumen_group Own")["source"] == "command"
    klippy.gcode("STOP_LED_EFFECTS LEDS=neopixel:Own")
    assert status_of(klippy, "lumen_group Own")["source"] == "state"


def test_the_idle_timeout_fired_and_no_fault_was_logged(klippy: Session) -> None:
    log = klippy.log.read_text(errors="replace")
    assert "Internal error" not in log
    assert "lumen: [neopixel]" not in log
