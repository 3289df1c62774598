"""Reloads the config while Klipper runs; see the module `reload` of the engine.

A thread of the engine reads and compiles the files. The reactor only polls it, and the old config
stays active until the new one is valid. Then the reactor compares the new config with Klipper's
objects. If they match, sampling pauses and the thread commits the config to the engine. The engine
says what to do next, and when a thread that hangs is given up.
"""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, NamedTuple, Optional

from klipper_lumen import ReloadProgress, reload_lines

from .guard import Poller

if TYPE_CHECKING:
    from klipper_lumen import Engine, Reload
    from klipper_lumen.klipper_api import Printer

    from .guard import Guard

log = logging.getLogger(__name__)

# How long a RESTART waits for the thread.
STOP_S = 0.5


class Outcome(NamedTuple):
    """The outcome of a reload; with problems, the old config stays."""

    is_committed: bool
    warnings: list[str]
    problems: list[str]


class Steps(NamedTuple):
    """The steps of a reload on the reactor."""

    # Returns which of these strips of the new config do not match Klipper's objects.
    check: Callable[[list[dict[str, Any]]], list[str]]
    # Stops sampling and updates for the old config.
    pause: Callable[[], None]
    # Resumes with the engine's current config.
    resume: Callable[[], None]
    # Adds the objects of the new config; returns the outcome with warnings about what needs a
    # RESTART.
    adopt: Callable[[Outcome], Outcome]


# Threads of canceled reloads, including those of printers before a RESTART.
_hanging: list[Reload] = []


class Reloader:
    """The reloads of one printer, one at a time."""

    def __init__(
        self,
        printer: Printer,
        guard: Guard,
        warn: Callable[[str], None],
        report: Callable[[list[str]], None],
        steps: Steps,
    ) -> None:
        """``warn`` receives warnings about hanging threads; ``report`` receives the lines of the
        outcome.
        """
        self._printer = printer
        self._reactor = printer.get_reactor()
        self._guard = guard
        self._warn = warn
        self._report = report
        self._steps = steps
        self._poller = Poller("reload", self._reactor, guard)
        self._reload: Optional[Reload] = None
        # The thread has ended, and the parts apply the config one after the other.
        self._is_ending = False
        self.last: Optional[Outcome] = None

    def begin(self, engine: Engine, known: str, facts: Optional[str], is_kalico: bool) -> None:
        """Starts to read the files; returns immediately."""
        now = self._reactor.monotonic()
        progress = ReloadProgress(now, self.is_busy(), hanging())
        path = Path(self._printer.get_start_args()["config_file"])
        self._reload = engine.start_reload(path, known=known, facts=facts, is_kalico=is_kalico)
        self.last = None
        self._poller.start(partial(self._poll, progress))

    def is_busy(self) -> bool:
        """Returns whether a reload is in progress."""
        return self._reload is not None or self._is_ending

    def stop(self) -> None:
        """Stops a reload in progress; waits at most STOP_S for its thread."""
        reload = self._reload
        self._end()
        if reload is not None and not reload.join(STOP_S):
            _hanging.append(reload)
            log.warning("lumen: a reload is still reading the config files; it was canceled")

    def _end(self) -> None:
        self._poller.stop()
        reload, self._reload = self._reload, None
        if reload is not None:
            reload.cancel()

    def _poll(self, progress: ReloadProgress, eventtime: float) -> float:
        reload = self._reload
        if reload is None:
            return self._reactor.NEVER
        strips = reload.host_strips()
        problems = None if strips is None else self._check(strips)
        for step, warning, outcome in progress.poll(eventtime, reload.outcome(), problems):
            if outcome is not None:
                self._finish(Outcome(*outcome), has_new_config=step == "adopt")
            elif step in ("pause", "resume"):
                self._guard.call("%s for a reload" % step, getattr(self._steps, step), default=None)
            elif step == "accept":
                reload.accept()
            elif step == "abandon":
                _hanging.append(reload)
            else:
                self._warn(warning)
        return self._reactor.NEVER if self._reload is None else self._poller.next_poll(eventtime)

    def _check(self, strips: list[dict[str, Any]]) -> list[str]:
        """Compares the new config with Klipper's objects."""
        fault = ["internal error, see klippy.log"]
        return self._guard.call("check of a reload", self._steps.check, strips, default=fault)

    def _finish(self, outcome: Outcome, has_new_config: bool) -> None:
        self._end()
        # Separate callbacks, so that the reactor can run others in between.
        self._is_ending = True
        step = self._adopt if has_new_config else self._report_outcome
        self._call_soon(partial(step, outcome))

    def _call_soon(self, step: Callable[[float], None]) -> None:
        self._reactor.register_callback(self._guard.entry("reload", step, self._ended))

    def _ended(self) -> None:
        self._is_ending = False

    def _adopt(self, outcome: Outcome, _: float) -> None:
        adopt = self._steps.adopt
        outcome = self._guard.call("end of a reload", adopt, outcome, default=outcome)
        self._call_soon(partial(self._report_outcome, outcome))

    def _report_outcome(self, outcome: Outcome, _: float) -> None:
        self._is_ending = False
        self.last = outcome
        self._report(reload_lines(outcome))


def hanging() -> int:
    """Returns how many threads of canceled reloads still run."""
    _hanging[:] = [reload for reload in _hanging if not reload.join()]
    return len(_hanging)
