"""Helpers for the lights of a klippy double, and the config that most tests use."""

from __future__ import annotations

from typing import Any, Callable

import klipper_lumen
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

# The table of requests: those of Lumen, and the commands of LUMEN 1.x.
REQUESTS = [it for it in klipper_lumen.requests() if it.kind == "lumen"]
OLD_REQUESTS = [it for it in klipper_lumen.requests() if it.kind == "old"]


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


def adapter(printer: Printer) -> Any:
    """Returns the adapter of the first object that Klipper drives."""
    return printer.lookup_object("lumen")._lights._parts[0].adapter


def active(printer: Printer) -> list[str]:
    """Returns all active states, highest first."""
    return list(printer.engine.status()["states"])


class WatchedEngine:
    """An engine that records its calls and raises the errors in ``errors``.

    The name of a request is part of its call: ``request set``.
    """

    def __init__(self) -> None:
        self.engine: Any = None
        self.errors: dict[str, BaseException] = {}
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Any:
        def call(*args: Any, **options: Any) -> Any:
            what = "request %s" % args[0] if name == "request" else name
            self.calls.append(what)
            if what in self.errors:
                raise self.errors[what]
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
