"""`klipper-lumen bench --output`: its figures, and its report of a dark strip."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from klipper_lumen.cli import bench_output, main

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_an_output_is_compared_with_its_wire(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["bench", "--output", "ddp", "--pixels", "10,500", "--seconds", "0.1", "--json"]
    assert main(arguments) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found) == {"10", "500"}
    assert found["10"]["error"] is None
    assert found["10"]["fps"] > 0


def test_a_dark_strip_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    device = str(tmp_path / "spidev9.0")
    arguments = [
        "bench",
        "--output",
        "spi",
        "--device",
        device,
        "--pixels",
        "3",
        "--seconds",
        "0.1",
    ]
    assert main(arguments) == 1
    assert "spi, 3 pixels: cannot open %s: No such file" % device in capsys.readouterr().out


def test_figures_are_rates_and_percentages() -> None:
    # Two seconds, 180 frames of 300 pixels, 6 dropped, 0.054 s of a core.
    found = bench_output._figures("spi", 300, [2.0, 180.0, 6.0, 0.054], None)
    assert found["fps"] == 90.0
    assert found["wire_fps"] == 107.53
    assert found["percent_of_wire"] == 83.7
    assert found["dropped"] == 6
    assert found["cpu_percent"] == 2.7
    assert found["cpu_us_per_1000_pixels"] == 1000.0
