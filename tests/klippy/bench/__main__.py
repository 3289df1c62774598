"""python3 -m tests.klippy.bench: measures a whole job, with and without Lumen."""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

from . import klippy_log, measure
from .environment import BenchError, Environment
from .plugin import install
from .session import Plan, Session


def arguments() -> argparse.Namespace:
    """Returns the parsed command line."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    add = parser.add_argument
    add("--minutes", type=float, default=0.75, help="about how long the job prints")
    add("--runs", type=int, default=3)
    add("--idle", type=float, default=10.0, help="seconds to measure at rest first")
    add("--site", type=Path, help="folder that the built wheel is installed in; puts Lumen in")
    add("--cfg", type=Path, help="file to add to printer.cfg")
    add("--led-mcu", action="store_true", help="add [mcu led] with a ws2812 strip on led:gpio40")
    add("--kalico", action="store_true", help="take KALICO_ for KLIPPER_")
    add("--json", type=Path, help="write every run's figures here")
    return parser.parse_args()


def one_run(environment: Environment, work: Path, args: argparse.Namespace) -> dict[str, Any]:
    """Starts, rests, prepares and prints; returns the figures of each phase."""
    config = args.cfg.read_text() if args.cfg else ""
    plan = Plan(args.minutes, config, led_mcu=args.led_mcu)
    if args.site:
        site = args.site.resolve()
        put_in = partial(install, environment, site)
        plan = Plan(args.minutes, config, (site,), put_in, led_mcu=args.led_mcu)
    with Session(environment, work, plan) as session:
        measure.subscribe(session)
        idle = measure.measured(session, lambda _: time.sleep(args.idle))
        prepared = measure.measured(session, measure.prepare)
        printed = measure.measured(session, measure.print_job)
        if args.site:
            session.gcode("LUMEN_STATUS")
        said = session.api.console[-1]
        alarms = klippy_log.alarms(session.log)
    return {"idle": idle, "prepare": prepared, "print": printed, "said": said, "alarms": alarms}


def summary(runs: list[dict[str, Any]], phase: str) -> list[str]:
    """Returns a line for each figure: its minimum, median and maximum."""
    lines = []
    for name, value in runs[0][phase].items():
        if isinstance(value, (int, float)):
            column = [run[phase][name] for run in runs if name in run[phase]]
            figures = (min(column), statistics.median(column), max(column))
            lines.append("%-8s %-18s %10.3f %10.3f %10.3f" % (phase, name, *figures))
    return lines


def main() -> int:
    """Returns the exit status: 0 if all runs succeeded, 1 if one failed, 2 if a part is missing."""
    args = arguments()
    try:
        environment = Environment.of("KALICO" if args.kalico else "KLIPPER")
    except BenchError as error:
        sys.stderr.write("bench: %s\n" % error)
        return 2
    runs: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="kbench-") as work:
        for number in range(args.runs):
            folder = Path(work) / ("run-%d" % number)
            folder.mkdir()
            try:
                runs.append(one_run(environment, folder, args))
            except BenchError as error:
                sys.stderr.write("bench: run %d: %s\n" % (number, error))
    if args.json:
        args.json.write_text(json.dumps(runs, indent=1))
    if runs:
        lines = ["%-27s %10s %10s %10s" % ("%d runs" % len(runs), "min", "median", "max")]
        lines += [*summary(runs, "idle"), *summary(runs, "print")]
        lines += [run["said"] for run in runs if args.site]
        lines.append("alarms: %s" % [line for run in runs for line in run["alarms"]])
        sys.stdout.write("\n".join(lines) + "\n")
    return 0 if len(runs) == args.runs else 1


if __name__ == "__main__":
    sys.exit(main())
