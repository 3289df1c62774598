"""Another config while Klipper runs: read from its files and compiled on a thread of its own.

The reactor only looks whether the thread is done. What is wrong is told with file and line, and
what ran goes on; what is right is taken over at a frame boundary, with effects in their phase and
unchanged outputs open.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Optional

from klipper_lumen import ConfigError, config

from .guard import is_ours_to_hold
from .values import UsageError

if TYPE_CHECKING:
    from klipper_lumen import Engine

    from .guard import Guard
    from .klipper import Printer

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.05


@dataclass(frozen=True)
class Outcome:
    """What came of a reload: the config that runs now, or what is wrong with the files."""

    read: Optional[config.Config] = None
    warnings: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


class Reload:
    """The reloads of one printer, one at a time."""

    def __init__(
        self,
        printer: Printer,
        guard: Guard,
        before: Callable[[], None],
        after: Callable[[Outcome], Outcome],
        report: Callable[[list[str], bool], None],
    ) -> None:
        """``before`` and ``after`` surround each, on the reactor; ``after`` has the last word.

        ``report`` gets the lines that say what came of it, and whether all is well.
        """
        self._printer = printer
        self._reactor = printer.get_reactor()
        self._guard = guard
        self._before = before
        self._after = after
        self._report = report
        self._timer: Any = None
        self._thread: Optional[threading.Thread] = None
        self._outcome: Optional[Outcome] = None
        self.last: Optional[Outcome] = None

    def begin(self, engine: Engine, facts: Optional[str]) -> None:
        """Begins to read; returns at once."""
        if self._thread is not None:
            raise UsageError("the config is being read already")
        path = Path(self._printer.get_start_args()["config_file"])
        self._guard.call("begin of a reload", self._before, default=None)
        self._outcome = self.last = None
        # klippy must not wait for it when it ends.
        self._thread = threading.Thread(
            target=self._work, args=(engine, path, facts), name="lumen-reload", daemon=True
        )
        self._thread.start()
        look = self._guard.entry("reload", self._look, lambda: self._reactor.NEVER)
        self._timer = self._reactor.register_timer(look, self._reactor.monotonic() + LOOK_EVERY_S)

    def is_busy(self) -> bool:
        """Whether the files are being read."""
        return self._thread is not None

    def stop(self) -> None:
        """Tells of nothing that comes now."""
        timer, self._timer = self._timer, None
        if timer is not None:
            self._reactor.unregister_timer(timer)
        self._thread = None

    def _work(self, engine: Engine, path: Path, facts: Optional[str]) -> None:
        """Runs on the thread; nothing of Klipper is touched here."""
        try:
            self._outcome = _take_over(engine, path, facts)
        except BaseException as error:
            log.exception("lumen: the reload failed")
            self._outcome = Outcome(problems=["internal error: %s, see klippy.log" % error])
            if not is_ours_to_hold(error):
                raise

    def _look(self, eventtime: float) -> float:
        outcome = self._outcome
        if outcome is None:
            return eventtime + LOOK_EVERY_S
        self.stop()
        self.last = self._guard.call("end of a reload", self._after, outcome, default=outcome)
        self._tell(self.last)
        return self._reactor.NEVER

    def _tell(self, outcome: Outcome) -> None:
        if outcome.problems:
            self._report(["LUMEN_RELOAD: the config stays as it was", *outcome.problems], False)
        else:
            self._report(["LUMEN_RELOAD: the config was taken over", *outcome.warnings], True)


def _take_over(engine: Engine, path: Path, facts: Optional[str]) -> Outcome:
    try:
        read = config.read(path)
    except config.ConfigFileError as error:
        return Outcome(problems=["%s: %s" % (error.place or path, error)])
    if not read.has_section("lumen"):
        return Outcome(problems=["%s: no section [lumen]" % path])
    try:
        return Outcome(read, engine.reload(read.lumen_json(), facts))
    except ConfigError as error:
        problems = [
            "%s: %s" % (read.place(section, option) or path, message)
            for section, option, message in error.errors
        ]
        return Outcome(problems=problems)
