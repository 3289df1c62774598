"""The part of the simulated Printer that plug-ins use: objects, events, state."""

from __future__ import annotations

import logging
from typing import Any, Callable, Optional

from .config import Error
from .gcode import CommandError, GCodeDispatch
from .reactor import Reactor

log = logging.getLogger(__name__)

READY = "Printer is ready"
STARTUP = "Printer is not ready"

_REQUIRED = object()


class PrinterCore:
    """Printer objects by name, event handlers by event, and the state of Klipper.

    The parts of the simulated printer know only this class and the parts that they are given.
    """

    config_error = Error
    command_error = CommandError

    def __init__(self, reactor: Reactor) -> None:
        self.reactor = reactor
        self._objects: dict[str, Any] = {}
        self._events: dict[str, list[Callable[..., object]]] = {}
        self._message = STARTUP
        self._is_shutdown = False
        self.gcode = GCodeDispatch(self)
        self.add_object("gcode", self.gcode)

    def get_reactor(self) -> Reactor:
        return self.reactor

    def get_state_message(self) -> tuple[str, str]:
        if self._message == READY:
            return self._message, "ready"
        if self._message == STARTUP:
            return self._message, "startup"
        return self._message, "shutdown" if self._is_shutdown else "error"

    def register_event_handler(self, event: str, callback: Callable[..., object]) -> None:
        self._events.setdefault(event, []).append(callback)

    def send_event(self, event: str, *params: object) -> None:
        for callback in self._events.get(event, []):
            callback(*params)

    def lookup_object(self, name: str, default: Any = _REQUIRED) -> Any:
        if name in self._objects:
            return self._objects[name]
        if default is _REQUIRED:
            raise self.config_error("Unknown config object '%s'" % name)
        return default

    def lookup_objects(self, module: Optional[str] = None) -> list[tuple[str, Any]]:
        if module is None:
            return list(self._objects.items())
        return [
            (name, found)
            for name, found in self._objects.items()
            if name == module or name.startswith(module + " ")
        ]

    def add_object(self, name: str, obj: object) -> None:
        if name in self._objects:
            raise self.config_error("Printer object '%s' already created" % name)
        self._objects[name] = obj

    def set_rollover_info(self, name: str, info: str) -> None:
        log.info(info)

    def emergency_stop(self) -> None:
        """Shuts down at once (M112)."""
        self.invoke_shutdown("Shutdown due to M112 command")

    def invoke_shutdown(self, message: str) -> None:
        """Shuts down until a restart."""
        if self._is_shutdown:
            return
        self._is_shutdown = True
        self._message = message
        with self.reactor.assert_no_pause():
            self.send_event("klippy:shutdown")

    def is_ready(self) -> bool:
        """Whether the printer is ready for commands."""
        return self._message == READY

    def check_alive(self) -> None:
        """Raises in a waiting command if the printer is shut down."""
        if self._is_shutdown:
            raise CommandError(self._message)
