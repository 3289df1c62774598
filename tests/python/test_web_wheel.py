"""The wheel of the pages, if `make web` has built it."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from klipper_lumen import __version__

ROOT = Path(__file__).parents[2]
WHEEL = ROOT / "dist" / ("klipper_lumen_web-%s-py3-none-any.whl" % __version__)

pytestmark = pytest.mark.skipif(not WHEEL.exists(), reason="the pages are not built: run make web")


def test_the_wheel_has_the_pages_and_is_small() -> None:
    with zipfile.ZipFile(WHEEL) as wheel:
        names = wheel.namelist()
    assert "klipper_lumen_web/__init__.py" in names
    assert "klipper_lumen_web/pages/index.html" in names
    built = ROOT / "web" / "dist"
    pages = {it.relative_to(built).as_posix() for it in built.rglob("*.*")}
    prefix = "klipper_lumen_web/pages/"
    assert {it[len(prefix) :] for it in names if it.startswith(prefix)} == pages
    assert WHEEL.stat().st_size < 1_000_000


def test_the_pages_load_nothing_from_elsewhere() -> None:
    text = (ROOT / "web" / "dist" / "index.html").read_text()
    assert "//" not in text.replace("http://www.w3.org", "")
