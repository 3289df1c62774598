"""Protocol 7: klippy's reactor and Lumen's frames while other processes use all CPU time.

klippy is idle, without Lumen and with a rainbow on 150 LEDs: first on a quiet computer, then with
twice as many busy processes as cores. A reactor timer that is due every 5 ms measures how late
klippy is; the engine measures the time between its frames.
"""

from __future__ import annotations

import os
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from . import measure
from .criteria import Row, Table, info
from .leave import busy_cores
from .session import Plan, Session

if TYPE_CHECKING:
    from .lab import Lab

PER_CORE = 2
SETTLE_S = 3.0
# The engine's figures are those of the last ten seconds.
PHASE_S = 12.0
ROUNDS = 2

LUMEN = """
[lumen]
bored_timeout: 100000

[lumen_strip case]
driver: memory
count: 150

[lumen_group case]
pixels: case 1-150
on_idle: rainbow
"""

Figures = dict[str, Any]


def run(lab: Lab) -> Table:
    """Measures klippy without and with Lumen, alternately."""
    rows: list[Row] = []
    for number in range(1, ROUNDS + 1):
        for name, begun in (("without", lab.alone(Plan(0.2))), ("Lumen", lab.session(_plan()))):
            with begun as session:
                for is_busy in (False, True):
                    figures = _measured(session, is_busy, has_lumen=name == "Lumen")
                    when = "%d busy" % _busy_count() if is_busy else "quiet"
                    rows += _rows("%d, %s, %s" % (number, name, when), figures)
    return Table("busy: klippy at rest and a rainbow on 150 LEDs", rows)


def _plan() -> Plan:
    return Plan(0.2, LUMEN)


def _busy_count() -> int:
    return PER_CORE * (os.cpu_count() or 1)


def _measured(session: Session, is_busy: bool, has_lumen: bool) -> Figures:
    with ExitStack() as stack:
        if is_busy:
            stack.enter_context(busy_cores(PER_CORE))
        time.sleep(SETTLE_S)
        figures = measure.measured(session, lambda _: time.sleep(PHASE_S))
        if has_lumen:
            windows = session.api.call("lumen/status")["metrics"]["windows"]
            figures["period_ms"] = windows["10"]["period_ms"]
    return figures


def _rows(name: str, figures: Figures) -> list[Row]:
    lag = "p50 %(lag_p50_ms).2f, p99 %(lag_p99_ms).2f, max %(lag_max_ms).2f ms" % figures
    rows = [info(name + ": klippy late", lag)]
    if "period_ms" in figures:
        text = "p50 %(p50).2f, p99 %(p99).2f, max %(max).2f ms" % figures["period_ms"]
        rows.append(info(name + ": frames", text))
    return rows
