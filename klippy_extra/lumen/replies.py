"""Replies to commands: plain lines on the console, never an error, and limited in number.

An error would end the job whose G-code or macro contains the command, and some hosts treat a line
that begins with ``!!`` as a firmware error, so a refused command gets a plain line. The first
replies in a minute are always shown. Repeats of a text and the total are limited and the rest is
counted, so a macro can flood neither the console nor the log.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from klipper_lumen import counted

from .console import LIMIT
from .text import join_lines, to_line
from .throttle import WINDOW_S, Throttle

if TYPE_CHECKING:
    from klipper_lumen import Engine

    from .console import Console
    from .guard import Guard
    from .klipper import GCode, Printer, Reactor

log = logging.getLogger(__name__)

# Repeats of a text on the console per minute.
MAX_REPEATS = 3
# Different texts in the log per minute, of all commands and of each.
MAX_TEXTS = 30
MAX_TEXTS_PER_COMMAND = 6
# Complete answers in the log per minute.
MAX_ANSWERS = 10


@dataclass
class _Refusal:
    """How often a text occurred within the minute, and how often it was shown."""

    count: int = 0
    sent: int = 0


class Replies:
    """The replies of one printer."""

    def __init__(self, printer: Printer, guard: Guard, console: Console) -> None:
        self._printer = printer
        self._reactor: Reactor = printer.get_reactor()
        self._guard = guard
        self._console = console
        self._throttle = Throttle(LIMIT)
        self._answers = Throttle(MAX_ANSWERS)
        self._refusals: dict[str, _Refusal] = {}
        # Texts that were not logged and not shown within the minute.
        self._unlogged = 0
        self._unsent = 0
        self._timer: Any = None

    def start(self, engine: Engine) -> None:
        """Does nothing: replies work with and without an engine."""

    def stop(self) -> None:
        """Stops counting."""
        timer, self._timer = self._timer, None
        if timer is not None:
            self._reactor.unregister_timer(timer)

    def refuse(self, text: str) -> None:
        """Replies with what is wrong with a request."""
        self._reply(to_line(text))

    def report(self, lines: list[str]) -> None:
        """Shows the outcome of a longer request, always on the console."""
        self._console.count_reply(self._reactor.monotonic())
        self.answer(join_lines(lines))

    def answer(self, text: str) -> None:
        """Shows an answer, always on the console, and in the log within a limit."""
        self._send(text, log=self._answers.allow(self._reactor.monotonic()))

    def _reply(self, text: str) -> None:
        now = self._reactor.monotonic()
        refusal = self._refusal_of(text)
        refusal.count += 1
        # Check MAX_REPEATS first: a repeat must not use up the limit for other texts.
        if refusal.sent < MAX_REPEATS and self._throttle.allow(now):
            refusal.sent += 1
            self._console.count_reply(now)
            self._send(text, log=False)
        else:
            self._unsent += 1
        if self._timer is None:
            summarize = self._guard.entry("replies", self._summarize, lambda: self._reactor.NEVER)
            self._timer = self._reactor.register_timer(summarize, now + WINDOW_S)

    def _refusal_of(self, text: str) -> _Refusal:
        refusal = self._refusals.get(text)
        if refusal is None:
            refusal = _Refusal()
            if self._may_log(text):
                self._refusals[text] = refusal
                log.warning("lumen: %s", text)
            else:
                self._unlogged += 1
        return refusal

    def _may_log(self, text: str) -> bool:
        command = text.partition(":")[0]
        same = sum(1 for other in self._refusals if other.partition(":")[0] == command)
        return len(self._refusals) < MAX_TEXTS and same < MAX_TEXTS_PER_COMMAND

    def _summarize(self, _: float) -> float:
        """Logs the counts of the minute that has ended."""
        refusals, unlogged, unsent = self._refusals, self._unlogged, self._unsent
        self._refusals, self._unlogged, self._unsent = {}, 0, 0
        self.stop()
        for text, it in refusals.items():
            if it.count > 1:
                log.info("lumen: %s (again %s)", text, counted(it.count - 1, "time"))
        if unlogged:
            log.warning("lumen: %s not logged", counted(unlogged, "more refused command"))
        if unsent:
            more = counted(unsent, "more command")
            self._send("lumen: %s refused, see klippy.log" % more, log=False)
        return self._reactor.NEVER

    def _send(self, text: str, log: bool) -> None:
        self._guard.call("console", self._respond, text, log, default=None)

    def _respond(self, text: str, log: bool) -> None:
        gcode: GCode = self._printer.lookup_object("gcode")
        gcode.respond_info(text, log=log)
