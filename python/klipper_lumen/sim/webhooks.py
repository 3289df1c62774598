"""Webhooks of the simulated klippy: endpoints by path, called without a socket.

As in klippy/webhooks.py, a CommandError is an error of the request, and any other exception shuts
the printer down. A response is sent once and must be JSON.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Callable, Optional

from .gcode import CommandError

if TYPE_CHECKING:
    from .core import PrinterCore


class WebRequestError(CommandError):
    """An error of a request."""


class WebRequest:
    """One request and its response."""

    error = WebRequestError

    def __init__(self, method: str, params: dict[str, Any]) -> None:
        self.params: dict[str, Any] = json.loads(json.dumps(params))
        self._method = method
        self.response: Optional[dict[str, Any]] = None

    def get_method(self) -> str:
        return self._method

    def send(self, data: dict[str, Any]) -> None:
        if self.response is not None:
            raise WebRequestError("Multiple calls to send not allowed")
        self.response = data


class WebHooks:
    """The endpoints of one printer."""

    def __init__(self, printer: PrinterCore) -> None:
        self._printer = printer
        self._endpoints: dict[str, Callable[[WebRequest], object]] = {}

    def register_endpoint(self, path: str, callback: Callable[[WebRequest], object]) -> None:
        if path in self._endpoints:
            raise WebRequestError("Path already registered to an endpoint")
        self._endpoints[path] = callback

    def paths(self) -> list[str]:
        """Returns all paths, as ``list_endpoints`` lists them."""
        return list(self._endpoints)

    def callback(self, path: str) -> Callable[[WebRequest], object]:
        """Returns the function that answers an endpoint."""
        callback = self._endpoints.get(path)
        if callback is None:
            raise WebRequestError("webhooks: No registered callback for path '%s'" % path)
        return callback

    def ask(self, path: str, params: dict[str, Any]) -> dict[str, Any]:
        """Calls an endpoint as Moonraker does; raises WebRequestError for a wrong request."""
        callback = self.callback(path)
        request = WebRequest(path, params)
        try:
            callback(request)
            answer: dict[str, Any] = json.loads(json.dumps(request.response or {}, allow_nan=False))
        except CommandError as error:
            raise WebRequestError(str(error)) from None
        except Exception:
            self._printer.invoke_shutdown("Internal Error on WebRequest: %s" % path)
            raise
        return answer
