"""The profile: measured on request, for five seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from klipper_lumen.sim.gcode import CommandError
from tests.klippy.lights import BASE, MakePrinter, refused
from tests.klippy.test_reload import pause, reloaded, settle, write

if TYPE_CHECKING:
    from pathlib import Path

    from klipper_lumen.sim import Printer

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
    printer.start().advance(20.0).run("LUMEN_STATUS").run("LUMEN_STATUS PROFILE=0")
    assert "profile" not in printer.ask("lumen/status")
    assert times(printer) == {}
    # The first request starts the measurement.
    assert printer.ask("lumen/profile")["ready_in"] == 5.0


def test_update_times_are_measured_on_the_reactor(
    make: MakePrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    printer = make(FED).start().advance(2.0)
    moments = iter(range(10_000_000))
    # Ten microseconds between two readings of the clock.
    monkeypatch.setattr("time.perf_counter", lambda: next(moments) * 1e-5)
    printer.ask("lumen/profile")
    before = frames(printer)
    printer.advance(5.0)
    sent = frames(printer) - before
    printer.advance(10.0 - 5.0)
    (output,) = printer.ask("lumen/profile")["found"]["outputs"]
    assert (output["strips"], output["output"]) == (["chain"], "klipper")
    assert output["frames"] == pytest.approx(sent, abs=1)
    assert sent > 50
    assert output["cpu_us"] == {"avg": 10.0, "p99": 10.0, "max": 10.0}
    before = times(printer)
    printer.advance(1.0)
    assert times(printer) == before


def test_a_profile_soon_after_a_reload_is_measured_on_the_reactor(
    make: MakePrinter, tmp_path: Path
) -> None:
    printer = make(FED).start().advance(2.0)
    printer.config_file = str(tmp_path / "printer.cfg")
    printer.ask("lumen/profile")
    write(printer, FED.replace("rainbow", "disco"))
    assert reloaded(printer) == "// LUMEN_RELOAD: the config was reloaded"
    assert printer.ask("lumen/profile")["ready_in"] == 5.0
    printer.advance(6.0)
    (output,) = printer.ask("lumen/profile")["found"]["outputs"]
    assert output["frames"] > 5
    assert output["cpu_us"]["max"] > 0.0


def test_a_profile_during_a_reload_is_measured_after_it(make: MakePrinter, tmp_path: Path) -> None:
    printer = make(FED).start().advance(2.0)
    printer.config_file = str(tmp_path / "printer.cfg")
    write(printer, FED.replace("rainbow", "disco"))
    printer.run("LUMEN_RELOAD")
    lumen = printer.lookup_object("lumen")
    while not lumen._sample_timer._is_paused:
        printer.advance(0.05)
        pause()
    while lumen._reload._reload.outcome() is None:
        pause()
    assert printer.ask("lumen/profile")["ready_in"] == 5.0
    settle(printer)
    printer.advance(6.0)
    (output,) = printer.ask("lumen/profile")["found"]["outputs"]
    assert output["frames"] > 5
    assert output["cpu_us"]["max"] > 0.0


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


def frames(printer: Printer) -> int:
    printer.advance(0.0)
    return len(printer.lookup_object("neopixel chain").sent)


def times(printer: Printer) -> Any:
    return printer.lookup_object("lumen")._lights.state.update_times()
