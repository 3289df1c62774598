"""A short attack on a print in a real klippy and in Kalico; see bench/hostile.py and test_real.py.

`make protocol ARGS=hostile` is the long version, which also checks the timings.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.klippy.bench import hostile, hostile_rows
from tests.klippy.bench.criteria import Table
from tests.klippy.bench.plugin import install
from tests.klippy.bench.session import Plan, Session
from tests.klippy.test_real import environment, site

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["site"]

pytestmark = pytest.mark.timeout(300)

OPTIONS = hostile.Options(minutes=0.25)


@pytest.mark.parametrize("firmware", ["KLIPPER", "KALICO"])
def test_a_print_under_attack_succeeds(
    firmware: str, site: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    found = environment(firmware)

    def open_session(plan: Plan) -> Session:
        whole = replace(plan, site=(site,), install=lambda tree: install(found, site, tree))
        return Session(found, tmp_path_factory.mktemp("kh"), whole)

    with ExitStack() as stack:
        table = Table(firmware, hostile_rows.rows(hostile.attack(open_session, stack, OPTIONS)))
    assert table.is_kept, str(table)
