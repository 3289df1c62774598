"""LUMEN_RELOAD when its thread is late, hangs or cannot be started: the lights continue."""

from __future__ import annotations

import gc
import logging
import threading
import weakref
from typing import TYPE_CHECKING, Any

import pytest

from klipper_lumen import RequestError
from klipper_lumen.sim import Printer
from klippy_extra.lumen import reload
from tests.klippy.lights import BASE, MakePrinter, WatchedEngine, refused
from tests.klippy.test_lights import CONFIG as LIGHTS
from tests.klippy.test_lights import chain
from tests.klippy.test_reload import MACHINE, chamber, pause, reloaded, settle, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class SlowReload:
    """A reload whose thread seems to hang: while it reads, or in a commit."""

    def __init__(self, reload: Any, gates: Gates) -> None:
        self._reload = reload
        self._gates = gates
        self._is_accepted = False
        self.is_canceled = False

    def _is_hanging(self) -> bool:
        gates = self._gates
        if not gates.read.is_set():
            return True
        if self._is_accepted and not gates.commit.is_set():
            return True
        if self._is_accepted:
            self._reload.accept()
        return False

    def host_strips(self) -> Any:
        is_waiting = not self._is_hanging() and not self._is_accepted
        return self._reload.host_strips() if is_waiting else None

    def accept(self) -> None:
        self._is_accepted = True
        self._gates.entered.set()

    def cancel(self) -> None:
        self.is_canceled = True
        self._reload.cancel()

    def outcome(self) -> Any:
        return None if self._is_hanging() else self._reload.outcome()

    def join(self, timeout: float = 0.0) -> bool:
        return not self._is_hanging() and bool(self._reload.join(timeout))


class Gates:
    """Events that let reloads continue; all are set at first."""

    def __init__(self) -> None:
        self.read, self.commit, self.entered = (threading.Event() for _ in range(3))
        self.read.set()
        self.commit.set()


class GatedEngine(WatchedEngine):
    """An engine whose reloads can hang."""

    def __init__(self, engine: Any, gates: Gates) -> None:
        super().__init__()
        self.engine = engine
        self.gates = gates

    def start_reload(self, *args: Any, **options: Any) -> SlowReload:
        self.calls.append("start_reload")
        if "start_reload" in self.errors:
            raise self.errors["start_reload"]
        return SlowReload(self.engine.start_reload(*args, **options), self.gates)


def gate_engine(printer: Printer) -> GatedEngine:
    """Makes the printer use a GatedEngine; must be called before ``start``."""
    gated = GatedEngine(None, Gates())
    real = printer.make_engine

    def make_engine(document: str) -> Any:
        gated.engine = real(document)
        return gated

    printer.make_engine = make_engine
    return gated


def finish(gates: Gates) -> None:
    """Lets all reloads continue and waits for their threads."""
    gates.read.set()
    gates.commit.set()
    while reload.hanging():
        pause()


@pytest.fixture
def gated(make: MakePrinter, tmp_path: Path) -> Iterator[tuple[Printer, GatedEngine]]:
    """A printer whose reloads hang while they read."""
    printer = make(MACHINE + BASE)
    engine = gate_engine(printer)
    printer.start().advance(2.0)
    printer.config_file = str(tmp_path / "printer.cfg")
    engine.gates.read.clear()
    yield printer, engine
    finish(engine.gates)


def test_the_lights_continue_while_files_are_read(make: MakePrinter, tmp_path: Path) -> None:
    printer = make(MACHINE + LIGHTS % ("solid red", "on"))
    engine = gate_engine(printer)
    engine.gates.read.clear()
    printer.start().advance(2.0)
    printer.run("LUMEN_RELOAD")
    engine.calls.clear()
    printer.run("LUMEN_SET GROUP=chain EFFECT=solid COLOR=blue").advance(3.0)
    assert "sample_objects" in engine.calls
    assert chain(printer).sent[-1][1] == [(0.0, 0.0, 1.0, 0.0)] * 60
    finish(engine.gates)


def test_nothing_is_sampled_during_a_commit(make: MakePrinter, tmp_path: Path) -> None:
    printer, engine = committing(make, tmp_path)
    engine.calls.clear()
    printer.send_event("idle_timeout:printing", 0.0)
    printer.advance(2.0)
    assert "heartbeat" in engine.calls
    assert "sample_objects" not in engine.calls
    engine.gates.commit.set()
    settle(printer)
    printer.advance(2.0)
    assert "sample_objects" in engine.calls


