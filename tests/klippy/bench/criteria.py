"""Figures with their limits, as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

# Name, figure, criterion, verdict.
LINE = "  %-30s %14s   %-34s %s"


@dataclass(frozen=True)
class Row:
    """One figure of a protocol."""

    name: str
    measured: str
    criterion: str = ""
    # Whether it meets the criterion; None if there is none.
    is_kept: Optional[bool] = None
    # Whether it reaches the aim; None if the aim is the criterion.
    is_aim_met: Optional[bool] = None

    @property
    def verdict(self) -> str:
        """Returns the text of the last column."""
        if self.is_kept is None:
            return ""
        if not self.is_kept:
            return "FAIL"
        return "pass, not the aim" if self.is_aim_met is False else "pass"


def info(name: str, measured: str) -> Row:
    """A figure without a criterion."""
    return Row(name, measured)


def below(name: str, value: float, limit: float, unit: str, aim: Optional[float] = None) -> Row:
    """A figure that must be below a limit, and should be below the aim."""
    criterion = "< %g %s" % (limit, unit)
    if aim is None:
        return Row(name, "%.2f %s" % (value, unit), criterion, value < limit)
    criterion += " (aim: < %g %s)" % (aim, unit)
    return Row(name, "%.2f %s" % (value, unit), criterion, value < limit, value < aim)


def at_least(name: str, value: float, limit: float, unit: str) -> Row:
    """A figure that must reach a limit."""
    return Row(name, "%.2f %s" % (value, unit), ">= %g %s" % (limit, unit), value >= limit)


def none(name: str, count: float) -> Row:
    """A count that must be zero."""
    return Row(name, "%g" % count, "0", count == 0)


@dataclass(frozen=True)
class Table:
    """The figures of one run, or of several runs that belong together."""

    title: str
    rows: list[Row]

    @property
    def is_kept(self) -> bool:
        """Returns whether all criteria are met."""
        return not any(row.is_kept is False for row in self.rows)

    def __str__(self) -> str:
        lines = [LINE % (row.name, row.measured, row.criterion, row.verdict) for row in self.rows]
        return "\n".join([self.title, *(line.rstrip() for line in lines)])
