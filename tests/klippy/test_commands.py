"""The G-code commands: their effects, and their replies to mistakes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.klippy.lights import MakePrinter, refused, shown

if TYPE_CHECKING:
    from klipper_lumen.sim import Printer


def group(printer: Printer) -> dict[str, object]:
    printer.advance(0.05)
    status: dict[str, object] = printer.query("lumen_group chamber")["lumen_group chamber"]
    return status


def test_set_shows_an_effect_above_the_state_until_clear(printer: Printer) -> None:
    printer.run("LUMEN_SET GROUP=chamber EFFECT=solid COLOR=red")
    assert group(printer)["source"] == "command"
    assert str(group(printer)["effect"]).startswith("solid")
    printer.run("LUMEN_CLEAR GROUP=chamber")
    assert group(printer)["source"] == "state"


def test_set_paints_the_pixels(printer: Printer) -> None:
    printer.run("LUMEN_SET GROUP=all EFFECT=solid COLOR=0000ff FADE=0").advance(0.1)
    red, green, blue, white = printer.engine.frame("case")[:4]
    assert (red, green, white) == (0, 0, 0)
    assert blue > 0


PLAIN = """
[extruder]
[heater_bed]
[temperature_sensor chamber]

[lumen]

[lumen_strip case]
driver: memory
count: 10

