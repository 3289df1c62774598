"""Measures how long before its time klippy sends the write of a pin, while all cores are busy.

    python3 -m tests.klippy.bench.leave

Prints a line for each way of writing: that of Lumen (one second ahead, followed by a command
without a time), and that of Klipper. The micro-controller program keeps its real-time priority.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from .environment import HERE, BenchError, Environment
from .session import Plan, Session

if TYPE_CHECKING:
    from collections.abc import Iterator

CONFIG = """
[output_pin lamp]
pin: gpio24
pwm: True
cycle_time: 0.02

[kbench_leave]
pin: output_pin lamp
"""

# Busy processes on each core.
BUSY = 4
COUNT = 20
WAYS = ((0.2, 0), (1.0, 0), (1.0, 1))


@contextmanager
def busy_cores(per_core: int = BUSY) -> Iterator[None]:
    """Keeps all cores busy."""
    command = [sys.executable, "-c", "while True: pass"]
    loops = [subprocess.Popen(command) for _ in range(per_core * (os.cpu_count() or 1))]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def _put_in(tree: Path) -> None:
    shutil.copy(HERE / "kbench_leave.py", tree / "klippy" / "extras")


def measure(session: Session, lead_s: float, push: int) -> str:
    """Returns one line of the table; a write that is too late ends the session."""
    asked = {"lead": lead_s, "push": push, "count": COUNT}
    try:
        answer = session.api.call("kbench/leave", asked, 120.0)
    except BenchError as error:
        return "%s" % error
    margins = sorted(answer["margins_ms"])
    state = session.api.call("info", timeout=10.0)
    if state["state"] != "ready":
        return str(state["state_message"]).splitlines()[0]
    if not margins:
        return "no write was seen"
    middle = margins[len(margins) // 2]
    return "least %7.1f ms, median %7.1f ms, of %d" % (margins[0], middle, len(margins))


def report(session: Session, lead_s: float, push: int, when: str) -> None:
    """Prints one line of the table."""
    line = measure(session, lead_s, push)
    sys.stdout.write("lead %.1f s, push %d, %s: %s\n" % (lead_s, push, when, line))
    sys.stdout.flush()


def main() -> None:
    """Measures each way, at rest and with busy cores, each on a new klippy."""
    found = Environment.of("KLIPPER")
    for lead_s, push in WAYS:
        with tempfile.TemporaryDirectory(prefix="kb") as folder:
            work = Path(folder) / "run"
            work.mkdir()
            with Session(found, work, Plan(0.2, CONFIG, (), _put_in)) as session:
                report(session, lead_s, push, "at rest")
                with busy_cores():
                    report(session, lead_s, push, "busy")


if __name__ == "__main__":
    main()
