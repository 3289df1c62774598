"""The printer objects ``printer.lumen``, one for each group and strip, and those of web interfaces.

Web interfaces subscribe to every field of every object, and Klipper queries them 4 times a second.
The engine derives all fields together (``src/command/objects.rs``). While nothing changes, the same
objects are returned at almost no cost. They are never modified, because Klipper compares them with
the next ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Optional

import klipper_lumen

if TYPE_CHECKING:
    from klipper_lumen import Engine
    from klipper_lumen.klipper_api import Status

    from .guard import Guard
    from .log import Console, Notices
    from .mcu_output import Lights

# After this time the rate over the last second belongs to the current effect.
SETTLED_AFTER_S = 2.0
# How often counters and figures change.
COUNTS_EVERY_S = 10.0

# The fields of objects that the engine does not know, by kind.
BLANK: dict[str, Status] = {
    kind: klipper_lumen.blank_object(kind) for kind in ("groups", "strips", "lights")
}


class Changes:
    """Counts changes of the status that the engine does not know."""

    def __init__(self) -> None:
        self.count = 0

    def add(self) -> None:
        """Counts a change."""
        self.count += 1


class Facts:
    """What the engine does not know, for requests and printer objects."""

    def __init__(
        self, version: str, guard: Guard, console: Console, notices: Notices, lights: Lights
    ) -> None:
        self.version = version
        self._guard = guard
        self._console = console
        self._notices = notices
        self._lights = lights
        self._measured_until = 0.0

    def measure(self, until: float) -> None:
        """Measures the updates of all strips that Klipper drives."""
        self._measured_until = until
        self._lights.state.measure(until)

    def resume_measurement(self, now: float) -> None:
        """Measures the strips of a new config, if a measurement is in progress."""
        if now < self._measured_until:
            self.measure(self._measured_until)

    def shown(self) -> dict[str, Any]:
        """Returns the facts for printer objects."""
        return {
            "version": self.version,
            "warnings": self._notices.warnings(),
            "rates": self._lights.state.rates(),
        }

    def all(self, engine: Engine, now: float) -> dict[str, Any]:
        """Returns the facts for requests."""
        self.update_figures(engine, now)
        times = self._lights.state.update_times()
        return {**self.shown(), **self._counters(), "update_times": times}

    def update_figures(self, engine: Engine, now: float) -> None:
        """Updates the performance figures, if they are out of date."""
        if engine.figures_due(now):
            engine.update_figures(now, self._counters())
            self._guard.holds.clear_recent()

    def statistics(self, engine: Engine, now: float) -> str:
        """Returns the line for Klipper's statistics."""
        self.update_figures(engine, now)
        return engine.statistics(self._guard.holds.held_s)

    def _counters(self) -> dict[str, Any]:
        return {
            "reactor": self._guard.holds.facts(),
            "console_sends": self._console.limits.sends,
            "mcu_bytes": self._lights.state.wire_bytes(),
        }


class StatusReport:
    """The printer objects of one engine, cached until they change."""

    def __init__(self, facts: Facts, changes: Changes, on_query: Callable[[float], None]) -> None:
        """``on_query`` is called at the first query of each moment."""
        self._facts = facts
        self._changes = changes
        self._on_query = on_query
        # Klipper queries all objects with the same time.
        self._queried: tuple[float, int] = (-1.0, 0)
        self._engine: Optional[Engine] = None
        self._revision: Optional[tuple[int, int]] = None
        self._taken_at = 0.0
        # When to take the objects again although the revision is unchanged.
        self._due = 0.0
        self._objects: Optional[dict[str, Any]] = None

    def start(self, engine: Engine) -> None:
        """Reports the status of this engine."""
        self._engine = engine

    def stop(self) -> None:
        """Keeps the last objects."""
        self._engine = None

    def lumen(self, now: float) -> Status:
        """Returns the fields of ``printer.lumen``."""
        fields: Status = self._refreshed(now)["lumen"]
        return fields

    def fields(self, kind: str, name: str, now: float) -> Status:
        """Returns the fields of a group, a strip or a light."""
        fields: Status = self._refreshed(now)[kind].get(name, BLANK[kind])
        return fields

    def is_picked(self, effect: str, now: float) -> bool:
        """Returns whether a group shows this effect by command."""
        return effect in self._refreshed(now)["picked"]

    def follows_printer(self, now: float) -> bool:
        """Returns whether no command has set a state, an effect or a color, or switched off."""
        return bool(self._refreshed(now)["follows_printer"])

    def _refreshed(self, now: float) -> dict[str, Any]:
        """Returns the objects: new ones after a change, two seconds later, and for the counters."""
        if self._engine is not None and self._queried != (now, self._changes.count):
            self._queried = (now, self._changes.count)
            self._on_query(now)
            self._refresh(self._engine, now)
        if self._objects is None:
            self._objects = klipper_lumen.blank_objects(self._facts.shown())
        return self._objects

    def _refresh(self, engine: Engine, now: float) -> None:
        revision = (engine.revision(), self._changes.count)
        is_new = revision != self._revision
        if not is_new and self._taken_at <= now < self._due:
            return
        self._facts.update_figures(engine, now)
        self._objects = engine.objects(now, self._facts.shown())
        self._taken_at = now
        self._revision = revision
        self._due = now + (SETTLED_AFTER_S if is_new else COUNTS_EVERY_S)


class StatusObject:
    """A printer object with nothing but a status."""

    def __init__(self, guard: Guard, what: str, read: Callable[[float], Status], blank: Status):
        """``what`` names it in messages; ``blank`` is its status if the reading fails."""
        self.get_status = guard.entry("status of %s" % what, read, lambda: blank)


def named_object(report: StatusReport, guard: Guard, noun: str, name: str) -> StatusObject:
    """Returns the printer object of a ``group``, a ``strip`` with its health, or of a ``light``: a
    group as an LED section with one color.
    """
    kind = noun + "s"
    return StatusObject(
        guard,
        "%s '%s'" % (noun, name),
        lambda eventtime: report.fields(kind, name, eventtime),
        BLANK[kind],
    )
