"""The debug log and the console: their messages and the limits of these."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

from klipper_lumen import Notice
from klippy_extra.lumen.guard import LIMITS, Guard
from klippy_extra.lumen.log import Console
from tests.klippy.lights import BASE, MakePrinter, shown

if TYPE_CHECKING:
    from klipper_lumen.sim import Printer

LIMIT, RESERVE = LIMITS["console_messages"], LIMITS["console_reserved"]
LINES = TEMPERATURE_LINES = LIMITS["debug_lines"]
# The limits are per minute; slow temperatures are logged after SLOW_S.
WINDOW_S = 60.0
SLOW_S = 10.0

TWO = BASE + "on_idle: solid white\non_homing: pulse blue\non_heating: thermal extruder\n"


def debug_config(level: str, config: str = TWO) -> str:
    return config.replace("[lumen]\n", "[lumen]\ndebug: %s\n" % level)


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Returns the lines of the debug log."""
    return [record.getMessage() for record in caplog.records if record.name == "lumen.debug_log"]


def console_messages(printer: Printer) -> list[str]:
    """Returns the unsolicited messages of Lumen on the console."""
    return [text for text in printer.gcode.output if text[3:].startswith("lumen: ")]


@pytest.fixture(autouse=True)
def _every_line(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)


def test_each_change_is_a_line_in_the_log(
    make: MakePrinter, caplog: pytest.LogCaptureFixture
) -> None:
    printer = make(debug_config("log")).start().advance(0.5)
    caplog.clear()
    printer.run("G28").advance(2.0).run("LUMEN_SET GROUP=chamber EFFECT=comet").advance(1.0)
    printer.run("LUMEN_STATE STATE=printing").advance(0.5)
    assert lines(caplog) == [
        "lumen: state homing (was idle); chamber: pulse blue",
        "lumen: state idle (was homing); chamber: solid white",
        "lumen: chamber: comet, by command",
        "lumen: state printing, forced (was idle)",
    ]
    assert console_messages(printer) == []


def test_without_debug_nothing_is_logged_or_polled(
    make: MakePrinter, caplog: pytest.LogCaptureFixture
) -> None:
    printer = make(TWO).start().run("G28").run("M104 S200").advance(60.0)
    assert lines(caplog) == []
    assert console_messages(printer) == []
    assert not printer.lookup_object("lumen")._console.limits.is_waiting


@pytest.mark.parametrize(("word", "level"), [("True", "log"), ("false", "off"), ("Console", "x")])
def test_the_values_of_lumen_1_are_accepted(
    make: MakePrinter, caplog: pytest.LogCaptureFixture, word: str, level: str
) -> None:
    printer = make(debug_config(word)).start().advance(1.0)
    assert bool(lines(caplog)) == (level != "off")
    assert bool(console_messages(printer)) == (level == "x")


def test_the_console_has_the_same_lines_once(
    make: MakePrinter, caplog: pytest.LogCaptureFixture
) -> None:
    printer = make(debug_config("console")).start().run("G28").advance(1.0)
    assert [text[3:] for text in console_messages(printer)] == lines(caplog)
    texts = [record.getMessage() for record in caplog.records]
    assert texts.count("lumen: state idle (was homing); chamber: solid white") == 1


def test_temperatures_are_logged_at_one_degree_and_not_on_the_console(
    make: MakePrinter, caplog: pytest.LogCaptureFixture
) -> None:
    printer = make(debug_config("console")).start().advance(1.0)
    caplog.clear()
    printer.run("M104 S60").advance(6.0)
    # Four degrees a second, read every half second.
    logged = [line for line in lines(caplog) if "of 60.0 degrees" in line]
    heat = [float(line.split("extruder ")[1].split()[0]) for line in logged]
    assert len(heat) >= 10
    assert all(1.0 <= after - before <= 2.5 for before, after in zip(heat, heat[1:]))
    assert not any("degrees" in text for text in console_messages(printer))


def test_a_slow_change_is_logged_every_ten_seconds(
    make: MakePrinter, caplog: pytest.LogCaptureFixture
) -> None:
    config = debug_config("log", BASE + "on_idle: thermal chamber\n")
    printer = make(config.replace("bored_timeout: 40", "bored_timeout: 400"))
    heat = [25.0]

    def replace() -> None:
        sensor = printer.lookup_object("temperature_sensor chamber")
        sensor.get_status = lambda eventtime: {"temperature": heat[0]}

    printer.register_event_handler("klippy:mcu_identify", replace)
    printer.start().advance(2.0)
    caplog.clear()
    for _ in range(40):
        heat[0] += 0.02
        printer.advance(1.0)
    assert len(lines(caplog)) == 4
    caplog.clear()
    printer.advance(5.0 * SLOW_S)
    assert len(lines(caplog)) <= 1


