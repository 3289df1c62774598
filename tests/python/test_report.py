"""`klipper-lumen report`: what it says about the hardware, and no personal data."""

from __future__ import annotations

import getpass
import socket
from pathlib import Path
from typing import TYPE_CHECKING

from klipper_lumen import __version__
from klipper_lumen.cli import main, report

if TYPE_CHECKING:
    import pytest

CONFIG = """[lumen]

[lumen_strip kitchen]
driver: memory
count: 30

[lumen_group anna]
strip: kitchen
"""


def written(folder: Path, text: str = CONFIG) -> Path:
    path = folder / "printer.cfg"
    path.write_text(text)
    return path


def test_it_names_the_computer_the_checks_and_the_timing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", str(written(tmp_path)), "--seconds", "0.5"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Lumen " + __version__
    starts = ("model: ", "kernel: ", "system: ", "checks:", "  ok: ", "test pattern, 0.5 s:")
    for start in (*starts, "  strip 1: memory, 30 pixels, ok, ", "  late by (ms): median "):
        assert any(line.startswith(start) for line in lines), start


def test_a_dark_strip_is_reported_and_the_exit_status_is_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = CONFIG.replace("driver: memory", "driver: spi\ndevice: /dev/spidev9.0")
    assert main(["report", str(written(tmp_path, text)), "--seconds", "0.1"]) == 1
    shown = capsys.readouterr().out
    assert "  strip 1: spi, 30 pixels, dark, 0.0 frames per second, " in shown
    assert "    cannot open /dev/spidev9.0: No such file or directory" in shown


def test_without_a_test_no_strip_is_opened(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", str(written(tmp_path)), "--no-test"]) == 0
    assert "test pattern" not in capsys.readouterr().out


def test_a_wrong_config_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, "[lumen]\n[lumen_group anna]\nstrip: none\n")
    assert main(["report", str(path), "--seconds", "0.1"]) == 1
    shown = capsys.readouterr().out
    assert "not shown: the config has mistakes" in shown
    assert "anna" not in shown


def test_it_has_no_personal_data(tmp_path: Path) -> None:
    text = CONFIG + "\n[lumen_strip lamp]\ndriver: ddp\nhost: wled-anna.local\ncount: 3\n"
    private = report.Private(written(tmp_path, text))
    user, computer = getpass.getuser(), socket.gethostname()
    lines = {
        "strip 'kitchen' of [lumen_strip kitchen]": "strip 'NAME' of [lumen_strip NAME]",
        "wled-anna.local (10.0.0.7) does not answer": "HOST (ADDRESS) does not answer",
        "no route to fe80::1:2": "no route to ADDRESS",
        "%s/klipper and /home/anna/klipper" % Path.home(): "HOME/klipper and HOME/klipper",
        "/home/anna/printer_data/config/printer.cfg: line 3": "FILE: line 3",
        "the computer %s" % computer: "the computer COMPUTER",
        "'driver: spi' on /dev/spidev0.0": "'driver: spi' on /dev/spidev0.0",
        "Raspberry Pi 3 Model B Rev 1.2": "Raspberry Pi 3 Model B Rev 1.2",
    }
    if user != "root":
        lines["run as %s" % user] = "run as USER"
    for line, expected in lines.items():
        assert private.removed(line) == expected
