"""Errors of Lumen never stop a print: they are caught, logged once, and affect only the lights."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Callable

import pytest

from klipper_lumen import LumenError
from klipper_lumen.sim import Printer
from klippy_extra.lumen.guard import MAX_FAULTS, REPEAT_S, ClockReading, Guard
from tests.klippy.lights import BASE, MakePrinter, shown, watch_engine

if TYPE_CHECKING:
    from pathlib import Path


class PanicException(BaseException):
    """Like pyo3's exception for a Rust panic: not an Exception, and with this name."""


class GreenletExit(BaseException):
    """Like the exception that the reactor throws into a parked greenlet at its end."""


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def raising(error: BaseException) -> Callable[..., Any]:
    def fail(*_: object) -> Any:
        raise error

    return fail


@pytest.mark.parametrize("error", [ValueError("wrong"), PanicException("index out of bounds")])
def test_a_fault_is_caught(error: BaseException, caplog: pytest.LogCaptureFixture) -> None:
    guard = Guard(Clock())
    entry = guard.entry("sampling", raising(error), lambda: 7)
    assert entry(1.0) == 7
    assert guard.call("sampling", raising(error), default=8) == 8
    (record,) = caplog.records
    first, second, *_ = record.getMessage().splitlines()
    assert first == "lumen: sampling: %s: %s" % (type(error).__name__, error)
    assert second.lstrip().startswith("File ")


def test_a_fault_of_any_length_is_a_few_lines_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    def deep(calls: int) -> None:
        if calls == 0:
            raise ValueError("\x1b[31m\n" * 100_000 + "\ud800")
        deep(calls - 1)

    Guard(Clock()).call("x", deep, 200, default=None)
    (record,) = caplog.records
    text = record.getMessage()
    assert len(text) < 5_000
    assert "\x1b" not in text
    assert text.splitlines()[0].startswith("lumen: x: ValueError: \\x1b[31m\\n")


@pytest.mark.parametrize("error", [GreenletExit(), KeyboardInterrupt(), SystemExit(1)])
def test_exceptions_that_end_a_thread_or_the_process_pass(error: BaseException) -> None:
    guard = Guard(Clock())
    with pytest.raises(type(error)):
        guard.entry("x", raising(error), lambda: None)()
    with pytest.raises(type(error)):
        guard.call("x", raising(error), default=None)


def test_listed_errors_pass() -> None:
    entry = Guard(Clock()).entry("x", raising(KeyError("group")), lambda: None, (KeyError,))
    with pytest.raises(KeyError):
        entry()


def test_a_repeated_fault_is_logged_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    entry = Guard(clock).entry("x", raising(ValueError("wrong")), lambda: None)
    for _ in range(100):
        entry()
    assert len(caplog.records) == 1
    clock.now = REPEAT_S
    entry()
    assert caplog.records[1].getMessage() == "lumen: x: ValueError: wrong (again 100 times)"


def test_the_number_of_tracked_faults_is_bounded(
    caplog: pytest.LogCaptureFixture,
) -> None:
    guard = Guard(Clock())
    for number in range(10 * MAX_FAULTS):
        guard.call("x%d" % number, raising(ValueError()), default=None)
    assert len(caplog.records) == MAX_FAULTS


def test_the_time_of_nested_entries_is_counted_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    readings = iter(range(100))
    monkeypatch.setattr("time.perf_counter", lambda: float(next(readings)))
    guard = Guard(Clock())
    inner = guard.entry("inner", lambda: None, lambda: None)
    guard.entry("outer", inner, lambda: None)()
    assert guard.holds.held_s == 1.0


def test_a_pausing_entry_does_not_hold_the_reactor(monkeypatch: pytest.MonkeyPatch) -> None:
    printer = Printer("")
    monkeypatch.setattr("time.perf_counter", printer.reactor.monotonic)
    guard = Guard(printer.reactor.monotonic)
    work = guard.entry("work", lambda _: printer.reactor.pause(printer.now + 1.0), lambda: None)
    printer.reactor.register_callback(work, printer.now + 5.0)
    wait = guard.entry("wait", guard.pause, lambda: None)
    wait(printer.reactor, printer.now + 60.0)
    assert (printer.now, guard.holds.held_s) == (60.0, 1.0)


@pytest.mark.parametrize(
    ("waits", "own_s"),
    [(0, 0.25), (1, 1.0)],
    ids=["interrupted", "waited"],
)
def test_time_of_other_programs_is_excluded(waits: int, own_s: float) -> None:
    start = ClockReading(10.0, 2.0, 5)
    end = ClockReading(11.0, 2.25, 5 + waits)
    assert (start.wall_elapsed_s(end), start.own_elapsed_s(end)) == (1.0, own_s)


METHODS = (
    "event",
    "begin",
    "end",
    "sample_objects",
    "heartbeat",
    "status",
    "notices",
    "wants",
    "objects",
)
REQUESTS = ("request set", "request state", "request status", "request clear")


