"""The built wheel in a real klippy, which prints a real job on simulated devices.

Runs if KLIPPER_DIR, KLIPPER_PYTHON and KLIPPER_MCU_ELF are set (and KALICO_... for Kalico) and dist
contains a wheel; see bench/README.md. Everything runs in real time and takes a few minutes.
"""

from __future__ import annotations

import threading
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.klippy.bench import klippy_log, measure
from tests.klippy.bench.api import Api
from tests.klippy.bench.environment import BenchError, Environment
from tests.klippy.bench.plugin import install, unpack
from tests.klippy.bench.session import Plan, Session

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.timeout(600)

# A floor just below the nozzle's target, so that it has cooled down within seconds.
CONFIG = """
[lumen]
unmapped: keep
temp_floor: 190
bored_timeout: 4
sleep_timeout: 3
complete_timeout: 3

[lumen_strip case]
driver: memory
count: 60

[lumen_group left]
pixels: case 1-30
on_printing: progress steel matrix 1.5
on_error: pulse red speed=2

[lumen_group right]
pixels: case 31-60
on_heating: thermal extruder ice lava 2.0
on_printing: kitt red kitt_tracking_axis=x
"""

RUNOUT_PIN = 30


class Recorder:
    """Queries printer.lumen 20 times a second, on a separate connection, as a web page would."""

    def __init__(self, session: Session) -> None:
        self.states: list[str] = []
        self._socket = session.folder / "klippy.sock"
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Recorder:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(10.0)

    def _run(self) -> None:
        while not self._stop.wait(0.05):
            # The connection breaks while klippy restarts.
            with suppress(BenchError, OSError), closing(Api(self._socket)) as api:
                self._record(api)

    def _record(self, api: Api) -> None:
        while not self._stop.wait(0.05):
            asked = {"objects": {"lumen": ["state"]}}
            status = api.call("objects/query", asked, 5.0)["status"]
            state = status.get("lumen", {}).get("state")
            if state and self.states[-1:] != [state]:
                self.states.append(state)


def in_order(wanted: str, shown: list[str]) -> bool:
    """Returns whether the wanted states occur in this order, with any others between."""
    rest = iter(shown)
    return all(state in rest for state in wanted.split())


