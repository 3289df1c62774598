"""`klipper-lumen setup` where another version of Lumen is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from klipper_lumen import __version__
from klipper_lumen.cli import check
from klipper_lumen.setup import packages

from .test_setup import PRINTER_CFG, Packages, content, home, pip, setup

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["home", "pip"]


@pytest.mark.parametrize(
    ("before", "words"),
    [
        ("9.0.0", "  replace  klipper-lumen 9.0.0 by the older %s in " % __version__),
        ("0.0.1", "  update   klipper-lumen %s in " % __version__),
    ],
)
def test_another_version_is_replaced(
    home: Path, pip: Packages, before: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    python = home / "klippy-env" / "bin" / "python"
    pip.installed[python] = before
    # Without wheels, the version that is installed stays.
    assert setup(home, "--dry-run") == 0
    assert "klipper-lumen %s" % __version__ not in capsys.readouterr().out
    assert setup(home, "--from", str(home)) == 0
    assert words in capsys.readouterr().out
    assert pip.installed == {python: __version__}


def test_an_older_version_that_does_not_accept_the_config_is_refused(
    home: Path, pip: Packages, capsys: pytest.CaptureFixture[str]
) -> None:
    python = home / "klippy-env" / "bin" / "python"
    config = home / "printer_data" / "config" / "printer.cfg"
    config.write_text("[lumen]\nnew_option: 1\n" + PRINTER_CFG)
    before = content(home)
    pip.installed[python] = "9.0.0"
    assert setup(home, "--from", str(home)) == 1
    error = capsys.readouterr().err
    assert "9.0.0 is installed, and the older %s does not accept the config:" % __version__ in error
    assert "printer.cfg:2: Option 'new_option'" in error
    assert content(home) == before
    assert pip.installed == {python: "9.0.0"}
    # An update checks nothing before: new versions accept all configs of earlier ones.
    pip.installed[python] = "0.0.1"
    assert setup(home, "--from", str(home)) == 0


def test_a_failed_step_leaves_the_loader_that_fits_the_new_package(
    home: Path, pip: Packages, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert setup(home) == 0
    loader = home / "klipper" / "klippy" / "extras" / "lumen.py"
    wanted = loader.read_text()
    loader.write_text(wanted.replace("SCAFFOLD = ", "SCAFFOLD = 9"))
    (home / "printer_data" / "config" / "printer.cfg").write_text(PRINTER_CFG)
    pip.installed[home / "klippy-env" / "bin" / "python"] = "9.0.0"
    monkeypatch.setattr(check, "check", lambda path: (["a mistake"], []))
    assert setup(home, "--from", str(home)) == 1
    assert set(pip.installed.values()) == {__version__}
    assert loader.read_text() == wanted


@pytest.mark.parametrize(
    ("older", "newer"),
    [("0.1.0", "0.2.0"), ("0.9.0", "0.10.0"), ("1.0", "1.0.1"), ("1.0.0rc1", "1.0.0")],
)
def test_versions_are_compared_by_their_numbers(older: str, newer: str) -> None:
    assert packages.is_older(older, newer)
    assert not packages.is_older(newer, older)
    assert not packages.is_older(older, older)
