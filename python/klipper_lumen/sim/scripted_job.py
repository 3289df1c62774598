"""A scripted job with all phases, from the start of the printer to an emergency stop.

``play(printer, whole_job(), on_tick)`` runs it and calls ``on_tick`` at regular intervals of the
printer's time, with the label of the current step. On ``QUICK`` hardware the job takes about half a
minute, with ``bored_timeout: 8``, ``sleep_timeout: 2`` and ``complete_timeout: 2`` in the config.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Callable, Optional

from .hardware import Hardware
from .printer import Printer
from .thermal import Warmth

if TYPE_CHECKING:
    from collections.abc import Sequence

QUICK = Hardware(
    hotend=Warmth(rate=75.0, tau=1.1),
    bed=Warmth(rate=16.0, tau=1.5),
    startup_s=1.2,
    home_axis_s=0.6,
    probe_s=0.15,
    mesh_points=7,
)

# The interval of checks of a condition.
CHECK_S = 0.05

OnTick = Callable[[Printer, str], None]


@dataclass(frozen=True)
class Step:
    """One phase of a job: its label and its action."""

    label: str
    act: Callable[[Printer], object]


def print_lines(moves: int = 40, bed: int = 60, hotend: int = 210) -> list[str]:
    """Returns a print file: heat, home, mesh, print ``moves`` moves, turn everything off."""
    lines = [
        "M140 S%d" % bed,
        "M104 S%d" % hotend,
        "M190 S%d" % bed,
        "M109 S%d" % hotend,
        "G28",
        "BED_MESH_CALIBRATE",
    ]
    for move in range(moves):
        x, y = (20 if move % 2 else 180), 40 + 120 * move // max(moves, 1)
        lines += ["G1 X%d Y%d E2.0 F60000" % (x, y), "M73 P%d" % (100 * (move + 1) // moves)]
    return [*lines, "M400", "TURN_OFF_HEATERS", "M84"]


def until(printer: Printer, condition: Callable[[Printer], bool], limit_s: float = 60.0) -> bool:
    """Advances the time until the condition is true; returns False after the limit."""
    end = printer.now + limit_s
    while not condition(printer):
        if printer.now >= end:
            return False
        printer.advance(CHECK_S)
    return True


def until_state(printer: Printer, state: str, limit_s: float = 60.0) -> bool:
    """Advances the time until the lights show ``state``; returns False after the limit."""
    return until(printer, lambda p: p.engine.status()["state"] == state, limit_s)


def whole_job(limit_s: float = 15.0) -> list[Step]:
    """Returns all phases; a phase that waits for a state ends after ``limit_s`` seconds."""
    return [
        Step("startup", lambda p: p.start()),
        Step("ready", lambda p: p.advance(0.8)),
        Step("heating", lambda p: _print_until(p, lambda p: p.toolhead.homed_axes != "", limit_s)),
        Step("homing and meshing", lambda p: _until_progress(p, 0.01, limit_s)),
        Step("printing", lambda p: _until_progress(p, 0.5, limit_s)),
        Step("pause", lambda p: p.run("PAUSE").advance(1.6)),
        Step("resume", lambda p: _resume(p, limit_s)),
        Step("complete", lambda p: until(p, lambda p: not _shows(p, "complete"), limit_s)),
        Step("cooldown", lambda p: until(p, lambda p: not _shows(p, "cooldown"), limit_s)),
        Step("bored", lambda p: until_state(p, "bored", limit_s)),
        Step("sleep", lambda p: until_state(p, "sleep", limit_s) and p.advance(1.6)),
        Step("emergency stop", _stop),
    ]


def play(
    printer: Printer,
    steps: Sequence[Step],
    on_tick: Optional[OnTick] = None,
    tick_s: float = 1.0 / 30.0,
) -> Printer:
    """Runs the steps and calls ``on_tick(printer, label)`` every ``tick_s`` seconds."""
    label = ""

    def tick(eventtime: float) -> float:
        if on_tick is not None:
            on_tick(printer, label)
        return eventtime + tick_s

    timer = printer.reactor.register_timer(tick, printer.reactor.NOW)
    try:
        for step in steps:
            label = step.label
            step.act(printer)
    finally:
        printer.reactor.unregister_timer(timer)
    return printer


def _print_until(printer: Printer, condition: Callable[[Printer], bool], limit_s: float) -> bool:
    printer.virtual_sdcard.start("job.gcode", print_lines())
    return until(printer, condition, limit_s)


def _until_progress(printer: Printer, progress: float, limit_s: float) -> bool:
    return until(
        printer, lambda p: p.display_status.get_status(p.now)["progress"] >= progress, limit_s
    )


def _resume(printer: Printer, limit_s: float) -> bool:
    printer.run("RESUME")
    return until(printer, lambda p: p.print_stats.state == "complete", limit_s)


def _shows(printer: Printer, state: str) -> bool:
    return bool(printer.engine.status()["state"] == state)


def _stop(printer: Printer) -> None:
    printer.emergency_stop()
    printer.advance(2.0)
