"""The documents say what the code does."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from klipper_lumen import catalog, docs
from klipper_lumen.sim import Printer

ROOT = Path(__file__).parents[2]
DOCS = sorted((ROOT / "docs").glob("*.md"))
CONFIG = "[lumen]\n[lumen_group case]\ndriver: memory\nindex_end: 3\n"


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_generated_parts_are_up_to_date(path: Path) -> None:
    text = path.read_text()
    assert docs.rewritten(text) == text, "run: make docs"


@pytest.mark.parametrize("path", [*DOCS, ROOT / "README.md"], ids=lambda path: path.name)
def test_every_link_leads_to_a_file(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[\w-]*)?\)", path.read_text()):
        assert (path.parent / target).is_file(), target


def test_every_state_is_explained() -> None:
    assert set(docs.STATES) == {state["name"] for state in json.loads(catalog())["states"]}


def test_every_effect_is_shown() -> None:
    assert set(docs.SHOWN) == {effect["name"] for effect in json.loads(catalog())["effects"]}


def test_the_status_reference_lists_every_field() -> None:
    text = (ROOT / "docs" / "Status_Reference.md").read_text()
    sections = re.split(r"^## lumen_", text, flags=re.M)
    lumen, group, strip = (re.findall(r"^\* `(\w+)`", part, re.M) for part in sections)
    printer = Printer(CONFIG).start()
    try:
        status = printer.query("lumen", "lumen_group case", "lumen_strip case")
    finally:
        printer.close()
    assert lumen == list(status["lumen"])
    assert group == list(status["lumen_group case"])
    assert strip == list(status["lumen_strip case"])


def test_every_command_is_documented() -> None:
    text = (ROOT / "docs" / "G-Codes.md").read_text()
    printer = Printer(CONFIG).start()
    try:
        commands = [name for name in printer.gcode.ready_gcode_handlers if name.startswith("LUMEN")]
    finally:
        printer.close()
    assert re.findall(r"^#### (\w+)", text, re.M) == commands


def test_the_configs_in_the_documents_are_right() -> None:
    text = (ROOT / "docs" / "Config_Reference.md").read_text()
    blocks = [block for block in re.findall(r"```\n(.*?)```", text, re.S) if "#" not in block]
    assert len(blocks) >= 3
    for block in blocks:
        head = "" if "[lumen]" in block else "[lumen]\n"
        tail = "" if "driver" in block else "driver: memory\nindex_end: 3\n"
        config = head + block + tail
        printer = Printer(config).start()
        try:
            assert printer.is_ready(), printer.get_state_message()
        finally:
            printer.close()
