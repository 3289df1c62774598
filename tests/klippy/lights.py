"""Helpers for the lights of a klippy double, and the config that most tests use."""

from __future__ import annotations

from typing import Any, Callable

from klipper_lumen.sim import Printer

BASE = """
[lumen]
bored_timeout: 40
sleep_timeout: 20

[lumen_strip case]
driver: memory
count: 10

[lumen_group chamber]
pixels: case 1-10
"""

MakePrinter = Callable[..., Printer]


class Recorder:
    """The states that the lights of a printer showed, in order, without repeats."""

    def __init__(self, printer: Printer) -> None:
        self.states: list[str] = []
        self._printer = printer
        printer.reactor.register_timer(self._poll, printer.reactor.NOW)

    def _poll(self, eventtime: float) -> float:
        state = self._printer.engine.status()["state"]
        if not self.states or self.states[-1] != state:
            self.states.append(state)
        return eventtime + 0.05


def shown(printer: Printer) -> str:
    """Returns the state that the lights show now."""
    return str(printer.engine.status()["state"])


def refused(printer: Printer, script: str) -> str:
    """Runs a refused command and returns its reply; checks that the script continues."""
    before = len(printer.gcode.output)
    assert printer.try_run(script) is None
    (answer,) = printer.gcode.output[before:]
    assert answer.startswith("// ")
    return str(answer[3:])


def active(printer: Printer) -> list[str]:
    """Returns all active states, highest first."""
    return list(printer.engine.status()["states"])


class WatchedEngine:
    """An engine that records its calls and raises the errors in ``errors``."""

    def __init__(self) -> None:
        self.engine: Any = None
        self.errors: dict[str, BaseException] = {}
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Any:
        def call(*args: Any, **options: Any) -> Any:
            self.calls.append(name)
            if name in self.errors:
                raise self.errors[name]
            return getattr(self.engine, name)(*args, **options)

        return call


def watch_engine(printer: Printer) -> WatchedEngine:
    """Wraps the printer's engine in a WatchedEngine; must be called before ``start``."""
    watched = WatchedEngine()
    real = printer.make_engine

    def make_engine(document: str) -> Any:
        watched.engine = real(document)
        return watched

    printer.make_engine = make_engine
    return watched
