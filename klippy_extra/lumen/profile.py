"""Measures what effects cost to draw and outputs to update, only on request.

The engine measures for five seconds after a request. For strips that Klipper drives, this module
measures at the same time how long the update calls block the reactor. A request never waits.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Callable, Optional

from klipper_lumen import counted

from .klipper import Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from klipper_lumen import Engine

    from .led_adapter import Cost

# The end times of two measurements differ by more than this.
TOLERANCE_S = 1.0


class UpdateTiming:
    """Measures updates until a given time."""

    def __init__(self, until: float) -> None:
        self._until = until
        self.times_us: list[float] = []

    def is_over(self, now: float) -> bool:
        """Returns whether the measurement is over."""
        return now >= self._until

    def show(self, show: Callable[[bytes], Optional[Cost]], frame: bytes) -> Optional[Cost]:
        """Shows a frame and measures it; failed and empty updates do not count."""
        start = time.perf_counter()
        cost = show(frame)
        if cost is not None:
            self.times_us.append((time.perf_counter() - start) * 1e6)
        return cost


class Profile:
    """The profile of one printer."""

    def __init__(
        self,
        monotonic: Callable[[], float],
        measure: Callable[[float], Mapping[str, Sequence[UpdateTiming]]],
    ) -> None:
        """``measure`` starts a measurement until a given time; it returns the timings by strip."""
        self._monotonic = monotonic
        self._measure = measure
        self.reset()

    def reset(self) -> None:
        """Discards the measurement of an earlier config."""
        self._until = 0.0
        self._timings: Mapping[str, Sequence[UpdateTiming]] = {}
        self._updates: dict[str, Status] = {}

    def query(self, engine: Engine) -> Status:
        """Returns the last measurement, and starts a new one if it is old."""
        measured = engine.profile()
        ends_in, found = measured["ends_in_s"], measured["found"]
        now = self._monotonic()
        # The engine's clock and Klipper's may differ slightly.
        is_new = ends_in is not None and now + ends_in > self._until + TOLERANCE_S
        if found is not None and (ends_in is None or is_new):
            self._updates = {
                name: _update_times(timings) for name, timings in self._timings.items()
            }
        if is_new:
            self._until = now + ends_in
            self._timings = self._measure(self._until)
        return {
            "measuring": ends_in is not None,
            "ready_in": None if ends_in is None else round(ends_in, 1),
            "found": None if found is None else self._with_update_times(found),
        }

    def _with_update_times(self, found: Status) -> Status:
        outputs = [
            {**output, **self._updates.get(output["strips"][0], {})} for output in found["outputs"]
        ]
        merged: Status = _rounded({**found, "outputs": outputs})
        return merged


def report(profile: Status) -> str:
    """Returns the text that LUMEN_STATUS shows."""
    lines = []
    found = profile["found"]
    if found is not None:
        lines.append(
            "profile of %.0f s, until %.0f s ago: %s, %s"
            % (found["seconds"], found["age_s"], _frames(found), _times(found))
        )
        lines += [_effect(effect) for effect in found["effects"]]
        lines += [_output(output) for output in found["outputs"]]
    if profile["measuring"]:
        lines.append("profile: measuring; ask again in %.1f s" % profile["ready_in"])
    return "\n".join(lines)


def _frames(found: Status) -> str:
    return counted(found["frames"], "frame")


def _effect(effect: Status) -> str:
    return "effect %s on %s: %s, %s, %.1f ns a pixel" % (
        effect["effect"],
        effect["group"],
        _frames(effect),
        _times(effect),
        effect["ns_per_pixel"],
    )


def _output(output: Status) -> str:
    text = "output %s of %s: %s" % (
        output["output"],
        ", ".join(output["strips"]),
        _frames(output),
    )
    for kind, words in (("cpu_us", "of CPU time"), ("send_us", "until sent")):
        spread = output[kind]
        if spread is not None:
            text += ", %.1f us %s (99 %% within %.1f, longest %.1f)" % (
                spread["avg"],
                words,
                spread["p99"],
                spread["max"],
            )
    return text


def _times(cost: Status) -> str:
    return "%.1f us each (longest %.1f)" % (cost["avg_us"], cost["max_us"])


def _update_times(timings: Sequence[UpdateTiming]) -> Status:
    """Returns the update times of a strip that Klipper drives."""
    times_us = sorted(time_us for timing in timings for time_us in timing.times_us)
    frames = max((len(timing.times_us) for timing in timings), default=0)
    if not times_us:
        return {"frames": 0}
    spread = {
        "avg": sum(times_us) / len(times_us),
        "p99": times_us[-(-len(times_us) * 99 // 100) - 1],
        "max": times_us[-1],
    }
    return {"frames": frames, "cpu_us": spread}


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 1)
    if isinstance(value, dict):
        return {name: _rounded(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_rounded(part) for part in value]
    return value
