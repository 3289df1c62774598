"""The computer: what a strip on SPI still needs there. The engine's doctor knows the models."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .. import _engine

if TYPE_CHECKING:
    from collections.abc import Sequence

# The SPI device if there is none yet: that of the Orange Pi Zero 2 and 3.
USUAL_DEVICE = "/dev/spidev1.1"


@dataclass(frozen=True)
class Board:
    """A computer, by the root of its files."""

    root: Path = Path("/")

    @property
    def is_pi(self) -> bool:
        """Whether it is a Raspberry Pi."""
        return "Raspberry Pi" in _engine.board_model(self.root)

    @property
    def spi_device(self) -> str:
        """The first SPI device, or the usual one of other boards."""
        names = sorted(path.name for path in (self.root / "dev").glob("spidev*"))
        return "/dev/" + names[0] if names else USUAL_DEVICE


def spi_commands(board: Board, groups: Sequence[int]) -> list[str]:
    """Returns the commands, each for root, that a strip on SPI still needs.

    ``groups`` are the groups of klippy's user, which is the user of this process.
    """
    return list(_engine.spi_commands(board.root, os.geteuid(), groups))
