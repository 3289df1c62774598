"""A lamp and an LED on pins pulse in a real klippy during a print, while all cores are busy.

Runs if KLIPPER_DIR and its companions are set, KLIPPER_OLD_... and KALICO_... for others; see
bench/README.md.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.klippy.bench import klippy_log
from tests.klippy.bench.leave import busy_cores
from tests.klippy.bench.plugin import install
from tests.klippy.bench.session import Plan, Session
from tests.klippy.test_real import environment, site

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["site"]

pytestmark = pytest.mark.timeout(600)

CONFIG = """
[output_pin lamp]
pin: gpio24
pwm: True
cycle_time: 0.02

[led logo]
red_pin: led:gpio43
green_pin: led:gpio44

[lumen]
fade: 0
bored_timeout: 600

[lumen_strip logo]
driver: klipper
led: logo
count: 1

[lumen_group logo]
pixels: logo 1
on_idle: pulse red speed=0.4
on_heating: pulse red speed=0.4
on_printing: pulse red speed=0.4
on_error: solid red

[lumen_group room]
driver: pwm
pin_name: lamp
on_idle: pulse white speed=0.4
on_heating: pulse white speed=0.4
on_printing: pulse white speed=0.4
"""


def level(session: Session) -> float:
    return float(session.query("output_pin lamp")["output_pin lamp"]["value"])


@pytest.mark.parametrize("prefix", ["KLIPPER", "KLIPPER_OLD", "KALICO"])
def test_pulsing_pins_do_not_end_a_print_on_a_busy_computer(
    prefix: str, site: Path, tmp_path: Path
) -> None:
    found = environment(prefix)
    plan = Plan(0.3, CONFIG, (site,), lambda tree: install(found, site, tree), led_mcu=True)
    with Session(found, tmp_path, plan) as session, busy_cores(2):
        # At rest first: nothing else is sent then, and a write waits for its time.
        levels = set()
        end = time.monotonic() + 15.0
        while time.monotonic() < end:
            levels.add(round(level(session), 2))
            time.sleep(0.2)
        session.gcode("SDCARD_PRINT_FILE FILENAME=job.gcode")
        end = time.monotonic() + 240.0
        while True:
            state = session.query("print_stats")["print_stats"]["state"]
            if state not in ("standby", "printing"):
                break
            assert time.monotonic() < end
            levels.add(round(level(session), 2))
            time.sleep(0.5)
        assert state == "complete"
        assert len(levels) > 5
        assert session.api.call("info", timeout=10.0)["state"] == "ready"
        assert klippy_log.alarms(session.log) == []
