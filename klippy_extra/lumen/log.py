"""Messages of Lumen: in klippy.log, in the warnings of web interfaces, and on the console.

The render thread never logs. It queues notices, also the lines of the option ``debug``, and signals
an eventfd. The reactor then calls `Notices` on Klipper's own thread. The engine (``src/command``)
decides what is logged, which warnings are current, and what the console shows.

Klipper's configfile object keeps each warning until a restart and ignores a text that it had
before. `KlipperWarnings` also removes a warning when its problem is solved, and shows it again when
the problem returns. A Klipper whose lists have other names keeps the warnings.

Lumen does not read the console, and errors of the console go to the log only, so there is no
feedback loop.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Callable, Optional

from klipper_lumen import ConsoleLimits, Messages
from klipper_lumen.klipper_api import ConfigFile, GCode, Printer, Reactor

from .guard import LIMITS, Guard, to_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from klipper_lumen import Delivery, Engine, Notice

log = logging.getLogger(__name__)

# Maximum number of different texts for a printer object, because Klipper keeps all of them.
MAX_TEXTS = LIMITS["warnings"]
# The lists in Klipper, and in Kalico, which builds the second from the first.
LISTS = ("runtime_warnings", "status_warnings")
KIND = "runtime_warning"
# What warnings about the config are about; a reload replaces them. It is no name of strips.
CONFIG = "the config"


class KlipperWarnings:
    """Lumen's warnings in the configfile object of one printer object."""

    def __init__(self, configfile: Optional[ConfigFile]) -> None:
        self._configfile = configfile
        # All texts that Klipper has received.
        self._known: set[str] = set()

    def show(self, text: str) -> None:
        """Logs a warning and shows it."""
        # Older versions of Klipper do not have it.
        show: Optional[Callable[[str], None]] = getattr(self._configfile, KIND, None)
        if text in self._known:
            log.warning("%s", text)
            entry = {"type": KIND, "message": text}
            self._replace(lambda entries: entries if entry in entries else [*entries, entry])
        elif show is None or len(self._known) >= MAX_TEXTS:
            log.warning("%s", text)
        else:
            # It also logs the text.
            show(text)
            self._known.add(text)

    def remove(self, texts: Iterable[str]) -> None:
        """Removes warnings that Lumen has shown."""
        removed = [{"type": KIND, "message": text} for text in self._known.intersection(texts)]
        if removed:
            self._replace(lambda entries: [entry for entry in entries if entry not in removed])

    def _replace(self, change: Callable[[list[object]], list[object]]) -> None:
        # Klipper sees only new lists as a change of its status.
        for name in LISTS:
            entries = getattr(self._configfile, name, None)
            if isinstance(entries, list):
                setattr(self._configfile, name, change(entries))


class Console:
    """The console of one printer; the engine's ``ConsoleLimits`` limit its messages."""

    def __init__(self, printer: Printer, guard: Guard) -> None:
        self._printer = printer
        self._reactor: Reactor = printer.get_reactor()
        self._guard = guard
        self.limits = ConsoleLimits()
        self._is_sending = False

    def write(self, text: str, is_error: bool = False) -> None:
        """Shows a message, if the config enables the console and the limits allow it now."""
        # No reply to a plug-in that reacts to a message by causing another one.
        if self.limits.is_on and not self._is_sending:
            now = self._reactor.monotonic()
            self._send(self.limits.write(text, is_error, now, self._is_printing(now)))

    def update(self, now: float) -> None:
        """Shows the counts whose minute is over; must be called regularly."""
        if self.limits.is_waiting:
            self._send(self.limits.update(now, self._is_printing(now)))

    def _is_printing(self, now: float) -> bool:
        """Returns whether a job prints; True if that is unknown."""
        stats = self._printer.lookup_object("print_stats", None)
        if stats is None:
            return False
        status: dict[str, Any] = self._guard.call(
            "status of 'print_stats'", stats.get_status, now, default={"state": "printing"}
        )
        return status.get("state") == "printing"

    def _send(self, lines: Iterable[str]) -> None:
        self._is_sending = True
        try:
            for line in lines:
                self._guard.call("console", self._respond, line, default=None)
        finally:
            self._is_sending = False

    def _respond(self, text: str) -> None:
        gcode: GCode = self._printer.lookup_object("gcode")
        # It is in the log already.
        gcode.respond_info(text, log=False)


class Notices:
    """Delivers the notices of one engine while the printer object exists."""

    def __init__(
        self, printer: Printer, guard: Guard, console: Console, on_change: Callable[[], None]
    ) -> None:
        """``on_change`` is called after each notice, because notices also change the status."""
        self._reactor: Reactor = printer.get_reactor()
        self._klipper = KlipperWarnings(printer.lookup_object("configfile", None))
        self._guard = guard
        self._console = console
        self._on_change = on_change
        self._engine: Optional[Engine] = None
        self._handler: Any = None
        self._messages = Messages()

    def start(self, engine: Engine) -> None:
        """Starts to listen for notices."""
        self._engine = engine
        callback = self._guard.entry("notices", self._on_readable, self.stop)
        self._handler = self._reactor.register_fd(engine.notice_fd(), callback)
        self.read_config()

    def stop(self) -> None:
        """Stops listening. Must be called before the engine closes its descriptor."""
        self._engine = None
        handler, self._handler = self._handler, None
        if handler is not None:
            self._reactor.unregister_fd(handler)

    def read_config(self) -> None:
        """Enables or disables the console as the engine's config says."""
        if self._engine is not None:
            self._console.limits.enable(self._engine.offer()["debug"] == "console")

    def warn(self, text: str, about: Optional[str] = None) -> None:
        """Logs a warning and shows it in the web interfaces, once while it is current.

        ``about`` names the strips whose recovery clears it, or is CONFIG.
        """
        self._deliver(self._messages.warn(to_line(text), about, self._reactor.monotonic()))

    def clear_warnings(self, about: str) -> None:
        """Clears the warnings about strips that have recovered, or about a replaced config."""
        self._deliver(self._messages.clear(about))

    def warnings(self) -> list[str]:
        """Returns the current warnings, oldest first."""
        return self._messages.warnings()

    def log_notice(self, notice: Notice) -> None:
        """Delivers a notice."""
        self._deliver(self._messages.notice(notice, self._reactor.monotonic()))

    def _on_readable(self, _: float) -> None:
        self._on_change()
        if self._engine is not None:
            for notice in self._engine.notices():
                self.log_notice(notice)

    def _deliver(self, delivery: Delivery) -> None:
        if delivery.cleared:
            self._guard.call("warnings", self._klipper.remove, delivery.cleared, default=None)
            self._on_change()
        if delivery.message is not None:
            self._console.write(delivery.message, delivery.is_error)
        if delivery.warning is not None:
            self._on_change()
            self._klipper.show(delivery.warning)
