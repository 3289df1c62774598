"""The life cycle: restarts leak nothing, notices reach the log, samples cost little."""

from __future__ import annotations

import atexit
import contextlib
import gc
import logging
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Optional

import pytest

from klipper_lumen import Notice
from klipper_lumen.sim import Hardware
from klippy_extra.lumen.guard import LIMITS
from tests.klippy.lights import BASE, MakePrinter, shown, watch_engine

if TYPE_CHECKING:
    from klipper_lumen.sim import Printer

# Notices in the log, per minute.
BURST = LIMITS["log_notices"]
WINDOW_S = 60.0
AT_ONCE = Hardware(startup_s=0.0)


def threads() -> int:
    """Returns all threads; waits for ended ones, which the kernel removes a little later."""
    counts = [0, len(list(Path("/proc/self/task").iterdir()))]
    for _ in range(1000):
        if len(set(counts[-20:])) == 1 and len(counts) > 20:
            break
        threading.Event().wait(0.005)
        counts.append(len(list(Path("/proc/self/task").iterdir())))
    return counts[-1]


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def test_ten_restarts_leave_no_thread_and_no_descriptor(make: MakePrinter) -> None:
    # The first printer may import modules and set up what stays.
    printer = make(clock="real", hardware=AT_ONCE).start()
    printer.close()
    # Garbage of earlier tests must not count.
    gc.collect()
    before = (threads(), descriptors(), threading.active_count())
    for _ in range(10):
        printer = printer.restart().start()
        assert printer.is_ready()
    printer.close()
    assert (threads(), descriptors(), threading.active_count()) == before


def test_closing_before_ready_closes_the_engine(make: MakePrinter) -> None:
    before = threads()
    printer = make(clock="real")
    printer.advance(0.01)
    assert shown(printer) == "startup"
    assert threads() > before
    printer.close()
    assert threads() == before


def test_closing_twice_is_harmless(printer: Printer) -> None:
    printer.close()
    printer.close()
    printer.advance(5.0)


