"""`klipper-lumen blank`: switches off the strips and reports those that it cannot reach."""

from __future__ import annotations

import os
import select
from pathlib import Path

import pytest

from klipper_lumen.cli import main

GROUP = "[lumen]\n[lumen_group case]\nindex_end: 3\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "printer.cfg"
    path.write_text(text)
    return path


def test_strips_that_klipper_drives_are_named_and_not_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, GROUP + "driver: klipper\nneopixel: sb\n")
    assert main(["blank", str(path)]) == 0
    reason = "Klipper drives it; it keeps its last colors until Klipper starts again"
    assert capsys.readouterr().err == "blank: strip 'sb' of group 'case': %s\n" % reason


def test_an_unreachable_strip_is_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    device = tmp_path / "spidev9.0"
    path = written(tmp_path, GROUP + "driver: spi\ndevice: %s\n" % device)
    assert main(["blank", str(path)]) == 1
    assert "blank: strip 'spidev9.0' of group 'case': cannot open %s: No such file" % device in (
        capsys.readouterr().err
    )


def test_a_wrong_config_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["blank", str(written(tmp_path, GROUP + "driver: spy\n"))]) == 1
    assert "'driver' in section 'lumen_group case'" in capsys.readouterr().err
    assert main(["blank", str(tmp_path / "none.cfg")]) == 1
    assert "none.cfg" in capsys.readouterr().err


@pytest.mark.parametrize("driver", ["spi", "pio", "apa102"])
@pytest.mark.parametrize("kind", ["file", "link", "folder", "fifo", "null", "tty"])
def test_a_file_or_another_device_is_not_changed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], driver: str, kind: str
) -> None:
    device, before = tmp_path / "device", "[printer]\nkinematics: none\n"
    target = device if kind == "file" else tmp_path / "target"
    master, slave = os.openpty()
    if kind in ("file", "link"):
        target.write_text(before)
        if kind == "link":
            device.symlink_to(target)
    elif kind == "folder":
        device.mkdir()
    elif kind == "fifo":
        os.mkfifo(device)
    else:
        device = Path("/dev/null" if kind == "null" else os.ttyname(slave))
    path = written(tmp_path, GROUP + "driver: %s\ndevice: %s\n" % (driver, device))
    try:
        assert main(["blank", str(path), "--timeout", "20"]) == 1
        kinds = {
            "file": "a regular file",
            "link": "a regular file",
            "folder": "a directory",
            "fifo": "a FIFO",
            "null": "a device of the driver 'mem'",
            "tty": "a device of the driver 'pts'",
        }
        wanted = "a device of the ws2812-pio driver" if driver == "pio" else "an SPI device"
        expected = "%s is %s, not %s (run 'ls /dev/" % (device, kinds[kind], wanted)
        assert expected in capsys.readouterr().err
        if kind in ("file", "link"):
            assert target.read_text() == before
        assert select.select([master], [], [], 0)[0] == []
    finally:
        os.close(master)
        os.close(slave)


@pytest.mark.parametrize("timeout", ["nan", "inf", "-1", "61", "soon"])
def test_an_unlimited_timeout_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], timeout: str
) -> None:
    with pytest.raises(SystemExit):
        main(["blank", str(written(tmp_path, GROUP)), "--timeout=" + timeout])
    assert "--timeout" in capsys.readouterr().err
