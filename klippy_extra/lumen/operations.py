"""Tracks which command runs, from its start to its end, also when it fails.

Klipper sends no event for most commands, so their registered handlers are wrapped by name at
klippy:ready, after all macros have renamed the commands that they replace. The wrapper reports the
start, calls the original handler and reports the end. Exceptions of the original pass unchanged. If
another plug-in replaces a command later, the command is wrapped again. Homing and probing moves
outside a wrapped command have their own events. The engine decides which commands are wrapped and
which state a command or a move shows.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Callable, Optional

from klipper_lumen.klipper_api import GCode, GCodeCommand, Handler, HomingMove, Printer, Reactor

from .guard import Guard

if TYPE_CHECKING:
    from collections.abc import Mapping

    from klipper_lumen import Engine

# How often a replaced command is wrapped again.
MAX_REWRAPS = 3

# Klipper's events of homing and probing moves, without the prefix "homing:".
MOVE_EVENTS = ("home_rails_begin", "home_rails_end", "homing_move_begin", "homing_move_end")


class _WrappedCommand:
    """A wrapped command."""

    def __init__(self, state: str) -> None:
        self.state = state
        # The handler in Klipper's table.
        self.handler: Optional[Handler] = None
        self.rewraps = 0
        self.is_running = False


class Operations:
    """The operations of one printer."""

    def __init__(
        self,
        printer: Printer,
        guard: Guard,
        before_end: Callable[[], None],
        warn: Callable[[str], None],
    ) -> None:
        """``before_end`` is called before the end of a command is posted, to update the samples
        first. ``warn`` receives warnings.
        """
        self._printer = printer
        self._reactor: Reactor = printer.get_reactor()
        self._before_end = before_end
        self._warn = warn
        self._engine: Optional[Engine] = None
        self._wrapped: dict[str, _WrappedCommand] = {}
        self._begin = guard.entry("begin of a command", self._begin_command, lambda: None)
        self._end = guard.entry("end of a command", self._end_command, lambda: None)
        for event in MOVE_EVENTS:
            handler = guard.entry(event, partial(self._on_move, event), lambda: None)
            printer.register_event_handler("homing:" + event, handler)

    def start(self, engine: Engine) -> None:
        """Starts to report to the engine."""
        self._engine = engine

    def stop(self) -> None:
        """Releases the engine."""
        self._engine = None

    def wrap(self, states: Mapping[str, str]) -> list[str]:
        """Wraps all commands that exist, by the state that they show; returns the missing ones."""
        absent = []
        for name, state in states.items():
            wrapped = _WrappedCommand(state)
            if self._register(name, wrapped):
                self._wrapped[name] = wrapped
            else:
                absent.append(name)
        return absent

    def poll(self, now: float) -> None:
        """Ends operations that have timed out and wraps replaced commands again."""
        if self._engine is not None:
            self._engine.end_move(now)
        gcode: GCode = self._printer.lookup_object("gcode")
        for name, wrapped in self._wrapped.items():
            handler = gcode.ready_gcode_handlers.get(name)
            # A running command ends with the handler that it began with.
            if handler is wrapped.handler or handler is None or wrapped.is_running:
                continue
            if wrapped.rewraps < MAX_REWRAPS:
                wrapped.rewraps += 1
                self._register(name, wrapped)
                continue
            wrapped.handler = handler
            self._warn(
                "lumen: command '%s' is replaced again and again; it no longer shows the "
                "state '%s'" % (name, wrapped.state)
            )

    def _register(self, name: str, wrapped: _WrappedCommand) -> bool:
        """Registers a wrapper around the handler of a command; returns whether it has one."""
        gcode: GCode = self._printer.lookup_object("gcode")
        when_not_ready = name in gcode.base_gcode_handlers
        original = gcode.register_command(name, None)
        if original is None:
            return False
        gcode.register_command(name, self._wrapper(original, wrapped), when_not_ready)
        # Klipper may have added a wrapper around this one.
        wrapped.handler = gcode.ready_gcode_handlers[name]
        return True

    def _wrapper(self, original: Handler, wrapped: _WrappedCommand) -> Handler:
        # No docstring and no partial(), which has one: Kalico uses it as the command's help.
        def run_wrapped(gcmd: GCodeCommand) -> object:
            if wrapped.is_running:
                # The replacement calls the handler that it replaced: both are one command.
                return original(gcmd)
            wrapped.is_running = True
            token = self._begin(wrapped.state)
            is_ok = False
            try:
                result = original(gcmd)
                is_ok = True
                return result
            finally:
                wrapped.is_running = False
                self._end(token, is_ok)

        return run_wrapped

    def _begin_command(self, state: str) -> Optional[int]:
        return self._engine.begin(state) if self._engine is not None else None

    def _end_command(self, token: Optional[int], is_ok: bool) -> None:
        if token is None or self._engine is None:
            return
        try:
            self._before_end()
        finally:
            self._engine.end(token, is_ok)

    def _on_move(self, event: str, *args: HomingMove) -> None:
        if self._engine is not None:
            # The events about rails have another argument.
            endstops = [name for _, name in getattr(args[0], "endstops", ())]
            self._engine.move_event(event, endstops, self._reactor.monotonic())
