"""LUMEN_DOCTOR: the checks run on a thread, and the reactor only polls it."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any, Optional

import pytest

import klipper_lumen
from klipper_lumen.sim.gcode import CommandError
from klippy_extra.lumen import doctor
from tests.klippy.lights import BASE, MakePrinter, refused
from tests.klippy.test_reload import MACHINE, write

if TYPE_CHECKING:
    from pathlib import Path

    from klipper_lumen.sim import Printer


@pytest.fixture
def printer(make: MakePrinter, tmp_path: Path) -> Printer:
    printer = make(MACHINE + BASE).start().advance(2.0)
    printer.config_file = str(tmp_path / "printer.cfg")
    write(printer, MACHINE + BASE)
    doctor._Last.run = doctor._Last.begun = None
    return printer


def settle(printer: Printer) -> None:
    """Waits for the thread, which runs in real time; the printer does not."""
    for _ in range(6000):
        run = doctor._Last.run
        if run is not None and not run.is_running():
            printer.advance(0.1)
            return
        threading.Event().wait(0.01)
    raise AssertionError("it has not ended")


def examined(printer: Printer) -> list[str]:
    """Runs LUMEN_DOCTOR and returns the lines on the console."""
    count = len(printer.gcode.output)
    printer.run("LUMEN_DOCTOR")
    assert len(printer.gcode.output) == count
    settle(printer)
    (text,) = printer.gcode.output[count:]
    return [line.removeprefix("// ") for line in text.split("\n")]


def test_each_check_is_a_line(printer: Printer) -> None:
    lines = examined(printer)
    assert any(line.startswith("ok: package: klipper-lumen ") for line in lines)
    assert any(line.endswith("printer.cfg: no problems found") for line in lines)
    assert "ok: output of strip 'case': works" in lines
    assert lines[-1].endswith("0 warnings, 0 problems")


@pytest.mark.parametrize("has_module", [True, False])
def test_klippys_main_module_need_not_have_a_file(
    printer: Printer, monkeypatch: pytest.MonkeyPatch, has_module: bool
) -> None:
    name = type(printer).__module__
    if has_module:
        monkeypatch.delattr(sys.modules[name], "__file__")
    else:
        monkeypatch.delitem(sys.modules, name)
    assert any(line.startswith("ok: package: ") for line in examined(printer))


def test_a_mistake_in_the_file_is_a_problem(printer: Printer) -> None:
    write(printer, MACHINE + BASE + "on_idle: pulze\n")
    lines = examined(printer)
    assert lines[0].startswith("problem: config: ")
    assert "did you mean 'pulse'" in lines[0]


def test_the_faults_of_mcus_are_reported(printer: Printer) -> None:
    stats = {"bytes_write": 100_000, "bytes_retransmit": 50_000}

    class Mcu:
        def get_status(self, eventtime: float) -> dict[str, Any]:
            return {"last_stats": stats}

    printer.add_object("mcu tool", Mcu())
    assert examined(printer)[0].startswith(
        "warning: MCU 'tool': its link repeats 50 % of the bytes. Fix: check the cable"
    )


def test_a_plug_in_that_fails_does_not_matter(printer: Printer) -> None:
    class Broken:
        def get_status(self, eventtime: float) -> dict[str, Any]:
            raise CommandError("broken")

    printer.add_object("mcu tool", Broken())
    assert examined(printer)[-1].endswith("0 problems")


class Patient:
    """A run that waits for its thread in real time, because simulated time may pass faster."""

    def __init__(self, *arguments: Any) -> None:
        self._run = klipper_lumen.DoctorRun(*arguments)

    def poll(self, now: float) -> Any:
        while self._run.is_running():
            threading.Event().wait(0.01)
        return self._run.poll(now)

    def is_running(self) -> bool:
        return self._run.is_running()


def test_the_endpoint_answers_with_the_same_result(
    printer: Printer, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = examined(printer)
    printer.advance(10.0)
    monkeypatch.setattr(doctor, "DoctorRun", Patient)
    answers: list[dict[str, Any]] = []
    printer.reactor.register_callback(lambda _: answers.append(printer.ask("lumen/doctor")))
    printer.advance(1.0)
    (answer,) = answers
    assert answer["lines"] == lines
    assert answer["ok"] is True
    assert len(answer["findings"]) == len(lines) - 1
    # Only a command writes to the console.
    assert "\n".join(printer.gcode.output).count("ok: package") == 1


def test_runs_are_limited(printer: Printer) -> None:
    printer.run("LUMEN_DOCTOR")
    again = "LUMEN_DOCTOR: it has just been run; try again in 5 seconds"
    assert refused(printer, "LUMEN_DOCTOR") == again
    settle(printer)
    assert refused(printer, "LUMEN_DOCTOR") == again
    printer.advance(5.0)
    assert examined(printer)[-1].endswith("0 problems")


def test_a_thread_that_hangs_is_given_up(printer: Printer, monkeypatch: pytest.MonkeyPatch) -> None:
    class Hanging:
        def __init__(
            self, facts: object, now: float, last: Optional[float], is_running: bool
        ) -> None:
            self._run = real({"root": "/nonexistent"}, now, last, is_running)
            self._now = now

        def poll(self, now: float) -> object:
            return self._run.poll(now) if now >= self._now + 10.0 else None

        def is_running(self) -> bool:
            return True

    real = klipper_lumen.DoctorRun
    monkeypatch.setattr(doctor, "DoctorRun", Hanging)
    printer.run("LUMEN_DOCTOR").advance(9.0)
    count = len(printer.gcode.output)
    printer.advance(1.5)
    assert len(printer.gcode.output) == count + 1
    assert refused(printer, "LUMEN_DOCTOR").startswith(
        "LUMEN_DOCTOR: an earlier run still waits for a file"
    )


def test_a_restart_during_a_run(printer: Printer) -> None:
    printer.run("LUMEN_DOCTOR")
    count = len(printer.gcode.output)
    printer.restart().advance(2.0)
    assert printer.is_ready()
    assert not any("ok: package" in line for line in printer.gcode.output[count:])


def test_a_parameter_is_refused(printer: Printer) -> None:
    assert "LUMEN_DOCTOR" in refused(printer, "LUMEN_DOCTOR FIX=1")
