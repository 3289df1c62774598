"""The endpoints ``lumen/NAME``: the same requests as the commands, for programs.

Klipper answers them immediately on the reactor, independent of the G-code queue, and Moonraker
offers them over HTTP and JSON-RPC. Numbers may be strings, because an HTTP query has only strings.
Invalid requests and internal errors of Lumen are request errors (400). Klipper would shut down the
printer at any other exception.
"""

from __future__ import annotations

from typing import Callable, Optional

from klipper_lumen import RequestError

from .guard import Guard, should_catch
from .klipper import Printer, Reactor, WebHooks, WebRequest
from .request_context import Answer, RequestContext
from .requests import REQUESTS, Request
from .text import join_lines
from .values import UsageError, Values

# How often and how many times a pending answer is polled.
WAIT_EVERY_S = 0.05
WAIT_TURNS = 200


class Endpoints:
    """The endpoints of one printer."""

    def __init__(self, printer: Printer, guard: Guard, context: RequestContext) -> None:
        self._context = context
        self._guard = guard
        self._reactor: Reactor = printer.get_reactor()
        webhooks: WebHooks = printer.lookup_object("webhooks")
        for request in REQUESTS:
            if request.endpoint:
                self._register(webhooks, request, printer.command_error)

    def _register(self, webhooks: WebHooks, request: Request, error: type[Exception]) -> None:
        path = "lumen/" + request.name
        entry = self._guard.entry(
            path, lambda asked: self._run(request, asked), lambda: None, (error,)
        )
        webhooks.register_endpoint(path, entry)

    def _run(self, request: Request, asked: WebRequest) -> None:
        try:
            values = Values(asked.params, request.parameters)
            answer = request.run(self._context, values)
            while answer.poll is not None:
                answer = self._wait(answer.poll)
            data = answer.as_data()
        except (RequestError, UsageError) as error:
            raise asked.error(join_lines(str(error).split("\n"))) from None
        except BaseException as error:
            if not should_catch(error):
                raise
            self._guard.report("lumen/" + request.name, error)
            raise asked.error("internal error, see klippy.log") from None
        asked.send(data)

    def _wait(self, poll: Callable[[], Optional[Answer]]) -> Answer:
        """Waits for a pending answer while the reactor runs on."""
        for _ in range(WAIT_TURNS):
            self._guard.pause(self._reactor, self._reactor.monotonic() + WAIT_EVERY_S)
            answer = poll()
            if answer is not None:
                return answer
        raise UsageError("no answer yet, see klippy.log")
