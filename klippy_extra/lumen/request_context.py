"""The context of a request: the engine and the callbacks that requests use, and their answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Callable, Optional

from .effect_list import EffectTable
from .test_mode import TestMode
from .values import UsageError

if TYPE_CHECKING:
    from klipper_lumen import Engine

    from .reload import Outcome


@dataclass(frozen=True)
class Answer:
    """The answer to a request: ``text`` for the console, ``data`` for programs."""

    text: Optional[str] = None
    data: dict[str, Any] = field(default_factory=dict)
    # The same, computed only if needed: a command needs no data, an endpoint no text.
    make_text: Optional[Callable[[], str]] = None
    make_data: Optional[Callable[[], dict[str, Any]]] = None
    # For an answer that is not ready yet: returns it, or None while it is pending.
    poll: Optional[Callable[[], Optional[Answer]]] = None

    def as_text(self) -> Optional[str]:
        """Returns the text that a command shows."""
        return self.make_text() if self.make_text is not None else self.text

    def as_data(self) -> dict[str, Any]:
        """Returns the data that an endpoint sends."""
        return self.make_data() if self.make_data is not None else self.data


class RequestContext:
    """The running engine and the callbacks that requests use."""

    def __init__(
        self,
        report: Callable[[], str],
        update_wants: Callable[[dict[str, Any]], None],
        monotonic: Callable[[], float],
    ) -> None:
        """``update_wants`` receives what must be sampled, if an effect needs more."""
        self.report = report
        self.update_wants = update_wants
        self.test_mode = TestMode(monotonic)
        self.effects = EffectTable()
        self.figures: Callable[[], dict[str, Any]] = dict
        # The costs of effects and outputs; empty until it is set.
        self.profile: Callable[[], dict[str, Any]] = dict
        # Starts a reload; ``reload_outcome`` returns its outcome, or None while it is in progress.
        self.reload: Callable[[], None] = lambda: None
        self.reload_outcome: Callable[[], Optional[Outcome]] = lambda: None
        self._engine: Optional[Engine] = None
        self._operations: dict[str, int] = {}

    def start(self, engine: Engine) -> None:
        """Uses this engine for requests."""
        self._engine = engine

    def stop(self) -> None:
        """Releases the engine."""
        self._engine = None
        self._operations.clear()
        self.test_mode.reset()

    def check_running(self) -> None:
        """Raises UsageError if there is no engine."""
        if self._engine is None:
            raise UsageError("Lumen is not running, see klippy.log")

    @property
    def maybe_engine(self) -> Optional[Engine]:
        """The engine, or None if it is not running."""
        return self._engine

    @property
    def engine(self) -> Engine:
        """The engine; raises UsageError if it is not running."""
        if self._engine is None:
            raise UsageError("Lumen is not running, see klippy.log")
        return self._engine

    def set_operation(self, state: str, begins: bool) -> None:
        """Starts or ends an operation that a macro reports; there is one of each kind at a time."""
        token = self._operations.pop(state, None)
        if token is not None:
            self.engine.end(token)
            self.command_ended(is_well=True)
        if begins:
            self._operations[state] = self.engine.begin(state)

    def command_ended(self, is_well: bool) -> None:
        """Restarts the operations of macros after a command has ended, or ends them if it failed.

        The engine ends operations that started within a command together with the command.
        """
        for state, token in list(self._operations.items()):
            self.engine.end(token)
            if is_well:
                self._operations[state] = self.engine.begin(state)
        if not is_well:
            self._operations.clear()
