"""The profile: measured on request, for five seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional, cast

import pytest

from klipper_lumen.sim.gcode import CommandError
from klippy_extra.lumen.profile import Profile, UpdateTiming, report
from tests.klippy.lights import BASE, MakePrinter, refused, watch_engine

if TYPE_CHECKING:
    from klipper_lumen import Engine
    from klipper_lumen.sim import Printer
    from klippy_extra.lumen.led_adapter import Cost

MOVING = BASE + "on_idle: rainbow\n"

FED = """
[printer]

[extruder]

[mcu]
baud: 250000

[neopixel chain]
pin: gpio1
chain_count: 10

[lumen]

[lumen_strip chain]
driver: klipper
neopixel: chain
count: 10

[lumen_group room]
pixels: chain 1-10
on_idle: rainbow
"""

SPREAD = {"avg": 25.04, "p99": 40.0, "max": 90.06}
FOUND: dict[str, Any] = {
    "age_s": 3.02,
    "seconds": 5.0,
    "frames": 300,
    "avg_us": 85.12,
    "max_us": 210.0,
    "effects": [
        {
            "group": "left",
            "effect": "comet",
            "frames": 300,
            "avg_us": 12.12,
            "max_us": 20.0,
            "ns_per_pixel": 121.24,
        }
    ],
    "outputs": [
        {
            "strips": ["case", "top"],
            "output": "gpio",
            "frames": 299,
            "cpu_us": SPREAD,
            "send_us": {**SPREAD, "avg": 5120.0},
        },
        {"strips": ["lamp"], "output": "pwm", "frames": 7, "cpu_us": None, "send_us": None},
    ],
}


class Known:
    """An engine with known measurements and timings."""

    def __init__(self) -> None:
        self.now = 100.0
        self.result: dict[str, Any] = {"ends_in_s": 5.0, "found": None}
        self.timings: list[UpdateTiming] = []
        self.profile_of = Profile(lambda: self.now, self._measure)

    def profile(self) -> dict[str, Any]:
        return self.result

    def ask(self, now: float, ends_in: Optional[float], found: Any = None) -> dict[str, Any]:
        self.now = now
        self.result = {"ends_in_s": ends_in, "found": found}
        return self.profile_of.query(cast("Engine", self))

    def _measure(self, until: float) -> dict[str, list[UpdateTiming]]:
        self.timings.append(UpdateTiming(until))
        return {"lamp": [self.timings[-1]]}


def test_the_first_answer_contains_the_time_until_the_result() -> None:
    answer = Known().ask(100.0, 5.0)
    assert answer == {"measuring": True, "ready_in": 5.0, "found": None}
    assert report(answer) == "profile: measuring; ask again in 5.0 s"


def test_the_measurement_is_reported_line_by_line() -> None:
    known = Known()
    known.ask(100.0, 5.0)
    known.timings[0].times_us += [30.0, 10.0, 20.0]
    answer = known.ask(108.0, None, FOUND)
    assert report(answer).splitlines() == [
        "profile of 5 s, until 3 s ago: 300 frames, 85.1 us each (longest 210.0)",
        "effect comet on left: 300 frames, 12.1 us each (longest 20.0), 121.2 ns a pixel",
        (
            "output gpio of case, top: 299 frames, 25.0 us of CPU time (99 % within 40.0, "
            "longest 90.1), 5120.0 us until sent (99 % within 40.0, longest 90.1)"
        ),
        "output pwm of lamp: 3 frames, 20.0 us of CPU time (99 % within 30.0, longest 30.0)",
    ]
    assert answer["found"]["outputs"][1]["cpu_us"] == {"avg": 20.0, "p99": 30.0, "max": 30.0}


def test_update_times_are_from_the_same_measurement() -> None:
    known = Known()
    known.ask(100.0, 5.0)
    known.timings[0].times_us.append(10.0)
    # The old measurement is returned, and a new one starts.
    assert known.ask(130.0, 5.0, FOUND)["found"]["outputs"][1]["frames"] == 1
    known.timings[1].times_us += [50.0, 50.0]
    assert known.ask(132.0, 3.0, FOUND)["found"]["outputs"][1]["frames"] == 1
    answer = known.ask(136.0, None, FOUND)["found"]["outputs"][1]
    assert (answer["frames"], answer["cpu_us"]["avg"]) == (2, 50.0)
    assert len(known.timings) == 2


def test_a_query_just_before_the_end_loses_nothing() -> None:
    known = Known()
    known.ask(100.0, 5.0)
    known.timings[0].times_us.append(10.0)
    known.ask(105.001, 0.0)
    assert known.ask(105.1, None, FOUND)["found"]["outputs"][1]["frames"] == 1


def test_the_percentile_covers_99_of_100_updates() -> None:
    known = Known()
    known.ask(100.0, 5.0)
    known.timings[0].times_us += [float(number) for number in range(1, 201)]
    spread = known.ask(106.0, None, FOUND)["found"]["outputs"][1]["cpu_us"]
    assert spread == {"avg": 100.5, "p99": 198.0, "max": 200.0}


def test_a_timing_expires_and_ignores_empty_updates() -> None:
    from klippy_extra.lumen.led_adapter import Cost

    shown: list[Optional[Cost]] = [Cost(1.0, 0.0), None, Cost(1.0, 0.0)]
    timing = UpdateTiming(105.0)
    for _ in range(3):
        timing.show(lambda _: shown.pop(0), b"")
    assert len(timing.times_us) == 2
    assert [timing.is_over(now) for now in (104.999, 105.0)] == [False, True]


def test_every_frame_of_an_effect_is_counted(make: MakePrinter) -> None:
    printer = make(MOVING).start().advance(2.0)
    first = printer.ask("lumen/profile")
    assert (first["measuring"], first["ready_in"], first["found"]) == (True, 5.0, None)
    printer.advance(2.0)
    assert printer.ask("lumen/profile")["ready_in"] == 3.0
    printer.advance(6.0)
    answer = printer.ask("lumen/profile")
    found = answer["found"]
    assert (answer["measuring"], answer["ready_in"]) == (False, None)
    assert (found["age_s"], found["seconds"]) == (3.0, 5.0)
    assert found["frames"] == pytest.approx(300, abs=1)
    (effect,) = found["effects"]
    assert (effect["group"], effect["effect"]) == ("chamber", "rainbow")
    assert effect["frames"] == found["frames"]
    (output,) = found["outputs"]
    assert (output["strips"], output["output"], output["cpu_us"]) == (["case"], "memory", None)
    assert output["frames"] >= 295


def test_the_command_shows_the_same(make: MakePrinter) -> None:
    printer = make(MOVING).start().advance(2.0)
    printer.run("LUMEN_STATUS PROFILE=1")
    assert printer.gcode.output[-1].endswith("profile: measuring; ask again in 5.0 s")
    printer.advance(5.1).run("LUMEN_STATUS PROFILE=1")
    text = printer.gcode.output[-1]
    assert "profile of 5 s, until 0 s ago: 30" in text
    assert "effect rainbow on chamber: 30" in text
    assert "output memory of case: " in text
    assert "measuring" not in text
    printer.advance(11.0).run("LUMEN_STATUS PROFILE=1")
    assert "profile of 5 s, until 11 s ago" in printer.gcode.output[-1]
    assert printer.gcode.output[-1].endswith("profile: measuring; ask again in 5.0 s")
    assert "profile" in printer.ask("lumen/status", profile="1")


def test_nothing_is_measured_before_a_request(make: MakePrinter) -> None:
    printer = make(FED)
    watched = watch_engine(printer)
    printer.start().advance(20.0).run("LUMEN_STATUS").run("LUMEN_STATUS PROFILE=0")
    assert "profile" not in watched.calls
    assert "profile" not in printer.ask("lumen/status")
    assert all(part.timing is None for part in parts(printer))


def test_update_times_are_measured_on_the_reactor(
    make: MakePrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    printer = make(FED).start().advance(2.0)
    moments = iter(range(10_000_000))
    # Ten microseconds between two readings of the clock.
    monkeypatch.setattr("time.perf_counter", lambda: next(moments) * 1e-5)
    printer.ask("lumen/profile")
    before = parts(printer)[0].frames
    printer.advance(5.0)
    sent = parts(printer)[0].frames - before
    printer.advance(10.0 - 5.0)
    (output,) = printer.ask("lumen/profile")["found"]["outputs"]
    assert (output["strips"], output["output"]) == (["chain"], "klipper")
    assert output["frames"] == pytest.approx(sent, abs=1)
    assert sent > 50
    assert output["cpu_us"] == {"avg": 10.0, "p99": 10.0, "max": 10.0}
    assert parts(printer)[0].timing is None


def test_profile_answers_while_a_command_waits_and_after_a_shutdown(printer: Printer) -> None:
    answers: list[Any] = []

    def ask(eventtime: float) -> None:
        answers.append(printer.ask("lumen/profile")["measuring"])

    printer.reactor.register_callback(ask, printer.now + 1.0)
    printer.run("G4 P3000").run("M400")
    assert answers == [True]
    printer.emergency_stop()
    printer.advance(6.0).run("LUMEN_STATUS PROFILE=1")
    assert "profile of 5 s" in printer.gcode.output[-1]


@pytest.mark.parametrize("value", ["2", "yes", "0.5"])
def test_a_mistake_is_reported(printer: Printer, value: str) -> None:
    words = refused(printer, "LUMEN_STATUS PROFILE=" + value)
    expected = "PROFILE must be a whole number from 0 to 1, got '%s'" % value
    assert words == "LUMEN_STATUS: " + expected
    with pytest.raises(CommandError, match=expected):
        printer.ask("lumen/status", profile=value)


def parts(printer: Printer) -> list[Any]:
    lumen = printer.lookup_object("lumen")
    return [part for strip in lumen._lights._strips for part in strip.parts]
