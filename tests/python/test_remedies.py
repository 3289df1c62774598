"""Commands that messages and documents tell users to run: each is understood as it is printed."""

from __future__ import annotations

import argparse
import re
import shlex
from pathlib import Path

import pytest

from klipper_lumen.cli import _parser
from klipper_lumen.helper import route
from klippy_extra.lumen.macros import COMMANDS

ROOT = Path(__file__).parents[2]
SOURCES = [
    *sorted((ROOT / "src").rglob("*.rs")),
    *sorted((ROOT / "python").rglob("*.py")),
    *sorted((ROOT / "klippy_extra").rglob("*.py")),
]
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]

# A command line in a text: what the shell would run, up to the end of the quotation.
COMMAND = re.compile(r"((?:sudo )?[~/][~/\w.-]*/klipper-lumen(?: [\w./~=-]+)+)")
# What a message puts in at run time, or leaves to the reader.
LEFT_OUT = {"...", "NAME", "DIR", "FILE"}
# Programs that stand on a printer: klippy's environment and root's copy for the helper.
PROGRAMS = ("~/klippy-env/bin/klipper-lumen", "/opt/lumen/bin/klipper-lumen")
SUDO_BY_NAME = re.compile(r"sudo klipper-lumen")
GCODE = re.compile(r"\bLUMEN(?:_[A-Z]+)*\b(?!_)")


def command_lines() -> list[str]:
    found = set()
    for path in (*SOURCES, *DOCUMENTS):
        found.update(COMMAND.findall(path.read_text()))
    found.update(line.strip() for line in route.commands().splitlines())
    found.add(route.INSTALL_AGAIN)
    return sorted(line for line in found if "klipper-lumen" in line)


def test_there_are_remedies() -> None:
    assert any(line.startswith("sudo /opt/lumen/bin/") for line in command_lines())
    assert any("preview" in line for line in command_lines())


@pytest.mark.parametrize("line", command_lines())
def test_the_command_line_understands_it(line: str) -> None:
    words = [word for word in shlex.split(line) if word not in LEFT_OUT and word != "sudo"]
    program = words.pop(0).replace("/home/pi", "~")
    assert program in PROGRAMS
    if words[-1:] == ["--user"]:
        words.append("pi")
    # A config is a file, whichever.
    assert isinstance(_parser(words).parse_args(words), argparse.Namespace)


def test_the_helper_is_installed_by_a_command_that_is_understood() -> None:
    words = shlex.split(route.COMMANDS[-1])
    words = words[words.index("klipper_lumen") + 1 :]
    assert isinstance(_parser(words).parse_args(words), argparse.Namespace)


def test_sudo_gets_a_full_path() -> None:
    for path in (*SOURCES, *DOCUMENTS):
        assert not SUDO_BY_NAME.search(path.read_text()), path


def test_a_command_that_the_documents_show_by_its_name_alone_exists() -> None:
    for path in DOCUMENTS:
        for line in re.findall(r"`klipper-lumen ([a-z]+)", path.read_text()):
            assert isinstance(_parser([line]), argparse.ArgumentParser)
            assert line in _parser([line]).format_help(), (path, line)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_commands_of_the_console_exist(path: Path) -> None:
    names = {"LUMEN_BYTES", "LUMEN_NAME", "LUMEN_SET_BASE", "LUMEN"}
    assert set(GCODE.findall(path.read_text())) <= COMMANDS | names
