"""LEDs on an MCU and a lamp in a real klippy: a current one, one before October 2025, and Kalico.

The strip is on a second micro-controller. Runs if KLIPPER_DIR and its companions are set,
KLIPPER_OLD_... for the older one and KALICO_... for Kalico; see bench/README.md.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import TYPE_CHECKING, Any, Callable

import pytest

from tests.klippy.bench import klippy_log
from tests.klippy.bench.plugin import install
from tests.klippy.bench.session import Plan, Session
from tests.klippy.test_real import environment, site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["site"]

pytestmark = pytest.mark.timeout(600)

# 3,000 bytes/s are 10.7 frames a second of 60 LEDs that all change.
CONFIG = """
[neopixel strip]
pin: led:gpio40
chain_count: 60

[dotstar bed]
data_pin: led:gpio41
clock_pin: led:gpio42
chain_count: 4

[led logo]
red_pin: led:gpio43
green_pin: led:gpio44

[output_pin lamp]
pin: gpio24
pwm: True
cycle_time: 0.02
scale: 10

[lumen]
unmapped: keep
mcu_bytes_per_second: 3000
fade: 0
bored_timeout: 600

[lumen_strip strip]
driver: klipper
neopixel: strip
count: 60

[lumen_strip small]
driver: klipper
led: dotstar bed, led logo
count: 5

[lumen_group chain]
pixels: strip 1-60
on_idle: off
on_error: solid red

[lumen_group small]
pixels: small 1-5
on_idle: off

