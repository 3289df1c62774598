"""Profile, debug log and console in a real klippy with real outputs; see test_real.py."""

from __future__ import annotations

import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from klippy_extra.lumen.guard import LIMITS
from tests.klippy.bench import klippy_log
from tests.klippy.bench.plugin import install
from tests.klippy.bench.session import Plan, Session
from tests.klippy.test_real import environment, lumen, site, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["site"]

pytestmark = pytest.mark.timeout(600)

LIMIT = LIMITS["console_messages"]

CONFIG = """
[neopixel chain]
pin: led:gpio40
chain_count: 30

[lumen]
unmapped: keep
debug: console
bored_timeout: 600

[lumen_strip wall]
driver: ddp
host: 127.0.0.1
port: %d
count: 150

[lumen_strip chain]
driver: klipper
neopixel: chain
count: 30

[lumen_group wall]
strip: wall
on_idle: rainbow
on_heating: thermal extruder
on_error: pulse red

[lumen_group chain]
strip: chain
on_idle: comet blue
"""


@pytest.fixture(scope="module")
def controller() -> Iterator[int]:
    """The port of a controller that accepts everything."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        yield listener.getsockname()[1]


@pytest.fixture(scope="module", params=["KLIPPER", "KALICO"])
def klippy(
    request: pytest.FixtureRequest,
    site: Path,
    controller: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Session]:
    found = environment(request.param)
    config = CONFIG % controller
    plan = Plan(0.2, config, (site,), lambda tree: install(found, site, tree), led_mcu=True)
    with Session(found, tmp_path_factory.mktemp("kt"), plan) as session:
        wait_for(session, "idle")
        yield session


def ask(session: Session) -> Any:
    return session.api.call("lumen/profile", {}, 10.0)


def console_messages(session: Session) -> list[str]:
    """Returns the unsolicited messages of Lumen on the console."""
    return [text for text in session.api.console if text[3:].startswith("lumen: ")]


def test_effects_and_outputs_are_measured_while_a_command_waits(klippy: Session) -> None:
    time.sleep(1.0)
    waits = threading.Thread(target=klippy.gcode, args=("G4 P9000",))
    waits.start()
    try:
        time.sleep(0.3)
        first = ask(klippy)
        assert (first["measuring"], first["found"]) == (True, None)
        time.sleep(5.3)
        found = ask(klippy)["found"]
        assert waits.is_alive()
    finally:
        waits.join()
    effects = {effect["group"]: effect for effect in found["effects"]}
    assert effects["wall"]["effect"] == "rainbow"
    assert effects["chain"]["effect"] == "comet"
    assert found["frames"] >= 250
    for effect in effects.values():
        assert effect["frames"] == found["frames"]
        assert 0.0 < effect["avg_us"] <= effect["max_us"]
        assert effect["ns_per_pixel"] > 0.0
    assert sum(effect["avg_us"] for effect in effects.values()) < found["avg_us"]
    outputs = {output["output"]: output for output in found["outputs"]}
    wall, chain = outputs["ddp"], outputs["klipper"]
    assert wall["frames"] >= 250
    assert 0.0 < wall["cpu_us"]["avg"] <= wall["cpu_us"]["max"]
    assert wall["cpu_us"]["avg"] <= wall["send_us"]["avg"] <= wall["send_us"]["max"]
    assert chain["frames"] >= 20
    assert 0.0 < chain["cpu_us"]["avg"] <= chain["cpu_us"]["max"]
    assert chain["send_us"] is None


def test_the_console_shows_the_same(klippy: Session) -> None:
    klippy.gcode("LUMEN_STATUS PROFILE=1")
    text = "\n".join(klippy.api.console)
    assert "effect rainbow on wall: " in text
    assert "output ddp of wall: " in text


def test_a_change_is_one_line_in_the_log_and_one_on_the_console(klippy: Session) -> None:
    klippy.gcode("G28 X")
    time.sleep(0.6)
    (line,) = (text for text in console_messages(klippy) if "state homing (was idle)" in text)
    assert klippy.log.read_text().count(line[3:]) == 1


def test_temperatures_are_only_in_the_log(klippy: Session) -> None:
    before = len(console_messages(klippy))
    klippy.gcode("M104 S80")
    wait_for(klippy, "heating", 5.0)
    time.sleep(3.0)
    klippy.gcode("M104 S0")
    time.sleep(1.0)
    log = klippy.log.read_text()
    assert "of 80.0 degrees" in log
    messages = console_messages(klippy)[before:]
    assert not any("degrees" in text for text in messages)
    assert 1 <= len(messages) <= 3


def test_the_console_shows_at_most_ten_messages(klippy: Session) -> None:
    before = len(console_messages(klippy))
    for number in range(40):
        klippy.gcode("LUMEN_SET GROUP=wall EFFECT=comet SPEED=%d" % (number + 10))
        time.sleep(0.3)
    klippy.gcode("LUMEN_CLEAR")
    assert 1 <= len(console_messages(klippy)) - before <= LIMIT
    assert klippy.log.read_text().count("wall: comet speed=") > 20


def test_nothing_is_shown_during_a_print(klippy: Session) -> None:
    klippy.gcode("M104 S200\nM140 S60\nG28\nM109 S200\nM190 S60")
    klippy.gcode("SDCARD_PRINT_FILE FILENAME=job.gcode")
    wait_for(klippy, "printing", 90.0)
    before = count = len(console_messages(klippy))
    end = time.monotonic() + 200.0
    while klippy.query("print_stats")["print_stats"]["state"] == "printing":
        assert time.monotonic() < end
        count = len(console_messages(klippy))
        time.sleep(0.1)
    assert count == before
    assert lumen(klippy)["performance"]["console_sends_per_minute"] <= LIMIT
    klippy.gcode("TURN_OFF_HEATERS")


def test_the_log_starts_with_the_backends(klippy: Session) -> None:
    log = klippy.log.read_text()
    assert "strips: wall (150 pixels, ddp), chain (30 pixels, klipper)" in log


def test_the_log_contains_no_alarm(klippy: Session) -> None:
    assert klippy_log.alarms(klippy.log) == []
