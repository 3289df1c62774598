"""The performance figures of a printer; how they are computed is tested in Rust."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from klipper_lumen import blank_objects
from klippy_extra.lumen.guard import Guard
from klippy_extra.lumen.status import Facts
from tests.klippy.lights import BASE, MakePrinter

if TYPE_CHECKING:
    from klipper_lumen import Engine
    from klipper_lumen.sim import Printer

NO_FIGURES = blank_objects({})["lumen"]["performance"]


class Known:
    """An engine whose figures are due, and the counters of the extra."""

    def __init__(self) -> None:
        self.sends = 7
        # The limits of the console.
        self.limits = self
        self.guard = Guard(lambda: 0.0)
        self.received: dict[str, Any] = {}
        self.state = self
        part = cast("Any", self)
        self.facts = Facts("1.0", self.guard, part, part, part)

    def wire_bytes(self) -> dict[str, float]:
        return {"mcu": 1000.0}

    def figures_due(self, _: float) -> bool:
        return True

    def update_figures(self, _: float, facts: dict[str, Any]) -> None:
        self.received = facts

    def figures(self) -> dict[str, Any]:
        self.facts.update_figures(cast("Engine", self), 0.0)
        return self.received


def test_counters_are_passed_to_the_engine() -> None:
    known = Known()
    known.guard.holds.add(2.0, 2.0)
    figures = known.figures()
    assert figures["console_sends"] == 7
    assert figures["mcu_bytes"] == {"mcu": 1000.0}
    assert figures["reactor"]["held_s"] == 2.0


def test_a_real_engine_at_60_frames_reports_its_period(printer: Printer) -> None:
    printer.run("LUMEN_SET GROUP=chamber EFFECT=rainbow")
    for _ in range(25):
        printer.advance(1.0).query("lumen")
    figures = printer.query("lumen")["lumen"]["performance"]
    assert figures["fps"] == pytest.approx(60.0, abs=0.2)
    assert figures["avg_frame_time_ms"] == pytest.approx(1000 / 60, abs=0.1)
    assert set(figures) == set(NO_FIGURES)


def test_a_strip_at_its_power_limit_is_reported(make: MakePrinter) -> None:
    config = BASE.replace("count: 10", "count: 10\nmax_current: 200")
    printer = make(config + "on_idle: solid white\n").start().advance(3.0)
    case = printer.query("lumen_strip case")["lumen_strip case"]
    assert case["limited"] is True
    assert 150 <= case["current_ma"] <= 200
    printer.run("LUMEN_SET GROUP=chamber EFFECT=off").advance(15.0)
    case = printer.query("lumen_strip case")["lumen_strip case"]
    assert (case["limited"], case["current_ma"]) == (False, 10)


def test_klippers_statistics_contain_a_line(printer: Printer) -> None:
    is_loud, line = printer.lookup_object("lumen").stats(printer.now)
    assert not is_loud
    assert line.startswith("lumen: fps=")
    assert "cputime=" in line


def test_the_whole_status_stays_small(make: MakePrinter) -> None:
    import json

    printer = make().start().advance(15.0)
    assert len(json.dumps(printer.query("lumen")["lumen"])) < 1024


def test_the_longest_calls_are_from_the_window_and_since_klipper_was_ready() -> None:
    known = Known()
    for held_s in (0.004, *([0.0001] * 2000)):
        known.guard.holds.add(held_s, held_s)
    figures = known.figures()["reactor"]
    assert figures["hold_ms_max"] == figures["total_hold_ms_max"] == 4.0
    assert figures["hold_ms_p999"] == figures["total_hold_ms_p999"] == pytest.approx(0.1, abs=0.01)
    known.guard.holds.add(0.001, 0.001)
    figures = known.figures()["reactor"]
    assert (figures["hold_ms_max"], figures["hold_ms_p999"]) == (1.0, 1.0)
    assert figures["total_hold_ms_max"] == 4.0
