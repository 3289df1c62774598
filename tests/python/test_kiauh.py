"""The extension for KIAUH, with the real code of KIAUH: set KIAUH_DIR to its folder."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .test_install import make_tree

ROOT = Path(__file__).parents[2]
EXTENSION = ROOT / "contrib" / "kiauh" / "lumen"

pytestmark = pytest.mark.timeout(300)

# Runs in KIAUH's folder; the arguments are the actions.
PROGRAM = """
import sys
sys.path[:0] = [".", "kiauh"]
from extensions.extensions_menu import ExtensionSubmenu, ExtensionsMenu
import kiauh.extensions.lumen.lumen_extension as module
module.get_confirm = lambda *arguments, **named: True
found = ExtensionsMenu().extensions.values()
(extension,) = (it for it in found if it.metadata["module"] == "lumen_extension")
menu = ExtensionSubmenu(extension)
menu.set_options()
menu.print_menu()
for action in sys.argv[1:]:
    getattr(extension, action + "_extension")()
"""


@pytest.fixture
def kiauh(tmp_path: Path) -> Path:
    """A copy of KIAUH with the extension."""
    found = os.environ.get("KIAUH_DIR")
    if not found:
        pytest.skip("KIAUH_DIR does not name a folder with KIAUH")
    copy = tmp_path / "kiauh"
    shutil.copytree(found, copy, symlinks=True, ignore=shutil.ignore_patterns(".git"))
    shutil.copytree(EXTENSION, copy / "kiauh" / "extensions" / "lumen")
    return copy


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home folder with Klipper and a real klippy-env."""
    folder = tmp_path / "home"
    make_tree(folder / "klipper", kalico=False)
    (folder / "printer_data" / "config").mkdir(parents=True)
    printer = folder / "printer_data" / "config" / "printer.cfg"
    printer.write_text("[printer]\nkinematics: none\n[neopixel case]\npin: PB0\nchain_count: 3\n")
    printer.with_name("moonraker.conf").write_text("[server]\nport: 1\n")
    subprocess.run([sys.executable, "-m", "venv", str(folder / "klippy-env")], check=True)
    return folder


def run(kiauh: Path, home: Path, *actions: str) -> str:
    wheels = sorted((ROOT / "dist").glob("klipper_lumen-*.whl"))
    if not wheels:
        pytest.skip("there is no wheel in dist; run: make wheel")
    names = {
        **os.environ,
        "HOME": str(home),
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(ROOT / "dist"),
    }
    names.pop("PYTHONPATH", None)
    command = [sys.executable, "-B", "-c", PROGRAM, *actions]
    done = subprocess.run(
        command, cwd=kiauh, env=names, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_the_menu_shows_the_extension(kiauh: Path, home: Path) -> None:
    out = run(kiauh, home)
    assert "LED effects that show what the printer does" in out
    assert "2) Update" in out
    assert "Failed loading extension" not in out
    assert "duplicate index" not in out


def test_install_update_and_remove(kiauh: Path, home: Path) -> None:
    config = home / "printer_data" / "config"
    before = (config / "printer.cfg").read_text()
    out = run(kiauh, home, "install")
    assert "Lumen was installed" in out
    assert (home / "klipper" / "klippy" / "extras" / "lumen.py").is_file()
    assert "neopixel: case" in (config / "lumen.cfg").read_text()
    assert "[update_manager klipper-lumen]" in (config / "moonraker.conf").read_text()
    python = home / "klippy-env" / "bin" / "python"
    subprocess.run([str(python), "-c", "import klipper_lumen"], check=True)
    assert "Lumen was updated" in run(kiauh, home, "update")
    assert "Lumen was removed" in run(kiauh, home, "remove")
    assert (config / "printer.cfg").read_text() == before
    assert not (home / "klipper" / "klippy" / "extras" / "lumen.py").exists()
    assert subprocess.run([str(python), "-c", "import klipper_lumen"], check=False).returncode


def test_sections_of_the_user_stop_the_removal(kiauh: Path, home: Path) -> None:
    run(kiauh, home, "install")
    path = home / "printer_data" / "config" / "printer.cfg"
    path.write_text(path.read_text() + "\n[lumen_group mine]\ndriver: memory\nindex_end: 3\n")
    out = run(kiauh, home, "remove")
    assert "Lumen was not removed" in out
    assert "[lumen_group mine]" in out


def test_a_home_without_klipper(kiauh: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "Install Klipper first" in run(kiauh, tmp_path / "empty", "install")


def test_the_metadata_are_complete() -> None:
    metadata = json.loads((EXTENSION / "metadata.json").read_text())["metadata"]
    assert set(metadata) == {
        "index",
        "module",
        "maintained_by",
        "display_name",
        "description",
        "website",
        "repo",
        "updates",
    }
    assert (EXTENSION / (metadata["module"] + ".py")).is_file()
