"""The performance figures, computed from known counters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from klippy_extra.lumen.guard import Guard
from klippy_extra.lumen.performance import NO_FIGURES, WINDOW_S, Performance
from tests.klippy.lights import BASE, MakePrinter

if TYPE_CHECKING:
    from klipper_lumen import Engine
    from klipper_lumen.sim import Printer


class Known:
    """An engine with known counters, and the counters of the extra."""

    def __init__(self) -> None:
        self.counters: dict[str, Any] = {"late": 5, "cpu_seconds": 1.0, "messages": 100}
        self.spread = {"avg": 0.0, "p50": 0.0, "p95": 0.0, "p99": 0.0, "max": 0.0}
        self.window: dict[str, Any] = {
            "fps": 59.94,
            "late_ms": {**self.spread, "p99": 0.123},
            "render_ms": {**self.spread, "avg": 0.0456},
            "period_ms": {**self.spread, "avg": 16.667, "max": 17.5},
        }
        self.guard = Guard(lambda: 0.0)
        self.guard.held_s = 2.0
        self.console = 7
        self.bytes = {"mcu": 1000.0}
        self.performance = Performance(self.guard, lambda: self.console, lambda: dict(self.bytes))

    def metrics(self) -> dict[str, Any]:
        memory = {"rss_bytes": 40 << 20, "vms_bytes": 300 << 20}
        return {**self.counters, **memory, "windows": {"1": self.window, "10": self.window}}

    def status(self) -> dict[str, Any]:
        return {"strips": {"a": {"current_ma": 300.4}, "b": {"current_ma": 100.2}}}

    def figures(self, now: float) -> dict[str, Any]:
        return self.performance.figures(cast("Engine", self), now)


def measured(span_s: float = WINDOW_S, **passed: float) -> dict[str, Any]:
    """Returns the figures after these events within a time."""
    known = Known()
    assert known.figures(100.0) == NO_FIGURES
    for name in ("late", "cpu_seconds", "messages"):
        known.counters[name] += passed.get(name, 0)
    known.guard.held_s += passed.get("held_s", 0.0)
    known.console += int(passed.get("console", 0))
    known.bytes["mcu"] += passed.get("bytes", 0.0)
    return known.figures(100.0 + span_s)


def test_frames_and_periods_are_from_the_last_ten_seconds() -> None:
    figures = measured()
    assert figures["fps"] == 59.9
    assert (figures["avg_frame_time_ms"], figures["max_frame_time_ms"]) == (16.67, 17.5)
    assert (figures["work_ms"], figures["late_p99_ms"]) == (0.046, 0.12)
    assert (figures["memory_mb"], figures["virtual_mb"]) == (40.0, 300.0)
    assert figures["current_ma"] == 401


def test_messages_are_reported_per_second() -> None:
    # Thirty frames a second to a helper, and to a controller of 1000 pixels in three packets.
    assert measured(messages=10 * 30 * 4)["http_requests_per_second"] == 120.0
    assert measured(20.0, messages=20)["http_requests_per_second"] == 1.0


def test_console_lines_are_reported_per_minute() -> None:
    assert measured(console=3)["console_sends_per_minute"] == 18.0
    assert measured()["console_sends_per_minute"] == 0.0


def test_processor_time_is_a_share_of_one_core() -> None:
    assert measured(cpu_seconds=0.05)["cpu_percent"] == 0.5
    assert measured(cpu_seconds=15.0)["cpu_percent"] == 150.0


def test_reactor_time_is_reported_in_microseconds_per_second() -> None:
    assert measured(held_s=0.002)["reactor_us_per_second"] == 200


def test_bytes_are_reported_for_each_mcu() -> None:
    assert measured(bytes=12_500.0)["mcu_bytes_per_second"] == {"mcu": 1250}


def test_late_frames_are_counted_over_the_window() -> None:
    assert measured(late=4)["late_frames"] == 4


def test_figures_are_updated_only_every_ten_seconds() -> None:
    known = Known()
    known.figures(0.0)
    known.counters["late"] += 1
    assert known.figures(9.0)["late_frames"] == 0
    first = known.figures(10.0)
    assert first["late_frames"] == 1
    known.counters["late"] += 1
    assert known.figures(15.0) is first


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


def test_a_query_with_an_older_time_does_not_end_the_window() -> None:
    known = Known()
    known.figures(0.0)
    first = known.figures(10.0)
    known.guard.held_s += 1.0
    assert known.figures(9.5) is first


def test_the_longest_calls_are_from_the_window_and_since_klipper_was_ready() -> None:
    known = Known()
    known.figures(0.0)
    for held_s in (0.004, *([0.0001] * 2000)):
        known.guard.holds.add(held_s)
        known.guard.recent_holds.add(held_s)
    figures = known.figures(WINDOW_S)
    assert figures["hold_ms_max"] == figures["total_hold_ms_max"] == 4.0
    assert figures["hold_ms_p999"] == figures["total_hold_ms_p999"] == pytest.approx(0.1, abs=0.01)
    known.guard.recent_holds.add(0.001)
    figures = known.figures(2.0 * WINDOW_S)
    assert (figures["hold_ms_max"], figures["hold_ms_p999"]) == (1.0, 1.0)
    assert figures["total_hold_ms_max"] == 4.0
