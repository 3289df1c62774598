"""Protocol 4: frames per second in every state of the printer, each with a moving effect.

The simulated printer has most states: it homes, levels, probes, meshes, heats, prints, pauses, runs
out of filament, is cancelled, cools down, is bored, sleeps and fails. The other states are forced.
"""

from __future__ import annotations

import json
import threading
import time
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any, Callable

import klipper_lumen

from . import measure
from .api import Api
from .criteria import Row, Table, info
from .environment import BenchError
from .session import Plan, Session

if TYPE_CHECKING:
    from .lab import Lab

FPS, FPS_AIM = 30.0, 60.0
# One frame more or less, in the shortest time that a state is measured.
NEAR = 0.5
# A shorter time is not enough to measure a rate.
LEAST_S = 2.0
LOOK_EVERY_S = 0.1
RUNOUT_PIN = 30

STATES: list[str] = [state["name"] for state in json.loads(klipper_lumen.catalog())["states"]]

# The timeouts are short, so that each state is reached. A nozzle counts as cold at 190.
CONFIG = """
[lumen]
unmapped: keep
temp_floor: 190
bored_timeout: 4
sleep_timeout: 3
complete_timeout: 4
cancelled_timeout: 4

[lumen_strip case]
driver: memory
count: 150

[lumen_group case]
strip: case
%s
""" % "\n".join("on_%s: rainbow" % state for state in STATES)


class Watch:
    """Counts the frames in each state, on its own connection."""

    def __init__(self, session: Session) -> None:
        self._socket = session.socket
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        # Frames and seconds in each state.
        self.seen: dict[str, tuple[float, float]] = {}

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(10.0)

    def seconds(self, state: str) -> float:
        """Returns how long a state was measured."""
        return self.seen.get(state, (0.0, 0.0))[1]

    def rate(self, state: str) -> float:
        """Returns the frames per second in a state; 0 if it did not occur."""
        frames, seconds = self.seen.get(state, (0.0, 0.0))
        return frames / seconds if seconds else 0.0

    def _run(self) -> None:
        # The connection ends when klippy restarts.
        with closing(Api(self._socket)) as api, suppress(BenchError, OSError):
            before = api.call("lumen/status", timeout=5.0)
            while not self._stop.wait(LOOK_EVERY_S):
                after = api.call("lumen/status", timeout=5.0)
                self._note(before, after)
                before = after

    def _note(self, before: dict[str, Any], after: dict[str, Any]) -> None:
        if before["state"] != after["state"]:
            return
        frames, seconds = self.seen.get(after["state"], (0.0, 0.0))
        more = [after["metrics"][name] - before["metrics"][name] for name in ("frames", "uptime_s")]
        self.seen[after["state"]] = (frames + more[0], seconds + more[1])


def run(lab: Lab) -> Table:
    """Takes a printer through its states; returns the rate in each."""
    with lab.session(Plan(0.2, CONFIG)) as session, Watch(session) as watch:
        _live(session)
        # The last state of a printer.
        forced = [state for state in STATES if watch.seconds(state) < LEAST_S and state != "error"]
        for state in forced:
            session.gcode("LUMEN_STATE STATE=" + state)
            time.sleep(2.0 * LEAST_S)
        session.gcode("LUMEN_CLEAR")
        session.api.call("emergency_stop")
        time.sleep(2.0 * LEAST_S)
    rows = [_row(watch, state, state in forced) for state in STATES]
    held_up = session.devices.counters()["clock_lost_ns"] / 1e6
    return Table(
        "rates: 150 pixels", [*rows, info("the computer held the MCU up", "%.0f ms" % held_up)]
    )


def _row(watch: Watch, state: str, is_forced: bool) -> Row:
    rate, seconds = watch.rate(state), watch.seconds(state)
    kind = "forced" if is_forced else "%.0f s" % seconds
    criterion = ">= %g /s (aim: %g)" % (FPS, FPS_AIM)
    is_kept = rate >= FPS and seconds >= LEAST_S
    aim = abs(rate - FPS_AIM) < NEAR
    return Row("%s (%s)" % (state, kind), "%.2f /s" % rate, criterion, is_kept, aim)


def _live(session: Session) -> None:
    """The states of a whole day, in minutes."""
    time.sleep(2.0 * LEAST_S)
    for script in ("G28", "Z_TILT_ADJUST", "BED_MESH_CALIBRATE", "PROBE_ACCURACY SAMPLES=4"):
        session.gcode(script)
    _start_job(session)
    session.gcode("PAUSE")
    time.sleep(2.0 * LEAST_S)
    session.devices.force_pin(RUNOUT_PIN, 0)
    time.sleep(2.0 * LEAST_S)
    session.devices.force_pin(RUNOUT_PIN, -1)
    session.gcode("CANCEL_PRINT")
    time.sleep(2.0 * LEAST_S)
    measure.print_job(session)
    _wait(lambda: _state(session) == "sleep", "it does not go to sleep")
    time.sleep(2.0 * LEAST_S)


def _start_job(session: Session) -> None:
    session.gcode("SDCARD_PRINT_FILE FILENAME=job.gcode")
    _wait(lambda: _state(session) == "printing", "it does not print")
    time.sleep(LEAST_S)


def _state(session: Session) -> str:
    return str(session.query("lumen")["lumen"]["state"])


def _wait(test: Callable[[], bool], problem: str) -> None:
    end = time.monotonic() + 90.0
    while not test():
        if time.monotonic() > end:
            raise BenchError(problem)
        time.sleep(0.1)
