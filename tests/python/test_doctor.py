"""`klipper-lumen doctor` on faked computers; the faults of computers are tested in Rust."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from klipper_lumen import install
from klipper_lumen.cli import doctor, main

from .test_install import make_tree

CONFIG = """[lumen]

[lumen_group case]
driver: spi
index_end: 30
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder with Klipper, and with Lumen in it."""
    monkeypatch.setenv("HOME", str(tmp_path))
    tree = make_tree(tmp_path / "klipper", kalico=False)
    for step in install.plan_install(install.find(str(tree))):
        step.do()
    (tmp_path / "printer.cfg").write_text(CONFIG)
    return tmp_path


def pi(root: Path) -> Path:
    (root / "proc" / "device-tree").mkdir(parents=True)
    (root / "proc" / "device-tree" / "model").write_text("Raspberry Pi 5 Model B Rev 1.0\0")
    return root


def faults(found: list[doctor.Finding]) -> list[str]:
    return [str(it) for it in found if it.level != "ok"]


def test_a_computer_without_spi(home: Path) -> None:
    (fault,) = faults(doctor.findings(home / "printer.cfg", root=pi(home / "root")))
    assert fault.startswith("problem  strip '")
    assert "/dev/spidev0.0 does not exist" in fault
    assert "sudo raspi-config nonint do_spi 0" in fault


def test_a_computer_with_spi_is_fine(home: Path) -> None:
    root = pi(home / "root")
    (root / "dev").mkdir()
    (root / "dev" / "spidev0.0").touch()
    found = doctor.findings(home / "printer.cfg", root=root)
    assert faults(found) == []
    assert {it.check for it in found} >= {"package", "Klipper", "config", "computer", "SPI clock"}


def test_a_missing_loader(home: Path) -> None:
    (home / "klipper" / "klippy" / "extras" / "lumen.py").unlink()
    (home / "printer.cfg").write_text("[lumen]\n")
    (fault,) = faults(doctor.findings(home / "printer.cfg", root=home))
    assert "does not load Lumen" in fault
    assert "-m klipper_lumen install --klipper" in fault


def test_mistakes_in_the_config_are_problems(home: Path) -> None:
    (home / "printer.cfg").write_text(CONFIG.replace("index_end", "index_ende"))
    (fault,) = faults(doctor.findings(home / "printer.cfg", root=home))
    assert "did you mean 'index_end'" in fault


def test_no_config(home: Path) -> None:
    (home / "printer.cfg").unlink()
    assert "no printer.cfg found" in "\n".join(faults(doctor.findings(None, root=home)))


def test_the_command_as_text_and_json(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "printer.cfg").write_text("[lumen]\n")
    assert main(["doctor", str(home / "printer.cfg")]) == 0
    out = capsys.readouterr().out
    assert "ok       package: klipper-lumen " in out
    assert out.endswith(" 0 problems\n")
    assert main(["doctor", str(home / "printer.cfg"), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["ok"] is True
    assert {"check", "level", "text", "advice"} == set(answer["findings"][0])