[lumen_group room]
driver: pwm
pin_name: lamp
on_idle: dim
"""

RED = bytes((0, 255, 0)) * 60


@pytest.fixture(scope="module", params=["KLIPPER", "KLIPPER_OLD", "KALICO"])
def klippy(
    request: pytest.FixtureRequest, site: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Session]:
    """A real klippy that is ready, with a strip on its second micro-controller."""
    found = environment(request.param)
    plan = Plan(0.2, CONFIG, (site,), lambda tree: install(found, site, tree), led_mcu=True)
    with Session(found, tmp_path_factory.mktemp("kl"), plan) as session:
        yield session


def wait(what: Callable[[], object], limit_s: float = 10.0) -> None:
    end = time.monotonic() + limit_s
    while not what():
        assert time.monotonic() < end
        time.sleep(0.02)


def lamp(session: Session) -> float:
    return float(session.query("output_pin lamp")["output_pin lamp"]["value"])


def red(session: Session, name: str) -> float:
    return float(session.query(name)[name]["color_data"][0][0])


def strip(session: Session, name: str = "strip") -> dict[str, Any]:
    found: dict[str, Any] = session.query("lumen_strip " + name)["lumen_strip " + name]
    return found


def is_red(session: Session) -> bool:
    """Returns whether the strip is red; a busy computer sometimes sends a wrong bit."""
    sent = session.led_devices.strip(60)
    return sum(a == b for a, b in zip(sent, RED)) >= len(RED) - 3


def frames(session: Session) -> int:
    return session.led_devices.counters()["ws_frames"]


def test_colors_reach_the_wire_and_the_pin(klippy: Session) -> None:
    wait(lambda: abs(lamp(klippy) - 0.3) < 0.01)
    klippy.gcode("LUMEN_SET GROUP=chain EFFECT=solid COLOR=ff0000")
    wait(lambda: is_red(klippy))
    klippy.gcode("LUMEN_SET GROUP=small EFFECT=solid COLOR=ff8000")
    wait(lambda: red(klippy, "dotstar bed") == red(klippy, "led logo") == 1.0)
    klippy.gcode("LUMEN_SET GROUP=room EFFECT=on")
    wait(lambda: lamp(klippy) == 1.0)
    assert strip(klippy)["health"] == "ok"
    assert strip(klippy, "small")["health"] == "ok"


def test_a_still_strip_is_not_updated(klippy: Session) -> None:
    before = frames(klippy)
    time.sleep(3.0)
    assert frames(klippy) == before


def test_the_budget_sets_the_rate_and_the_idle_timeout_fires(klippy: Session) -> None:
    klippy.gcode("LUMEN_SET GROUP=small EFFECT=off\nLUMEN_SET GROUP=room EFFECT=pulse COLOR=white")
    klippy.gcode("LUMEN_SET GROUP=chain EFFECT=pulse COLOR=8000ff SPEED=1")
    klippy.gcode("M400\nSET_IDLE_TIMEOUT TIMEOUT=4\nG28 X")
    wait(lambda: klippy.query("idle_timeout")["idle_timeout"]["state"] == "Idle", 20.0)
    before, start = frames(klippy), time.monotonic()
    time.sleep(9.0)
    sent = (frames(klippy) - before) / (time.monotonic() - start)
    status = strip(klippy)
    # The MCU may also retry updates whose timing was disturbed.
    assert sent >= 9.0
    # 60 LEDs in pieces need 236 bytes.
    assert 9.0 <= status["rate_hz"] <= 3000.0 / 236.0 + 0.1
    assert 2000 <= status["bytes_per_second"] <= 3300
    assert klippy.query("idle_timeout")["idle_timeout"]["state"] == "Idle"
    klippy.gcode("SET_IDLE_TIMEOUT TIMEOUT=600")


def test_lights_continue_while_homing(klippy: Session) -> None:
    before = frames(klippy)
    levels = set()
    homing = threading.Thread(target=klippy.gcode, args=("G28",))
    homing.start()
    while homing.is_alive():
        levels.add(round(lamp(klippy), 3))
        time.sleep(0.1)
    assert frames(klippy) > before + 10
    # A lamp changes once a second.
    assert len(levels) > 2


def test_a_shutdown_is_reported_and_lights_work_after_a_restart(klippy: Session) -> None:
    klippy.api.call("emergency_stop")
    wait(lambda: strip(klippy)["health"] == "dark", 3.0)
    assert "Klipper is shut down" in strip(klippy)["error"]
    before = frames(klippy)
    time.sleep(2.0)
    assert frames(klippy) == before
    klippy.restart("FIRMWARE_RESTART")
    wait(lambda: strip(klippy)["health"] == "ok")
    klippy.gcode("LUMEN_SET GROUP=chain EFFECT=solid COLOR=ff0000")
    wait(lambda: is_red(klippy))


def test_the_log_contains_no_alarm(klippy: Session) -> None:
    log = klippy.log.read_text()
    alarms = klippy_log.alarms(klippy.log)
    # An update that was in progress when the MCU was shut down.
    cut_off = log.count("led update transmit error")
    assert cut_off <= 1
    # An error with its cause has two.
    assert cut_off <= alarms.count("Traceback (most recent call last):") <= 2 * cut_off, log
    caused = ("Transition to shutdown state: Shutdown due to", "Traceback")
    assert [line for line in alarms if not line.startswith(caused)] == []
    lines = [line for line in log.splitlines() if line.startswith("lumen: ")]
    assert all(line.startswith("lumen: version") for line in lines), lines


def test_an_unresponsive_mcu_is_reported_before_klipper_shuts_down(klippy: Session) -> None:
    klippy.gcode("LUMEN_SET GROUP=chain EFFECT=rainbow")
    time.sleep(1.0)
    os.kill(klippy.led_mcu_pid, signal.SIGSTOP)
    try:
        wait(lambda: strip(klippy)["health"] == "dark", 5.0)
        assert "has not finished an update" in strip(klippy)["error"]
        # Klipper's own timeout ends some seconds later.
        wait(lambda: "Klipper is shut down" in strip(klippy)["error"], 20.0)
        assert "lumen: LEDs" not in klippy.log.read_text()
    finally:
        os.kill(klippy.led_mcu_pid, signal.SIGCONT)
