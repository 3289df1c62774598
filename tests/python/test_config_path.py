"""The commands that take a printer.cfg find that of the printer in the home folder."""

from __future__ import annotations

import errno
import os
import pwd
from pathlib import Path

import pytest

from klipper_lumen.cli import main
from klipper_lumen.cli.config_path import usual_printer
from klipper_lumen.setup import printers

from .test_setup import add_printer, make_home

CONFIG = "[printer]\nkinematics: none\n[lumen]\n[lumen_group case]\ndriver: memory\nindex_end: 3\n"
COMMANDS = (
    ["check"],
    ["blank"],
    ["report", "--seconds", "0.1"],
    ["preview", "--state", "idle", "--seconds", "0.1", "--png", "lights.png"],
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder with one printer, which is also the current folder."""
    home = make_home(tmp_path / "home", kalico=False)
    (home / "printer_data" / "config" / "printer.cfg").write_text(CONFIG)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setattr(printers, "UNITS", tmp_path / "units")
    monkeypatch.chdir(home)
    return home


@pytest.mark.parametrize("command", COMMANDS, ids=lambda it: str(it[0]))
def test_the_config_of_the_only_printer_is_used(
    home: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    path = home / "printer_data" / "config" / "printer.cfg"
    assert main(command) == 0
    if command == ["check"]:
        assert capsys.readouterr().out == "%s: no problems found\n" % path
    path.write_text(CONFIG.replace("index_end", "index_ende"))
    assert main(command) == 1
    shown = capsys.readouterr()
    assert "index_end" in shown.err or "the config has mistakes" in shown.out


@pytest.mark.parametrize("command", COMMANDS, ids=lambda it: str(it[0]))
def test_without_a_printer_the_command_is_named(
    home: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    (home / "printer_data" / "config" / "printer.cfg").unlink()
    assert main(command) == 1
    wanted = "no printer.cfg found; add its path: klipper-lumen %s PRINTER.CFG" % command[0]
    assert wanted in capsys.readouterr().err


@pytest.mark.parametrize("command", [*COMMANDS, ["doctor"]], ids=lambda it: str(it[0]))
def test_several_printers_are_listed(
    home: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    command: list[str],
) -> None:
    first = home / "printer_data" / "config" / "printer.cfg"
    second = add_printer(home, "printer_2_data") / "printer.cfg"
    usual = usual_printer("check")
    assert usual is not None
    assert usual.config == first
    found = [
        printers.Printer("klipper-%d.service" % number, usual.tree, usual.python, path)
        for number, path in enumerate((first, second))
    ]
    monkeypatch.setattr(printers, "find", lambda _: found)
    assert main(command) == 1
    wanted = "there are several printers; add the path of one: klipper-lumen %s %s or %s"
    assert wanted % (command[0], *sorted([str(first), str(second)])) in capsys.readouterr().err


@pytest.mark.parametrize("command", [*COMMANDS, ["doctor"]], ids=lambda it: str(it[0]))
def test_a_home_folder_that_cannot_be_read_has_no_printer(
    home: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    stat = os.stat

    def refuse(path: object, *args: object, **options: object) -> os.stat_result:
        if str(path).startswith(str(home)):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return stat(path, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "stat", refuse)
    assert main(command) == 1


@pytest.mark.parametrize("command", [*COMMANDS, ["doctor"], ["setup"]], ids=lambda it: str(it[0]))
@pytest.mark.parametrize("arguments", [[], ["printer.cfg"]], ids=["", "with_config"])
def test_a_user_without_a_home_folder_has_no_printer(
    home: Path, monkeypatch: pytest.MonkeyPatch, command: list[str], arguments: list[str]
) -> None:
    (home / "printer.cfg").write_text(CONFIG)
    for name in ("HOME", "LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", dict[int, pwd.struct_passwd]().__getitem__)
    if command == ["setup"] and arguments:
        arguments = ["--config", *arguments]
    is_enough = bool(arguments) and command[0] not in ("doctor", "setup")
    assert main([*command[:1], *arguments, *command[1:]]) == (0 if is_enough else 1)
