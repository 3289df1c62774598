"""The helper with three moving strips: how many messages it receives.

It runs like the service, on a double of the pins of a Raspberry Pi, at the path where klippy
expects it. So this needs root, and a computer on which no helper runs.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from klipper_lumen._engine import helper_config
from klipper_lumen.config import read
from klipper_lumen.helper import SOCKET

from .criteria import Row, Table, below, info, none
from .doubles import DOUBLES
from .environment import BenchError
from .session import Plan, Session

if TYPE_CHECKING:
    from .lab import Lab

PLACE = Path("/", SOCKET)
MESSAGES, FRAMES = 100.0, 60.0
SETTLE_S, MEASURE_S = 3.0, 25.0

# One pin of each kind, with its DMA channel: both PWM channels, and the PCM.
PINS = {"left": (18, 10), "right": (13, 10), "top": (21, 9)}
CONFIG = "[lumen]\n" + "\n".join(
    """
[lumen_strip %(name)s]
driver: proxy
pin: %(pin)d
dma: %(dma)d
count: 50

[lumen_group %(name)s]
strip: %(name)s
on_idle: rainbow
on_error: solid red
"""
    % {"name": name, "pin": pin, "dma": dma}
    for name, (pin, dma) in PINS.items()
)


class Helper:
    """The helper's process."""

    def __init__(self, work: Path) -> None:
        self._work = work

    def __enter__(self) -> Helper:
        if os.geteuid() != 0:
            raise BenchError("only root can be the helper")
        if PLACE.exists():
            raise BenchError("a helper runs on this computer: %s is there" % PLACE)
        PLACE.parent.mkdir(parents=True, exist_ok=True)
        printer, config = self._work / "helper.cfg", self._work / "helper.json"
        printer.write_text(CONFIG)
        config.write_text(helper_config(read(printer).lumen_json(), None, [os.geteuid()]))
        config.chmod(0o600)
        command = [sys.executable, "-m", "klipper_lumen", "helper", "serve"]
        places = ["--config", str(config), "--socket", str(PLACE)]
        pi = next(double for double in DOUBLES if double.output == "gpio")
        self._process = subprocess.Popen(
            command + places,
            env={**os.environ, **pi.environment(self._work.parent, 0)},
            stderr=subprocess.DEVNULL,
        )
        end = time.monotonic() + 10.0
        while not PLACE.exists():
            if self._process.poll() is not None or time.monotonic() > end:
                self.__exit__()
                raise BenchError("the helper does not begin")
            time.sleep(0.05)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(10.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            PLACE.unlink(missing_ok=True)


def run(lab: Lab) -> Table:
    """Measures the messages of three strips; returns the reason if that is not possible."""
    try:
        with Helper(lab.folder()), lab.session(Plan(config=CONFIG)) as session:
            rows = _measure(session)
    except BenchError as error:
        return Table("helper: not measured, " + str(error), [])
    return Table("helper: %d strips of 50 pixels" % len(PINS), rows)


def _measure(session: Session) -> list[Row]:
    time.sleep(SETTLE_S)
    before = session.api.call("lumen/status")
    time.sleep(MEASURE_S)
    after = session.api.call("lumen/status")
    span = after["metrics"]["uptime_s"] - before["metrics"]["uptime_s"]
    messages = (after["metrics"]["messages"] - before["metrics"]["messages"]) / span
    shown = after["performance"]["http_requests_per_second"]
    arrived = [
        (after["strips"][name]["frames"] - before["strips"][name]["frames"]) / span for name in PINS
    ]
    return [
        below("messages", messages, MESSAGES, "/s"),
        info("in the status", "%.1f /s" % shown),
        info("frames of the slowest strip", "%.2f /s" % min(arrived)),
        none("failures", sum(strip["failures"] for strip in after["strips"].values())),
    ]
