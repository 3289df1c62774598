"""`klipper-lumen blank`: what can be darkened is dark, what cannot is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from klipper_lumen.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

GROUP = "[lumen]\n[lumen_group case]\nindex_end: 3\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "printer.cfg"
    path.write_text(text)
    return path


def test_what_klippy_drives_goes_dark_with_klippy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, GROUP + "driver: klipper\nneopixel: case\n")
    assert main(["blank", str(path)]) == 0
    assert capsys.readouterr().err == ""


def test_a_strip_that_cannot_be_reached_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    device = tmp_path / "spidev9.0"
    path = written(tmp_path, GROUP + "driver: spi\ndevice: %s\n" % device)
    assert main(["blank", str(path)]) == 1
    assert "blank: strip 'spidev9.0': cannot open %s: No such file" % device in (
        capsys.readouterr().err
    )


def test_a_wrong_config_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["blank", str(written(tmp_path, GROUP + "driver: spy\n"))]) == 1
    assert "'driver' in section 'lumen_group case'" in capsys.readouterr().err
    assert main(["blank", str(tmp_path / "none.cfg")]) == 1
    assert "none.cfg" in capsys.readouterr().err
