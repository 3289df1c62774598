"""The computer: its model, and what it still needs for a strip on SPI."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Optional

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# The folders of config.txt: since Raspberry Pi OS 12, and before.
BOOT = ("boot/firmware", "boot")
# The lines that keep the clock of SPI constant, by model; see docs/Install.md. The first that
# matches counts.
CORE_CLOCK: tuple[tuple[str, Sequence[str]], ...] = (
    (r"Raspberry Pi (5|500)|Compute Module 5", ()),
    (r"Raspberry Pi (4|400)|Compute Module 4", ("core_freq=500", "core_freq_min=500")),
    (r"Raspberry Pi (3|Zero 2)|Compute Module 3", ("core_freq=250",)),
)


@dataclass(frozen=True)
class Board:
    """A computer, by the root of its files."""

    root: Path = Path("/")

    @property
    def model(self) -> str:
        """The name of a single-board computer; empty for others."""
        return self._text("proc/device-tree/model").strip("\0\n ")

    @property
    def is_pi(self) -> bool:
        """Whether it is a Raspberry Pi."""
        return "Raspberry Pi" in self.model

    @property
    def config_txt(self) -> Optional[Path]:
        """The file with the settings of a Raspberry Pi."""
        paths = (self.root / folder / "config.txt" for folder in BOOT)
        return next((path for path in paths if path.is_file()), None)

    def settings(self) -> list[str]:
        """Returns the lines of config.txt without comments."""
        path = self.config_txt
        lines = path.read_text(errors="replace").splitlines() if path is not None else []
        return [line.partition("#")[0].strip() for line in lines]

    def spi_devices(self) -> list[str]:
        """Returns the SPI devices, such as /dev/spidev0.0."""
        return sorted("/dev/" + path.name for path in (self.root / "dev").glob("spidev*"))

    def clock_lines(self) -> list[str]:
        """Returns the lines that config.txt needs for a constant clock of SPI and does not have."""
        known = (lines for model, lines in CORE_CLOCK if re.search(model, self.model))
        present = self.settings()
        return [line for line in next(known, ()) if line not in present]

    def group_of_spi(self) -> Optional[int]:
        """Returns the group that may use the SPI devices."""
        devices = self.spi_devices()
        return (self.root / devices[0].lstrip("/")).stat().st_gid if devices else None

    def _text(self, name: str) -> str:
        try:
            return (self.root / name).read_text(errors="replace")
        except OSError:
            return ""


def spi_commands(board: Board, groups: Sequence[int]) -> Iterator[str]:
    """Returns the commands, each for root, that a strip on SPI still needs.

    ``groups`` are the groups of klippy's user.
    """
    needs_reboot = False
    if not board.spi_devices():
        if board.is_pi:
            yield "sudo raspi-config nonint do_spi 0"
            needs_reboot = True
        else:
            yield "# enable SPI for this board, see docs/Install.md"
    path = board.config_txt
    for line in board.clock_lines() if path is not None else []:
        yield "echo %s | sudo tee -a %s" % (line, path)
        needs_reboot = True
    group = board.group_of_spi()
    if group is None or group not in groups:
        yield "sudo usermod -a -G spi $USER"
        # A new group applies to processes that start after a new login, so also after a reboot.
        needs_reboot = True
    if needs_reboot:
        yield "sudo reboot"
