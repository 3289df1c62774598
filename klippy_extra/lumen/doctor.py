"""Runs the doctor while Klipper runs; see the module `doctor` of the engine.

A thread of the engine reads all files. The reactor only collects the status of a few printer
objects and polls the thread.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Callable, Optional

from klipper_lumen import DoctorRun, install

from .guard import Poller

if TYPE_CHECKING:
    from klipper_lumen.klipper_api import Printer

    from .guard import Guard

# The engine limits the result to fewer lines.
LINES = 50
# The kinds of objects that the doctor looks at, besides `lumen`, and their fields.
KINDS = ("lumen_strip", "mcu")
FIELDS = ("performance", "health", "error", "failures", "last_stats")


class _Last:
    """The last run in this process, also before a RESTART."""

    run: Optional[DoctorRun] = None
    begun: Optional[float] = None


class Doctor:
    """The runs of the doctor for one printer, one at a time."""

    def __init__(
        self, printer: Printer, guard: Guard, report: Callable[[list[str], int], None]
    ) -> None:
        """``report`` receives the lines of the result, and how many are shown at most."""
        self._printer = printer
        self._reactor = printer.get_reactor()
        self._poller = Poller("doctor", self._reactor, guard)
        self._guard = guard
        self._report = report
        # The data of the last run; None while it is in progress.
        self.last: Optional[dict[str, Any]] = None

    def begin(self, is_kalico: bool, to_console: bool) -> None:
        """Starts a run; returns immediately. Raises RequestError if none can start now."""
        now = self._reactor.monotonic()
        is_running = _Last.run is not None and _Last.run.is_running()
        run = DoctorRun(self._input(now, is_kalico), now, _Last.begun, is_running)
        _Last.run, _Last.begun = run, now
        self.last = None
        self.stop()

        def poll(eventtime: float) -> float:
            found = run.poll(eventtime)
            if found is None:
                return self._poller.next_poll(eventtime)
            self.last = found
            self.stop()
            if to_console:
                self._report(found["lines"], LINES)
            return self._reactor.NEVER

        self._poller.start(poll)

    def stop(self) -> None:
        """Stops polling; the thread ends by itself."""
        self._poller.stop()

    def _input(self, now: float, is_kalico: bool) -> dict[str, Any]:
        main = getattr(sys.modules.get(type(self._printer).__module__), "__file__", None)
        config = self._printer.get_start_args()["config_file"]
        facts = install.doctor_facts(main, config, is_kalico)
        return {**facts, "objects": self._objects(now)}

    def _objects(self, now: float) -> dict[str, Any]:
        """Returns the status of the printer's objects that the doctor looks at."""
        found = [("lumen", self._printer.lookup_object("lumen", None))]
        for kind in KINDS:
            found += self._printer.lookup_objects(kind)
        objects = {}
        for name, obj in found:
            if hasattr(obj, "get_status"):
                status = self._guard.call("doctor", obj.get_status, now, default=dict[str, Any]())
                objects[name] = {field: status[field] for field in FIELDS if field in status}
        return objects
