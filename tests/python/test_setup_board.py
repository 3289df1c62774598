"""What `klipper-lumen setup` writes and prints for a strip on SPI, on different boards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from klipper_lumen.setup.board import Board, spi_commands

from .test_setup import Packages, home, pip, setup

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["home", "pip"]


@pytest.fixture
def _no_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """Root needs no group, and it may run the tests."""
    monkeypatch.setattr("os.geteuid", lambda: 4_000_000)


def make_board(home: Path, model: str) -> Path:
    root = home / "root"
    (root / "proc" / "device-tree").mkdir(parents=True)
    (root / "proc" / "device-tree" / "model").write_text(model + "\0")
    (root / "dev").mkdir()
    return root


@pytest.mark.usefixtures("_no_root")
def test_a_strip_on_a_raspberry_pi(
    home: Path, pip: Packages, capsys: pytest.CaptureFixture[str]
) -> None:
    root = make_board(home, "Raspberry Pi 4 Model B Rev 1.4")
    (root / "boot" / "firmware").mkdir(parents=True)
    (root / "boot" / "firmware" / "config.txt").write_text("core_freq=500 # SPI\n")
    assert setup(home, "--leds", "30") == 0
    text = (home / "printer_data" / "config" / "lumen.cfg").read_text()
    assert "driver: gpio\ngpio_pin: 10\nindex_end: 30\n" in text
    out = capsys.readouterr().out
    assert "  sudo raspi-config nonint do_spi 0\n" in out
    assert "core_freq_min=500" in out
    assert "echo core_freq=500" not in out
    assert out.index("usermod") < out.index("sudo reboot")


@pytest.mark.usefixtures("_no_root")
def test_a_strip_on_another_board_gets_its_device_and_its_permissions(
    home: Path, pip: Packages, capsys: pytest.CaptureFixture[str]
) -> None:
    root = make_board(home, "OrangePi Zero3")
    (root / "dev" / "spidev1.2").touch(mode=0o600)
    assert setup(home, "--leds", "30") == 0
    text = (home / "printer_data" / "config" / "lumen.cfg").read_text()
    assert "driver: spi\ndevice: /dev/spidev1.2\nindex_end: 30\n" in text
    out = capsys.readouterr().out
    places = [out.index(it) for it in ("groupadd", "99-spi.rules", "usermod")]
    assert places == sorted(places)


@pytest.mark.usefixtures("_no_root")
def test_another_board_without_spi_gets_the_commands_in_their_order(
    home: Path, pip: Packages, capsys: pytest.CaptureFixture[str]
) -> None:
    make_board(home, "BQ-H616")
    assert setup(home, "--leds", "30") == 0
    text = (home / "printer_data" / "config" / "lumen.cfg").read_text()
    assert "device: /dev/spidev1.1\n" in text
    out = capsys.readouterr().out
    steps = (
        "There is no /dev/spidev*, so a strip on SPI stays dark. First of all:\n",
        "  enable SPI for this board, see docs/Other_Boards.md\n",
        "Only when ls /dev/spidev* finds a device, run these commands, once:\n",
        "groupadd",
        "99-spi.rules",
        "usermod",
    )
    places = [out.index(it) for it in steps]
    assert places == sorted(places)
    assert "GPIO10" not in out


def test_a_reboot_replaces_the_restart_of_klipper(
    home: Path, pip: Packages, capsys: pytest.CaptureFixture[str]
) -> None:
    make_board(home, "Raspberry Pi 4 Model B Rev 1.4")
    assert setup(home, "--leds", "30") == 0
    out = capsys.readouterr().out
    assert "sudo reboot\nThe reboot also loads Lumen.\n" in out
    assert "systemctl restart" not in out


def test_a_pi_that_is_ready_needs_no_commands(tmp_path: Path) -> None:
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev" / "spidev0.0").touch()
    groups = [(tmp_path / "dev" / "spidev0.0").stat().st_gid]
    assert list(spi_commands(Board(tmp_path), groups)) == []


def test_a_pc_without_leds_gets_no_commands_for_spi(
    home: Path, pip: Packages, capsys: pytest.CaptureFixture[str]
) -> None:
    path = home / "printer_data" / "config" / "printer.cfg"
    path.write_text("[printer]\nkinematics: none\nmax_velocity: 1\nmax_accel: 1\n")
    assert setup(home) == 0
    assert "#driver: spi" in path.with_name("lumen.cfg").read_text()
    assert "GPIO10 needs" not in capsys.readouterr().out
