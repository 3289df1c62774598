"""`klipper-lumen bench`: measures the engine in real time, one scenario after the other.

Three groups are on one strip in memory, like the case, toolhead and bed light of a printer. With
`--output` it measures an output instead; see `bench_output`. With `--busy` other processes use the
CPU meanwhile, as a slicer or a webcam on the printer does.
"""

from __future__ import annotations

import json
import multiprocessing
import statistics
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Optional

from .. import Engine
from . import bench_output
from .argument_types import seconds, whole

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

STRIP = "bench"
PIXELS = 50
MANY_PIXELS = 166
# The first fade and the first memory allocations are not measured.
SETTLE_S = 1.0
# The sample intervals of the extra: while the printer works, and while it is idle.
BUSY_S = 0.25
REST_S = 1.0
MIB = 2**20
MAX_SECONDS = 3600.0
MAX_BUSY = 256

FACTS = json.dumps({"heaters": ["extruder", "heater_bed"], "sensors": []})


@dataclass(frozen=True)
class Scenario:
    """The effects of three groups, and the state of the printer."""

    name: str
    effects: tuple[str, str, str]
    state: str = "idle"
    pixels: int = PIXELS


SCENARIOS = (
    Scenario("rainbow", ("rainbow", "rainbow", "rainbow")),
    Scenario("print", ("solid white", "solid blue", "progress"), state="printing"),
    Scenario("heating", ("thermal extruder", "thermal heater_bed", "pulse"), state="heating"),
    Scenario("comet", ("comet", "comet", "comet")),
    Scenario("fire", ("fire", "fire", "fire")),
    Scenario("disco", ("disco", "disco", "disco")),
    Scenario("pulse", ("pulse", "pulse", "pulse")),
    Scenario("chase3", ("chase 1", "chase 2", "chase 3")),
    Scenario("solid", ("solid red", "solid green", "solid blue")),
    Scenario("rainbow500", ("rainbow", "rainbow", "rainbow"), pixels=MANY_PIXELS),
)


@dataclass(frozen=True)
class WarmingHeater:
    """A heater that warms up, in degrees Celsius."""

    rate_c_s: float
    target: float

    def at(self, seconds: float) -> tuple[float, float]:
        """Returns temperature and target; it stays 20 below, so the state stays `heating`."""
        return min(25.0 + self.rate_c_s * seconds, self.target - 20.0), self.target


HEATERS = {"extruder": WarmingHeater(2.0, 210.0), "heater_bed": WarmingHeater(0.4, 100.0)}
COLD = (25.0, 0.0)
PRINT_S = 600.0


def config_of(scenario: Scenario) -> str:
    """Returns the config of a scenario as JSON."""
    count = str(len(scenario.effects) * scenario.pixels)
    sections = [("lumen", {}), ("lumen_strip " + STRIP, {"driver": "memory", "count": count})]
    for index, effect in enumerate(scenario.effects):
        first = index * scenario.pixels + 1
        options = {
            "strip": STRIP,
            "index_start": str(first),
            "index_end": str(first + scenario.pixels - 1),
            "on_error": "solid red",
            "on_" + scenario.state: effect,
        }
        sections.append(("lumen_group %d" % (index + 1), options))
    return json.dumps({"sections": sections})


