"""Fixtures for the tests of the helper."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.python.installs import PRINTER


@pytest.fixture
def printer(tmp_path: Path) -> Path:
    path = tmp_path / "printer.cfg"
    path.write_text(PRINTER)
    return path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    path = tmp_path / "root"
    path.mkdir(mode=0o755)
    return path
