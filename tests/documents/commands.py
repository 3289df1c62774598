"""Reads the command lines of the documents, and checks each with the program's own parser."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from pip._internal.commands import create_command

from klipper_lumen.cli import _parser

from .snippets import ROOT

# Programs of the computer. Only the syntax of their command lines is checked.
SYSTEM = {
    *("apt", "cat", "cd", "cp", "echo", "export", "git", "grep", "groupadd", "install"),
    *("journalctl", "ls", "printf", "raspi-config", "reboot", "rm", "scp", "sha256sum", "ssh"),
    *("systemctl", "tail", "tee", "usermod"),
}
# Modules of Python that are programs too.
MODULES = {"venv", "zipfile"}
# Targets of Klipper's Makefile.
KLIPPERS = {"olddefconfig"}
# Words before a command.
BEFORE = {"sudo", "{"}
# The end of a command.
SEPARATOR = re.compile(r"[;&|()]+$")
REDIRECTION = re.compile(r"[<>&]+$")


def split(text: str) -> list[list[str]]:
    """Splits a script into its commands, without redirections and comments."""
    text = re.sub(r"\\\n", " ", text)
    # shlex separates words at line ends too, so they become separators.
    text = re.sub(r"(?<!\S)#.*", "", text).replace("\n", " ; ")
    lexer = shlex.shlex(text, posix=True, punctuation_chars=";&|<>")
    lexer.whitespace_split = True
    lexer.commenters = ""
    commands: list[list[str]] = [[]]
    is_target = False
    for word in lexer:
        if is_target:
            is_target = False
        elif REDIRECTION.match(word) and ("<" in word or ">" in word):
            is_target = True
            # The number of a descriptor, as in 2>&1.
            if commands[-1][-1:] == ["2"]:
                commands[-1].pop()
        elif SEPARATOR.match(word):
            commands.append([])
        elif commands[-1] or word not in BEFORE:
            commands[-1].append(word)
    return [words for words in commands if words and words != ["}"]]


def check(words: list[str]) -> str:
    """Parses a command; returns the parser's name. Raises if the program would refuse it."""
    program, arguments = Path(words[0]).name, words[1:]
    if program in ("python", "python3") and "-m" in arguments[:-1]:
        module = arguments[arguments.index("-m") + 1]
        return check([module, *arguments[arguments.index("-m") + 2 :]])
    if program in ("python", "python3") and "klipper_lumen" in arguments:
        return check(arguments[arguments.index("klipper_lumen") :])
    if program in ("klipper-lumen", "klipper_lumen"):
        _parser(arguments).parse_args(arguments)
        return "klipper-lumen"
    if program == "install.sh":
        _parser(["setup"]).parse_args(["setup", *arguments])
        return "klipper-lumen"
    if program == "pip":
        create_command(arguments[0]).parse_args(arguments[1:])
        return "pip"
    if program == "curl":
        request_of(words)
        return "request"
    if program == "make":
        targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.M))
        assert set(arguments) <= targets | KLIPPERS, arguments
        return "make"
    if program == "cargo":
        name = arguments[arguments.index("--bench") + 1]
        assert (ROOT / "benches" / (name + ".rs")).is_file(), name
        return "cargo"
    assert program in SYSTEM or program in MODULES, "unknown program %r" % program
    return "system"


def request_of(words: list[str]) -> tuple[str, dict[str, Any]]:
    """Returns the endpoint and the parameters of a command with curl."""
    url = urlsplit(next(word for word in words if word.startswith("http")))
    assert url.path.startswith("/printer/lumen/"), url.path
    data = json.loads(words[words.index("-d") + 1]) if "-d" in words else {}
    return url.path.removeprefix("/printer/"), {**dict(parse_qsl(url.query)), **data}