def test_a_printer_closes_its_engine_at_exit_and_only_once(
    make: MakePrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    registered: list[Any] = []
    monkeypatch.setattr(atexit, "register", registered.append)
    monkeypatch.setattr(atexit, "unregister", registered.remove)
    printer = make().start()
    assert len(registered) == 1
    printer.close()
    assert registered == []


def test_the_error_of_a_shutdown_stays_until_the_restart(printer: Printer) -> None:
    printer.emergency_stop()
    printer.advance(60.0)
    assert shown(printer) == "error"
    again = printer.restart().start().advance(1.0)
    assert shown(again) == "idle"
    again.close()


class Talker:
    """A fake source of the engine's notices."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine
        self._read, self.wake = os.pipe()
        os.set_blocking(self._read, False)
        self.waiting: list[Notice] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def say(
        self, level: Literal["info", "warning", "error"], text: str, about: Optional[str] = None
    ) -> None:
        self.waiting.append(Notice(level, text, about))
        os.write(self.wake, b".")

    def notice_fd(self) -> int:
        return self._read

    def notices(self) -> list[Notice]:
        with contextlib.suppress(BlockingIOError):
            os.read(self._read, 4096)
        waiting, self.waiting = self.waiting, []
        return waiting

    def end(self, *args: Any) -> None:
        self._engine.end(*args)


@pytest.fixture
def talker(make: MakePrinter) -> tuple[Printer, Any]:
    printer = make()
    real = printer.make_engine
    proxy: Any = Talker
    printer.make_engine = lambda document: proxy(real(document))
    printer.start()
    return printer, printer.engine


def test_a_notice_goes_to_the_log_and_a_warning_to_the_web_interfaces(
    talker: tuple[Printer, Any], caplog: pytest.LogCaptureFixture
) -> None:
    printer, engine = talker
    caplog.set_level(logging.INFO)
    text = "lumen: strip 'case': cannot open /dev/spidev0.0: Permission denied"
    engine.say("info", "lumen: strip 'case': open")
    engine.say("warning", text)
    printer.advance(0.1)
    assert "lumen: strip 'case': open" in caplog.text
    warnings = printer.query("configfile")["configfile"]["warnings"]
    assert [warning["message"] for warning in warnings] == [text]
    assert text[:50] in printer.query("lumen")["lumen"]["warnings"][0]


def test_a_repeat_is_logged_without_a_new_warning(
    talker: tuple[Printer, Any], caplog: pytest.LogCaptureFixture
) -> None:
    printer, engine = talker
    for again in (" (again 57 times)", " (again)", "", " (again 3 times)"):
        engine.say("warning", "lumen: strip 'case': gone" + again)
        printer.advance(0.1)
    assert "again 3 times" in caplog.text
    warnings = printer.query("configfile")["configfile"]["warnings"]
    assert [warning["message"] for warning in warnings] == ["lumen: strip 'case': gone"]


def test_a_warning_about_a_strip_is_cleared_when_it_recovers(
    talker: tuple[Printer, Any], caplog: pytest.LogCaptureFixture
) -> None:
    printer, engine = talker
    case, top = "strip 'case'", "strip 'gpio18' of group 'top'"

    def warnings() -> Any:
        printer.advance(2.1)
        assert isinstance(printer.query("lumen")["lumen"]["warnings"], list)
        return printer.query("lumen")["lumen"]["warnings"]

    engine.say("warning", "lumen: %s: gone" % case, case)
    engine.say("warning", "lumen: %s: gone" % top, top)
    assert warnings() == ["lumen: %s: gone" % case, "lumen: %s: gone" % top]
    engine.say("info", "lumen: %s is lit again" % case, case)
    assert warnings() == ["lumen: %s: gone" % top]
    printer.run("LUMEN_STATUS")
    assert "case" not in printer.gcode.output[-1].partition("warning:")[2]
    caplog.clear()
    engine.say("warning", "lumen: %s: gone" % case, case)
    assert warnings() == ["lumen: %s: gone" % top, "lumen: %s: gone" % case]
    assert "case" in caplog.text


def test_notices_over_the_limit_are_counted_and_not_logged(
    talker: tuple[Printer, Any], caplog: pytest.LogCaptureFixture
) -> None:
    printer, engine = talker
    caplog.set_level(logging.INFO)
    printer.advance(WINDOW_S)
    caplog.clear()
    for number in range(500):
        engine.say("info", "lumen: notice %d" % number)
    printer.advance(0.1)
    assert len(caplog.records) == BURST
    printer.advance(WINDOW_S)
    engine.say("info", "lumen: later")
    printer.advance(0.1)
    texts = [record.getMessage() for record in caplog.records[BURST:]]
    assert texts == ["lumen: %d notices not logged" % (500 - BURST), "lumen: later"]


def test_samples_come_four_times_a_second(make: MakePrinter) -> None:
    printer = make()
    watched = watch_engine(printer)
    printer.start().advance(10.0)
    del watched.calls[:]
    printer.advance(10.0)
    assert 38 <= watched.calls.count("sample_objects") <= 42


@pytest.mark.parametrize("every_s", [0.25, 0.1, 0.05, 0.01, 0.3])
@pytest.mark.parametrize("phase_s", [0.0, 0.06, 0.2])
def test_status_queries_change_the_rate_little(
    make: MakePrinter, every_s: float, phase_s: float
) -> None:
    printer = make()
    watched = watch_engine(printer)
    printer.start().run("M104 S200").advance(2.0 + phase_s)

    def ask(eventtime: float) -> float:
        printer.query("lumen", "lumen_group chamber")
        return eventtime + every_s

    printer.reactor.register_timer(ask, printer.reactor.NOW)
    del watched.calls[:]
    printer.advance(20.0)
    assert 60 <= watched.calls.count("sample_objects") <= 140


def test_a_sample_follows_regular_status_queries(make: MakePrinter) -> None:
    printer = make()
    watched = watch_engine(printer)
    printer.start().run("M104 S200").advance(2.07)
    asked: list[float] = []

    def ask(eventtime: float) -> float:
        printer.query("lumen")
        asked.append(printer.now)
        watched.calls.append("asked")
        return eventtime + 0.25

    printer.reactor.register_timer(ask, printer.reactor.NOW)
    printer.advance(5.0)
    del watched.calls[:]
    printer.advance(5.0)
    order = [call for call in watched.calls if call in ("asked", "sample_objects")]
    assert order == ["asked", "sample_objects"] * 20


def test_a_sample_is_taken_before_the_end_of_a_command(make: MakePrinter) -> None:
    printer = make()
    watched = watch_engine(printer)
    printer.start().run("M104 S200").advance(2.1)
    del watched.calls[:]
    printer.run("PAUSE")
    posted = [call for call in watched.calls if call in ("begin", "sample_objects", "end")]
    assert posted == ["begin", "sample_objects", "end"]


def test_all_heaters_and_only_needed_sensors_are_sampled(
    make: MakePrinter,
) -> None:
    printer = make(BASE + "unmapped: off\non_idle: solid red\n")
    printer.start().advance(5.0)
    names = printer.lookup_object("lumen")._sample_timer._sampler.names()
    assert {"extruder", "heater_bed"} <= set(names)
    assert "temperature_sensor chamber" not in names
    printer.run("LUMEN_SET GROUP=chamber EFFECT='thermal chamber'")
    names = printer.lookup_object("lumen")._sample_timer._sampler.names()
    assert "temperature_sensor chamber" in names


def test_the_idle_timeout_is_not_affected(printer: Printer) -> None:
    printer.run("G1 X10 F6000").advance(printer.hardware.idle_timeout_s + 5.0)
    assert printer.idle_timeout.state == "Idle"
