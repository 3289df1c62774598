"""All configs, macros and commands of the documents in a real klippy; see test_real.py.

klippy starts once. Then its config is replaced and it is restarted, once for each batch of configs
that do not conflict. Klipper's pins of the examples become pins of the second micro-controller, and
the strips of a Raspberry Pi are test doubles.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Optional

import pytest

from tests.documents.configs import GCODE_CONFIG, Batch, batches, inline_gcode, macros, parts
from tests.documents.snippets import of_kind
from tests.klippy.bench import klippy_log
from tests.klippy.bench.doubles import DOUBLES
from tests.klippy.bench.environment import BenchError, Environment
from tests.klippy.bench.plugin import install
from tests.klippy.bench.session import Plan, Session
from tests.klippy.test_real import HELD_UP_MS, environment, lumen, site, wait_for
from tests.python.test_snippets import WRONG

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["site"]

pytestmark = pytest.mark.timeout(300)

# The strips of the documents that have no double here: a Raspberry Pi 5, a second SPI port, and
# controllers that do not exist.
DARK = re.compile(r"leds0|spidev1\.\d|wled-[\w.-]+")
# A computer that is busy delays the simulated micro-controllers, and then klippy cannot reset them.
NOT_RESET = "config as it is shutdown"
# What klippy prints about a wrong command.
COMPLAINT = re.compile(r"!!|// (Unknown|Malformed|[A-Z_]+: )")
# klippy logs this when it restarts its micro-controllers.
RESTARTS = "Transition to shutdown state: Command request"
# Homing takes ten seconds, and macros that home do it themselves.
MOVABLE = "[force_move]\nenable_force_move: True\n"
HOMED = "SET_KINEMATIC_POSITION X=100 Y=100 Z=50"
# A sensor of the computer, which not every computer has.
SENSOR = "[temperature_sensor chamber]\nsensor_path: %s\n"


class Documents:
    """A klippy whose config is replaced."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._path = session.folder / "printer.cfg"
        self._base = parts(self._path.read_text())
        self.failed_resets = 0

    def load(self, config: str) -> None:
        """Restarts klippy with other sections; those of the bench with the same name are left."""
        if "sensor_type: temperature_host" in config:
            path = self.session.folder / "temperature"
            path.write_text("40000")
            config += "\n" + SENSOR % path
        names = {name for name, _ in parts(config)}
        base = "".join(text for name, text in self._base if name not in names)
        self._path.write_text(base + "\n" + config)
        message = NOT_RESET
        for _ in range(3):
            with suppress(BenchError, OSError):
                self.session.gcode("FIRMWARE_RESTART", timeout=20.0)
            message = self._wait()
            if NOT_RESET not in message:
                break
            self.failed_resets += 1
        assert message == ""

    def _wait(self) -> str:
        """Waits until klippy has started; returns its message if it has failed."""
        end = time.monotonic() + 40.0
        message: Optional[str] = None
        while message is None:
            assert time.monotonic() < end, "klippy does not start"
            message = self._state()
        return message

    def _state(self) -> Optional[str]:
        """Connects to klippy, which closes the connection once or twice while it restarts."""
        session = self.session
        session.api.close()
        time.sleep(0.3)
        try:
            session._connect()
            while True:
                info = session.api.call("info", timeout=10.0)
                if info["state"] != "startup":
                    break
                time.sleep(0.02)
        except (BenchError, OSError):
            return None
        return "" if info["state"] == "ready" else str(info["state_message"])

    def complaints(self, *scripts: str) -> list[str]:
        """Runs scripts; returns what the console says against them."""
        for script in scripts:
            for is_last in (False, False, True):
                console = self.session.api.console
                before = len(console)
                try:
                    self.session.gcode(script)
                except BenchError:
                    # A computer that is busy delays the simulated micro-controller.
                    held_up_ms = self.session.devices.counters()["clock_lost_ns"] / 1e6
                    if is_last or held_up_ms < HELD_UP_MS:
                        raise
                    self.load(self._path.read_text())
                    self.session.gcode(HOMED)
                    continue
                wrong = [line for line in console[before:] if COMPLAINT.match(line)]
                if wrong:
                    return [script, *wrong]
                break
        return []

    def warnings(self) -> list[str]:
        """Klipper's warnings about Lumen, without those about the machine."""
        found = self.session.query("configfile")["configfile"]["warnings"]
        texts = [it["message"] for it in found if "lumen" in it["message"].lower()]
        # About the changed default of unmapped, and about strips without a double.
        known = re.compile(r"show the built-in effects|strip '(%s)'" % DARK.pattern)
        return [text for text in texts if not known.search(text)]


def doubles(work: Path) -> dict[str, str]:
    """klippy's environment with a Raspberry Pi 3 and its SPI."""
    variables: dict[str, str] = {}
    libraries = []
    for double in DOUBLES:
        if double.output in ("spi", "gpio"):
            found = double.environment(work, 1)
            libraries.append(found.pop("LD_PRELOAD"))
            variables.update(found)
    return {**variables, "LD_PRELOAD": " ".join(libraries)}


@pytest.fixture(scope="module", params=["KLIPPER", "KALICO"])
def found(request: pytest.FixtureRequest) -> Environment:
    return environment(request.param)


