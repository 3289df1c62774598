"""Two klippys on one computer whose configs name the same SPI device, each in its own process."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

DOUBLE = Path(__file__).parents[1] / "doubles" / "spidev.c"

# Prints the health of its strip whenever it changes, until its standard input ends.
KLIPPY = """
import select, sys
from klipper_lumen.sim import Printer

group = "[lumen_group case]\\ndriver: spi\\nindex_end: 3\\non_idle: solid red\\n"
config = "[printer]\\n[lumen]\\n" + group
printer = Printer(config, clock="real").start()
reported = None
while not select.select([sys.stdin], [], [], 0)[0]:
    printer.advance(0.05)
    strip = printer.engine.status()["strips"]["spidev0.0"]
    now = "dark: %s" % strip["error"] if strip["error"] else "frames" if strip["frames"] else None
    if now != reported:
        print(now, flush=True)
        reported = now
printer.close()
print("closed", flush=True)
"""


@pytest.fixture
def klippys(tmp_path: Path) -> Iterator[list[subprocess.Popen[str]]]:
    """Two processes; the second starts when the first drives its strip."""
    if shutil.which("cc") is None:
        pytest.skip("no C compiler")
    library, node = tmp_path / "spidev.so", tmp_path / "node"
    node.touch()
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, DOUBLE], check=True)
    started: list[subprocess.Popen[str]] = []

    def start() -> None:
        variables = {
            "LD_PRELOAD": str(library),
            "SPIDEV_NODE": str(node),
            "SPIDEV_LOG": str(tmp_path / ("log%d" % len(started))),
        }
        started.append(
            subprocess.Popen(
                [sys.executable, "-c", KLIPPY],
                env={**os.environ, **variables},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        )

    try:
        start()
        assert line(started[0]) == "frames"
        start()
        yield started
    finally:
        for process in started:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                assert pipe is not None
                pipe.close()


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.mark.timeout(300)
def test_the_second_reports_it_and_continues_when_the_first_ends(
    klippys: list[subprocess.Popen[str]], tmp_path: Path
) -> None:
    first, second = klippys
    assert line(second).startswith("dark: another process drives the strip on /dev/spidev0.0")
    assert "transfer" not in (tmp_path / "log1").read_text()
    assert first.stdin is not None
    first.stdin.close()
    assert line(first) == "closed"
    assert line(second) == "frames"
    assert "transfer" in (tmp_path / "log1").read_text()
