"""Delivers the engine's notices to klippy.log and to the warnings of the web interfaces.

The render thread never logs. It queues notices and signals an eventfd. The reactor then calls this
module on Klipper's own thread, and each notice is logged with Rust's `log`, which pyo3-log passes
to Python's `logging` as ``lumen.engine``.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any, Callable, Optional

from klipper_lumen import counted

from .guard import Guard, to_line
from .klipper_api import Printer, Reactor
from .klipper_warnings import KlipperWarnings
from .throttle import Throttle

if TYPE_CHECKING:
    from klipper_lumen import Engine, Notice

log = logging.getLogger(__name__)

# Maximum lines per minute; the others are counted. The log belongs to the printer.
BURST = 20
# Maximum number of different warnings that are shown for a printer object.
MAX_SHOWN = 32
# What warnings about the config are about; a reload replaces them. It is no name of strips.
CONFIG = "the config"
# The suffix that the engine adds to a repeated notice.
REPEAT_SUFFIX = re.compile(r" \(again(?: \d+ times?)?\)$")


class Notices:
    """Delivers the notices of one engine while the printer object exists."""

    def __init__(
        self, printer: Printer, guard: Guard, on_message: Callable[[str, bool], None]
    ) -> None:
        """``on_message`` receives each text and whether it is an error."""
        self._reactor: Reactor = printer.get_reactor()
        self._klipper = KlipperWarnings(printer.lookup_object("configfile", None))
        self._guard = guard
        # Called after each notice, because notices also change the status.
        self.on_change: Callable[[], None] = lambda: None
        self._engine: Optional[Engine] = None
        self._handler: Any = None
        # The current warnings in order, each with the strips that it is about.
        self._shown: dict[str, Optional[str]] = {}
        self._throttle = Throttle(BURST)
        self._on_message = on_message

    def start(self, engine: Engine) -> None:
        """Starts to listen for notices."""
        self._engine = engine
        callback = self._guard.entry("notices", self._on_readable, self.stop)
        self._handler = self._reactor.register_fd(engine.notice_fd(), callback)

    def stop(self) -> None:
        """Stops listening. Must be called before the engine closes its descriptor."""
        self._engine = None
        handler, self._handler = self._handler, None
        if handler is not None:
            self._reactor.unregister_fd(handler)

    def warn(self, text: str, about: Optional[str] = None) -> None:
        """Logs a warning and shows it in the web interfaces, once while it is current.

        ``about`` names the strips whose recovery clears it, or is CONFIG.
        """
        text = to_line(text)
        if text in self._shown:
            return
        if len(self._shown) >= MAX_SHOWN:
            if self._may_log():
                log.warning("%s", text)
            return
        self._shown[text] = about
        self.on_change()
        self._klipper.show(text)

    def clear_warnings(self, about: str) -> None:
        """Clears the warnings about strips that have recovered, or about a replaced config."""
        cleared = {text for text, subject in self._shown.items() if subject == about}
        if cleared:
            for text in cleared:
                del self._shown[text]
            self._guard.call("warnings", self._klipper.remove, cleared, default=None)
            self.on_change()

    def warnings(self) -> list[str]:
        """Returns the current warnings, oldest first."""
        return list(self._shown)

    def _on_readable(self, _: float) -> None:
        self.on_change()
        if self._engine is not None:
            for notice in self._engine.notices():
                self.log_notice(notice)

    def log_notice(self, notice: Notice) -> None:
        """Logs a notice, unless the limit per minute is reached."""
        level, about = notice.level, notice.about
        # Web interfaces identify a warning by its text, so the text must not contain a count.
        constant = REPEAT_SUFFIX.sub("", to_line(notice.text))
        if about is not None and level == "info":
            self.clear_warnings(about)
        if not self._may_log():
            return
        self._on_message(constant, level == "error")
        is_new = level == "warning" and constant not in self._shown
        if is_new and len(self._shown) < MAX_SHOWN:
            self.warn(constant, about)
        else:
            notice.log()

    def _may_log(self) -> bool:
        if not self._throttle.allow(self._reactor.monotonic()):
            return False
        suppressed = self._throttle.take_suppressed()
        if suppressed:
            log.warning("lumen: %s not logged", counted(suppressed, "notice"))
        return True
