"""The engine's notices: from its eventfd to klippy.log and the warnings of the web interfaces.

The render thread never logs. It leaves notices behind and makes an eventfd readable; the reactor
then calls here, on Klipper's own thread, and each notice is logged by Rust's `log`, which pyo3-log
hands to Python's `logging` as ``lumen.engine``.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any, Callable, Optional

from . import words
from .guard import Guard
from .klipper import ConfigFile, Printer, Reactor
from .throttle import Throttle

if TYPE_CHECKING:
    from klipper_lumen import Engine, Notice

log = logging.getLogger(__name__)

# At most so many lines in a minute; the rest is counted. The log belongs to the printer.
BURST = 20
# So many different warnings are shown in the life of a printer object.
MAX_SHOWN = 32
# How the engine tells that a notice came more than once.
AGAIN = re.compile(r" \(again(?: \d+ times)?\)$")


class Notices:
    """Carries one engine's notices to the log while the printer object lives."""

    def __init__(self, printer: Printer, guard: Guard, echo: Callable[[str, bool], None]) -> None:
        """``echo`` gets each text, and whether it is an error."""
        self._reactor: Reactor = printer.get_reactor()
        self._configfile: Optional[ConfigFile] = printer.lookup_object("configfile", None)
        self._guard = guard
        # Told when something came; what a notice tells of shows in the status too.
        self.on_news: Callable[[], None] = lambda: None
        self._engine: Optional[Engine] = None
        self._handler: Any = None
        # In the order that they came; a dict keeps it and finds them.
        self._shown: dict[str, None] = {}
        self._throttle = Throttle(BURST)
        self._echo = echo

    def start(self, engine: Engine) -> None:
        """Listens from now on."""
        self._engine = engine
        callback = self._guard.entry("notices", self._readable, self.stop)
        self._handler = self._reactor.register_fd(engine.notice_fd(), callback)

    def stop(self) -> None:
        """Listens no more. Must come before the engine ends: its descriptor dies with it."""
        self._engine = None
        handler, self._handler = self._handler, None
        if handler is not None:
            self._reactor.unregister_fd(handler)

    def warn(self, text: str) -> None:
        """Logs a warning and shows it in the web interfaces, once in the life of the printer."""
        text = words.line(text)
        if text in self._shown:
            return
        if len(self._shown) >= MAX_SHOWN:
            if self._may_log():
                log.warning("%s", text)
            return
        self._shown[text] = None
        self.on_news()
        # Older Klippers have none.
        show = getattr(self._configfile, "runtime_warning", None)
        if show is None:
            log.warning("%s", text)
        else:
            # It logs too. Kalico's does not drop repeats, hence the set.
            show(text)

    def warnings(self) -> list[str]:
        """What was shown as a warning so far, oldest first."""
        return list(self._shown)

    def _readable(self, _: float) -> None:
        self.on_news()
        if self._engine is not None:
            for notice in self._engine.notices():
                self.tell(notice)

    def tell(self, notice: Notice) -> None:
        """Logs one notice, unless there were too many of late."""
        if not self._may_log():
            return
        level, text = notice.level, words.line(notice.text)
        # Web interfaces know a warning by its text, so the count of its repeats stays outside.
        constant = AGAIN.sub("", text)
        self._echo(constant, level == "error")
        is_new = level == "warning" and constant not in self._shown
        if is_new and len(self._shown) < MAX_SHOWN:
            self.warn(constant)
        else:
            notice.log()

    def _may_log(self) -> bool:
        if not self._throttle.lets(self._reactor.monotonic()):
            return False
        left_out = self._throttle.take_left_out()
        if left_out:
            log.warning("lumen: %d notices were not logged", left_out)
        return True
