"""Reads the code blocks of all documents, and says what kind each one is."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).resolve().parents[2]
PATTERNS = ("*.md", "docs/*.md", "docs/*.cfg", "contrib/**/*.md", "web/**/*.md", "web/**/*.cfg")
# Folders with files of others.
FOREIGN = {"node_modules", "target", "dist", "out"}

FENCE = re.compile(r" *(```+|~~~+)")
# The kinds of blocks. The first pattern that fits the first line names the kind.
KINDS = {
    "json": r"\{\"",
    "led_effect": r"\[led_effect ",
    "moonraker": r"\[update_manager ",
    "unit": r"\[(Unit|Service|Install)\]$",
    "config": r"(#.*|\[[a-z_]+( \S+)?\]$)",
    "options": r"on_\w+:",
    "gcode": r"[A-Z][A-Z_]+[A-Z](_[A-Z]+)*( [A-Z_]+=|$)",
    "output": r"(//|!!) |(problem|warning|ok|lumen|printer\.cfg(:\d+)?): ",
    "cron": r"\d+ \d+ \* \* \* ",
    "shell": r"\{ |(apt|cargo|cat|cd|cp|curl|echo|git|klipper-lumen|ls|make|printf|python3|scp|ssh"
    r"|sudo)\b|~?[\w.-]*/\S+",
}
# The test that loads each kind, besides the sessions of real klippy.
LOADERS = {
    "json": "test_requests_of_programs_work",
    "led_effect": "test_real_documents.py: test_the_configs_of_led_effect_load",
    "moonraker": "test_the_section_for_moonraker_is_that_of_the_setup",
    "unit": "test_units_are_accepted_by_systemd",
    "config": "test_a_config_is_accepted",
    "options": "test_a_config_is_accepted",
    "gcode": "test_commands_are_accepted",
    "output": "test_an_output_is_as_printed",
    "cron": "test_requests_of_programs_work",
    "shell": "test_command_lines_are_accepted",
}
IN_KLIPPY = {"config", "options", "gcode", "led_effect"}


@dataclass(frozen=True)
class Snippet:
    """A code block of a document, without its indentation."""

    page: str
    # The line of the document with the first line of the block.
    line: int
    text: str

    def __str__(self) -> str:
        return "%s:%d" % (self.page, self.line)

    @property
    def first(self) -> str:
        """The first line, which names a block in tables of tests."""
        return next(filter(None, self.text.splitlines()), "")

    @property
    def kind(self) -> str:
        """One of `KINDS`, or ``unknown``."""
        found = (kind for kind, pattern in KINDS.items() if re.match(pattern, self.first))
        return next(found, "unknown")

    @property
    def sections(self) -> list[str]:
        """The names of the config sections in it."""
        return re.findall(r"^\[([^]]+)\]", self.text, re.M)

    @property
    def macros(self) -> list[str]:
        """The names of the macros in it."""
        return re.findall(r"^\[gcode_macro (\w+)\]", self.text, re.M)


def matching(table: Iterable[tuple[str, str]], snippet: Snippet) -> list[tuple[str, str]]:
    """Returns the keys of a table, pages and starts of first lines, that fit a block."""
    return [it for it in table if it[0] == snippet.page and snippet.first.startswith(it[1])]


def pages() -> list[Path]:
    """All documents, and the configs beside them."""
    found = {path for pattern in PATTERNS for path in ROOT.glob(pattern)}
    return sorted(it for it in found if not FOREIGN.intersection(it.relative_to(ROOT).parts))


def blocks(page: str, text: str) -> Iterator[Snippet]:
    """Returns the fenced and the indented code blocks of a document."""
    lines = text.splitlines()
    number = 0
    while number < len(lines):
        start = number
        fence = FENCE.match(lines[number])
        if fence:
            number += 1
            while not lines[number].strip().startswith(fence[1]):
                number += 1
            yield _snippet(page, start + 1, lines[start + 1 : number])
        elif lines[number].startswith("    ") and (not number or not lines[number - 1].strip()):
            while number < len(lines) and (lines[number].startswith("    ") or not lines[number]):
                number += 1
            yield _snippet(page, start, lines[start:number])
        number += 1


def _snippet(page: str, start: int, lines: list[str]) -> Snippet:
    return Snippet(page, start + 1, textwrap.dedent("\n".join(lines)).rstrip() + "\n")


def snippets() -> list[Snippet]:
    """Returns the blocks of all documents. A config file is one block."""
    found = []
    for path in pages():
        name = path.relative_to(ROOT).as_posix()
        is_config = path.suffix == ".cfg"
        text = path.read_text()
        found += [Snippet(name, 1, text)] if is_config else list(blocks(name, text))
    return found


def of_kind(*kinds: str) -> list[Snippet]:
    """Returns the blocks of some kinds."""
    return [it for it in snippets() if it.kind in kinds]