@pytest.mark.parametrize(
    "error", [RuntimeError("broken"), PanicException("broken"), LumenError("the engine is closed")]
)
def test_an_engine_that_breaks_everywhere_never_disturbs_the_printer(
    make: MakePrinter, error: BaseException
) -> None:
    printer = make()
    broken = watch_engine(printer)
    printer.start().run("G28")
    broken.errors = dict.fromkeys((*METHODS, *REQUESTS, "strips", "close"), error)
    assert printer.try_run("LUMEN_SET GROUP=chamber EFFECT=off") is None
    assert printer.try_run("LUMEN_STATE STATE=idle") is None
    printer.run("LUMEN_STATUS")
    assert printer.gcode.output[-1] == "// LUMEN_STATUS: internal error, see klippy.log"
    printer.run("G28").run("BED_MESH_CALIBRATE").advance(10.0)
    status = printer.query("lumen", "lumen_group chamber")
    assert status["lumen"]["state"] == ""
    assert status["lumen_group chamber"]["effect"] == ""
    assert {"begin", "end", "sample_objects", "objects", "request set"} <= set(broken.calls)
    assert printer.is_ready()
    broken.errors = {}


def test_an_engine_that_cannot_start_leaves_the_printer_working(
    make: MakePrinter, caplog: pytest.LogCaptureFixture
) -> None:
    printer = make()
    printer.make_engine = raising(RuntimeError("cannot spawn a thread"))
    printer.start().run("G28").advance(5.0)
    assert printer.is_ready()
    assert printer.query("lumen")["lumen"]["warnings"] == [
        "lumen: the engine did not start; the strips stay dark"
    ]
    assert printer.try_run("LUMEN_CLEAR") is None
    assert printer.gcode.output[-1] == "// LUMEN_CLEAR: Lumen is not running, see klippy.log"
    assert "cannot spawn a thread" in caplog.text


class BrokenObject:
    """A printer object of another plug-in."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    def get_status(self, eventtime: float) -> Any:
        if isinstance(self._answer, BaseException):
            raise self._answer
        return self._answer


@pytest.mark.parametrize("answer", [RuntimeError("no"), None, 5, {"state": None}, {}])
def test_a_broken_object_is_skipped_and_sampling_continues(
    make: MakePrinter, answer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    printer = make()
    connected: list[float] = []
    printer.register_event_handler("klippy:connect", lambda: connected.append(printer.now))

    def replace() -> None:
        printer._objects["print_stats"] = BrokenObject(answer)

    printer.register_event_handler("klippy:mcu_identify", replace)
    printer.start().run("M104 S60").advance(30.0)
    assert connected
    assert printer.is_ready()
    records = [r for r in caplog.records if "skipped for a minute" in r.getMessage()]
    assert len(records) == (0 if isinstance(answer, dict) else 1)
    printer.run("M104 S200").advance(2.0)
    assert shown(printer) == "heating"


def test_an_object_that_recovers_is_sampled_again(
    make: MakePrinter, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    printer = make()
    broken = BrokenObject(RuntimeError("no"))

    def replace() -> None:
        printer._objects["print_stats"] = broken

    printer.register_event_handler("klippy:mcu_identify", replace)
    printer.start().advance(2.0)
    broken._answer = {"state": "printing", "filament_used": 5.0}
    printer.advance(30.0)
    assert shown(printer) == "idle"
    printer.advance(40.0)
    assert shown(printer) == "printing"
    records = [r for r in caplog.records if "is valid again" in r.getMessage()]
    assert len(records) == 1


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), "hot", [1]])
def test_an_invalid_temperature_is_ignored(make: MakePrinter, value: Any) -> None:
    printer = make()

    def replace() -> None:
        printer._objects["extruder"] = BrokenObject({"temperature": value, "target": value})

    printer.register_event_handler("klippy:mcu_identify", replace)
    printer.start().advance(5.0)
    assert shown(printer) == "idle"


def test_faults_are_logged_as_errors(caplog: pytest.LogCaptureFixture) -> None:
    Guard(Clock()).call("x", raising(ValueError()), default=None)
    assert caplog.records[0].levelno == logging.ERROR


def test_the_share_of_the_reactor_is_from_the_last_full_window() -> None:
    clock = Clock()
    guard = Guard(clock)
    guard.holds.add(0.004, 0.004)
    guard.holds.update_window(5.0)
    assert guard.holds.facts()["share_ms_per_s"] == 0.0
    guard.holds.update_window(10.0)
    assert guard.holds.facts()["share_ms_per_s"] == pytest.approx(0.4)
    guard.holds.update_window(20.0)
    assert guard.holds.facts()["share_ms_per_s"] == 0.0


def test_sampling_works_if_commands_cannot_be_wrapped(
    make: MakePrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "klippy_extra.lumen.operations.Operations.wrap", raising(RuntimeError("another Klipper"))
    )
    printer = make().start().run("M104 S200").advance(2.0)
    assert shown(printer) == "heating"


def test_an_engine_without_a_thread_leaves_klipper_working(tmp_path: Path) -> None:
    """In a process that cannot allocate the stack of a thread."""
    script = tmp_path / "run.py"
    script.write_text(WITHOUT_THREADS % BASE)
    environ = {**os.environ, "RUST_MIN_STACK": str(1 << 46), "PYTHONPATH": os.getcwd()}
    done = subprocess.run(
        [sys.executable, str(script)],
        check=False,
        env=environ,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "lumen: the engine did not start; the strips stay dark",
        "True",
    ]


WITHOUT_THREADS = """
from klipper_lumen.sim import Printer
printer = Printer('''%s''', clock="real").start().run("G28").advance(0.5)
print(*printer.query("lumen")["lumen"]["warnings"], sep="\\n")
print(printer.is_ready())
printer.close()
assert printer.faults == []
"""