def test_a_named_effect_shows_temperatures_too(
    make: MakePrinter, caplog: pytest.LogCaptureFixture
) -> None:
    named = "[lumen_effect warm]\neffect: thermal\ntemp_source: extruder\n"
    config = debug_config("log", BASE + "on_idle: warm\n" + named)
    make(config).start().run("M104 S40").advance(3.0)
    assert any("of 40.0 degrees" in line for line in lines(caplog))


def test_no_temperature_is_logged_during_a_print(
    make: MakePrinter, caplog: pytest.LogCaptureFixture
) -> None:
    printer = make(debug_config("log", BASE + "on_printing: thermal extruder\n")).start()
    printer.print_stats.state = "printing"
    printer.run("LUMEN_STATE STATE=printing").run("M104 S200").advance(30.0)
    assert shown(printer) == "printing"
    assert not any("degrees" in line for line in lines(caplog))


def test_heating_writes_one_message_to_the_console(make: MakePrinter) -> None:
    """The limit is ten messages a minute; this takes one."""
    config = debug_config("console").replace("bored_timeout: 40", "bored_timeout: 400")
    printer = make(config).start().advance(WINDOW_S)
    before = len(console_messages(printer))
    printer.run("M140 S60").run("M104 S210").advance(45.0)
    assert len(console_messages(printer)) - before == 1


def test_the_lines_per_minute_are_limited(
    make: MakePrinter, caplog: pytest.LogCaptureFixture
) -> None:
    config = debug_config("log").replace("bored_timeout: 40", "bored_timeout: 400")
    printer = make(config).start().advance(WINDOW_S)
    caplog.clear()
    for number in range(100):
        effect = "solid red" if number % 2 else "solid blue"
        printer.run('LUMEN_SET GROUP=chamber EFFECT="%s"' % effect).advance(0.25)
    assert len(lines(caplog)) == LINES
    printer.advance(WINDOW_S).run("LUMEN_CLEAR").advance(0.5)
    *_, count, last = lines(caplog)
    assert count == "lumen: %d lines not logged" % (100 - LINES)
    assert last == "lumen: chamber: solid white"


def test_temperatures_do_not_use_up_the_limit_of_scenes(
    make: MakePrinter, caplog: pytest.LogCaptureFixture
) -> None:
    printer = make(debug_config("log")).start().run("M104 S250").advance(WINDOW_S)
    logged = [line for line in lines(caplog) if "degrees" in line]
    assert TEMPERATURE_LINES <= len(logged) <= TEMPERATURE_LINES + 1
    printer.run("G28").advance(0.5)
    assert any("state homing" in line for line in lines(caplog))


def flood(printer: Printer) -> None:
    for number in range(40):
        printer.run("LUMEN_SET GROUP=chamber EFFECT=comet SPEED=%d" % (1 + number))
        printer.advance(0.5)


class ConsoleFixture:
    """A separate console, in a printer whose time the test controls."""

    def __init__(self, printer: Printer) -> None:
        self.printer = printer
        self.console = Console(printer, Guard(printer.reactor.monotonic))
        self.console.limits.enable(True)

    def messages(self) -> list[str]:
        return console_messages(self.printer)

    def wait(self, seconds: float) -> None:
        """Advances the time and updates the console as often as the debug log does."""
        for _ in range(int(seconds * 4)):
            self.printer.advance(0.25)
            self.console.update(self.printer.now)


@pytest.fixture
def fixture(printer: Printer) -> ConsoleFixture:
    return ConsoleFixture(printer)


def test_no_minute_has_more_than_ten_messages(fixture: ConsoleFixture) -> None:
    times: list[float] = []
    for number in range(2000):
        before = len(fixture.messages())
        fixture.console.write("lumen: message %d" % number, number % 3 == 0)
        fixture.wait(0.25)
        times += [fixture.printer.now] * (len(fixture.messages()) - before)
    assert len(times) >= 2000 * 0.25 / WINDOW_S * LIMIT
    within = [sum(1 for t in times if start <= t < start + WINDOW_S - 0.25) for start in times]
    assert max(within) == LIMIT
    assert fixture.console.limits.sends == len(times)


def test_errors_have_reserved_places(fixture: ConsoleFixture) -> None:
    for number in range(50):
        fixture.console.write("lumen: message %d" % number)
    assert len(fixture.messages()) == LIMIT - RESERVE
    fixture.console.write("lumen: it broke", is_error=True)
    assert fixture.messages()[-1] == "// lumen: error: it broke"


def test_suppressed_messages_are_counted(fixture: ConsoleFixture) -> None:
    for number in range(50):
        fixture.console.write("lumen: message %d" % number)
    fixture.wait(WINDOW_S + 1.0)
    left_out = 50 - (LIMIT - RESERVE)
    assert fixture.messages()[-1] == "// lumen: %d more messages in klippy.log" % left_out
    fixture.wait(10 * WINDOW_S)
    assert len(fixture.messages()) == LIMIT - RESERVE + 1


