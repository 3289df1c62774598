"""`klipper-lumen setup` and `install.sh` in home folders like those of real printers."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from klipper_lumen import __version__
from klipper_lumen.cli import check, main
from klipper_lumen.setup import packages, plan, printers

from .test_install import git, make_tree

ROOT = Path(__file__).parents[2]
PRINTER_CFG = """[printer]
kinematics: none
max_velocity: 100
max_accel: 100

[neopixel sb_leds]
pin: PA1
chain_count: 10
color_order: GRBW

#*# <---------------------- SAVE_CONFIG ---------------------->
#*# DO NOT EDIT THIS BLOCK OR BELOW. The contents are auto-generated.
"""
UNIT = """[Service]
Type=simple
EnvironmentFile={home}/{data}/systemd/klipper.env
ExecStart={home}/klippy-env/bin/python $KLIPPER_ARGS
Restart=always
"""
ENV = 'KLIPPER_ARGS="{home}/klipper/klippy/klippy.py {home}/{data}/config/printer.cfg -l x.log"\n'


class Packages:
    """Replaces pip: the version in each environment."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.installed: dict[Path, str] = {}
        self.fails = False
        target = packages.Environment
        monkeypatch.setattr(target, "probe", staticmethod(self._probe))
        monkeypatch.setattr(target, "download", lambda *_: __version__)
        monkeypatch.setattr(target, "install", lambda found, *_: self._install(found.python))
        monkeypatch.setattr(target, "uninstall", lambda found: self.installed.pop(found.python))

    def _probe(self, python: Path) -> packages.Environment:
        return packages.Environment(python, self.installed.get(python))

    def _install(self, python: Path) -> None:
        if self.fails:
            raise printers.SetupError("pip install failed")
        self.installed[python] = __version__


@pytest.fixture
def pip(monkeypatch: pytest.MonkeyPatch) -> Packages:
    return Packages(monkeypatch)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return make_home(tmp_path / "home", kalico=False)


def make_home(home: Path, kalico: bool) -> Path:
    home.mkdir()
    make_tree(home / ("kalico" if kalico else "klipper"), kalico=kalico)
    python = home / "klippy-env" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    add_printer(home, "printer_data")
    return home


def add_printer(home: Path, data: str) -> Path:
    config = home / data / "config"
    config.mkdir(parents=True)
    (config / "printer.cfg").write_text(PRINTER_CFG)
    (config / "moonraker.conf").write_text("[server]\nport: 1\n")
    return config


def add_unit(home: Path, units: Path, name: str, data: str) -> None:
    units.mkdir(exist_ok=True)
    (units / name).write_text(UNIT.format(home=home, data=data))
    (home / data / "systemd").mkdir()
    (home / data / "systemd" / "klipper.env").write_text(ENV.format(home=home, data=data))


def setup(home: Path, *arguments: str) -> int:
    places = ["--home", str(home), "--units", str(home / "units"), "--root", str(home / "root")]
    return main(["setup", *places, "--yes", *arguments])


def content(home: Path) -> dict[str, bytes]:
    """Returns all files of a home, without those of git that change with each command."""
    return {
        str(path.relative_to(home)): path.read_bytes()
        for path in home.rglob("*")
        if path.is_file() and (".git" not in path.parts or path.name == "exclude")
    }


@pytest.mark.parametrize("kalico", [False, True])
def test_a_printer_is_set_up_and_restored(tmp_path: Path, pip: Packages, kalico: bool) -> None:
    home = make_home(tmp_path / "home", kalico)
    before = content(home)
    assert setup(home, "--moonraker") == 0
    tree = home / ("kalico" if kalico else "klipper")
    loader = tree / "klippy" / ("plugins" if kalico else "extras") / "lumen.py"
    config = home / "printer_data" / "config"
    assert pip.installed == {home / "klippy-env" / "bin" / "python": __version__}
    assert loader.is_file()
    assert git(tree, "status", "--porcelain") == ""
    assert (config / "printer.cfg").read_text() == "[include lumen.cfg]\n" + PRINTER_CFG
    assert "neopixel: sb_leds\nindex_end: 10\n" in (config / "lumen.cfg").read_text()
    assert "virtualenv: %s/klippy-env" % home in (config / "moonraker.conf").read_text()
    assert main(["check", str(config / "printer.cfg")]) == 0
    assert setup(home, "--uninstall") == 0
    (config / "lumen.cfg").unlink()
    assert content(home) == before
    assert pip.installed == {}


