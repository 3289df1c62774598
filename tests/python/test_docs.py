"""The documents say what the code does."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from klipper_lumen import catalog, docs
from klipper_lumen.sim import Printer
from klippy_extra.lumen.requests import OLD_REQUESTS, REQUESTS

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
    head, _, figures = sections.pop(0).partition("printer.lumen.performance}")
    sections.insert(0, head)
    lumen, group, strip = (re.findall(r"^\* `(\w+)`", part, re.M) for part in sections)
    names = {name for line in re.findall(r"^\* (.*?):", figures, re.M) for name in line.split(", ")}
    printer = Printer(CONFIG).start()
    try:
        status = printer.query("lumen", "lumen_group case", "lumen_strip case")
    finally:
        printer.close()
    assert lumen == list(status["lumen"])
    assert {name.strip("`") for name in names} == set(status["lumen"]["performance"])
    assert group == list(status["lumen_group case"])
    assert strip == list(status["lumen_strip case"])


def test_every_command_is_documented_with_its_parameters() -> None:
    text = (ROOT / "docs" / "G-Codes.md").read_text()
    parts = re.split(r"^#### (\w+)\n", text, flags=re.M)[1:]
    told = dict(zip(parts[::2], parts[1::2]))
    assert list(told) == [request.gcode for request in REQUESTS if request.command]
    for request in REQUESTS:
        if request.command:
            synopsis = told[request.gcode].split("`")[1]
            # LUMEN_SET names an option of effects besides.
            names = [
                name
                for name in re.findall(r"(\w+)=", synopsis)
                if name != "COLOR" or (name in request.parameters)
            ]
            assert names == list(request.parameters), request.gcode
    for request in OLD_REQUESTS:
        assert request.gcode.rsplit("_", 1)[0].replace("LUMEN_", "") in text


def test_every_endpoint_is_documented_with_its_parameters() -> None:
    text = (ROOT / "docs" / "API.md").read_text()
    told = {
        name: re.findall(r"`(\w+)`", parameters)
        for name, parameters in re.findall(r"^\| `lumen/(\w+)` \| (.*?) ?\|", text, re.M)
    }
    wanted = {
        request.name: [name.lower() for name in request.parameters]
        for request in REQUESTS
        if request.endpoint
    }
    assert told == wanted


def test_the_macros_read_and_show_their_parameters_in_every_web_interface() -> None:
    text = (ROOT / "docs" / "lumen.cfg").read_text()
    assert len(re.findall(r"^\[gcode_macro \w+\]\ndescription: .+\ngcode:\n", text, re.M)) == 5
    # One per line, indented so that Klipper reads it as a part of the value, no space before the
    # filter: what Mainsail, Fluidd and KlipperScreen find.
    sets = re.findall(r"^    \{% set (\w+) = params\.(\w+)\|default\('[^']*'\) %\}$", text, re.M)
    assert len(sets) == text.count("params.")
    assert all(name == parameter for name, parameter in sets)


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
