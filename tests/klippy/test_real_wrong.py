"""A job full of invalid commands prints to its end in a real klippy; see test_real.py."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.klippy.bench import klippy_log
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

[lumen_strip case]
driver: memory
count: 30

[lumen_group Case]
strip: case
on_idle: solid white
on_error: pulse red

[lumen_effect party]
effect: disco
show: True

[gcode_macro LAYER]
gcode:
    LUMEN_SET GROUP=nosuch EFFECT=comet
    LUMEN_SET GROUP=Case EFFECT=nosuch
    LUMEN_FLASH COLOR=rde
    LUMEN_BRIGHTNESS VALUE={params.LEVEL}
    LUMEN_HOMING_START NOW=1
    LUMEN_SET

[gcode_macro PARK]
gcode:
    G90
    LUMEN_STATE STATE=pasued
    SET_LED_EFFECT EFFECT=nosuch
    SET_LED LED=nosuch RED=1
    G1 Z25 F600
    G1 X10 Y10 F6000
"""

JOB = """
G28
G90
G1 X50 Y50 Z5 F6000
LUMEN_SET GROUP=nosuch EFFECT=solid COLOR=red
LUMEN_STATE STATE=
LUMEN_STATE
LUMEN_RELOAD
LUMEN_RELOAD
LUMEN_RELOAD FORCE=1
SET_LED_EFFECT EFFECT=nosuch
SET_LED_EFFECT EFFECT=party STOP=maybe
SET_LED_EFFECT
SET_LED LED=Case RED=7
SET_LED LED=nosuch
STOP_LED_EFFECTS
%s
LUMEN_TEST_NEXT_STATE
PARK
M400
"""


@pytest.fixture(params=["KLIPPER", "KALICO"])
def klippy(
    request: pytest.FixtureRequest, site: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Session]:
    found = environment(request.param)
    plan = Plan(0.2, CONFIG, (site,), lambda tree: install(found, site, tree))
    with Session(found, tmp_path_factory.mktemp("kx"), plan) as session:
        wait_for(session, "idle")
        yield session


def stats(session: Session) -> Any:
    return session.query("print_stats")["print_stats"]


def test_a_job_with_wrong_commands_prints_to_its_end(klippy: Session) -> None:
    layers = "".join("G1 X%d Y60 F6000\nLAYER LEVEL=%d\n" % (50 + it, it) for it in range(2, 40))
    (klippy.folder / "gcodes" / "wrong.gcode").write_text(JOB % layers)
    klippy.gcode("SDCARD_PRINT_FILE FILENAME=wrong.gcode")
    end = time.monotonic() + 120.0
    while stats(klippy)["state"] not in ("complete", "error", "cancelled"):
        assert time.monotonic() < end
        time.sleep(0.2)
    assert (stats(klippy)["state"], stats(klippy)["message"]) == ("complete", "")
    # The park macro moved after its mistakes.
    assert klippy.query("toolhead")["toolhead"]["position"][:3] == [10.0, 10.0, 25.0]
    console = klippy.api.console
    assert not [text for text in console if text.startswith("!!")]
    assert "// LUMEN_RELOAD: a reload is already in progress" in console
    assert "// LUMEN_SET: unknown group 'nosuch' (groups: Case)" in console
    refused = [text for text in console if text.startswith(("// LUMEN_", "// SET_LED"))]
    # Those of the layers were counted.
    assert len(refused) <= 13
    log = klippy.log.read_text(errors="replace")
    assert "lumen: LUMEN_STATE: unknown state 'pasued'" in log
    assert log.count("unknown group 'nosuch'") <= 6
    assert klippy_log.alarms(klippy.log) == []
    assert klippy.api.call("info")["state"] == "ready"


def test_a_malformed_command_is_klippers_error(klippy: Session) -> None:
    for command in ("LUMEN_SET Case", 'LUMEN_SET GROUP="Case'):
        with pytest.raises(BenchError, match="Malformed command"):
            klippy.gcode(command)
        assert klippy.api.console[-1] == "!! Malformed command '%s'" % command
    assert klippy.api.call("info")["state"] == "ready"