def test_repeats_are_counted_and_reported_once(fixture: ConsoleFixture) -> None:
    for _ in range(58):
        fixture.console.write("lumen: dark")
        fixture.wait(0.5)
    assert fixture.messages() == ["// lumen: dark"]
    fixture.wait(WINDOW_S)
    assert fixture.messages() == ["// lumen: dark", "// lumen: dark (again 57 times)"]
    fixture.wait(10 * WINDOW_S)
    assert len(fixture.messages()) == 2


def test_only_errors_are_shown_during_a_print(fixture: ConsoleFixture) -> None:
    fixture.printer.print_stats.state = "printing"
    for number in range(30):
        fixture.console.write("lumen: message %d" % number)
        fixture.wait(10.0)
    assert fixture.messages() == []
    fixture.console.write("lumen: it broke", is_error=True)
    assert fixture.messages() == ["// lumen: error: it broke"]
    fixture.printer.print_stats.state = "complete"
    fixture.wait(1.0)
    assert fixture.messages()[1:] == ["// lumen: 30 more messages in klippy.log"]


def test_a_whole_print_with_debug_console_is_silent(make: MakePrinter) -> None:
    printer = make(debug_config("console")).start().advance(WINDOW_S)
    printer.print_stats.state = "printing"
    before = len(console_messages(printer))
    printer.run("M104 S200")
    for _ in range(20):
        printer.run("G28").run("LUMEN_SET GROUP=chamber EFFECT=comet").advance(1.0)
        printer.run("LUMEN_CLEAR").advance(1.0)
    assert len(console_messages(printer)) == before


def test_notices_reach_the_console_by_their_level(make: MakePrinter) -> None:
    printer = make(debug_config("console")).start().advance(WINDOW_S)
    notices = printer.lookup_object("lumen")._notices
    notices.log_notice(Notice("info", "lumen: strip 'case' is lit again"))
    assert console_messages(printer)[-1] == "// lumen: strip 'case' is lit again"
    printer.print_stats.state = "printing"
    before = len(console_messages(printer))
    notices.log_notice(Notice("warning", "lumen: strip 'case': gone (again 3 times)"))
    notices.log_notice(Notice("error", "lumen: internal error (again)"))
    assert console_messages(printer)[before:] == ["// lumen: error: internal error"]
    quiet = make(TWO).start()
    quiet.lookup_object("lumen")._notices.log_notice(Notice("error", "lumen: internal error"))
    assert console_messages(quiet) == []


def test_a_console_fault_goes_to_the_log_only(
    fixture: ConsoleFixture, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise OSError("the pipe is gone")

    monkeypatch.setattr(fixture.printer.gcode, "respond_info", fail)
    for number in range(5):
        fixture.console.write("lumen: message %d" % number)
    fixture.wait(2 * WINDOW_S)
    faults = [r for r in caplog.records if "lumen: console: OSError" in r.getMessage()]
    assert len(faults) <= 2
    assert fixture.printer.is_ready()


def test_a_console_message_causes_no_other_message(
    make: MakePrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message causes no state, no activity and no other message."""
    config = debug_config("console", TWO).replace("bored_timeout: 40", "bored_timeout: 5")
    printer = make(config).start()
    console = printer.lookup_object("lumen")._console
    respond_info = printer.gcode.respond_info

    def echo(msg: str, log: bool = True) -> None:
        respond_info(msg, log)
        # A plug-in that reads the console and makes Lumen write more.
        console.write("lumen: heard %s" % msg)

    monkeypatch.setattr(printer.gcode, "respond_info", echo)
    before = len(console_messages(printer))
    for number in range(8):
        # The text would start a state if Lumen read it.
        console.write("lumen: G28 homing BED_MESH_CALIBRATE %d" % number)
        printer.advance(0.25)
    assert len(console_messages(printer)) - before <= LIMIT - RESERVE
    assert not any("heard" in text for text in console_messages(printer))
    printer.advance(5.0)
    assert shown(printer) == "bored"


def test_console_sends_are_a_performance_figure(make: MakePrinter) -> None:
    printer = make(debug_config("console")).start()
    printer.query("lumen")
    flood(printer)
    printer.advance(10.0).query("lumen")
    lumen = printer.lookup_object("lumen")
    assert lumen._console.limits.sends == len(console_messages(printer)) > 0
    assert lumen._facts._counters()["console_sends"] == lumen._console.limits.sends


def test_the_log_starts_with_version_strips_and_backends(
    make: MakePrinter, caplog: pytest.LogCaptureFixture
) -> None:
    make().start()
    version = "0.1.0"
    assert "lumen: version %s; strips: case (10 pixels, memory)" % version in caplog.text


def test_without_runtime_warning_the_warnings_go_to_the_log(
    make: MakePrinter, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delattr("klipper_lumen.sim.config.ConfigFile.runtime_warning")
    config = BASE.replace("[lumen]\n", "[lumen]\nmax_brightness: 0.4\n")
    printer = make(config).start()
    assert printer.is_ready()
    logged = [r for r in caplog.records if "'max_brightness'" in r.getMessage()]
    assert len(logged) == 1
    assert "max_brightness" in printer.query("lumen")["lumen"]["warnings"][0]
