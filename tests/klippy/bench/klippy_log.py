"""What klippy.log tells of a run: its Stats lines and its alarms."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Dict, List, Tuple

STATS = re.compile(r"^Stats (\d+\.\d): (.*)$")
# Words that no healthy run logs. The bench itself causes "Transition to shutdown" when it stops.
ALARMS = (
    "Timer too close",
    "Rescheduled timer in the past",
    "Traceback",
    "Lost communication",
    "Internal error",
    "Unhandled exception",
    "Transition to shutdown",
    "not heating",
    "High latency",
    "Missed scheduling",
    "Move queue overflow",
    "stepcompress",
)
# After an mcu's own block these words belong to klippy again.
ENDS_BLOCK = ("sysload", "print_time", "gcodein", "sd_pos")

Row = Tuple[float, Dict[str, float]]


def alarms(path: Path) -> List[str]:
    """The lines that hold an alarm."""
    lines = path.read_text(errors="replace").splitlines()
    return [line for line in lines if any(word in line for word in ALARMS)]


def stats(path: Path) -> List[Row]:
    """All Stats lines: their time, and their values with the block's name before a dot."""
    found = (STATS.match(line) for line in path.read_text(errors="replace").splitlines())
    return [(float(match.group(1)), _values(match.group(2))) for match in found if match]


def _values(text: str) -> Dict[str, float]:
    values: Dict[str, float] = {}
    block = ""
    for word in text.split():
        if word.endswith(":"):
            block = word[:-1] + "."
            continue
        key, _, value = word.partition("=")
        if key in ENDS_BLOCK:
            block = ""
        try:
            values[block + key] = float(value)
        except ValueError:
            continue
    return values


def summary(rows: List[Row], start: float, end: float) -> Dict[str, float]:
    """What the Stats lines between two moments say of the wire and of the move buffer."""
    within = [values for time, values in rows if start <= time <= end + 1.0]
    out: Dict[str, float] = {}
    for name in ("mcu.bytes_write", "mcu.bytes_retransmit", "print_stall"):
        column = [values[name] for values in within if name in values]
        if column:
            out[name.rpartition(".")[2]] = column[-1] - column[0]
    # The ends are left out: there the buffer fills and empties.
    buffer = [values["buffer_time"] for values in within if "buffer_time" in values][5:-5]
    if buffer:
        out["buffer_time_min"] = min(buffer)
    return out
