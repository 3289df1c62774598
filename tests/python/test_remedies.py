"""The commands in messages and documents work as printed."""

from __future__ import annotations

import argparse
import re
import shlex
from pathlib import Path

import pytest

from klipper_lumen import requests
from klipper_lumen.cli import _parser
from klipper_lumen.helper import trust

ROOT = Path(__file__).parents[2]
SOURCES = [
    *sorted((ROOT / "src").rglob("*.rs")),
    *sorted((ROOT / "python").rglob("*.py")),
    *sorted((ROOT / "klippy_extra").rglob("*.py")),
]
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]

# A command line in a text, up to the end of the quotation; not of a development environment.
COMMAND = re.compile(r"((?:sudo )?(?<![\w.])[~/][~/\w.-]*/klipper-lumen(?: [\w./~=-]+)+)")
# Placeholders.
PLACEHOLDERS = {"...", "NAME", "DIR", "FILE"}
# The programs on a printer: klippy's environment, and root's copy for the helper.
PROGRAMS = ("~/klippy-env/bin/klipper-lumen", "/opt/lumen/bin/klipper-lumen")
SUDO_BY_NAME = re.compile(r"sudo klipper-lumen")
COMMANDS = {it.gcode for it in requests() if it.command}
GCODE = re.compile(r"\bLUMEN(?:_[A-Z]+)*\b(?!_)")


def command_lines() -> list[str]:
    found = set()
    for path in (*SOURCES, *DOCUMENTS):
        found.update(COMMAND.findall(path.read_text()))
    found.update(line.strip() for line in trust.commands().splitlines())
    found.add(trust.INSTALL_AGAIN)
    return sorted(line for line in found if "klipper-lumen" in line)


def test_command_lines_are_found() -> None:
    assert any(line.startswith("sudo /opt/lumen/bin/") for line in command_lines())
    assert any("preview" in line for line in command_lines())


@pytest.mark.parametrize("line", command_lines())
def test_the_command_line_accepts_it(line: str) -> None:
    arguments = [word for word in shlex.split(line) if word not in {*PLACEHOLDERS, "sudo"}]
    program = arguments.pop(0).replace("/home/pi", "~")
    assert program in PROGRAMS
    if arguments[-1:] == ["--user"]:
        arguments.append("pi")
    assert isinstance(_parser(arguments).parse_args(arguments), argparse.Namespace)


def test_the_command_line_accepts_the_installation_of_the_helper() -> None:
    arguments = shlex.split(trust.COMMANDS[-1])
    arguments = arguments[arguments.index("klipper_lumen") + 1 :]
    assert isinstance(_parser(arguments).parse_args(arguments), argparse.Namespace)


def test_sudo_commands_have_a_full_path() -> None:
    for path in (*SOURCES, *DOCUMENTS):
        assert not SUDO_BY_NAME.search(path.read_text()), path


def test_commands_without_a_path_in_the_documents_exist() -> None:
    for path in DOCUMENTS:
        for line in re.findall(r"`klipper-lumen ([a-z]+)", path.read_text()):
            assert isinstance(_parser([line]), argparse.ArgumentParser)
            assert line in _parser([line]).format_help(), (path, line)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_gcode_commands_in_the_sources_exist(path: Path) -> None:
    names = {"LUMEN_BYTES", "LUMEN_NAME", "LUMEN_SET_BASE", "LUMEN"}
    assert set(GCODE.findall(path.read_text())) <= COMMANDS | names
