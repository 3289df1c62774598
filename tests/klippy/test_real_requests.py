"""Commands and endpoints in a real klippy answer immediately; see test_real.py."""

from __future__ import annotations

import base64
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from klipper_lumen.cli import doctor
from tests.klippy.bench import klippy_log
from tests.klippy.bench.environment import BenchError
from tests.klippy.bench.plugin import install
from tests.klippy.bench.session import Plan, Session
from tests.klippy.test_real import environment, lumen, site, wait_for

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
count: 30

[lumen_group Case]
strip: case
on_idle: solid white
"""

BUTTONS = """
[gcode_macro SHOW]
gcode:
    LUMEN_SET GROUP=Case EFFECT=comet
    LUMEN_FLASH COLOR=red
    LUMEN_BRIGHTNESS VALUE=0.5
"""


@pytest.fixture(scope="module", params=["KLIPPER", "KALICO"])
def klippy(
    request: pytest.FixtureRequest, site: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Session]:
    found = environment(request.param)
    plan = Plan(0.2, CONFIG + BUTTONS, (site,), lambda tree: install(found, site, tree))
    with Session(found, tmp_path_factory.mktemp("kr"), plan) as session:
        wait_for(session, "idle")
        yield session


def ask(session: Session, name: str, **params: Any) -> Any:
    return session.api.call("lumen/" + name, params, 10.0)


def group(session: Session) -> Any:
    return session.query("lumen_group Case")["lumen_group Case"]


def test_endpoints_answer_immediately_while_a_command_waits(klippy: Session) -> None:
    waits = threading.Thread(target=klippy.gcode, args=("G4 P4000",))
    waits.start()
    try:
        time.sleep(0.3)
        begun = time.monotonic()
        ask(klippy, "set", group="Case", effect="comet", color="red", speed="30")
        ask(klippy, "brightness", value="0.5", fade=0)
        ask(klippy, "flash", color="blue", count=1)
        status = ask(klippy, "status")
        assert waits.is_alive()
        assert time.monotonic() - begun < 3.0
    finally:
        waits.join()
    assert status["groups"]["Case"]["pixels"] == 30
    time.sleep(1.0)
    assert group(klippy)["effect"].startswith("comet")
    assert lumen(klippy)["brightness"] == 0.5
    ask(klippy, "clear")
    ask(klippy, "brightness", value=1)


def test_an_invalid_request_is_reported_without_side_effects(klippy: Session) -> None:
    with pytest.raises(BenchError, match=r"unknown effect 'comt' .did you mean 'comet'"):
        ask(klippy, "set", group="Case", effect="comt")
    klippy.gcode("LUMEN_BRIGHTNESS VALUE=7")
    words = "// LUMEN_BRIGHTNESS: VALUE must be from 0 to 1, got '7'"
    assert klippy.api.console[-1] == words
    assert klippy.api.call("info")["state"] == "ready"


def test_all_commands_work_within_a_macro(klippy: Session) -> None:
    klippy.gcode("SHOW")
    time.sleep(2.5)
    assert group(klippy)["effect"].startswith("comet")
    klippy.gcode("LUMEN_CLEAR\nLUMEN_BRIGHTNESS VALUE=1")


def test_the_console_knows_every_command(klippy: Session) -> None:
    help_texts = klippy.api.call("gcode/help")
    assert help_texts["LUMEN_BRIGHTNESS"].startswith("Set the brightness")
    assert {"LUMEN", "LUMEN_TEST_NEXT_STATE", "LUMEN_RELOAD", "LUMEN_HOMING_START"} <= set(
        help_texts
    )


def test_a_preview_is_the_frame(klippy: Session) -> None:
    ask(klippy, "brightness", value=1, fade=0)
    ask(klippy, "set", group="Case", effect="solid", color="red", fade=0)
    time.sleep(0.5)
    frame = base64.b64decode(ask(klippy, "preview", strip="case")["rgbw"])
    assert frame == bytes((255, 0, 0, 0)) * 30
    ask(klippy, "clear")


def test_test_mode_steps_through_the_states_and_ends(klippy: Session) -> None:
    states = ask(klippy, "test_start")["states"]
    assert ask(klippy, "test_next_state")["state"] == states[1]
    wait_for(klippy, states[1], 3.0)
    assert lumen(klippy)["test"] is True
    klippy.gcode("LUMEN_TEST_STOP")
    wait_for(klippy, "idle", 3.0)


def test_the_doctor_gives_the_same_result_everywhere(klippy: Session) -> None:
    path = klippy.folder / "printer.cfg"
    asked = ask(klippy, "doctor")
    assert asked["ok"] is True, asked["lines"]
    assert "ok: output of strip 'case': works" in asked["lines"]
    assert "ok: config: %s: no problems found" % path in asked["lines"]
    checks = {it["check"] for it in asked["findings"]}
    assert checks >= {"package", "Klipper", "computer", "MCU 'mcu'"}
    with pytest.raises(BenchError, match="it has just been run"):
        ask(klippy, "doctor")
    time.sleep(5.0)
    count = len(klippy.api.console)
    klippy.gcode("LUMEN_DOCTOR")
    time.sleep(1.0)
    shown = "\n".join(klippy.api.console[count:])
    for line in asked["lines"]:
        assert line in shown
    # Like a user in a terminal, without the objects of the running printer.
    found = doctor.report(path, str(klippy.folder / "klipper"))
    others = {it["check"] for it in found["findings"]}
    assert {it for it in checks - others if not it.startswith(("output of", "MCU"))} == set()


def test_a_new_config_is_reloaded_from_its_file(klippy: Session) -> None:
    path = klippy.folder / "printer.cfg"
    before = path.read_text()
    path.write_text(before.replace("on_idle: solid white", "on_idle: solid blue"))
    assert ask(klippy, "reload")["warnings"] == []
    time.sleep(1.0)
    frame = base64.b64decode(ask(klippy, "preview", strip="case")["rgbw"])
    assert frame == bytes((0, 0, 255, 0)) * 30
    path.write_text(before.replace("on_idle: solid white", "on_idle: solit white"))
    with pytest.raises(BenchError, match=r"printer\.cfg:\d+: Option 'on_idle'"):
        ask(klippy, "reload")
    assert group(klippy)["effect"] == "solid blue"
    path.write_text(before)
    ask(klippy, "reload")


def test_status_and_help_work_after_a_shutdown(klippy: Session) -> None:
    klippy.api.call("emergency_stop")
    wait_for(klippy, "error", 3.0)
    klippy.gcode("LUMEN_STATUS\nLUMEN_HELP")
    assert ask(klippy, "status")["state"] == "error"
    klippy.restart("FIRMWARE_RESTART")
    wait_for(klippy, "idle", 10.0)


def test_klippers_statistics_contain_lumen(klippy: Session) -> None:
    end = time.monotonic() + 20.0
    while " lumen: fps=" not in klippy.log.read_text():
        assert time.monotonic() < end
        time.sleep(0.5)


def test_the_log_contains_no_alarm(klippy: Session) -> None:
    caused = "Transition to shutdown state: Shutdown due to"
    assert [line for line in klippy_log.alarms(klippy.log) if caused not in line] == []
