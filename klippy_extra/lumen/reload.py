"""Another config while Klipper runs: read and compiled on a thread of its own.

The reactor only polls the thread, and the old config runs on until the new one is known to be
right. Then the reactor compares it with the objects that Klipper has. Only if these fit, sampling
pauses and the thread lets the engine take the config.

A thread can hang in the kernel, for example when the files are on a network share that is gone.
After ten seconds the reload is given up, and a result that comes later is discarded. Such a thread
holds no reference to the printer. It blocks no later reload until MAX_HANGING threads hang. A
commit that takes longer than ten seconds cannot be taken back: sampling resumes with a warning,
and the new config is followed when the commit returns.
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
# A reload without an outcome is given up after so long.
TIMEOUT_S = 10.0
# So long a RESTART waits for the thread.
STOP_S = 0.5
# So many threads may hang in this process; then it is restarted rather than reloaded.
MAX_HANGING = 3

TIMED_OUT = "the config files could not be read within %d s; the reload was given up" % TIMEOUT_S
COMMIT_TIMED_OUT = (
    "lumen: LUMEN_RELOAD: the engine has not taken the config within %d s; the lights go on"
    % TIMEOUT_S
)


@dataclass(frozen=True)
class Outcome:
    """What came of a reload: the config that runs now, or what is wrong with the files."""

    # The Lumen sections that the engine has taken; None if it has taken nothing.
    sections: Optional[list[Section]] = None
    warnings: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Draft:
    """A config that was read and compiled, and has not been taken."""

    prepared: Prepared


@dataclass(frozen=True)
class Steps:
    """What the reactor does in a reload."""

    # What of a draft does not fit Klipper's objects.
    check: Callable[[Draft], list[str]]
    # Lets go of what belongs to the config that runs until now.
    pause: Callable[[], None]
    # Goes on under the config that the engine has; None while it is not known what comes of it.
    resume: Callable[[Optional[Outcome]], None]
    # Shows what the new config has; returns the outcome with what cannot follow it.
    adopt: Callable[[Outcome], Outcome]


@dataclass(frozen=True)
class ConfigFiles:
    """The files that a reload reads."""

    path: Path
    is_kalico: bool


class EngineRef:
    """An engine that goes with its printer, also when klippy:disconnect never came."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine


class Job:
    """What the reactor and the thread of one reload share; it keeps nothing of Klipper alive."""

    def __init__(
        self, engine_ref: EngineRef, files: ConfigFiles, facts: Optional[str], known: str
    ) -> None:
        self.files = files
        self.facts = facts
        # What there is of Klipper's own sections.
        self.known = known
        self.draft: Optional[Draft] = None
        self.outcome: Optional[Outcome] = None
        self._engine_ref: Callable[[], Optional[EngineRef]] = weakref.ref(engine_ref)
        self._answered = threading.Event()

    def accept(self) -> None:
        """Lets the thread commit the draft."""
        self._answered.set()

    def drop(self) -> None:
        """Discards what has not been committed."""
        self._engine_ref = lambda: None
        self.accept()

    def is_dropped(self) -> bool:
        """Whether its result is discarded."""
        return self._engine_ref() is None

    def wait(self) -> Optional[Engine]:
        """Waits for the answer to the draft; returns the engine that is to take it."""
        while not self._answered.wait(TIMEOUT_S):
            if self.is_dropped():
                break
        engine_ref = self._engine_ref()
        return engine_ref.engine if engine_ref is not None else None


class Worker:
    """The thread of one reload.

    It is not a `threading.Thread`, whose start waits until the thread runs: for milliseconds on a
    busy computer. klippy does not wait for it when the process ends.
    """

    def __init__(self, job: Job) -> None:
        self._job: Optional[Job] = job
        self._done = threading.Event()

    def start(self) -> None:
        """Starts the thread; raises RuntimeError if the system has none."""
        _thread.start_new_thread(self._run, ())

    def join(self, timeout: float) -> None:
        """Waits until the thread has ended, at most so many seconds."""
        self._done.wait(timeout)

    def is_alive(self) -> bool:
        """Whether the thread has not ended."""
        return not self._done.is_set()

    def _run(self) -> None:
        job, self._job = self._job, None
        try:
            if job is not None:
                _work(job)
        finally:
            self._done.set()


# Threads of given-up reloads, also of printers before a RESTART.
_hanging: list[Worker] = []


def read_file(files: ConfigFiles) -> config.Config:
    """Reads a config with all that it includes."""
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
        """``warn`` takes what a thread that hangs means for the user; ``report`` the lines that say
        what came of a reload.
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
        # The thread is done, and the parts follow the config one after the other.
        self._is_ending = False
        # When it is given up.
        self._deadline = 0.0
        self.last: Optional[Outcome] = None

    def begin(self, engine: Engine, facts: Optional[str], known: str, is_kalico: bool) -> None:
        """Begins to read; returns at once."""
        if self.is_busy():
            raise UsageError("the config is being read already")
        if hanging() >= MAX_HANGING:
            raise UsageError(
                "%d earlier reloads still read the config files; try again once they have ended, "
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
        """Whether a reload is under way."""
        return self._job is not None or self._is_ending

    def stop(self) -> None:
        """Ends the reload that is under way; waits at most STOP_S for its thread."""
        thread = self._thread
        self._end()
        if thread is not None:
            thread.join(STOP_S)
            if thread.is_alive():
                _hanging.append(thread)
                log.warning("lumen: a reload still reads the config files; it was left behind")

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
        """Compares the draft with what Klipper has, and lets the engine take it."""
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
        self._guard.call("begin of a reload", self._steps.pause, default=None)
        self._deadline = self._reactor.monotonic() + TIMEOUT_S
        job.accept()

    def _give_up(self) -> float:
        if self._is_paused:
            # It cannot be taken back: it is followed when it comes, and until then all goes on.
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
                # It was late, and all went on.
                self._guard.call("begin of a reload", self._steps.pause, default=None)
            self._guard.call("end of a reload", self._steps.resume, outcome, default=None)
        # Calls of their own: the reactor is free between them.
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
            self._report(["LUMEN_RELOAD: the config stays as it was", *outcome.problems])
        else:
            self._report(["LUMEN_RELOAD: the config was taken over", *outcome.warnings])


def hanging() -> int:
    """How many threads of given-up reloads still hang."""
    _hanging[:] = [thread for thread in _hanging if thread.is_alive()]
    return len(_hanging)


def _work(job: Job) -> None:
    """Runs on the thread; nothing of Klipper is touched here."""
    try:
        job.outcome = _read_and_commit(job)
    except BaseException as error:
        if job.is_dropped():
            # The engine was closed meanwhile.
            log.info("lumen: a reload ended after its time (%s)", error)
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
        # It may be large; freed here, it does not hold the reactor.
        read.discard()


def _commit(job: Job, read: config.Config) -> Outcome:
    # Klipper's own objects are those of its start, whatever the files say now.
    text = read.lumen_json(job.known)
    try:
        prepared = Engine.prepare(text, job.facts)
    except ConfigError as error:
        return Outcome(problems=[it.short() for it in read.messages(error.errors)])
    sections = settings.of_json(text)
    job.draft = Draft(prepared)
    engine = job.wait()
    if engine is None:
        return Outcome(problems=["the reload was given up"])
    # What it replaces is freed on this thread, too.
    warnings = engine.commit(prepared)
    return Outcome(sections, [it.short() for it in read.messages(warnings, read.notes())])
