"""Performance figures: the cost of the lights and their timing, derived from counters.

The names are those of LUMEN's dashboard, where it had them. The figures compare the engine's
metrics with those of ten seconds earlier.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Optional

from .klipper import Status

if TYPE_CHECKING:
    from klipper_lumen import Engine

    from .guard import Guard

# Minimum length of the window that the figures are computed over.
WINDOW_S = 10.0
MEBIBYTE = 1048576.0

# All fields, with their values before the first measurement.
NO_FIGURES: Status = {
    "fps": 0.0,
    "avg_frame_time_ms": 0.0,
    "max_frame_time_ms": 0.0,
    "work_ms": 0.0,
    "late_frames": 0,
    "late_p99_ms": 0.0,
    "http_requests_per_second": 0.0,
    "console_sends_per_minute": 0.0,
    "cpu_percent": 0.0,
    "memory_mb": 0.0,
    "virtual_mb": 0.0,
    "reactor_us_per_second": 0.0,
    "hold_ms_max": 0.0,
    "hold_ms_p999": 0.0,
    "total_hold_ms_max": 0.0,
    "total_hold_ms_p999": 0.0,
    "own_hold_ms_max": 0.0,
    "own_hold_ms_p999": 0.0,
    "current_ma": 0.0,
    "mcu_bytes_per_second": {},
}


class Performance:
    """The figures of one printer, updated every ten seconds."""

    def __init__(
        self,
        guard: Guard,
        console_sends: Callable[[], int],
        mcu_bytes: Callable[[], dict[str, float]],
    ) -> None:
        """``guard`` measures how long Lumen blocks the reactor. ``console_sends`` and ``mcu_bytes``
        count console lines and bytes to each MCU since the start.
        """
        self._guard = guard
        self._console_sends = console_sends
        self._mcu_bytes = mcu_bytes
        self._before: Optional[tuple[float, dict[str, Any]]] = None
        self._figures = dict(NO_FIGURES)

    def figures(self, engine: Optional[Engine], now: float) -> Status:
        """Returns the figures of the last window; the same object until they change."""
        if engine is None:
            return self._figures
        if self._before is None:
            self._before = (now, self._counters(engine.metrics()))
        elif now - self._before[0] >= WINDOW_S:
            metrics = engine.metrics()
            after = self._counters(metrics)
            self._figures = self._compare(now - self._before[0], self._before[1], after)
            self._figures.update(_windows(metrics))
            self._figures.update(self._holds())
            strips = engine.status()["strips"].values()
            self._figures["current_ma"] = round(sum(strip["current_ma"] for strip in strips))
            self._before = (now, after)
        return self._figures

    def line(self, engine: Engine, now: float) -> str:
        """Returns the line for klippy.log's statistics, from the last metrics.

        Klipper calls this once a second, too often to take the engine's metrics each time.
        """
        figures = self.figures(engine, now)
        after = self._before[1] if self._before is not None else {"late": 0, "cpu_s": 0.0}
        return "lumen: fps=%.1f late=%d late_p99_ms=%.2f cputime=%.3f reactor_s=%.3f" % (
            figures["fps"],
            after["late"],
            figures["late_p99_ms"],
            after["cpu_s"],
            self._guard.held_s,
        )

    def _holds(self) -> Status:
        guard = self._guard
        figures = {
            "hold_ms_max": round(guard.recent_holds.max_s * 1e3, 2),
            "hold_ms_p999": round(guard.recent_holds.quantile_s(0.999) * 1e3, 2),
            "total_hold_ms_max": round(guard.holds.max_s * 1e3, 2),
            "total_hold_ms_p999": round(guard.holds.quantile_s(0.999) * 1e3, 2),
            "own_hold_ms_max": round(guard.own_holds.max_s * 1e3, 2),
            "own_hold_ms_p999": round(guard.own_holds.quantile_s(0.999) * 1e3, 2),
        }
        guard.recent_holds.clear()
        return figures

    def _counters(self, metrics: dict[str, Any]) -> dict[str, Any]:
        return {
            "late": metrics["late"],
            "cpu_s": metrics["cpu_seconds"],
            "messages": metrics["messages"],
            "held_s": self._guard.held_s,
            "console": self._console_sends(),
            "mcus": dict(self._mcu_bytes()),
        }

    def _compare(self, span_s: float, before: dict[str, Any], after: dict[str, Any]) -> Status:
        # The clock was set back, or there are two calls at the same time.
        span_s = max(span_s, 1e-3)
        mcus = {
            name: round((count - before["mcus"].get(name, 0.0)) / span_s)
            for name, count in after["mcus"].items()
        }
        passed = {name: after[name] - before[name] for name in after if name != "mcus"}
        return {
            **NO_FIGURES,
            "late_frames": passed["late"],
            "cpu_percent": round(100.0 * passed["cpu_s"] / span_s, 2),
            "http_requests_per_second": round(passed["messages"] / span_s, 1),
            "console_sends_per_minute": round(60.0 * passed["console"] / span_s, 1),
            "reactor_us_per_second": round(1e6 * passed["held_s"] / span_s),
            "mcu_bytes_per_second": mcus,
        }


def _windows(metrics: dict[str, Any]) -> Status:
    ten = metrics["windows"]["10"]
    return {
        "fps": round(ten["fps"], 1),
        "avg_frame_time_ms": round(ten["period_ms"]["avg"], 2),
        "max_frame_time_ms": round(ten["period_ms"]["max"], 2),
        "work_ms": round(ten["render_ms"]["avg"], 3),
        "late_p99_ms": round(ten["late_ms"]["p99"], 2),
        "memory_mb": round(metrics["rss_bytes"] / MEBIBYTE, 1),
        "virtual_mb": round(metrics["vms_bytes"] / MEBIBYTE, 1),
    }
