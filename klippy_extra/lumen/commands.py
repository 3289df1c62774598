"""The requests to Lumen, as G-code commands and as the endpoints ``lumen/NAME``.

The table of requests is the engine's (``src/command``). This module passes on the parameters, shows
the answers, and does what only Klipper can do.

No command raises an error, because an error would end the print whose G-code or macro contains the
command. Invalid input and internal errors are reported on the console as plain lines, and the
script continues. The first replies in a minute are always shown. Repeats of a text and the total
are limited and the rest is counted, so a macro can flood neither the console nor the log. Some
hosts treat a line that begins with ``!!`` as a firmware error, so no reply does.

Klipper answers endpoints immediately on the reactor, independent of the G-code queue, and Moonraker
offers them over HTTP and JSON-RPC. Invalid requests and internal errors of Lumen are request errors
(400). Klipper would shut down the printer at any other exception.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any, Callable, NamedTuple, Optional

import klipper_lumen
from klipper_lumen import ReplyLimits, RequestError

from .guard import LINES, Guard, join_lines, should_catch, to_line

if TYPE_CHECKING:
    from klipper_lumen import Engine, Request
    from klipper_lumen.klipper_api import (
        GCode,
        GCodeCommand,
        Printer,
        Reactor,
        WebHooks,
        WebRequest,
    )

    from .log import Console
    from .reload import Outcome
    from .status import Facts

log = logging.getLogger(__name__)

# Replies are limited over this time.
MINUTE_S = 60.0
# How often and how many times the outcome of a reload or of the doctor is polled.
WAIT_EVERY_S = 0.05
WAIT_TURNS = 200

# Returns the data of an answer; None while a thread still works on it.
Poll = Callable[[], Optional[dict[str, Any]]]

# All requests, by name.
TABLE: dict[str, Request] = {it.name: it for it in klipper_lumen.requests()}


class Actions(NamedTuple):
    """What a request can cause besides a call of the engine."""

    # Samples what the engine wants.
    update_wants: Callable[[dict[str, Any]], None]
    # Starts a reload.
    reload: Callable[[], None]
    # Returns the outcome of the last reload; None while it is in progress.
    reload_outcome: Callable[[], Optional[Outcome]]
    # Starts the doctor; the argument says whether the result is for the console.
    doctor: Callable[[bool], None]
    # Returns the result of the doctor; None while it is in progress.
    doctor_result: Callable[[], Optional[dict[str, Any]]]


class Requests:
    """Answers the requests to one printer."""

    def __init__(self, printer: Printer, facts: Facts, actions: Actions) -> None:
        self._reactor: Reactor = printer.get_reactor()
        self._facts = facts
        self._actions = actions
        self._engine: Optional[Engine] = None

    def start(self, engine: Engine) -> None:
        """Uses this engine for requests."""
        self._engine = engine

    def stop(self) -> None:
        """Releases the engine."""
        self._engine = None

    def text(
        self, name: str, parameters: dict[str, Any], facts: Optional[dict[str, Any]] = None
    ) -> Optional[str]:
        """Returns the text that a command shows, if any. ``facts`` are additional ones."""
        text: Optional[str] = self._run(TABLE[name], parameters, facts, as_text=True)[0]
        return text

    def data(self, name: str, parameters: dict[str, Any]) -> tuple[dict[str, Any], Optional[Poll]]:
        """Returns the data that an endpoint sends, or what returns it once a thread has ended."""
        data, then = self._run(TABLE[name], parameters, None, as_text=False)
        polls = {"reload": self._reload_outcome, "doctor": self._actions.doctor_result}
        return data, polls.get(then or "")

    def _reload_outcome(self) -> Optional[dict[str, Any]]:
        """Returns the data about the last reload; None while it is in progress."""
        outcome = self._actions.reload_outcome()
        if outcome is None:
            return None
        if outcome.problems:
            raise RequestError("\n".join(outcome.problems))
        return {"warnings": outcome.warnings}

    def _run(
        self,
        request: Request,
        parameters: dict[str, Any],
        facts: Optional[dict[str, Any]],
        as_text: bool,
    ) -> tuple[Any, Optional[str]]:
        engine = self._engine
        if engine is None:
            return klipper_lumen.request(request.name, parameters, as_text)[:2]
        now = self._reactor.monotonic()
        if request.reads_facts:
            facts = {**self._facts.all(engine, now), **(facts or {})}
        answer, then, seconds = engine.request(
            request.name, parameters, now, facts, as_text=as_text
        )
        if then == "sample":
            self._actions.update_wants(engine.wants())
        elif then == "reload":
            self._actions.reload()
        elif then == "doctor":
            self._actions.doctor(as_text)
        elif then == "measure":
            self._facts.measure(now + seconds)
        return answer, then


class Commands:
    """The G-code commands and endpoints of one printer."""

    def __init__(
        self, printer: Printer, guard: Guard, requests: Requests, replies: Replies
    ) -> None:
        self._requests = requests
        self._replies = replies
        self._guard = guard
        self._reactor: Reactor = printer.get_reactor()
        gcode: GCode = printer.lookup_object("gcode")
        webhooks: WebHooks = printer.lookup_object("webhooks")
        for request in TABLE.values():
            if request.command:
                run = guard.entry(request.gcode, partial(self._run, request), lambda: None)
                gcode.register_command(request.gcode, run, request.always, desc=request.help)
            if request.endpoint:
                path = "lumen/" + request.name
                passes = (printer.command_error,)
                answer = guard.entry(path, partial(self._answer, request), lambda: None, passes)
                webhooks.register_endpoint(path, answer)

    def _run(self, request: Request, gcmd: GCodeCommand) -> None:
        name = request.gcode
        try:
            answer = self._requests.text(request.name, gcmd.get_command_parameters())
        except RequestError as error:
            self._replies.refuse("%s: %s" % (name, error))
        except BaseException as error:
            if not should_catch(error):
                raise
            self._guard.report(name, error)
            self._replies.refuse("%s: internal error, see klippy.log" % name)
        else:
            if answer is not None:
                self._replies.answer(answer)

    def _answer(self, request: Request, asked: WebRequest) -> None:
        try:
            data, poll = self._requests.data(request.name, asked.params)
            if poll is not None:
                data = self._wait(poll)
        except RequestError as error:
            raise asked.error(join_lines(str(error).split("\n"))) from None
        except BaseException as error:
            if not should_catch(error):
                raise
            self._guard.report("lumen/" + request.name, error)
            raise asked.error("internal error, see klippy.log") from None
        asked.send(data)

    def _wait(self, poll: Poll) -> dict[str, Any]:
        """Waits for the end of a thread while the reactor runs on."""
        for _ in range(WAIT_TURNS):
            self._guard.pause(self._reactor, self._reactor.monotonic() + WAIT_EVERY_S)
            data = poll()
            if data is not None:
                return data
        raise RequestError("no answer yet, see klippy.log")


class Replies:
    """The replies of one printer; the engine's ``ReplyLimits`` limits them."""

    def __init__(self, printer: Printer, guard: Guard, console: Console) -> None:
        self._printer = printer
        self._reactor: Reactor = printer.get_reactor()
        self._guard = guard
        self._console = console
        self._limits = ReplyLimits()
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
        text, now = to_line(text), self._reactor.monotonic()
        is_shown, is_logged = self._limits.refuse(text, now)
        if is_logged:
            log.warning("lumen: %s", text)
        if is_shown:
            self._console.limits.count_reply(now)
            self._send(text, log=False)
        if self._timer is None:
            summarize = self._guard.entry("replies", self._summarize, lambda: self._reactor.NEVER)
            self._timer = self._reactor.register_timer(summarize, now + MINUTE_S)

    def report(self, lines: list[str], most: int = LINES) -> None:
        """Shows the outcome of a longer request, always on the console; at most ``most`` lines."""
        self._console.limits.count_reply(self._reactor.monotonic())
        self.answer(join_lines(lines, most))

    def answer(self, text: str) -> None:
        """Shows an answer, always on the console, and in the log within a limit."""
        self._send(text, log=self._limits.answer(self._reactor.monotonic()))

    def _summarize(self, _: float) -> float:
        """Logs the counts of the minute that has ended."""
        repeats, unlogged, unshown = self._limits.end_minute()
        self.stop()
        for text in repeats:
            log.info("lumen: %s", text)
        if unlogged is not None:
            log.warning("lumen: %s", unlogged)
        if unshown is not None:
            self._send("lumen: " + unshown, log=False)
        return self._reactor.NEVER

    def _send(self, text: str, log: bool) -> None:
        self._guard.call("console", self._respond, text, log, default=None)

    def _respond(self, text: str, log: bool) -> None:
        gcode: GCode = self._printer.lookup_object("gcode")
        gcode.respond_info(text, log=log)
