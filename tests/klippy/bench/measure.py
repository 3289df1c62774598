"""Measures what a phase costs klippy: CPU time, reactor lag, bytes on the wire, stalls."""

from __future__ import annotations

import time
from typing import Any, Callable

from . import klippy_log
from .environment import BenchError
from .process import Usage
from .session import Session


def measured(session: Session, phase: Callable[[Session], object]) -> dict[str, Any]:
    """Measures klippy before and after a phase; needs [kbench_probe] in the config."""
    before, start = Usage.of(session.klippy_pid), time.monotonic()
    clock_before = session.devices.counters()["clock_lost_ns"]
    first = session.api.call("kbench/lag", {"reset": 1})["eventtime"]
    phase(session)
    last = session.api.call("kbench/lag", {"reset": 1})
    wall = time.monotonic() - start
    used = Usage.of(session.klippy_pid).since(before)
    lost = session.devices.counters()["clock_lost_ns"] - clock_before
    return {
        "wall_s": round(wall, 3),
        "cpu_percent": round(100.0 * used["cpu_s"] / wall, 2),
        **used,
        **last["lag"],
        **klippy_log.summary(klippy_log.stats(session.log), first, last["eventtime"]),
        "mcu_clock_lost_ms": round(lost / 1e6, 1),
    }


def subscribe(session: Session) -> None:
    """Subscribes to every field of every object, as web interfaces do."""
    names = session.api.call("objects/list")["objects"]
    objects = dict.fromkeys(name for name in names if name != "configfile")
    params = {"objects": objects, "response_template": {"bench": "status"}}
    session.api.call("objects/subscribe", params)


def prepare(session: Session) -> None:
    """Homes, levels, meshes and heats."""
    for script in ("G28", "Z_TILT_ADJUST", "BED_MESH_CALIBRATE"):
        session.gcode(script)
    session.gcode("M140 S60\nM104 S210\nM190 S60\nM109 S210")


def print_job(session: Session, look: Callable[[], object] = lambda: None) -> None:
    """Prints the job until the last move has ended; calls a function from time to time."""
    session.gcode("SDCARD_PRINT_FILE FILENAME=job.gcode")
    end = time.monotonic() + session.plan.minutes * 180.0 + 120.0
    while True:
        time.sleep(0.25)
        stats = session.query("print_stats")["print_stats"]
        if stats["state"] == "complete":
            break
        if stats["state"] != "printing":
            raise BenchError("the job is '%s': %s" % (stats["state"], stats["message"]))
        if time.monotonic() > end:
            raise BenchError("the job does not end")
        look()
    session.gcode("M400")
