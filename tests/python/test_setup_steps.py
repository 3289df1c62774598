"""The steps of `klipper-lumen setup` while the user, or an end of the process, interferes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from klipper_lumen.cli import check, main
from klipper_lumen.setup import command, starter

from .test_setup import Packages, make_home

OWN = "[gcode_macro MINE]\ngcode:\n  M117 x\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder with one printer."""
    Packages(monkeypatch)
    return make_home(tmp_path / "home", kalico=False)


def setup(home: Path, *arguments: str) -> int:
    """Runs the command, which asks."""
    units = home.parent / "units"
    return main(["setup", "--home", str(home), "--units", str(units), *arguments])


def config_of(home: Path) -> Path:
    return home / "printer_data" / "config" / "printer.cfg"


def test_what_the_user_saves_while_setup_asks_is_kept(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = config_of(home)
    moonraker = path.with_name("moonraker.conf")
    moonraker.write_text("[server]\n")

    def agrees() -> bool:
        for file in (path, moonraker):
            file.write_text(OWN + file.read_text())
        return True

    monkeypatch.setattr(command, "_agrees", agrees)
    assert setup(home, "--moonraker") == 0
    assert OWN in path.read_text()
    assert path.read_text().startswith(starter.INCLUDE)
    assert moonraker.read_text().startswith(OWN + "[server]\n\n[update_manager")
    assert setup(home, "--uninstall") == 0
    assert starter.INCLUDE not in path.read_text()
    assert path.read_text().count(OWN) == moonraker.read_text().count(OWN) == 2


def test_the_config_is_checked_before_it_is_changed(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = config_of(home)
    (path.parent / starter.FILE).write_text("[lumen]\n[lumen_group a]\ndriver: none\n")
    before = path.read_text()
    real = check.check

    def checked(tried: Path) -> Any:
        # Klipper may start at this moment, and nothing may follow.
        assert path.read_text() == before
        return real(tried)

    monkeypatch.setattr(check, "check", checked)
    assert setup(home, "--yes") == 1
    assert "Option 'driver' in section 'lumen_group a'" in capsys.readouterr().err
    assert path.read_text() == before
    names = {it.name for it in path.parent.iterdir()}
    assert names == {"printer.cfg", "moonraker.conf", starter.FILE}


def test_an_interrupted_set_up_can_be_repeated(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = config_of(home)
    assert setup(home, "--yes", "--leds", "12") == 0
    # As if the process had ended before it changed printer.cfg.
    path.write_text(starter.without_include(starter.lines_of(path)))
    assert setup(home, "--yes", "--leds", "12") == 0
    assert path.read_text().startswith(starter.INCLUDE)
    # As if it had ended before the steps that follow.
    assert setup(home, "--yes", "--leds", "12", "--moonraker") == 0
    assert "klipper-lumen" in path.with_name("moonraker.conf").read_text()
    path.write_text(starter.without_include(starter.lines_of(path)))
    assert setup(home, "--yes", "--leds", "13") == 1
    assert "exists already; add the strip there" in capsys.readouterr().err


def test_a_full_disk_leaves_no_part_of_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "printer.cfg"
    path.write_text(OWN)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        starter.replace_file(path, "")
    assert [it.name for it in tmp_path.iterdir()] == ["printer.cfg"]
    assert path.read_text() == OWN
