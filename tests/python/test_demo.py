"""The demo: a whole job on the simulator, as fast as possible."""

from __future__ import annotations

import pytest

from klipper_lumen import demo
from klipper_lumen.recording import Moment, Recording


@pytest.fixture(scope="module")
def recording() -> Recording:
    return demo.record(live=False, clock="manual")


def test_every_phase_of_a_job_is_shown_in_order(recording: Recording) -> None:
    assert demo.missing(recording.states()) == []
    assert recording.states()[0] == "startup"
    assert recording.states()[-1] == "error"


def test_the_job_takes_less_than_half_a_minute(recording: Recording) -> None:
    assert recording.moments[-1].time_s < 30.0


def test_the_print_fills_the_case(recording: Recording) -> None:
    # From the end of the cross-fade to the pause.
    begun = next(moment.time_s for moment in recording.moments if moment.state == "printing")
    paused = next(moment.time_s for moment in recording.moments if moment.state == "paused")
    early, late = (
        _lit(next(moment for moment in recording.moments if moment.time_s >= time_s))
        for time_s in (begun + 0.5, paused - 0.1)
    )
    last = [moment for moment in recording.moments if moment.state == "printing"][-1]
    assert 0 < early < late < _lit(last)


def _lit(moment: Moment) -> int:
    """The number of lit pixels of the case."""
    case = moment.frames[0]
    return sum(1 for pixel in range(0, len(case), 4) if any(case[pixel : pixel + 4]))


def test_the_error_beats_in_red(recording: Recording) -> None:
    last = [moment for moment in recording.moments if moment.state == "error"]
    brightest = max(max(moment.frames[0][0::4]) for moment in last)
    assert brightest > 200
    # The effect before, which is not red, has faded out.
    assert max(last[-1].frames[0][1::4] + last[-1].frames[0][2::4]) == 0


def test_a_missed_state_is_named() -> None:
    states = [state for state in demo.EXPECTED if state != "bored"]
    assert demo.missing(states) == ["bored", "sleep", "error"]