[lumen_group chamber]
strip: case
on_idle: solid red
"""


@pytest.mark.parametrize(
    ("effect", "lit"),
    [("progress white white", 5), ("thermal chamber white white low=0 high=44", 5)],
)
def test_set_may_sample_sources_that_the_config_does_not_use(
    make: MakePrinter, effect: str, lit: int
) -> None:
    printer = make(PLAIN).start()
    printer.run("M73 P50").advance(2.0)
    printer.run('LUMEN_SET GROUP=chamber EFFECT="%s" FADE=0' % effect).advance(2.0)
    frame = printer.engine.frame("case")
    assert sum(1 for pixel in range(10) if frame[4 * pixel] > 127) == lit


def test_a_duration_expires(printer: Printer) -> None:
    printer.run("LUMEN_SET GROUP=chamber EFFECT=pulse COLOR=red DURATION=5 SPEED=2")
    assert group(printer)["source"] == "command"
    printer.advance(6.0)
    assert group(printer)["source"] == "state"


def test_a_duration_of_zero_is_unlimited(printer: Printer) -> None:
    printer.run("LUMEN_SET GROUP=chamber EFFECT=off DURATION=0").advance(100.0)
    assert group(printer)["source"] == "command"


def test_a_forced_state_shows_whatever_the_printer_does(printer: Printer) -> None:
    printer.run("LUMEN_STATE STATE=Printing").run("M104 S100").advance(2.0)
    assert shown(printer) == "printing"
    assert printer.query("lumen")["lumen"]["forced"] == "printing"
    printer.run("LUMEN_CLEAR").advance(0.1)
    assert shown(printer) == "heating"


def test_a_declared_state_can_be_shown(make: MakePrinter) -> None:
    printer = make("[lumen]\nstates: purge\n").start()
    printer.run("LUMEN_STATE STATE=purge DURATION=3").advance(0.1)
    assert shown(printer) == "purge"
    printer.advance(4.0)
    assert shown(printer) == "idle"


def test_an_alarm_shows_above_a_forced_state(printer: Printer) -> None:
    printer.run("LUMEN_STATE STATE=idle").emergency_stop()
    printer.advance(0.5)
    assert shown(printer) == "error"


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("LUMEN_SET EFFECT=solid", "LUMEN_SET: GROUP is missing"),
        ("LUMEN_SET GRUP=chamber EFFECT=off", "LUMEN_SET: GROUP is missing (got 'GRUP')"),
        ("LUMEN_SET GROUP=chamber", "LUMEN_SET: EFFECT is missing"),
        ("LUMEN_SET GROUP= EFFECT=off", "LUMEN_SET: empty GROUP"),
        (
            "LUMEN_SET GROUP=chamber EFFECT=solid COLOR=#ff8800 SPEED=3",
            (
                "LUMEN_SET: empty COLOR; '#' starts a comment in G-code, "
                "write COLOR=ff8800 instead of COLOR=#ff8800"
            ),
        ),
        (
            "LUMEN_SET GROUP=chamber EFFECT=chase CHASE_COLOR_1=#ff8800",
            (
                "LUMEN_SET: empty CHASE_COLOR_1; '#' starts a comment in G-code, "
                "write CHASE_COLOR_1=ff8800 instead of CHASE_COLOR_1=#ff8800"
            ),
        ),
        (
            "LUMEN_SET GROUP=chamber EFFECT=off DURATION=soon",
            "LUMEN_SET: DURATION must be a number of seconds, got 'soon'",
        ),
        (
            "LUMEN_SET GROUP=chamber EFFECT=off FADE=-1",
            "LUMEN_SET: FADE must be a number of seconds, got '-1'",
        ),
        (
            "LUMEN_SET GROUP=chamber EFFECT=off DURATION=nan",
            "LUMEN_SET: DURATION must be a number of seconds, got 'nan'",
        ),
        ("LUMEN_STATE", "LUMEN_STATE: STATE is missing"),
        (
            "LUMEN_STATE STATE=idle DURATIN=3",
            "LUMEN_STATE: unknown parameter 'DURATIN' (did you mean 'DURATION'?)",
        ),
        (
            "LUMEN_CLEAR GROUPS=chamber",
            "LUMEN_CLEAR: unknown parameter 'GROUPS' (did you mean 'GROUP'?)",
        ),
        (
            "LUMEN_SET GROUP=chamber EFFECT=pulse DURATIN=3",
            "LUMEN_SET: unknown parameter 'DURATIN' (did you mean 'DURATION'?)",
        ),
        ("LUMEN_CLEAR X=1", "LUMEN_CLEAR: unknown parameter 'X' (parameters: GROUP)"),
        ("LUMEN_STATUS X=1", "LUMEN_STATUS: unknown parameter 'X' (parameters: PROFILE)"),
    ],
)
def test_a_mistake_is_reported_with_its_remedy(printer: Printer, command: str, words: str) -> None:
    assert refused(printer, command) == words


@pytest.mark.parametrize("command", ["LUMEN_SET chamber", 'LUMEN_SET GROUP="chamber'])
def test_a_malformed_command_is_klippers_error(printer: Printer, command: str) -> None:
    assert printer.try_run(command) == "Malformed command '%s'" % command


@pytest.mark.parametrize(
    ("command", "parts"),
    [
        ("LUMEN_SET GROUP=chambr EFFECT=off", ("unknown group 'chambr'", "chamber")),
        ("LUMEN_SET GROUP=chamber EFFECT=puls", ("unknown effect 'puls'", "pulse")),
        ("LUMEN_SET GROUP=chamber EFFECT=pulse SPED=3", ("sped", "speed")),
        ("LUMEN_SET GROUP=chamber EFFECT=solid COLOR=rde", ("rde", "red")),
        ("LUMEN_STATE STATE=pritning", ("pritning", "printing")),
        ("LUMEN_CLEAR GROUP=chambr", ("unknown group 'chambr'", "chamber")),
    ],
)
def test_the_engine_reports_a_mistake_with_a_suggestion(
    printer: Printer, command: str, parts: tuple[str, ...]
) -> None:
    words = refused(printer, command)
    assert words.startswith(command.split(maxsplit=1)[0] + ": ")
    for part in parts:
        assert part in words
    assert printer.is_ready()


def test_status_is_readable(printer: Printer) -> None:
    printer.run("LUMEN_SET GROUP=chamber EFFECT=solid COLOR=red").advance(1.0).run("LUMEN_STATUS")
    lines = printer.gcode.output[-1].splitlines()
    assert lines[0].startswith("// Lumen ")
    assert lines[0].endswith("shows idle")
    assert any(
        line.startswith("// group chamber: solid color=red (by LUMEN_SET)") for line in lines
    )
    assert any(line.startswith("// strip case: memory, 10 pixels") for line in lines)


def test_status_works_after_a_shutdown(printer: Printer) -> None:
    printer.emergency_stop()
    printer.advance(0.5)
    assert printer.try_run("LUMEN_STATUS") is None
    assert "shows error" in printer.gcode.output[-1]


def test_commands_work_within_macros(make: MakePrinter) -> None:
    printer = make()
    printer.add_macro("LIGHT", "LUMEN_SET GROUP=chamber EFFECT=off\nLUMEN_STATE STATE=sleep")
    printer.start().run("LIGHT").advance(0.1)
    assert shown(printer) == "sleep"


def test_commands_leave_motion_and_idle_timeout_alone(printer: Printer) -> None:
    printer.advance(2.0)
    before = (printer.toolhead.busy_until() - printer.now, printer.idle_timeout.state)
    printer.run("LUMEN_SET GROUP=all EFFECT=rainbow").run("LUMEN_STATE STATE=idle")
    printer.run("LUMEN_STATUS").run("LUMEN_CLEAR").advance(0.2)
    after = (printer.toolhead.busy_until() - printer.now, printer.idle_timeout.state)
    assert before == after == (0.0, "Idle")


def test_help_is_the_synopsis(printer: Printer) -> None:
    texts = printer.gcode.gcode_help
    assert "GROUP= EFFECT= [COLOR=]" in texts["LUMEN_SET"]
    assert "STATE=" in texts["LUMEN_STATE"]
    assert "[GROUP=]" in texts["LUMEN_CLEAR"]
    assert texts["LUMEN_STATUS"]
