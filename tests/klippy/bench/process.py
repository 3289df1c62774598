"""CPU time, threads and memory of a process, from /proc."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .environment import BenchError

TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Usage:
    """What a process has used until now."""

    cpu_s: float
    # By "name/thread id".
    threads: dict[str, float]
    rss_kib: int

    @classmethod
    def of(cls, pid: int) -> Usage:
        """Reads a running process."""
        root = Path("/proc/%d" % pid)
        try:
            _, cpu_s = _cpu(root / "stat")
            threads = {}
            for task in (root / "task").iterdir():
                name, spent = _cpu(task / "stat")
                threads["%s/%s" % (name, task.name)] = spent
            return cls(cpu_s, threads, _rss(root / "status"))
        except OSError:
            raise BenchError("process %d is gone" % pid) from None

    def since(self, before: Usage) -> dict[str, Any]:
        """Returns what was used between two readings."""
        return {
            "cpu_s": round(self.cpu_s - before.cpu_s, 3),
            "threads": {
                name: round(spent - before.threads.get(name, 0.0), 3)
                for name, spent in self.threads.items()
            },
            "rss_kib": self.rss_kib,
        }


def _cpu(path: Path) -> tuple[str, float]:
    text = path.read_text()
    # The name is in parentheses and may contain any character, also parentheses.
    name = text[text.index("(") + 1 : text.rindex(")")]
    fields = text[text.rindex(")") + 2 :].split()
    return name, (int(fields[11]) + int(fields[12])) / TICKS_PER_S


def _rss(path: Path) -> int:
    line = next(line for line in path.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1])
