"""The config files of the hostile protocol, good and bad; klippy runs while they are replaced."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence
    from pathlib import Path

BLANKS = 20_000
OVERLAPS = 1_000
FAN_OUT_DEPTH = 30
NESTED = 900
BIG_BYTES = 10_000_000
BAD = ["blanks", "overlaps", "fifo", "fan-out", "nested", "garbage", "big"]


class ConfigFiles:
    """Versions of one printer.cfg; `put` selects the one that a reload reads."""

    def __init__(
        self, path: Path, good: str, other_good: str, rng: random.Random, bad: Sequence[str] = BAD
    ) -> None:
        """Writes all versions next to the file; ``good`` is its current text.

        ``bad`` has the names of the bad versions to use.
        """
        self.bad = bad
        self._path = path
        self._folder = path.parent / "versions"
        self._folder.mkdir()
        self._write("good", good)
        self._write("other good", other_good)
        self._write("blanks", good + "\n[lumen_group blanks]\n" + "x" + " " * BLANKS + "x\n")
        self._write("overlaps", good + _overlaps())
        self._include("fifo", good, "fifo.cfg")
        os.mkfifo(path.parent / "fifo.cfg")
        self._include("fan-out", good, "fan0.cfg")
        for depth in range(FAN_OUT_DEPTH):
            text = "[include fan%d.cfg]\n" % (depth + 1) * 2
            (path.parent / ("fan%d.cfg" % depth)).write_text(text)
        (path.parent / ("fan%d.cfg" % FAN_OUT_DEPTH)).write_text("\n")
        self._include("nested", good, "nested0.cfg")
        for depth in range(NESTED):
            text = "[include nested%d.cfg]\n" % (depth + 1)
            (path.parent / ("nested%d.cfg" % depth)).write_text(text)
        (path.parent / ("nested%d.cfg" % NESTED)).write_text("\n")
        garbage = rng.getrandbits(8 * 100_000).to_bytes(100_000, "little")
        (self._folder / "garbage").write_bytes(garbage)
        lines = "".join("option_%d: %s\n" % (n, "x" * 40) for n in range(BIG_BYTES // 56))
        self._write("big", good + "\n[lumen_group big]\n" + lines)

    def put(self, name: str) -> None:
        """Replaces the file with a version in one step, so that no reader finds a part of it."""
        link = self._path.with_name("next.cfg")
        os.link(self._folder / name, link)
        os.replace(link, self._path)
        # Renaming a file to another link of the same file does nothing.
        link.unlink(missing_ok=True)

    def _write(self, name: str, text: str) -> None:
        (self._folder / name).write_text(text)

    def _include(self, name: str, good: str, included: str) -> None:
        self._write(name, good + "\n[include %s]\n" % included)


def _overlaps() -> str:
    group = "\n[lumen_group overlap%d]\npixels: case 1-150\n"
    return "".join(group % index for index in range(OVERLAPS))
