"""Reloads the config while Klipper runs: a thread reads and compiles the files.

The reactor only polls the thread, and the old config stays active until the new one is valid. Then
the reactor compares the new config with Klipper's objects. If they match, sampling pauses and the
thread commits the config to the engine.

A thread can hang in the kernel, for example if the files are on a network share that is
unavailable. After ten seconds the reload is abandoned, and a later result is discarded. Such a
thread holds no reference to the printer. It blocks later reloads only when MAX_HANGING threads
hang. A commit cannot be abandoned: after ten seconds sampling resumes with a warning, and the new
config is applied when the commit returns.
"""

from __future__ import annotations

import _thread
import logging
import threading
import weakref
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Optional

from klipper_lumen import ConfigError, Engine, Prepared, config

from . import settings
from .guard import should_catch
from .values import UsageError

if TYPE_CHECKING:
    from .guard import Guard
    from .klipper import Printer
    from .settings import Section

log = logging.getLogger(__name__)

POLL_S = 0.05
# A reload without an outcome is abandoned after this time.
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
    """The outcome of a reload: the active config, or the problems of the files."""

    # The Lumen sections that the engine has committed; None if it has committed nothing.
    sections: Optional[list[Section]] = None
    warnings: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Draft:
    """A config that was read and compiled, and is not committed yet."""

    prepared: Prepared


@dataclass(frozen=True)
class Steps:
    """The steps of a reload on the reactor."""

    # Returns what in a draft does not match Klipper's objects.
    check: Callable[[Draft], list[str]]
    # Stops sampling and updates for the old config.
    pause: Callable[[], None]
    # Resumes with the engine's current config; None if the outcome is unknown so far.
    resume: Callable[[Optional[Outcome]], None]
    # Adds the objects of the new config; returns the outcome with warnings about what needs a
    # RESTART.
    adopt: Callable[[Outcome], Outcome]


@dataclass(frozen=True)
class ConfigFiles:
    """The files that a reload reads."""

    path: Path
    is_kalico: bool


