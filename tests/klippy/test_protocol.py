"""The verdicts of the test protocols, from known figures."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.klippy import protocol
from tests.klippy.bench import baseline, stress
from tests.klippy.bench.criteria import Table, below, none, told
from tests.klippy.bench.doubles import DOUBLES, Double

SPI = next(double for double in DOUBLES if double.output == "spi")
BEFORE = stress.Counted(10.0, 600.0, 600.0, 0.0, 0.0, 1.0, 2.0, 0.0, 0.0)
MINUTE = stress.Counted(70.0, 4200.0, 4200.0, 0.0, 0.0, 1.2, 4.0, 90.0, 20.0)

JOB: baseline.Run = {
    "wall_s": 47.6,
    "cpu_percent": 4.0,
    "lag_p99_ms": 1.2,
    "buffer_time_min": 0.95,
    "print_stall": 0.0,
    "bytes_retransmit": 0.0,
    "mcu_clock_lost_ms": 200.0,
    "waits_ms": [40.0, 50.0, 60.0],
    "alarms": [],
}


def broken(table: Table) -> list[str]:
    return [row.name for row in table.rows if row.is_kept is False]


def stressed(after: stress.Counted, pixels: int = 150, double: Double = SPI) -> list[str]:
    return broken(Table("stress", stress.rows(double, pixels, BEFORE, after)))


def printed(**figures: Any) -> list[str]:
    return broken(baseline.compare([JOB] * 3, [{**JOB, **figures}] * 3))


def test_a_figure_at_its_limit_does_not_keep_it() -> None:
    assert [below("it", value, 3.0, "%", 0.5).verdict for value in (0.4, 0.5, 3.0)] == [
        "pass",
        "pass, not the aim",
        "FAIL",
    ]
    assert (none("failures", 0).verdict, none("failures", 1).verdict) == ("pass", "FAIL")
    assert told("it", "7").verdict == ""


def test_frames_as_asked_keep_all_criteria() -> None:
    assert stressed(MINUTE) == []


def test_frames_that_are_missing_break_one() -> None:
    assert stressed(replace(MINUTE, arrived=4195.0)) == ["frames on the wire"]
    assert stressed(replace(MINUTE, drawn=4195.0)) == ["frames drawn"]
    assert stressed(replace(MINUTE, failures=1.0)) == ["failures"]
    assert stressed(replace(MINUTE, cpu_s=3.0)) == ["processor"]


def test_a_slow_wire_must_be_used() -> None:
    # A thousand pixels keep it for 30.3 ms.
    assert stressed(replace(MINUTE, arrived=600.0 + 33.0 * 60.0), 1000) == []
    assert stressed(replace(MINUTE, arrived=600.0 + 30.0 * 60.0), 1000) == ["frames on the wire"]


def test_equal_jobs_keep_all_criteria() -> None:
    assert printed() == []


@pytest.mark.parametrize(
    ("figures", "name"),
    [
        ({"wall_s": 48.2}, "print time apart"),
        ({"cpu_percent": 9.5}, "more of one core"),
        ({"waits_ms": [61.0]}, "a command waits longer by"),
        ({"buffer_time_min": 0.5}, "least buffer time with it"),
        ({"print_stall": 1.0}, "stalls"),
        ({"bytes_retransmit": 9.0}, "retransmitted bytes"),
        ({"alarms": ["MCU 'mcu' shutdown: Timer too close"]}, "'Timer too close'"),
        ({"alarms": ["Traceback"]}, "other alarms in klippy.log"),
    ],
)
def test_a_job_that_lumen_disturbs_breaks_one(figures: dict[str, Any], name: str) -> None:
    assert printed(**figures) == [name]


def test_what_is_missing_is_all_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("KLIPPER_DIR", "KLIPPER_PYTHON", "KLIPPER_MCU_ELF"):
        monkeypatch.delenv(name, raising=False)
    assert protocol.main([]) == 2
    told_words = capsys.readouterr().err
    assert "KLIPPER_DIR is not set; it must name an unpacked source tree" in told_words
    assert "KLIPPER_MCU_ELF is not set" in told_words


@pytest.mark.parametrize("words", [["strain"], ["stress", "--outputs", "spi,dmx"]])
def test_only_what_there_is_can_be_asked_for(words: list[str]) -> None:
    with pytest.raises(SystemExit):
        protocol.main(words)