def committing(make: MakePrinter, tmp_path: Path) -> tuple[Printer, GatedEngine]:
    """Returns a printer whose engine is about to apply another config."""
    printer = make(MACHINE + BASE)
    engine = gate_engine(printer)
    engine.gates.commit.clear()
    printer.start().advance(2.0)
    printer.config_file = str(tmp_path / "printer.cfg")
    write(printer, MACHINE + BASE + "on_idle: solid red\n")
    printer.run("LUMEN_RELOAD")
    while not engine.gates.entered.is_set():
        printer.advance(0.05)
        pause()
    return printer, engine


def test_a_late_commit_is_applied_when_it_returns(make: MakePrinter, tmp_path: Path) -> None:
    printer, engine = committing(make, tmp_path)
    printer.advance(11.0)
    engine.calls.clear()
    printer.advance(2.0)
    assert "sample_objects" in engine.calls
    warnings = printer.query("lumen")["lumen"]["warnings"]
    assert any("has not applied the config within 10 s" in text for text in warnings)
    assert refused(printer, "LUMEN_RELOAD") == "LUMEN_RELOAD: a reload is already in progress"
    engine.gates.commit.set()
    settle(printer)
    assert printer.gcode.output[-1].startswith("// LUMEN_RELOAD: the config was reloaded")
    printer.advance(2.0)
    assert chamber(printer)["effect"] == "solid red"


def test_a_hanging_read_is_canceled_and_does_not_block_later_reloads(
    gated: tuple[Printer, GatedEngine],
) -> None:
    printer, engine = gated
    write(printer, MACHINE + BASE + "on_idle: solid red\n")
    printer.run("LUMEN_RELOAD")
    assert refused(printer, "LUMEN_RELOAD") == "LUMEN_RELOAD: a reload is already in progress"
    printer.advance(11.0)
    output = printer.gcode.output[-1]
    assert output.startswith("// LUMEN_RELOAD: the config was not changed")
    assert "took longer than 10 s" in output
    warnings = printer.query("lumen")["lumen"]["warnings"]
    assert any("took longer than 10 s" in text for text in warnings)
    assert reload.hanging() == 1
    slow, engine.gates = engine.gates, Gates()
    write(printer, MACHINE + BASE + "on_idle: solid blue\n")
    assert reloaded(printer).startswith("// LUMEN_RELOAD: the config was reloaded")
    # A late result is discarded.
    finish(slow)
    printer.advance(5.0)
    assert chamber(printer)["effect"] == "solid blue"


def test_the_number_of_hanging_threads_is_limited(gated: tuple[Printer, GatedEngine]) -> None:
    printer, engine = gated
    write(printer, MACHINE + BASE)
    for _ in range(3):
        printer.run("LUMEN_RELOAD").advance(11.0)
    words = refused(printer, "LUMEN_RELOAD")
    assert "3 earlier reloads are still reading the config files" in words
    finish(engine.gates)
    assert reloaded(printer).startswith("// LUMEN_RELOAD: the config was reloaded")


@pytest.mark.parametrize("is_closed", [True, False])
def test_a_hanging_thread_does_not_reference_a_closed_printer(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, is_closed: bool
) -> None:
    printer = Printer(MACHINE + BASE)
    engine = gate_engine(printer)
    gates = engine.gates
    gates.read.clear()
    printer.start().advance(2.0)
    printer.config_file = str(tmp_path / "printer.cfg")
    write(printer, MACHINE + BASE)
    printer.run("LUMEN_RELOAD")
    slow = printer.lookup_object("lumen")._reload._reload
    held = [weakref.ref(it) for it in (printer, printer.reactor, printer.lookup_object("lumen"))]
    if is_closed:
        # Without it, as if another plug-in failed at klippy:disconnect.
        printer.close()
    assert printer.faults == []
    assert slow.is_canceled == is_closed
    del printer, engine
    gc.collect()
    assert [it() for it in held] == [None] * 3
    gates.read.set()
    # Dropping a reload cancels it, so its thread does not wait for an answer.
    slow.cancel()
    assert slow.join(60.0)
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_a_restart_during_a_commit_leaves_no_traceback(
    make: MakePrinter, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    printer, engine = committing(make, tmp_path)
    printer.close()
    finish(engine.gates)
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_a_failed_thread_start_is_reported(gated: tuple[Printer, GatedEngine]) -> None:
    printer, engine = gated
    engine.gates.read.set()
    write(printer, MACHINE + BASE)
    engine.errors["start_reload"] = RequestError("cannot start a thread (no memory)")
    assert refused(printer, "LUMEN_RELOAD") == "LUMEN_RELOAD: cannot start a thread (no memory)"
    del engine.errors["start_reload"]
    printer.run("M104 S200").advance(2.0)
    assert "heating" in printer.engine.status()["states"]
    assert reloaded(printer).startswith("// LUMEN_RELOAD: the config was reloaded")