class EngineRef:
    """References an engine; freed with its printer even if klippy:disconnect is not sent."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine


class Job:
    """The data that the reactor and the thread of one reload share; it keeps no Klipper object
    alive.
    """

    def __init__(
        self, engine_ref: EngineRef, files: ConfigFiles, facts: Optional[str], known: str
    ) -> None:
        self.files = files
        self.facts = facts
        # What is known about Klipper's own sections.
        self.known = known
        self.draft: Optional[Draft] = None
        self.outcome: Optional[Outcome] = None
        self._engine_ref: Callable[[], Optional[EngineRef]] = weakref.ref(engine_ref)
        self._answered = threading.Event()

    def accept(self) -> None:
        """Allows the thread to commit the draft."""
        self._answered.set()

    def drop(self) -> None:
        """Discards the draft if it is not committed yet."""
        self._engine_ref = lambda: None
        self.accept()

    def is_dropped(self) -> bool:
        """Returns whether the result is discarded."""
        return self._engine_ref() is None

    def wait(self) -> Optional[Engine]:
        """Waits until the draft is accepted or dropped; returns the engine if it was accepted."""
        while not self._answered.wait(TIMEOUT_S):
            if self.is_dropped():
                break
        engine_ref = self._engine_ref()
        return engine_ref.engine if engine_ref is not None else None


class Worker:
    """The thread of one reload.

    It is not a `threading.Thread`, because starting one waits until the thread runs, which takes
    milliseconds on a busy computer. klippy does not wait for it when the process ends.
    """

    def __init__(self, job: Job) -> None:
        self._job: Optional[Job] = job
        self._done = threading.Event()

    def start(self) -> None:
        """Starts the thread; raises RuntimeError if that is not possible."""
        _thread.start_new_thread(self._run, ())

    def join(self, timeout: float) -> None:
        """Waits until the thread has ended, at most ``timeout`` seconds."""
        self._done.wait(timeout)

    def is_alive(self) -> bool:
        """Returns whether the thread is still running."""
        return not self._done.is_set()

    def _run(self) -> None:
        job, self._job = self._job, None
        try:
            if job is not None:
                _work(job)
        finally:
            self._done.set()


# Threads of abandoned reloads, including those of printers before a RESTART.
_hanging: list[Worker] = []


def read_file(files: ConfigFiles) -> config.Config:
    """Reads a config with all included files."""
    return config.read(files.path, files.is_kalico)


class Reload:
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
        self._thread: Optional[Worker] = None
        self._job: Optional[Job] = None
        self._engine_ref: Optional[EngineRef] = None
        self._is_paused = False
        # The thread has ended, and the parts apply the config one after the other.
        self._is_ending = False
        # When the reload is abandoned.
        self._deadline = 0.0
        self.last: Optional[Outcome] = None

    def begin(self, engine: Engine, facts: Optional[str], known: str, is_kalico: bool) -> None:
        """Starts to read the files; returns immediately."""
        if self.is_busy():
            raise UsageError("a reload is already in progress")
        if hanging() >= MAX_HANGING:
            raise UsageError(
                "%d earlier reloads are still reading the config files; try again later, "
                "or restart the klipper service" % MAX_HANGING
            )
        engine_ref = EngineRef(engine)
        path = Path(self._printer.get_start_args()["config_file"])
        job = Job(engine_ref, ConfigFiles(path, is_kalico), facts, known)
        thread = Worker(job)
        try:
            thread.start()
        except RuntimeError as error:
            raise UsageError("cannot start a thread (%s); try again later" % error) from None
        self.last = None
        self._job, self._engine_ref, self._thread = job, engine_ref, thread
        now = self._reactor.monotonic()
        self._deadline = now + TIMEOUT_S
        poll = self._guard.entry("reload", self._poll, self._later)
        self._timer = self._reactor.register_timer(poll, now + POLL_S)

    def is_busy(self) -> bool:
        """Returns whether a reload is in progress."""
        return self._job is not None or self._is_ending

    def stop(self) -> None:
        """Stops a reload in progress; waits at most STOP_S for its thread."""
        thread = self._thread
        self._end()
        if thread is not None:
            thread.join(STOP_S)
            if thread.is_alive():
                _hanging.append(thread)
                log.warning("lumen: a reload is still reading the config files; it was abandoned")

    def _end(self) -> None:
        timer, self._timer = self._timer, None
        if timer is not None:
            self._reactor.unregister_timer(timer)
        job, self._job = self._job, None
        if job is not None:
            job.drop()
        self._thread = self._engine_ref = None

    def _later(self) -> float:
        return self._reactor.monotonic() + POLL_S

    def _poll(self, eventtime: float) -> float:
        job = self._job
        if job is None:
            return self._reactor.NEVER
        if job.outcome is not None:
            self._finish(job.outcome)
            return self._reactor.NEVER
        if job.draft is not None and not self._is_paused:
            self._decide(job, job.draft)
        elif eventtime >= self._deadline:
            return self._give_up()
        return eventtime + POLL_S

    def _decide(self, job: Job, draft: Draft) -> None:
        """Compares the draft with Klipper's objects and accepts or rejects it."""
        problems = self._guard.call(
            "check of a reload",
            self._steps.check,
            draft,
            default=["internal error, see klippy.log"],
        )
        if problems:
            self._finish(Outcome(problems=problems))
            return
        self._is_paused = True
        self._guard.call("start of a reload", self._steps.pause, default=None)
        self._deadline = self._reactor.monotonic() + TIMEOUT_S
        job.accept()

    def _give_up(self) -> float:
        if self._is_paused:
            # A commit cannot be undone: everything resumes, and its result is applied when it
            # returns.
            if self._deadline != self._reactor.NEVER:
                self._deadline = self._reactor.NEVER
                self._warn(COMMIT_TIMED_OUT)
                self._guard.call("a late reload", self._steps.resume, None, default=None)
            return self._later()
        thread = self._thread
        if thread is not None:
            _hanging.append(thread)
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
            self._guard.call("end of a reload", self._steps.resume, outcome, default=None)
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
    """Returns how many threads of abandoned reloads still run."""
    _hanging[:] = [thread for thread in _hanging if thread.is_alive()]
    return len(_hanging)


def _work(job: Job) -> None:
    """Runs on the thread; does not touch Klipper's objects."""
    try:
        job.outcome = _read_and_commit(job)
    except BaseException as error:
        if job.is_dropped():
            # The engine was closed meanwhile.
            log.info("lumen: an abandoned reload ended (%s)", error)
            return
        log.exception("lumen: the reload failed")
        job.outcome = Outcome(problems=["internal error: %s, see klippy.log" % error])
        if not should_catch(error):
            raise


def _read_and_commit(job: Job) -> Outcome:
    path = job.files.path
    try:
        read = read_file(job.files)
    except config.ConfigFileError as error:
        return Outcome(problems=["%s: %s" % (error.place or path, error)])
    try:
        if not read.has_section("lumen"):
            return Outcome(problems=["%s: no section [lumen]" % path])
        return _commit(job, read)
    finally:
        # The files may be large; freeing them here does not block the reactor.
        read.discard()


def _commit(job: Job, read: config.Config) -> Outcome:
    # Klipper's own objects do not change until a RESTART, whatever the files contain now.
    text = read.lumen_json(job.known)
    try:
        prepared = Engine.prepare(text, job.facts)
    except ConfigError as error:
        return Outcome(problems=[it.short() for it in read.messages(error.errors)])
    sections = settings.sections_of_json(text)
    job.draft = Draft(prepared)
    engine = job.wait()
    if engine is None:
        return Outcome(problems=["the reload was canceled"])
    # The replaced config is freed on this thread, too.
    warnings = engine.commit(prepared)
    return Outcome(sections, [it.short() for it in read.messages(warnings, read.notes())])
