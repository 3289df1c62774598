"""Protocol 3: `debug: console` with thermal on all groups, while everything heats and in a print.

The heaters are slow, so they heat all the time. The console is read as a web interface reads it.
Its lines must agree with what Lumen reports about itself.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import measure
from .criteria import Row, Table, below, info, none
from .environment import BenchError
from .latency import Latency, median, p99
from .session import Plan, Session

if TYPE_CHECKING:
    from .lab import Lab

SENDS, SENDS_AIM = 10.0, 1.0
# klippy's timers have a resolution of 1 ms.
LATENCY_MS = 1.0
# The hotend then needs more than a minute to half its target, the bed longer.
SLOW = 0.15
HEATING_S = 65.0
HEAT = "M140 S110\nM104 S250"
# Only Lumen's lines contain this word.
OURS = "lumen"

CONFIG = """
[lumen]
unmapped: keep
debug: %s

[lumen_strip case]
driver: memory
count: 90

[lumen_group left]
pixels: case 1-30
on_heating: thermal extruder ice lava
on_printing: thermal extruder ice lava

[lumen_group right]
pixels: case 31-60
on_heating: thermal bed ice lava
on_printing: thermal bed ice lava

[lumen_group top]
pixels: case 61-90
on_heating: thermal chamber ice lava
on_printing: thermal chamber ice lava
"""


@dataclass(frozen=True)
class Heating:
    """The measurements while everything heated."""

    # Console lines in each minute.
    sends: float
    # The maximum of any ten seconds, as Lumen reports it.
    reported_sends: float
    waits_ms: list[float]


def heat(lab: Lab, debug: str) -> Heating:
    """Heats for more than a minute."""
    with lab.session(_plan(debug, SLOW)) as session:
        # Lumen reports the figures of the time between two queries.
        reported_sends = _sends(session)
        before, start = _lines(session), time.monotonic()
        session.gcode(HEAT)
        with Latency(session) as latency:
            while time.monotonic() < start + HEATING_S:
                time.sleep(5.0)
                reported_sends = max(reported_sends, _sends(session))
        if _lumen(session)["state"] != "heating":
            raise BenchError("it does not heat all the time")
        sends = (_lines(session) - before) * 60.0 / (time.monotonic() - start)
    return Heating(sends, reported_sends, latency.waits_ms)


def print_lines(lab: Lab) -> list[str]:
    """Returns Lumen's console lines while klippy reports a print."""
    counts: list[int] = []
    with lab.session(_plan("console", 1.0)) as session:
        measure.prepare(session)
        console = session.api.console
        measure.print_job(session, lambda: counts.append(len(console)))
    return [line for line in console[counts[0] : counts[-1]] if OURS in line.lower()]


def run(lab: Lab) -> Table:
    """Runs the protocol; returns its table."""
    quiet = heat(lab, "off")
    chatty = heat(lab, "console")
    printing = print_lines(lab)
    return Table("console", _rows(quiet, chatty, printing))


def _plan(debug: str, heating: float) -> Plan:
    return Plan(0.2, CONFIG % debug, heating=heating)


def _lumen(session: Session) -> dict[str, Any]:
    status: dict[str, Any] = session.query("lumen")["lumen"]
    return status


def _sends(session: Session) -> float:
    return float(_lumen(session)["performance"]["console_sends_per_minute"])


def _lines(session: Session) -> int:
    return sum(OURS in line.lower() for line in session.api.console)


def _rows(quiet: Heating, chatty: Heating, printing: list[str]) -> list[Row]:
    waits = (quiet.waits_ms, chatty.waits_ms)
    return [
        info("without debug, on the console", "%.1f /min" % quiet.sends),
        below("with it, on the console", chatty.sends, SENDS, "/min", SENDS_AIM),
        info("most in 10 s by the status", "%.1f /min" % chatty.reported_sends),
        info("a command waits, median", "%.2f, %.2f ms" % (median(waits[0]), median(waits[1]))),
        info("a command waits, p99", "%.2f, %.2f ms" % (p99(waits[0]), p99(waits[1]))),
        below("it waits longer by", median(waits[1]) - median(waits[0]), LATENCY_MS, "ms"),
        none("lines in a print", len(printing)),
    ]