@pytest.fixture(scope="module")
def documents(
    found: Environment, site: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Documents]:
    work = tmp_path_factory.mktemp("kd")

    def prepare(tree: Path) -> None:
        install(found, site, tree)

    plan = Plan(
        0.2, MOVABLE, (site,), prepare, led_mcu=True, variables=doubles(work.parent), heating=3.0
    )
    with Session(found, work, plan) as session:
        yield Documents(session)


@pytest.mark.parametrize("batch", batches(), ids=lambda batch: str(batch.snippets[0]))
def test_configs_load_and_their_macros_run(documents: Documents, batch: Batch) -> None:
    documents.load(batch.text)
    names = {name for name, _ in parts(batch.text)}
    session = documents.session
    status = lumen(session)
    assert {"lumen_group " + it for it in status["groups"]} <= names
    assert [name for name in status["dark"] if not DARK.fullmatch(name)] == []
    assert documents.warnings() == []
    if batch.macros:
        assert documents.complaints(HOMED, *batch.macros, "TURN_OFF_HEATERS") == []
    if "SHOW_STATE" in batch.macros:
        assert any("The lights show" in line for line in session.api.console)


def test_all_macros_are_run() -> None:
    assert sorted({name for batch in batches() for name in batch.macros}) == macros()
    assert len(macros()) > 15


def test_the_commands_of_the_documents_run(documents: Documents) -> None:
    documents.load(GCODE_CONFIG)
    scripts = [snippet.text for snippet in of_kind("gcode")]
    scripts += [it for it in inline_gcode() if it not in WRONG]
    assert len(scripts) > 30
    assert documents.complaints(*scripts) == []
    assert documents.complaints("LUMEN_CLEAR") == []


def wait_for_effect(session: Session, name: str) -> None:
    """Waits for an effect: the status follows a command within a quarter of a second."""
    end = time.monotonic() + 10.0
    shown = ""
    while not shown.startswith(name):
        assert time.monotonic() < end, shown
        shown = session.api.call("lumen/status", {}, 10.0)["groups"]["case"]["effect"]


def test_the_buttons_show_what_they_name(documents: Documents) -> None:
    """The macros of docs/lumen_macros.cfg and Macros.md with the values of a web interface."""
    session = documents.session
    shipped = Path(__file__).resolve().parents[2] / "docs" / "lumen_macros.cfg"
    (switch,) = (it.text for it in of_kind("config") if "LIGHTS_TOGGLE" in it.macros)
    group = "[lumen]\n[lumen_group case]\ndriver: memory\nindex_end: 8\non_idle: solid white\n"
    documents.load(group + shipped.read_text() + switch)
    wait_for(session, "idle")
    session.gcode("LIGHTS_EFFECT")
    wait_for_effect(session, "rainbow")
    session.gcode("LIGHTS_EFFECT EFFECT=pulse COLOR=red")
    wait_for_effect(session, "pulse")
    # Mainsail puts a value with spaces into quotes.
    session.gcode('LIGHTS_EFFECT GROUP=case EFFECT="comet blue speed=20"')
    wait_for_effect(session, "comet blue")
    session.gcode("LIGHTS_FOLLOW")
    wait_for_effect(session, "solid white")
    session.gcode("LIGHTS_TOGGLE")
    wait_for_effect(session, "off")
    session.gcode("LIGHTS_TOGGLE")
    wait_for_effect(session, "solid white")


def test_the_log_contains_no_alarm(documents: Documents) -> None:
    alarms = [it for it in klippy_log.alarms(documents.session.log) if RESTARTS not in it]
    # klippy logs one for each failed reset.
    assert alarms == ["Traceback (most recent call last):"] * documents.failed_resets
    assert "internal error" not in documents.session.log.read_text(errors="replace")


LED_EFFECT = """
[neopixel case]
pin: led:gpio40
chain_count: 24

[neopixel panel_ring]
pin: led:gpio41
chain_count: 12

[lumen]

[lumen_group other]
driver: memory
"""


def test_the_configs_of_led_effect_load(found: Environment, site: Path, tmp_path: Path) -> None:
    """The other side of led_effect.md, with Lumen on other LEDs, as Recipes.md describes."""
    folder = os.environ.get("LED_EFFECT_DIR")
    if not folder:
        pytest.skip("LED_EFFECT_DIR is not set; it must name a source tree of klipper-led_effect")
    snippets = of_kind("led_effect")

    def prepare(tree: Path) -> None:
        install(found, site, tree)
        shutil.copy(Path(folder) / "src" / "led_effect.py", tree / "klippy" / "extras")

    config = LED_EFFECT + "\n".join(it.text for it in snippets)
    plan = Plan(0.2, config, (site,), prepare, led_mcu=True)
    with Session(found, tmp_path, plan) as session:
        names = re.findall(r"^\[led_effect (\w+)\]", config, re.M)
        assert len(names) == len(set(names)) > len(snippets)
        for name in names:
            session.gcode("SET_LED_EFFECT EFFECT=%s" % name)
        session.gcode("STOP_LED_EFFECTS")
        assert [it for it in session.api.console if COMPLAINT.match(it)] == []
