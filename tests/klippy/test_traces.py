"""Plays every trace through the simulator with the real extra."""

from __future__ import annotations

import sys

import pytest

from tests.klippy.traces import Player, Trace, differs, read_all, row


@pytest.mark.parametrize("trace", read_all(), ids=lambda trace: trace.name)
def test_a_trace_shows_its_states_in_time(trace: Trace) -> None:
    shown = Player(trace).play()
    sys.stdout.write(row(trace, shown) + "\n")
    assert differs(trace, shown) is None, row(trace, shown)
