"""Protocol 1: the same job with and without Lumen, alternately.

The lights move all the time (cfg/lumen.cfg). A client subscribes to every object, as web interfaces
do, and sends a G-code command repeatedly: its answer is late if something blocks G-code or the
reactor.
"""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Any

from . import klippy_log, measure
from .criteria import Row, Table, at_least, below, info, none
from .environment import HERE
from .latency import Latency, median, p99
from .session import Plan, Session

if TYPE_CHECKING:
    from .lab import Lab

PRINT_TIME_PERCENT = 1.0
CPU_POINTS, CPU_AIM_POINTS = 5.0, 1.0
# klippy's timers have a resolution of 1 ms. During a job, a command waits for room in the queue.
LATENCY_MS = 10.0
# A full buffer has about one second.
BUFFER_S = 0.9

Run = dict[str, Any]


def run(lab: Lab, runs: int, minutes: float) -> Table:
    """Prints the job this many times each way, alternately, so that a busy time affects both."""
    without: list[Run] = []
    with_lumen: list[Run] = []
    config = (HERE / "cfg" / "lumen.cfg").read_text()
    for _ in range(runs):
        without.append(_job(lab.alone(Plan(minutes))))
        with_lumen.append(_job(lab.session(Plan(minutes, config))))
    return compare(without, with_lumen)


def _job(begun: Session) -> Run:
    """Prepares and prints; returns the figures of the print."""
    with begun as session:
        measure.subscribe(session)
        measure.prepare(session)
        with Latency(session) as latency:
            printed = measure.measured(session, measure.print_job)
        alarms = klippy_log.alarms(session.log)
    return {**printed, "waits_ms": latency.waits_ms, "alarms": alarms}


def compare(without: list[Run], with_lumen: list[Run]) -> Table:
    """Returns the table of the runs with and without Lumen."""
    rows = [
        *_print_time(_column(without, "wall_s"), _column(with_lumen, "wall_s")),
        *_cpu(_column(without, "cpu_percent"), _column(with_lumen, "cpu_percent")),
        *_latency(without, with_lumen),
        *_health(without, with_lumen),
    ]
    title = "baseline: %d jobs without Lumen, %d with it" % (len(without), len(with_lumen))
    return Table(title, rows)


def _column(runs: list[Run], name: str) -> list[float]:
    return [run[name] for run in runs]


def _pair(name: str, unit: str, without: list[float], with_lumen: list[float]) -> Row:
    medians = (statistics.median(without), statistics.median(with_lumen))
    return info(name, "%.2f, %.2f %s" % (*medians, unit))


def _print_time(without: list[float], with_lumen: list[float]) -> list[Row]:
    base = statistics.median(without)
    apart = 100.0 * abs(statistics.median(with_lumen) - base) / base
    noise = 100.0 * (max(without) - min(without)) / base
    return [
        _pair("print time, without and with", "s", without, with_lumen),
        below("print time apart", apart, PRINT_TIME_PERCENT, "%"),
        info("print times without spread by", "%.2f %%" % noise),
    ]


def _cpu(without: list[float], with_lumen: list[float]) -> list[Row]:
    more = statistics.median(with_lumen) - statistics.median(without)
    return [
        _pair("klippy's processor", "%", without, with_lumen),
        below("more of one core", more, CPU_POINTS, "%", CPU_AIM_POINTS),
    ]


def _latency(without: list[Run], with_lumen: list[Run]) -> list[Row]:
    waits = [[wait for run in runs for wait in run["waits_ms"]] for runs in (without, with_lumen)]
    lag = [_column(runs, "lag_p99_ms") for runs in (without, with_lumen)]
    more = median(waits[1]) - median(waits[0])
    return [
        info("a command waits, median", "%.1f, %.1f ms" % (median(waits[0]), median(waits[1]))),
        info("a command waits, p99", "%.1f, %.1f ms" % (p99(waits[0]), p99(waits[1]))),
        below("a command waits longer by", more, LATENCY_MS, "ms"),
        _pair("a reactor's timer is late, p99", "ms", *lag),
    ]


def _health(without: list[Run], with_lumen: list[Run]) -> list[Row]:
    buffers = [
        [run["buffer_time_min"] for run in runs if "buffer_time_min" in run]
        for runs in (without, with_lumen)
    ]
    alarms = [line for run in with_lumen for line in run["alarms"]]
    held_up = [_column(runs, "mcu_clock_lost_ms") for runs in (without, with_lumen)]
    return [
        _pair("least buffer time", "s", *buffers),
        at_least("least buffer time with it", min(buffers[1]), BUFFER_S, "s"),
        none("stalls", sum(run.get("print_stall", 0.0) for run in with_lumen)),
        none("retransmitted bytes", sum(run.get("bytes_retransmit", 0.0) for run in with_lumen)),
        none("'Timer too close'", sum("Timer too close" in line for line in alarms)),
        none("other alarms in klippy.log", sum("Timer too close" not in line for line in alarms)),
        _pair("the computer held the MCU up", "ms", *held_up),
    ]
