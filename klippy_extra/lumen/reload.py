"""Reloads the config while Klipper runs; see the module `reload` of the engine.

A thread of the engine reads and compiles the files. The reactor only polls it, and the old config
stays active until the new one is valid. Then the reactor compares the new config with Klipper's
objects. If they match, sampling pauses and the thread commits the config to the engine.

The thread can hang in the kernel, for example if the files are on a network share that is
unavailable. After ten seconds the reload is canceled, and a later result is discarded. Such a
thread blocks later reloads only when MAX_HANGING threads hang. A commit cannot be canceled: after
ten seconds sampling resumes with a warning, and the new config is applied when the commit returns.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Optional

from klipper_lumen import RequestError

if TYPE_CHECKING:
    from klipper_lumen import Engine, Reload

    from .guard import Guard
    from .klipper_api import Printer

log = logging.getLogger(__name__)

POLL_S = 0.05
# A reload without an outcome is canceled after this time.
TIMEOUT_S = 10.0
# How long a RESTART waits for the thread.
STOP_S = 0.5
# Maximum number of hanging threads in this process before reloads are refused.
MAX_HANGING = 3

TIMED_OUT = "reading the config files took longer than %d s; the reload was canceled" % TIMEOUT_S
COMMIT_TIMED_OUT = (
    "lumen: LUMEN_RELOAD: the engine has not applied the config within %d s and is still trying"
    % TIMEOUT_S
)


@dataclass(frozen=True)
class Outcome:
    """The outcome of a reload; with problems, the old config stays."""

    is_committed: bool = False
    warnings: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Steps:
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
        self._timer: Any = None
        self._reload: Optional[Reload] = None
        self._is_paused = False
        # The thread has ended, and the parts apply the config one after the other.
        self._is_ending = False
        # When the reload is canceled.
        self._deadline = 0.0
        self.last: Optional[Outcome] = None

    def begin(self, engine: Engine, known: str, facts: Optional[str], is_kalico: bool) -> None:
        """Starts to read the files; returns immediately."""
        if self.is_busy():
            raise RequestError("a reload is already in progress")
        if hanging() >= MAX_HANGING:
            raise RequestError(
                "%d earlier reloads are still reading the config files; try again later, "
                "or restart the klipper service" % MAX_HANGING
            )
        path = Path(self._printer.get_start_args()["config_file"])
        self._reload = engine.start_reload(path, known=known, facts=facts, is_kalico=is_kalico)
        self.last = None
        now = self._reactor.monotonic()
        self._deadline = now + TIMEOUT_S
        poll = self._guard.entry("reload", self._poll, self._later)
        self._timer = self._reactor.register_timer(poll, now + POLL_S)

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
        timer, self._timer = self._timer, None
        if timer is not None:
            self._reactor.unregister_timer(timer)
        reload, self._reload = self._reload, None
        if reload is not None:
            reload.cancel()

    def _later(self) -> float:
        return self._reactor.monotonic() + POLL_S

    def _poll(self, eventtime: float) -> float:
        reload = self._reload
        if reload is None:
            return self._reactor.NEVER
        outcome = reload.outcome()
        if outcome is not None:
            self._finish(Outcome(*outcome))
            return self._reactor.NEVER
        host_strips = reload.host_strips()
        if host_strips is not None:
            self._decide(reload, host_strips)
        elif eventtime >= self._deadline:
            return self._give_up()
        return eventtime + POLL_S

    def _decide(self, reload: Reload, host_strips: list[dict[str, Any]]) -> None:
        """Compares the new config with Klipper's objects and accepts or rejects it."""
        problems = self._guard.call(
            "check of a reload",
            self._steps.check,
            host_strips,
            default=["internal error, see klippy.log"],
        )
        if problems:
            self._finish(Outcome(problems=problems))
            return
        self._is_paused = True
        self._guard.call("start of a reload", self._steps.pause, default=None)
        self._deadline = self._reactor.monotonic() + TIMEOUT_S
        reload.accept()

    def _give_up(self) -> float:
        if self._is_paused:
            # A commit cannot be undone: everything resumes, and its result is applied when it
            # returns.
            if self._deadline != self._reactor.NEVER:
                self._deadline = self._reactor.NEVER
                self._warn(COMMIT_TIMED_OUT)
                self._guard.call("a late reload", self._steps.resume, default=None)
            return self._later()
        if self._reload is not None:
            _hanging.append(self._reload)
        self._warn("lumen: LUMEN_RELOAD: %s" % TIMED_OUT)
        self._finish(Outcome(problems=[TIMED_OUT]))
        return self._reactor.NEVER

    def _finish(self, outcome: Outcome) -> None:
        was_paused, self._is_paused = self._is_paused, False
        self._end()
        if was_paused:
            if self._deadline == self._reactor.NEVER:
                # The commit was late, and sampling had resumed.
                self._guard.call("start of a reload", self._steps.pause, default=None)
            self._guard.call("end of a reload", self._steps.resume, default=None)
        # Separate callbacks, so that the reactor can run others in between.
        self._is_ending = True
        self._call_soon(
            partial(self._adopt, outcome) if was_paused else partial(self._report_outcome, outcome)
        )

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
        if outcome.problems:
            self._report(["LUMEN_RELOAD: the config was not changed", *outcome.problems])
        else:
            self._report(["LUMEN_RELOAD: the config was reloaded", *outcome.warnings])


def hanging() -> int:
    """Returns how many threads of canceled reloads still run."""
    _hanging[:] = [reload for reload in _hanging if not reload.join()]
    return len(_hanging)
