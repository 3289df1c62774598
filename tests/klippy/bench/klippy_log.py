"""Reads klippy.log after a run: its Stats lines and its errors."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

STATS = re.compile(r"^Stats (\d+\.\d): (.*)$")
# Words that a run without errors does not log. The bench itself causes "Transition to shutdown".
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
# After the block of an MCU, these words begin klippy's own values.
ENDS_BLOCK = ("sysload", "print_time", "gcodein", "sd_pos")

# First lines of Klipper's own messages; the lines up to the next first line belong to them.
KLIPPER = re.compile(
    r"Stats \d|webhooks|Client info|Closing unresponsive|Reset |Starting SD card|Exiting SD card"
    r"|Finished SD card|Dumping |Received |Malformed command|Unknown command|The value '"
    r"|Write g-code response"
)
OURS = re.compile(r"lumen", re.IGNORECASE)

Row = tuple[float, dict[str, float]]


@dataclass(frozen=True)
class Volume:
    """The size of klippy.log in bytes, and the lines that Lumen logged with a traceback."""

    lumen: int
    klipper: int
    tracebacks: list[str]


def volume(path: Path, start: int) -> Volume:
    """Reads what was written after the first ``start`` bytes.

    All lines that are not clearly Klipper's count as Lumen's.
    """
    with path.open("rb") as file:
        file.seek(start)
        lines = file.read().decode(errors="replace").splitlines(keepends=True)
    sizes = {True: 0, False: 0}
    is_klippers = False
    tracebacks = []
    for index, line in enumerate(lines):
        if KLIPPER.match(line):
            is_klippers = True
        elif line.startswith("lumen: ") or (OURS.search(line) and not line.startswith(" ")):
            is_klippers = False
        if line.startswith("Traceback") and lines[index - 1].startswith("lumen: "):
            tracebacks.append(lines[index - 1])
        sizes[is_klippers] += len(line.encode())
    return Volume(sizes[False], sizes[True], tracebacks)


def alarms(path: Path) -> list[str]:
    """Returns the lines with an error."""
    lines = path.read_text(errors="replace").splitlines()
    return [line for line in lines if any(word in line for word in ALARMS)]


def stats(path: Path) -> list[Row]:
    """Returns all Stats lines: the time, and the values as BLOCK.NAME."""
    found = (STATS.match(line) for line in path.read_text(errors="replace").splitlines())
    return [(float(match.group(1)), _values(match.group(2))) for match in found if match]


def _values(text: str) -> dict[str, float]:
    values: dict[str, float] = {}
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


def summary(rows: list[Row], start: float, end: float) -> dict[str, float]:
    """Returns the figures of the connection and of the move buffer between two times."""
    within = [values for time, values in rows if start <= time <= end + 1.0]
    out: dict[str, float] = {}
    for name in ("mcu.bytes_write", "mcu.bytes_retransmit", "print_stall"):
        column = [values[name] for values in within if name in values]
        if column:
            out[name.rpartition(".")[2]] = column[-1] - column[0]
    # Without the start and the end, where the buffer fills and empties.
    buffer = [values["buffer_time"] for values in within if "buffer_time" in values][5:-5]
    if buffer:
        out["buffer_time_min"] = min(buffer)
    return out
