"""LUMEN_RELOAD when its thread is late, hangs or cannot be started: the lights continue."""

from __future__ import annotations

import gc
import logging
import threading
import weakref
from typing import TYPE_CHECKING, Any

import pytest

from klipper_lumen.sim import Printer
from klippy_extra.lumen import reload
from tests.klippy.lights import BASE, MakePrinter, refused, watch_engine
from tests.klippy.test_lights import CONFIG as LIGHTS
from tests.klippy.test_lights import chain
from tests.klippy.test_reload import MACHINE, chamber, pause, reloadable, reloaded, settle, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def printer(make: MakePrinter, tmp_path: Path) -> Printer:
    return reloadable(make, tmp_path)


class Gate:
    """A function that returns only after the gate is opened."""

    def __init__(self, function: Any) -> None:
        self._function = function
        self._opened = threading.Event()
        self.entered = threading.Event()

    def __call__(self, *args: Any) -> Any:
        self.entered.set()
        assert self._opened.wait(300.0)
        return self._function(*args)

    def open(self) -> None:
        self._opened.set()


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """Blocks the reading of files until it is opened."""
    gate = Gate(reload.read_file)
    monkeypatch.setattr(reload, "read_file", gate)
    yield gate
    gate.open()
    while reload.hanging():
        pause()


def hang(printer: Printer, gate: Gate) -> None:
    """Starts a reload that hangs."""
    gate.entered.clear()
    printer.run("LUMEN_RELOAD")
    assert gate.entered.wait(300.0)


def test_the_lights_continue_while_files_are_read(
    make: MakePrinter, tmp_path: Path, gate: Gate
) -> None:
    printer = make(MACHINE + LIGHTS % ("solid red", "on"))
    engine = watch_engine(printer)
    printer.start().advance(2.0)
    hang(printer, gate)
    engine.calls.clear()
    printer.run("LUMEN_SET GROUP=chain EFFECT=solid COLOR=blue").advance(3.0)
    assert "sample" in engine.calls
    assert chain(printer).sent[-1][1] == [(0.0, 0.0, 1.0, 0.0)] * 60


def test_nothing_is_sampled_during_a_commit(make: MakePrinter, tmp_path: Path) -> None:
    printer, engine, commit = committing(make, tmp_path)
    engine.calls.clear()
    printer.send_event("idle_timeout:printing", 0.0)
    printer.advance(2.0)
    assert "heartbeat" in engine.calls
    assert "sample" not in engine.calls
    commit.open()
    settle(printer)
    printer.advance(2.0)
    assert "sample" in engine.calls


def committing(make: MakePrinter, tmp_path: Path) -> tuple[Printer, Any, Gate]:
    """Returns a printer whose engine is about to apply another config."""
    printer = make(MACHINE + BASE)
    engine: Any = watch_engine(printer)
    printer.start().advance(2.0)
    printer.config_file = str(tmp_path / "printer.cfg")
    write(printer, MACHINE + BASE + "on_idle: solid red\n")
    gate = Gate(engine.engine.commit)
    engine.commit = gate
    printer.run("LUMEN_RELOAD")
    job = printer.lookup_object("lumen")._reload._job
    while job.draft is None:
        pause()
    printer.advance(0.1)
    assert gate.entered.wait(300.0)
    return printer, engine, gate


def test_a_late_commit_is_applied_when_it_returns(make: MakePrinter, tmp_path: Path) -> None:
    printer, engine, commit = committing(make, tmp_path)
    printer.advance(11.0)
    engine.calls.clear()
    printer.advance(2.0)
    assert "sample" in engine.calls
    warnings = printer.query("lumen")["lumen"]["warnings"]
    assert any("has not applied the config within 10 s" in text for text in warnings)
    assert refused(printer, "LUMEN_RELOAD") == "LUMEN_RELOAD: a reload is already in progress"
    commit.open()
    settle(printer)
    assert printer.gcode.output[-1].startswith("// LUMEN_RELOAD: the config was reloaded")
    printer.advance(2.0)
    assert chamber(printer)["effect"] == "solid red"


def test_a_hanging_read_is_canceled_and_does_not_block_later_reloads(
    printer: Printer, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(printer, MACHINE + BASE + "on_idle: solid red\n")
    hang(printer, gate)
    assert refused(printer, "LUMEN_RELOAD") == "LUMEN_RELOAD: a reload is already in progress"
    printer.advance(11.0)
    output = printer.gcode.output[-1]
    assert output.startswith("// LUMEN_RELOAD: the config was not changed")
    assert "took longer than 10 s" in output
    warnings = printer.query("lumen")["lumen"]["warnings"]
    assert any("took longer than 10 s" in text for text in warnings)
    assert reload.hanging() == 1
    with monkeypatch.context() as patch:
        patch.setattr(reload, "read_file", gate._function)
        write(printer, MACHINE + BASE + "on_idle: solid blue\n")
        assert reloaded(printer).startswith("// LUMEN_RELOAD: the config was reloaded")
    # A late result is discarded.
    write(printer, MACHINE + BASE + "on_idle: solid red\n")
    gate.open()
    while reload.hanging():
        pause()
    printer.advance(5.0)
    assert chamber(printer)["effect"] == "solid blue"


def test_the_number_of_hanging_threads_is_limited(printer: Printer, gate: Gate) -> None:
    write(printer, MACHINE + BASE)
    for _ in range(reload.MAX_HANGING):
        hang(printer, gate)
        printer.advance(11.0)
    words = refused(printer, "LUMEN_RELOAD")
    assert "3 earlier reloads are still reading the config files" in words
    gate.open()
    while reload.hanging():
        pause()
    assert reloaded(printer).startswith("// LUMEN_RELOAD: the config was reloaded")


@pytest.mark.parametrize("is_closed", [True, False])
def test_a_hanging_thread_does_not_reference_a_closed_printer(
    tmp_path: Path, gate: Gate, caplog: pytest.LogCaptureFixture, is_closed: bool
) -> None:
    printer = Printer(MACHINE + BASE).start().advance(2.0)
    printer.config_file = str(tmp_path / "printer.cfg")
    write(printer, MACHINE + BASE)
    hang(printer, gate)
    thread = printer.lookup_object("lumen")._reload._thread
    held = [weakref.ref(it) for it in (printer, printer.reactor, printer.lookup_object("lumen"))]
    if is_closed:
        # Without it, as if another plug-in failed at klippy:disconnect.
        printer.close()
    job = printer.lookup_object("lumen")._reload._job
    assert printer.faults == []
    del printer
    gc.collect()
    assert [it() for it in held] == [None] * 3
    assert job is None or job.is_dropped()
    gate.open()
    thread.join(300.0)
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_a_restart_during_a_commit_leaves_no_traceback(
    make: MakePrinter, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    printer, _, commit = committing(make, tmp_path)
    printer.close()
    commit.open()
    while reload.hanging():
        pause()
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_a_failed_thread_start_is_reported(
    printer: Printer, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(printer, MACHINE + BASE)

    def fail(_: reload.Worker) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(reload.Worker, "start", fail)
        words = refused(printer, "LUMEN_RELOAD")
    assert words == "LUMEN_RELOAD: cannot start a thread (can't start new thread); try again later"
    printer.run("M104 S200").advance(2.0)
    assert "heating" in printer.engine.status()["states"]
    assert reloaded(printer).startswith("// LUMEN_RELOAD: the config was reloaded")
