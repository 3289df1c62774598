"""Figures beside what they must keep, and the table of them."""

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
    # Whether it keeps the criterion; None where there is none.
    is_kept: Optional[bool] = None
    # Whether it is as good as we want it; None where that is nothing else.
    is_aim_met: Optional[bool] = None

    @property
    def verdict(self) -> str:
        """The last column."""
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
    """Something that must not happen at all."""
    return Row(name, "%g" % count, "0", count == 0)


@dataclass(frozen=True)
class Table:
    """The figures of one run, or of some that belong together."""

    title: str
    rows: list[Row]

    @property
    def is_kept(self) -> bool:
        """Whether no criterion is broken."""
        return not any(row.is_kept is False for row in self.rows)

    def __str__(self) -> str:
        lines = [LINE % (row.name, row.measured, row.criterion, row.verdict) for row in self.rows]
        return "\n".join([self.title, *(line.rstrip() for line in lines)])
