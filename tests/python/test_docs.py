"""The documents match the code; test_snippets.py has their code blocks."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from klipper_lumen import catalog, docs
from klipper_lumen.sim import Printer
from tests.klippy.lights import OLD_REQUESTS, REQUESTS

ROOT = Path(__file__).parents[2]
DOCS = sorted((ROOT / "docs").glob("*.md"))
CONFIG = "[lumen]\n[lumen_group case]\ndriver: memory\nindex_end: 3\n"


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_generated_parts_are_up_to_date(path: Path) -> None:
    text = path.read_text()
    assert docs.rewritten(text) == text, "run: make docs"


@pytest.mark.parametrize("path", [*DOCS, ROOT / "README.md"], ids=lambda path: path.name)
def test_every_link_points_to_a_file(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[\w-]*)?\)", path.read_text()):
        assert (path.parent / target).is_file(), target


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_numbers_have_no_exponent(path: Path) -> None:
    assert re.findall(r"\d[eE][+-]\d+", path.read_text()) == []


def test_every_state_is_explained() -> None:
    assert all(state["help"] for state in json.loads(catalog())["states"])


def test_every_effect_has_a_picture() -> None:
    images = ROOT / "docs" / "images"
    for effect in json.loads(catalog())["effects"]:
        for kind in docs.KINDS:
            assert (images / ("effect-%s.%s" % (effect["name"], kind))).is_file(), "run: make docs"


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
    documented = dict(zip(parts[::2], parts[1::2]))
    assert list(documented) == [request.gcode for request in REQUESTS if request.command]
    for request in REQUESTS:
        if request.command:
            synopsis = documented[request.gcode].split("`")[1]
            # LUMEN_SET also shows an option of effects.
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
    documented = {
        name: re.findall(r"`(\w+)`", parameters)
        for name, parameters in re.findall(r"^\| `lumen/(\w+)` \| (.*?) ?\|", text, re.M)
    }
    wanted = {
        request.name: [name.lower() for name in request.parameters]
        for request in REQUESTS
        if request.endpoint
    }
    assert documented == wanted


def test_every_web_interface_finds_the_parameters_of_the_macros() -> None:
    text = (ROOT / "docs" / "lumen_macros.cfg").read_text()
    assert len(re.findall(r"^\[gcode_macro \w+\]\ndescription: .+\ngcode:\n", text, re.M)) == 5
    # Mainsail, Fluidd and KlipperScreen find one per line, without a space before the filter. The
    # indentation makes the line a part of Klipper's value.
    sets = re.findall(r"^    \{% set (\w+) = params\.(\w+)\|default\('[^']*'\) %\}$", text, re.M)
    assert len(sets) == text.count("params.")
    assert all(name == parameter for name, parameter in sets)


# Parts of the messages that the page explains, each on one line of the sources.
MESSAGES = (
    "the package klipper-lumen is missing or does not fit this Python",
    "belongs to another version of klipper-lumen",
    "it may need a newer Lumen",
    "has no effect without a [lumen_group NAME]",
    "sudo raspi-config nonint do_spi 0",
    "sudo usermod -a -G",
    "so it uses only the first pixel",
    "forced by LUMEN_STATE",
    "end the test with LUMEN_TEST_STOP",
    "Reading the config",
    "LUMEN_RELOAD: the config was reloaded",
    "LUMEN_RELOAD: the config was not changed",
    "no section [lumen]",
    "changes to the macro_... lists take effect after a RESTART",
    "changes to [neopixel] sections take effect after a RESTART",
    "a reload is already in progress",
    "reading the config files took longer than",
    "earlier reloads are still reading the config files",
    "internal error, see klippy.log",
    "root would run files that other users can change",
    "is not in the helper's configuration",
    "the helper is configured for",
    "already drives the strips",
    "the helper is not running",
    "the helper is installed and can light its strips",
    "Klipper ignores all values that SAVE_CONFIG has saved because of this line",
    "by its limit",
)


@pytest.mark.parametrize("message", MESSAGES)
def test_the_messages_of_the_troubleshooting_page_exist(message: str) -> None:
    text = " ".join((ROOT / "docs" / "Troubleshooting.md").read_text().split())
    assert message in text
    sources = [
        path.read_text()
        for folder, pattern in (("src", "*.rs"), ("python", "*.py"), ("klippy_extra", "*.py"))
        for path in (ROOT / folder).rglob(pattern)
    ]
    assert any(message in source for source in sources)


def test_the_list_of_documents_is_complete() -> None:
    text = (ROOT / "docs" / "README.md").read_text()
    listed = re.findall(r"\]\((\w[\w.-]*\.md)\)", text)
    assert sorted(listed) == sorted(path.name for path in DOCS if path.name != "README.md")
    assert len((ROOT / "README.md").read_text().split()) < 400


def test_the_looks_in_the_documents_have_pictures() -> None:
    text = (ROOT / "docs" / "led_effect.md").read_text()
    shown = docs.looks(text)
    assert len(shown) == len(re.findall(r"^\[lumen_effect (\w+)\]", text, re.M)) == 18
    assert list(shown) == re.findall(r"^\[led_effect (\w+)\]", text, re.M)
    for name in shown:
        picture = ROOT / "docs" / "images" / ("look-%s.gif" % name)
        assert picture.stat().st_size <= 60_000, "run: make docs"


def test_the_macro_of_the_recipes_lights_the_nozzle_and_gives_it_back() -> None:
    text = (ROOT / "docs" / "Recipes.md").read_text()
    config = next(block for block in re.findall(r"```\n(.*?)```", text, re.S) if "nozzle]" in block)
    macro = text.partition("gcode:\n")[2].partition("```")[0].split("\n")
    lines = [line.strip() for line in macro if "CLEAN_NOZZLE" not in line]
    printer = Printer(config).start()
    try:
        before = printer.query("lumen_group nozzle")["lumen_group nozzle"]["effect"]
        shown = []
        for line in filter(None, lines):
            printer.run(line).advance(0.5)
            shown.append(printer.query("lumen_group nozzle")["lumen_group nozzle"]["effect"])
    finally:
        printer.close()
    assert shown[0] == "solid color=white"
    assert shown[-1] == before
