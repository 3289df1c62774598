"""The context: where requests are answered, and what the answers are made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Callable, Optional

from .effects import EffectTable
from .test_mode import TestMode
from .values import UsageError

if TYPE_CHECKING:
    from klipper_lumen import Engine

    from .reload import Outcome


@dataclass(frozen=True)
class Answer:
    """What a request says: ``text`` on the console, ``data`` to a program."""

    text: Optional[str] = None
    data: dict[str, Any] = field(default_factory=dict)
    # The same, made only on demand: a command needs no data, a program no text.
    make_text: Optional[Callable[[], str]] = None
    make_data: Optional[Callable[[], dict[str, Any]]] = None
    # Where the answer comes poll: what it is, once it is there.
    poll: Optional[Callable[[], Optional[Answer]]] = None

    def as_text(self) -> Optional[str]:
        """What a command answers."""
        return self.make_text() if self.make_text is not None else self.text

    def as_data(self) -> dict[str, Any]:
        """What an endpoint answers."""
        return self.make_data() if self.make_data is not None else self.data


class RequestContext:
    """Where requests are answered: the engine that runs, and what else they need."""

    def __init__(
        self,
        report: Callable[[], str],
        update_wants: Callable[[dict[str, Any]], None],
        monotonic: Callable[[], float],
    ) -> None:
        """``update_wants`` is told what is to be sampled, when an effect may need more."""
        self.report = report
        self.update_wants = update_wants
        self.test_mode = TestMode(monotonic)
        self.effects = EffectTable()
        self.figures: Callable[[], dict[str, Any]] = dict
        # What effects and outputs cost; empty where nothing can be asked.
        self.profile: Callable[[], dict[str, Any]] = dict
        # Reads the config anew, and what came of it; nothing while the files are being read.
        self.reload: Callable[[], None] = lambda: None
        self.reload_outcome: Callable[[], Optional[Outcome]] = lambda: None
        self._engine: Optional[Engine] = None
        self._operations: dict[str, int] = {}

    def start(self, engine: Engine) -> None:
        """Asks this engine from now on."""
        self._engine = engine

    def stop(self) -> None:
        """Lets go of the engine."""
        self._engine = None
        self._operations.clear()
        self.test_mode.reset()

    def check_running(self) -> None:
        """Raises UsageError where there is no engine to ask."""
        if self._engine is None:
            raise UsageError("Lumen is not running, see klippy.log")

    @property
    def maybe_engine(self) -> Optional[Engine]:
        """The engine, or None while the context is closed."""
        return self._engine

    @property
    def engine(self) -> Engine:
        """The engine; only while the context is open."""
        if self._engine is None:
            raise UsageError("Lumen is not running, see klippy.log")
        return self._engine

    def set_operation(self, state: str, begins: bool) -> None:
        """Begins or ends what a macro says that it does; it does one thing of a kind at a time."""
        token = self._operations.pop(state, None)
        if token is not None:
            self.engine.end(token)
            self.command_ended(is_well=True)
        if begins:
            self._operations[state] = self.engine.begin(state)

    def command_ended(self, is_well: bool) -> None:
        """What macros say that they do outlives a command that it began in, unless that failed."""
        for state, token in list(self._operations.items()):
            self.engine.end(token)
            if is_well:
                self._operations[state] = self.engine.begin(state)
        if not is_well:
            self._operations.clear()