class Run:
    """A running scenario."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._engine = Engine(config_of(scenario), FACTS)
        self._sources: list[str] = self._engine.wants()["sources"]
        self._start = time.monotonic()
        self._engine.event("ready")

    def measure(self, seconds: float) -> dict[str, Any]:
        """Runs the scenario and returns its figures."""
        try:
            self._run_for(SETTLE_S)
            before = self._engine.metrics()
            times = self._run_for(seconds)
            after = self._engine.metrics()
        finally:
            self._engine.close()
        return figures(before, after, times)

    def _run_for(self, seconds: float) -> list[float]:
        """Sends samples for some seconds; returns the times of the frames."""
        times: list[float] = []
        interval = REST_S if self._scenario.state == "idle" else BUSY_S
        end = time.monotonic() + seconds
        self._engine.take_frames(STRIP)
        while True:
            self._sample()
            left = end - time.monotonic()
            time.sleep(max(0.0, min(interval, left)))
            times += [at for at, _ in self._engine.take_frames(STRIP)]
            if left <= interval:
                return times

    def _sample(self) -> None:
        seconds = time.monotonic() - self._start
        printing = self._scenario.state == "printing"
        heating = self._scenario.state == "heating"
        self._engine.sample(
            "printing" if printing else "standby",
            filament_used=1.0 if printing else 0.0,
            progress=min(1.0, seconds / PRINT_S) if printing else None,
            sources=[HEATERS[name].at(seconds) if heating else COLD for name in self._sources],
        )


def figures(before: dict[str, Any], after: dict[str, Any], times: list[float]) -> dict[str, Any]:
    """Returns the figures of a scenario from its counters before and after, and its frame times."""
    span = after["uptime_s"] - before["uptime_s"]
    passed = {name: after[name] - before[name] for name in ("frames", "late", "wakeups")}
    cpu = after["cpu_seconds"] - before["cpu_seconds"]
    return {
        "fps": round(passed["frames"] / span, 3),
        "frames": passed["frames"],
        "late": passed["late"],
        "period_ms": periods(times),
        "cpu_percent": round(100.0 * cpu / span, 3),
        "wakeups_per_s": round(passed["wakeups"] / span, 2),
        "rss_mb": round(after["rss_bytes"] / MIB, 2),
    }


def periods(times: list[float]) -> Optional[dict[str, float]]:
    """Returns the statistics of the time between frames, in ms; None without two frames."""
    gaps = sorted(1000.0 * (later - at) for at, later in zip(times, times[1:]))
    if not gaps:
        return None
    last = len(gaps) - 1
    ranks = {"p1": 0.01, "p50": 0.5, "p99": 0.99, "max": 1.0}
    spread = {name: round(gaps[round(last * rank)], 3) for name, rank in ranks.items()}
    return {**spread, "sd": round(statistics.pstdev(gaps), 3)}


@contextmanager
def busy(count: int) -> Iterator[None]:
    """Runs this many processes that use all the CPU time they get."""
    with ExitStack() as stack:
        for _ in range(count):
            process = multiprocessing.Process(target=_use_cpu, daemon=True)
            process.start()
            stack.callback(process.join)
            stack.callback(process.kill)
        yield


def _use_cpu() -> None:
    while True:
        pass


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the options of `bench`."""
    names = [scenario.name for scenario in SCENARIOS]
    parser.add_argument(
        "--seconds",
        type=seconds(MAX_SECONDS),
        default=10.0,
        help="seconds for each scenario (default: 10)",
    )
    parser.add_argument("--scenario", choices=names, action="append", help="only this scenario")
    parser.add_argument(
        "--busy",
        type=whole(MAX_BUSY),
        default=0,
        metavar="COUNT",
        help="run this many processes that use all CPU time meanwhile",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    bench_output.add_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Runs `bench`."""
    with busy(args.busy):
        return _run(args)


def _run(args: argparse.Namespace) -> int:
    if args.output:
        return bench_output.run(args)
    results = {}
    if not args.json:
        print("scenario        fps   late   p50 ms   p99 ms   max ms    cpu %  wakes/s   rss MB")
    for scenario in SCENARIOS:
        if args.scenario is None or scenario.name in args.scenario:
            found = Run(scenario).measure(args.seconds)
            results[scenario.name] = found
            if not args.json:
                print(_row(scenario.name, found), flush=True)
    if args.json:
        print(json.dumps(results, indent=2))
    return 0


def _row(name: str, found: dict[str, Any]) -> str:
    spread = found["period_ms"]
    gaps = (
        "%8.3f %8.3f %8.3f" % (spread["p50"], spread["p99"], spread["max"])
        if spread
        else "%8s %8s %8s" % ("-", "-", "-")
    )
    return "%-11s %7.2f %6d %s %8.3f %8.2f %8.2f" % (
        name,
        found["fps"],
        found["late"],
        gaps,
        found["cpu_percent"],
        found["wakeups_per_s"],
        found["rss_mb"],
    )
