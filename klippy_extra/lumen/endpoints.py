"""The endpoints of Lumen, ``lumen/NAME``: the same requests as the commands, for programs.

Klipper answers them on the reactor at once, whatever the G-code queue does, and Moonraker offers
them by HTTP and JSON-RPC. Numbers may come as texts: an HTTP query has nothing else. What was asked
wrongly is an error of the request (400), and so is a fault of ours, which Klipper would otherwise
take for a reason to shut the printer down.
"""

from __future__ import annotations

from klipper_lumen import RequestError

from .guard import Guard, is_ours_to_hold
from .klipper import Printer, WebHooks, WebRequest
from .requests import REQUESTS, Desk, Request
from .values import UsageError, Values


class Endpoints:
    """The endpoints of one printer."""

    def __init__(self, printer: Printer, guard: Guard, desk: Desk) -> None:
        self._desk = desk
        self._guard = guard
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
            data = request.run(self._desk, values).data
        except (RequestError, UsageError) as error:
            raise asked.error(str(error)) from None
        except BaseException as error:
            if not is_ours_to_hold(error):
                raise
            self._guard.report("lumen/" + request.name, error)
            raise asked.error("internal error, see klippy.log") from None
        asked.send(data)
