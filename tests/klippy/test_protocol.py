"""The verdicts of the test protocols, from known figures."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.klippy import protocol
from tests.klippy.bench import baseline, hostile_rows, klippy_log, stress
from tests.klippy.bench.attack import Tally
from tests.klippy.bench.criteria import Row, Table, below, info, none
from tests.klippy.bench.doubles import DOUBLES, Double
from tests.klippy.bench.inputs import Inputs
from tests.klippy.lights import REQUESTS

if TYPE_CHECKING:
    from pathlib import Path

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


# An attack that changed nothing.
ATTACKED = hostile_rows.Found(
    5.0,
    Tally(answered=1000),
    klippy="ready",
    job="complete",
    job_s=330.0,
    retransmitted={"mcu": 0.0, "led": 90.0},
    rss_kib=[50_000, 51_000],
    holds={"own_hold_ms_p999": 0.6, "own_hold_ms_max": 3.0},
    checks=[Row("frames are drawn", "yes", "yes", is_kept=True)],
)


def broken(table: Table) -> list[str]:
    return [row.name for row in table.rows if row.is_kept is False]


def stressed(after: stress.Counted, pixels: int = 150, double: Double = SPI) -> list[str]:
    return broken(Table("stress", stress.rows(double, pixels, BEFORE, after)))


def printed(**figures: Any) -> list[str]:
    return broken(baseline.compare([JOB] * 3, [{**JOB, **figures}] * 3))


def test_a_figure_at_its_limit_fails() -> None:
    assert [below("it", value, 3.0, "%", 0.5).verdict for value in (0.4, 0.5, 3.0)] == [
        "pass",
        "pass, not the aim",
        "FAIL",
    ]
    assert (none("failures", 0).verdict, none("failures", 1).verdict) == ("pass", "FAIL")
    assert info("it", "7").verdict == ""


def test_the_requested_frames_meet_all_criteria() -> None:
    assert stressed(MINUTE) == []


def test_missing_frames_fail_a_criterion() -> None:
    assert stressed(replace(MINUTE, arrived=4195.0)) == ["frames on the wire"]
    assert stressed(replace(MINUTE, drawn=4195.0)) == ["frames drawn"]
    assert stressed(replace(MINUTE, failures=1.0)) == ["failures"]
    assert stressed(replace(MINUTE, cpu_s=3.0)) == ["processor"]


def test_a_slow_wire_must_be_used() -> None:
    # A thousand pixels keep it busy for 30.3 ms.
    assert stressed(replace(MINUTE, arrived=600.0 + 33.0 * 60.0), 1000) == []
    assert stressed(replace(MINUTE, arrived=600.0 + 30.0 * 60.0), 1000) == ["frames on the wire"]


def test_equal_jobs_meet_all_criteria() -> None:
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
def test_a_disturbed_job_fails_a_criterion(figures: dict[str, Any], name: str) -> None:
    assert printed(**figures) == [name]


def attacked(**figures: Any) -> list[str]:
    found = replace(ATTACKED, **figures)
    return broken(Table("hostile", [*hostile_rows.rows(found), *hostile_rows.timing_rows(found)]))


def test_an_attack_without_effect_meets_all_criteria() -> None:
    assert attacked() == []


@pytest.mark.parametrize(
    ("figures", "name"),
    [
        ({"klippy": "shutdown: MCU 'mcu' shutdown"}, "klippy"),
        ({"job": "error LUMEN_SET: unknown group 'nosuch'"}, "the job"),
        ({"retransmitted": {"mcu": 9.0}}, "retransmitted bytes"),
        ({"alarms": ["MCU 'mcu' shutdown: Timer too close"]}, "'Timer too close'"),
        ({"alarms": ["Internal error on WebRequest: lumen/set"]}, "internal errors of Klipper"),
        ({"log": klippy_log.Volume(5_000_001, 0, [])}, "klippy.log from Lumen"),
        ({"log": klippy_log.Volume(9, 0, ["lumen: the reload failed"])}, "tracebacks of Lumen"),
        ({"rss_kib": [50_000, 59_000]}, "memory grows by"),
        ({"tally": Tally(lost=["raw: timed out"])}, "answers lost"),
        ({"checks": [Row("frames are drawn", "no", "yes", is_kept=False)]}, "frames are drawn"),
        (
            {"holds": {"own_hold_ms_p999": 1.1, "own_hold_ms_max": 3.0}},
            "a call into Lumen, p99.9",
        ),
        ({"holds": {"own_hold_ms_p999": 0.6}}, "a call into Lumen, at most"),
    ],
)
def test_an_attack_with_an_effect_fails_a_criterion(figures: dict[str, Any], name: str) -> None:
    assert attacked(**figures) == [name]


def test_klippers_own_lines_are_not_counted_as_lumens(tmp_path: Path) -> None:
    log = tmp_path / "klippy.log"
    before = "Stats 1.0: gcodein=0\n"
    klipper = "webhooks: Error decoding Server Request b'{'\nTraceback (most recent call last):\n"
    ours = "lumen: the reload failed\nTraceback (most recent call last):\n  File reload.py\n"
    log.write_text(before + klipper + ours + before)
    found = klippy_log.volume(log, len(before))
    assert found.lumen == len(ours)
    assert found.klipper == len(klipper + before)
    assert found.tracebacks == ["lumen: the reload failed\n"]


def test_a_seed_creates_the_same_requests_for_every_endpoint() -> None:
    first, second = Inputs("7 raw"), Inputs("7 raw")
    # `reload` has a separate client, and `doctor` refuses to be run often.
    names = {request.name for request in REQUESTS if request.endpoint}
    assert set(first.endpoints) == names - {"reload", "doctor"}
    for _ in range(60):
        for make in ("valid", "wrong", "huge", "script", "malformed"):
            assert getattr(first, make)() == getattr(second, make)()


def test_a_script_is_one_lumen_command() -> None:
    inputs = Inputs("7 scripts")
    for _ in range(1000):
        script, _ = inputs.script()
        assert script.startswith(("LUMEN_", "SET_LED", "STOP_LED_EFFECTS"))
        assert not set(script) & set("\n\r\"'")


def test_all_missing_requirements_are_listed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("KLIPPER_DIR", "KLIPPER_PYTHON", "KLIPPER_MCU_ELF"):
        monkeypatch.delenv(name, raising=False)
    assert protocol.main([]) == 2
    message = capsys.readouterr().err
    assert "KLIPPER_DIR is not set; it must name an unpacked source tree" in message
    assert "KLIPPER_MCU_ELF is not set" in message


@pytest.mark.parametrize(
    "words", [["strain"], ["stress", "--outputs", "spi,dmx"], ["hostile", "--files", "good"]]
)
def test_unknown_protocols_are_refused(words: list[str]) -> None:
    with pytest.raises(SystemExit):
        protocol.main(words)
