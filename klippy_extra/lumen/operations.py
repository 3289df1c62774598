"""Tracks which command runs, from its start to its end, also when it fails.

Klipper sends no event for most commands, so their registered handlers are wrapped by name at
klippy:ready, after all macros have renamed the commands that they replace. The wrapper reports the
start, calls the original handler and reports the end. Exceptions of the original pass unchanged. If
another plug-in replaces a command later, the command is wrapped again. Homing and probing moves
outside a wrapped command are detected by their own events. The engine decides which state a command
shows.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Callable, Optional

from .guard import Guard
from .klipper_api import GCode, GCodeCommand, Handler, HomingMove, Printer, Reactor

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from klipper_lumen import Engine

log = logging.getLogger(__name__)

# A wrapper costs tens of microseconds, which is too much for commands that run 200 times a second.
MOVES = ("G0", "G1", "G2", "G3")

# How often a replaced command is wrapped again.
MAX_REWRAPS = 3

# Probing takes several samples and homing several axes, with other moves in between. The operation
# ends this long after the last homing or probing move.
MOVE_END_DELAY_S = 1.0


class _UnwrappedMove:
    """Homing or probing outside a wrapped command."""

    def __init__(self, state: str, token: int) -> None:
        self.state = state
        self.token = token
        # When the operation ends; None while a move is in progress.
        self.ends_at: Optional[float] = None


class _WrappedCommand:
    """A wrapped command."""

    def __init__(self, state: str, handler: Handler) -> None:
        self.state = state
        # The handler in Klipper's table.
        self.handler = handler
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
        self._running_count = 0
        self._wrapped: dict[str, _WrappedCommand] = {}
        self._gcode: Optional[GCode] = None
        self._unwrapped_move: Optional[_UnwrappedMove] = None
        self._begin = guard.entry("begin of a command", self._begin_command, lambda: None)
        self._end = guard.entry("end of a command", self._end_command, lambda: None)
        for event, handler in (
            ("homing:home_rails_begin", self._on_rails_begin),
            ("homing:home_rails_end", self._pause_unwrapped_move),
            ("homing:homing_move_begin", self._on_move_begin),
            ("homing:homing_move_end", self._on_move_end),
        ):
            printer.register_event_handler(event, guard.entry(event, handler, lambda: None))

    def start(self, engine: Engine) -> None:
        """Starts to report to the engine."""
        self._engine = engine

    def stop(self) -> None:
        """Releases the engine."""
        self._engine = None

    def wrap(
        self, users: Mapping[str, Sequence[str]], common: Mapping[str, Sequence[str]]
    ) -> list[str]:
        """Wraps all commands that exist and returns the missing commands of the user's lists."""
        self._gcode = gcode = self._printer.lookup_object("gcode")
        # The user's lists take priority over the common table.
        states = _by_name(users)
        named = list(states)
        for name, state in _by_name(common).items():
            states.setdefault(name, state)
        absent = [name for name, state in states.items() if not self._wrap_one(gcode, name, state)]
        return [name for name in named if name in absent]

    def poll(self, now: float) -> None:
        """Ends operations that have timed out and wraps replaced commands again."""
        move = self._unwrapped_move
        if move is not None and move.ends_at is not None and now >= move.ends_at:
            self.end_unwrapped_move()
        if self._gcode is None:
            return
        handlers = self._gcode.ready_gcode_handlers
        for name, wrapped in self._wrapped.items():
            if handlers.get(name) is not wrapped.handler:
                self._rewrap(self._gcode, name, wrapped)

    def end_unwrapped_move(self) -> None:
        """Ends homing or probing outside a wrapped command, if any is in progress."""
        move, self._unwrapped_move = self._unwrapped_move, None
        if move is not None and self._engine is not None:
            self._engine.end(move.token)

    def _wrap_one(self, gcode: GCode, name: str, state: str) -> bool:
        if name in MOVES:
            return False
        when_not_ready = name in gcode.base_gcode_handlers
        original = gcode.register_command(name, None)
        if original is None:
            return False
        wrapped = _WrappedCommand(state, original)
        self._register(gcode, name, wrapped, original, when_not_ready)
        self._wrapped[name] = wrapped
        return True

    def _rewrap(self, gcode: GCode, name: str, wrapped: _WrappedCommand) -> None:
        replaced = gcode.ready_gcode_handlers.get(name)
        # A running command ends with the handler that it began with.
        if replaced is None or wrapped.is_running:
            return
        if wrapped.rewraps == MAX_REWRAPS:
            wrapped.handler = replaced
            self._warn(
                "lumen: command '%s' is replaced again and again; it no longer shows the "
                "state '%s'" % (name, wrapped.state)
            )
            return
        wrapped.rewraps += 1
        when_not_ready = name in gcode.base_gcode_handlers
        original = gcode.register_command(name, None)
        if original is not None:
            self._register(gcode, name, wrapped, original, when_not_ready)

    def _register(
        self,
        gcode: GCode,
        name: str,
        wrapped: _WrappedCommand,
        original: Handler,
        when_not_ready: bool,
    ) -> None:
        gcode.register_command(name, self._wrapper(original, wrapped), when_not_ready)
        # Klipper may have added a wrapper around this one.
        wrapped.handler = gcode.ready_gcode_handlers[name]

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
        self._running_count += 1
        # Otherwise the timeout of the earlier move would end this command's state.
        self.end_unwrapped_move()
        return self._engine.begin(state) if self._engine is not None else None

    def _end_command(self, token: Optional[int], is_ok: bool) -> None:
        self._running_count = max(0, self._running_count - 1)
        if token is not None and self._engine is not None:
            self._before_end()
            self._engine.end(token, is_ok)

    def _on_rails_begin(self, *_: object) -> None:
        self._begin_unwrapped_move("homing")

    def _on_move_begin(self, move: HomingMove) -> None:
        # Other names are rails, which have their own event, or steppers of other plug-ins.
        if any(name == "probe" for _, name in move.endstops):
            self._begin_unwrapped_move("probing")

    def _on_move_end(self, *_: object) -> None:
        move = self._unwrapped_move
        if move is not None and move.state == "probing":
            self._pause_unwrapped_move()

    def _begin_unwrapped_move(self, state: str) -> None:
        if self._running_count or self._engine is None:
            return
        if self._unwrapped_move is None or self._unwrapped_move.state != state:
            self.end_unwrapped_move()
            self._unwrapped_move = _UnwrappedMove(state, self._engine.begin(state))
        self._unwrapped_move.ends_at = None

    def _pause_unwrapped_move(self, *_: object) -> None:
        if self._unwrapped_move is not None:
            self._unwrapped_move.ends_at = self._reactor.monotonic() + MOVE_END_DELAY_S


def _by_name(table: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Maps each command to its state; the first entry of a command wins."""
    states: dict[str, str] = {}
    for state, names in table.items():
        for name in names:
            states.setdefault(name.upper(), state)
    return states