def test_a_second_run_changes_nothing(
    home: Path, pip: Packages, capsys: pytest.CaptureFixture[str]
) -> None:
    assert setup(home) == 0
    before = content(home)
    capsys.readouterr()
    assert setup(home) == 0
    assert "Nothing to do: Lumen is set up" in capsys.readouterr().out
    assert content(home) == before


def test_a_dry_run_changes_nothing(
    home: Path, pip: Packages, capsys: pytest.CaptureFixture[str]
) -> None:
    before = content(home)
    assert setup(home, "--dry-run") == 0
    assert content(home) == before
    assert not pip.installed
    out = capsys.readouterr().out
    assert "install  klipper-lumen %s" % __version__ in out
    assert "Nothing was changed (--dry-run)" in out


def test_without_a_terminal_it_does_not_ask_but_stops(
    home: Path, pip: Packages, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = content(home)
    with open(os.devnull) as nothing:
        monkeypatch.setattr(sys, "stdin", nothing)
        assert main(["setup", "--home", str(home), "--units", str(home)]) == 1
    assert "add --yes" in capsys.readouterr().err
    assert content(home) == before


def test_a_failed_step_is_undone_with_those_before_it(
    home: Path, pip: Packages, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = content(home)
    problem = ["printer.cfg:1: a mistake"]
    monkeypatch.setattr(check, "check", lambda path: (problem, []))
    assert setup(home) == 1
    assert "a mistake" in capsys.readouterr().err
    assert content(home) == before
    assert not pip.installed


def test_a_failed_installation_changes_nothing(home: Path, pip: Packages) -> None:
    before = content(home)
    pip.fails = True
    assert setup(home) == 1
    assert content(home) == before


def test_an_old_python_is_refused(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = content(home)
    monkeypatch.setattr(packages, "OLDEST", (9, 9))
    assert setup(home) == 1
    error = capsys.readouterr().err
    assert "Lumen needs 9.9 or newer" in error
    assert content(home) == before


def test_several_printers_of_systemd(home: Path, pip: Packages) -> None:
    add_printer(home, "printer_2_data")
    units = home / "units"
    add_unit(home, units, "klipper-1.service", "printer_data")
    add_unit(home, units, "klipper-2.service", "printer_2_data")
    (units / "klipper-mcu.service").write_text("[Service]\nExecStart=/usr/local/bin/klipper_mcu\n")
    found = printers.find(home, units)
    assert [printer.label for printer in found] == ["klipper-1", "klipper-2"]
    assert setup(home) == 0
    for data in ("printer_data", "printer_2_data"):
        assert (home / data / "config" / "lumen.cfg").is_file()
    assert len(pip.installed) == 1


def test_options_choose_one_of_several_printers(home: Path, pip: Packages) -> None:
    config = add_printer(home, "printer_2_data") / "printer.cfg"
    add_unit(home, home / "units", "klipper-1.service", "printer_data")
    add_unit(home, home / "units", "klipper-2.service", "printer_2_data")
    assert setup(home, "--config", str(config)) == 0
    assert not (home / "printer_data" / "config" / "lumen.cfg").exists()
    assert config.with_name("lumen.cfg").is_file()


def test_a_unit_with_the_whole_command(home: Path, tmp_path: Path) -> None:
    command = "%s/klippy-env/bin/python %s/klipper/klippy/klippy.py \\\n  /x/printer.cfg -l y"
    units = tmp_path / "units"
    units.mkdir()
    (units / "klipper.service").write_text("[Service]\nExecStart=" + command % (home, home))
    (found,) = printers.find(home, units)
    assert found.config == Path("/x/printer.cfg")
    assert found.python == home / "klippy-env" / "bin" / "python"


def test_no_printer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert setup(tmp_path) == 1
    assert "add --klipper and --env and --config" in capsys.readouterr().err


def test_an_existing_config_is_kept(home: Path, pip: Packages) -> None:
    path = home / "printer_data" / "config" / "printer.cfg"
    path.write_text("[lumen]\n" + PRINTER_CFG)
    assert setup(home) == 0
    assert path.read_text() == "[lumen]\n" + PRINTER_CFG
    assert not path.with_name("lumen.cfg").exists()


def test_uninstall_refuses_while_klipper_needs_lumen(
    home: Path, pip: Packages, capsys: pytest.CaptureFixture[str]
) -> None:
    assert setup(home) == 0
    path = home / "printer_data" / "config" / "printer.cfg"
    path.write_text(path.read_text().replace("[printer]", "[lumen_effect slow]\n[printer]"))
    before = content(home)
    assert setup(home, "--uninstall") == 1
    error = capsys.readouterr().err
    assert "[lumen_effect slow]" in error
    assert "nothing was changed" in error
    assert "run this again" in error
    assert "live" not in error
    assert content(home) == before


def test_uninstall_says_how_the_live_page_is_removed(
    home: Path, pip: Packages, capsys: pytest.CaptureFixture[str]
) -> None:
    assert setup(home) == 0
    pages = home / "mainsail" / "lumen"
    pages.mkdir(parents=True)
    (pages / "live.html").write_text("")
    path = home / "printer_data" / "config" / "printer.cfg"
    path.write_text(path.read_text().replace("[printer]", "[lumen_effect slow]\n[printer]"))
    assert setup(home, "--uninstall") == 1
    wanted = "%s; to remove it, run this first:\n  %s -m klipper_lumen live uninstall\n"
    wanted %= (pages, home / "klippy-env" / "bin" / "python")
    assert wanted in capsys.readouterr().err
    path.write_text(path.read_text().replace("[lumen_effect slow]\n", ""))
    assert setup(home, "--uninstall") == 0
    assert wanted in capsys.readouterr().out


def test_the_first_line_names_each_path_once(
    home: Path, pip: Packages, capsys: pytest.CaptureFixture[str]
) -> None:
    assert setup(home) == 0
    config = home / "printer_data" / "config" / "printer.cfg"
    python = home / "klippy-env" / "bin" / "python"
    line = "Klipper in %s, Python %s, config %s" % (home / "klipper", python, config)
    assert capsys.readouterr().out.splitlines()[0] == line


def test_repair_restores_the_loader(home: Path, pip: Packages) -> None:
    assert setup(home) == 0
    loader = home / "klipper" / "klippy" / "extras" / "lumen.py"
    before = loader.read_text()
    loader.unlink()
    assert setup(home, "--repair") == 0
    assert loader.read_text() == before


def test_another_count_is_a_change_of_the_config(
    home: Path, pip: Packages, capsys: pytest.CaptureFixture[str]
) -> None:
    assert setup(home, "--leds", "30") == 0
    assert setup(home, "--leds", "60") == 1
    assert "--leds is for the first config only" in capsys.readouterr().err


def test_install_sh_with_sudo_says_who_must_run_it(tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "id").write_text("#!/bin/sh\necho 0\n")
    (programs / "id").chmod(0o755)
    path = "%s:%s" % (programs, os.environ["PATH"])
    variables = {**os.environ, "HOME": str(tmp_path), "SUDO_USER": "pi", "PATH": path}
    found = subprocess.run(
        [str(ROOT / "install.sh")], env=variables, capture_output=True, text=True, check=False
    )
    assert found.returncode == 1
    assert "as the user that runs Klipper, without sudo" in found.stderr


def test_a_wled_controller(home: Path, pip: Packages, capsys: pytest.CaptureFixture[str]) -> None:
    assert setup(home, "--wled", "wled.local") == 1
    assert "--wled needs --leds" in capsys.readouterr().err
    assert setup(home, "--wled", "wled.local", "--leds", "60") == 0
    text = (home / "printer_data" / "config" / "lumen.cfg").read_text()
    assert "driver: ddp\nhost: wled.local\nindex_end: 60\n" in text


def test_a_restart_waits_for_the_end_of_a_print(
    home: Path, pip: Packages, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(plan, "_job_state", lambda printer: "printing")
    assert setup(home, "--restart") == 1
    assert "is printing; restart it afterwards" in capsys.readouterr().err


@pytest.mark.timeout(300)
def test_install_sh_sets_up_a_real_environment(tmp_path: Path) -> None:
    wheels = sorted((ROOT / "dist").glob("klipper_lumen-*.whl"))
    if not wheels:
        pytest.skip("there is no wheel in dist; run: make wheel")
    home = make_home(tmp_path / "home", kalico=False)
    environment = home / "klippy-env"
    (environment / "bin" / "python").unlink()
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    variables = {**os.environ, "HOME": str(home)}
    variables.pop("PYTHONPATH", None)

    def run(*arguments: str) -> str:
        places = ["--from", str(wheels[-1]), "--units", str(home), "--root", str(home)]
        command = [str(ROOT / "install.sh"), *places, *arguments]
        found = subprocess.run(
            command,
            env=variables,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        assert found.returncode == 0, found.stderr
        return found.stdout

    program = environment / "bin" / "klipper-lumen"
    assert "install  klipper-lumen" in run("--dry-run")
    assert not program.exists()
    run("--yes")
    config = home / "printer_data" / "config" / "printer.cfg"
    subprocess.run([str(program), "check", str(config)], check=True, capture_output=True)
    assert "Nothing to do" in run("--yes")
    run("--yes", "--uninstall")
    assert not program.exists()
