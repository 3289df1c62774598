"""The limits: instructions of a frame of 150 pixels, by case and processor."""

from __future__ import annotations

from pathlib import Path

# Instructions by case, then by processor.
Counts = dict[str, dict[str, int]]

FILE = Path(__file__).with_name("budget.txt")
COLUMNS = ("x86_64", "aarch64", "armv7")
ABSENT = "-"


def read() -> Counts:
    """Returns the limits; none for a case or a processor that the file does not have."""
    counts: Counts = {}
    lines = FILE.read_text().splitlines() if FILE.exists() else []
    for line in lines:
        if line and not line.startswith("#"):
            *words, x86_64, aarch64, armv7 = line.split()
            columns = zip(COLUMNS, (x86_64, aarch64, armv7))
            counts[" ".join(words)] = {
                name: int(count) for name, count in columns if count != ABSENT
            }
    return counts


def write(counts: Counts) -> None:
    """Replaces the limits."""
    lines = [
        "# Instructions of a frame of 150 pixels. `python -m tests.instructions --arm --write`",
        "# writes this file; `make bench` compares with it.",
        "#%31s" % "" + "".join("%9s" % name for name in COLUMNS),
    ]
    for case, found in counts.items():
        columns = [str(found.get(name, ABSENT)) for name in COLUMNS]
        lines.append("%-32s" % case + "".join("%9s" % column for column in columns))
    FILE.write_text("\n".join(lines) + "\n")
