"""The traces that a real klippy can play, on Klipper and on Kalico; see bench/README.md."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from tests.klippy.bench.environment import BenchError
from tests.klippy.bench.plugin import install
from tests.klippy.bench.session import Plan, Session
from tests.klippy.test_real import RUNOUT_PIN, Recorder, environment, in_order, lumen, site
from tests.klippy.traces import Trace, read_all

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["site"]
pytestmark = pytest.mark.timeout(900)

CONFIG = """
[lumen]
complete_timeout: 2
temp_floor: 250

[lumen_strip case]
driver: memory
count: 10

[lumen_group chamber]
pixels: case 1-10

[bed_screws]
screw1: 50, 50
screw2: 150, 50
screw3: 100, 150

[gcode_macro SHAPER_CALIBRATE]
gcode:
    G4 P1000
    M400
[gcode_macro CLEAN_NOZZLE]
gcode:
    G4 P1000
    M400
[gcode_macro LOAD_FILAMENT]
gcode:
    G4 P1000
    M400
[gcode_macro M600]
gcode: PAUSE

[gcode_macro TIMELAPSE_TAKE_FRAME]
variable_takingframe: False
gcode:
    SET_GCODE_VARIABLE MACRO=TIMELAPSE_TAKE_FRAME VARIABLE=takingframe VALUE=True
    PAUSE
    UPDATE_DELAYED_GCODE ID=frame_taken DURATION=1

[delayed_gcode frame_taken]
gcode:
    SET_GCODE_VARIABLE MACRO=TIMELAPSE_TAKE_FRAME VARIABLE=takingframe VALUE=False
    RESUME
"""
# A host that streams: 15 s of printing, then nothing, with a hot nozzle.
STREAMED = "G91\nM83\n" + "G1 X20 E1 F1200\nG1 X-20 E1 F1200\n" * 8 + "G90\nM400"

TRACES = [trace for trace in read_all() if "bench" in trace.header]


@pytest.fixture(scope="module", params=["KLIPPER", "KALICO"])
def klippy(
    request: pytest.FixtureRequest, site: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Session]:
    """A real klippy that is homed."""
    found = environment(request.param)
    plan = Plan(2.0, CONFIG, (site,), lambda tree: install(found, site, tree), heating=2.0)
    with Session(found, tmp_path_factory.mktemp("kt"), plan) as session:
        session.gcode("G28")
        yield session


def wait_for(session: Session, state: str, limit_s: float = 60.0) -> None:
    """Waits until a state shows."""
    end = time.monotonic() + limit_s
    while lumen(session)["state"] != state:
        assert time.monotonic() < end, "%s: %s" % (state, lumen(session))
        time.sleep(0.05)


def take(session: Session, step: str) -> None:
    """Takes one step of a trace."""
    verb, _, rest = step.partition(" ")
    if verb == "wait":
        time.sleep(float(rest))
    elif verb == "fail":
        with pytest.raises(BenchError):
            session.gcode(rest)
    elif verb == "job":
        session.gcode("SDCARD_PRINT_FILE FILENAME=job.gcode")
        wait_for(session, "printing", 120.0)
    elif verb in ("runout", "refill"):
        session.devices.force_pin(RUNOUT_PIN, 0 if verb == "runout" else -1)
    elif verb == "streamed":
        session.gcode("M109 S210\nG1 X100 Y100 Z10 F6000\nM400")
        session.gcode(STREAMED)
        wait_for(session, "paused")
    elif verb == "mcu-lost":
        session._programs["mcu"].kill()
        wait_for(session, "disconnected", 30.0)
    else:
        session.gcode(step)


def tidy_up(session: Session) -> None:
    """Ends what a trace has left."""
    with suppress(BenchError):
        session.gcode("CANCEL_PRINT\nTURN_OFF_HEATERS\nSDCARD_RESET_FILE\nLUMEN_CLEAR")
        wait_for(session, "idle", 30.0)


@pytest.mark.parametrize("trace", [it for it in TRACES if it.name != "mcu-lost-at-rest"], ids=str)
def test_a_trace_shows_the_same_on_a_real_klippy(klippy: Session, trace: Trace) -> None:
    play(klippy, trace)


def test_an_mcu_that_is_switched_off_at_rest_is_no_error(klippy: Session) -> None:
    play(klippy, next(trace for trace in TRACES if trace.name == "mcu-lost-at-rest"))


def play(session: Session, trace: Trace) -> None:
    """Plays all bench lines of a trace."""
    for line in trace.header["bench"]:
        sign = "=>" if "=>" in line else "~>"
        script, _, wanted = line.partition(sign)
        in_job, script = script.startswith("in-job "), script.replace("in-job ", "")
        if in_job:
            take(session, "job")
        else:
            tidy_up(session)
        with Recorder(session) as recorder:
            while not recorder.states:
                time.sleep(0.01)
            for step in script.split(";"):
                take(session, step.strip())
            if wanted.split()[-1] == "idle":
                wait_for(session, "idle")
        tidy_up(session)
        shown = [state for i, state in enumerate(recorder.states) if i or state != "idle"]
        sys.stdout.write("%s: %s %s %s\n" % (trace.name, wanted.strip(), sign, " ".join(shown)))
        is_right = in_order(wanted, shown) if sign == "~>" else shown == wanted.split()
        assert is_right, "%s: %s instead of %s" % (script, " ".join(shown), wanted)