def environment(prefix: str) -> Environment:
    try:
        return Environment.of(prefix)
    except BenchError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the newest built wheel is installed."""
    folder = tmp_path_factory.mktemp("site")
    try:
        unpack(folder)
    except BenchError as error:
        pytest.skip(str(error))
    return folder


def open_session(found: Environment, site: Path, work: Path) -> Session:
    plan = Plan(0.2, CONFIG, (site,), lambda tree: install(found, site, tree))
    return Session(found, work, plan)


@pytest.fixture(scope="module")
def klippy(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """A real klippy that is ready."""
    found = environment("KLIPPER")
    with open_session(found, site, tmp_path_factory.mktemp("kb")) as session:
        measure.subscribe(session)
        yield session


def lumen(session: Session) -> Any:
    return session.query("lumen")["lumen"]


def wait_for(session: Session, state: str, limit_s: float = 30.0, also: str = "") -> None:
    """Waits until a state shows, with another one below it."""
    end = time.monotonic() + limit_s
    while lumen(session)["state"] != state or (also and also not in lumen(session)["states"]):
        assert time.monotonic() < end, "%s after %.0f s: %s" % (state, limit_s, lumen(session))
        time.sleep(0.05)


def start_job(session: Session) -> None:
    session.gcode("SDCARD_PRINT_FILE FILENAME=job.gcode")
    wait_for(session, "printing", 90.0)


def test_the_plugin_is_from_the_wheel_and_its_status_is_complete(
    klippy: Session, site: Path
) -> None:
    status = lumen(klippy)
    assert status["groups"] == ["left", "right"]
    assert status["strips"] == ["case"]
    assert status["dark"] == []
    group = klippy.query("lumen_group right")["lumen_group right"]
    assert group["pixels"] == 30
    maps = Path("/proc/%d/maps" % klippy.klippy_pid).read_text()
    assert str(site) in maps
    assert "lumen: version" in klippy.log.read_text()


def test_every_phase_of_a_job_shows_in_order(klippy: Session) -> None:
    with Recorder(klippy) as recorder:
        for script in ("G28", "Z_TILT_ADJUST", "BED_MESH_CALIBRATE", "PROBE_ACCURACY SAMPLES=2"):
            klippy.gcode(script)
        klippy.gcode("M84")
        measure.print_job(klippy)
        wait_for(klippy, "sleep", 60.0)
    assert in_order("homing leveling meshing probing", recorder.states), " ".join(recorder.states)
    job = "homing heating printing complete cooldown bored sleep"
    assert in_order(job, recorder.states), " ".join(recorder.states)
    assert "error" not in recorder.states
    assert "disconnected" not in recorder.states


def test_it_wakes_when_the_printer_moves(klippy: Session) -> None:
    klippy.gcode("G28 X")
    wait_for(klippy, "idle", 5.0)


def test_pause_resume_runout_and_cancel_show(klippy: Session) -> None:
    with Recorder(klippy) as recorder:
        start_job(klippy)
        klippy.gcode("PAUSE")
        wait_for(klippy, "paused", 5.0)
        klippy.gcode("RESUME")
        wait_for(klippy, "printing", 5.0)
        klippy.devices.force_pin(RUNOUT_PIN, 0)
        wait_for(klippy, "filament", 10.0)
        wait_for(klippy, "filament", 10.0, also="paused")
        klippy.devices.force_pin(RUNOUT_PIN, -1)
        wait_for(klippy, "paused", 10.0)
        klippy.gcode("CANCEL_PRINT")
        wait_for(klippy, "cancelled", 5.0)
        klippy.gcode("TURN_OFF_HEATERS")
    order = "heating printing paused printing filament paused cancelled"
    assert in_order(order, recorder.states), " ".join(recorder.states)


def test_commands_and_moving_lights_leave_the_idle_timeout_alone(klippy: Session) -> None:
    klippy.gcode("LUMEN_SET GROUP=all EFFECT=rainbow")
    klippy.gcode("M400\nSET_IDLE_TIMEOUT TIMEOUT=3\nG28 X")
    end = time.monotonic() + 20.0
    while klippy.query("idle_timeout")["idle_timeout"]["state"] != "Idle":
        assert time.monotonic() < end
        time.sleep(0.1)
    for script in ("LUMEN_SET GROUP=left EFFECT=fire", "LUMEN_STATE STATE=idle", "LUMEN_STATUS"):
        klippy.gcode(script)
    time.sleep(2.0)
    assert lumen(klippy)["moving"] is True
    assert 50 <= lumen(klippy)["fps"] <= 61
    assert klippy.query("idle_timeout")["idle_timeout"]["state"] == "Idle"
    klippy.gcode("LUMEN_CLEAR\nSET_IDLE_TIMEOUT TIMEOUT=600")


def test_a_mistyped_command_gets_a_suggestion(klippy: Session) -> None:
    klippy.gcode("LUMEN_SET GROUP=chambr EFFECT=off")
    words = "// LUMEN_SET: unknown group 'chambr' (groups: left, right)"
    assert klippy.api.console[-1] == words
    assert klippy.api.call("info")["state"] == "ready"


def test_restarts_in_the_same_process_leave_nothing_behind(klippy: Session) -> None:
    klippy.restart("RESTART")
    before = render_threads(klippy)
    for _ in range(3):
        klippy.restart("RESTART")
    assert render_threads(klippy) == before == 1
    wait_for(klippy, "idle", 5.0)


def render_threads(session: Session) -> int:
    tasks = Path("/proc/%d/task" % session.klippy_pid).iterdir()
    return sum((task / "comm").read_text().strip() == "lumen-render" for task in tasks)


def test_an_emergency_stop_shows_and_a_firmware_restart_recovers(klippy: Session) -> None:
    klippy.api.call("emergency_stop")
    wait_for(klippy, "error", 2.0)
    assert klippy.api.call("info")["state"] == "shutdown"
    klippy.gcode("LUMEN_STATUS")
    # The lights continue although klippy is idle: no lost link after 3 s.
    time.sleep(4.0)
    assert lumen(klippy)["state"] == "error"
    klippy.restart("FIRMWARE_RESTART")
    wait_for(klippy, "idle", 5.0)


def test_the_log_contains_no_alarm(klippy: Session) -> None:
    caused = "Transition to shutdown state: Shutdown due to"
    alarms = [line for line in klippy_log.alarms(klippy.log) if caused not in line]
    assert alarms == []
    faults = [line for line in klippy.log.read_text().splitlines() if line.startswith("lumen: ")]
    # The mistyped command of a test above occurs once.
    known = ("lumen: version", "lumen: LUMEN_SET: unknown group 'chambr'")
    assert all(line.startswith(known) for line in faults), faults


# A simulated MCU that the computer delays this long gets its moves too late, with or without
# lights.
HELD_UP_MS = 50.0


def test_kalico_loads_it_and_shows_homing(
    site: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    found = environment("KALICO")
    for is_last in (False, False, True):
        with open_session(found, site, tmp_path_factory.mktemp("kk")) as session:
            wait_for(session, "idle", 10.0)
            with Recorder(session) as recorder:
                try:
                    session.gcode("G28")
                except BenchError:
                    held_up_ms = session.devices.counters()["clock_lost_ns"] / 1e6
                    if is_last or held_up_ms < HELD_UP_MS:
                        raise
                    continue
                wait_for(session, "idle", 10.0)
            assert in_order("homing idle", recorder.states), " ".join(recorder.states)
            assert klippy_log.alarms(session.log) == []
            return
