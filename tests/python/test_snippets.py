"""Every code block of every document works; tests/klippy/test_real_documents.py has real klippy.

A block is loaded according to its kind (`KINDS` in tests/documents/snippets.py).
"""

from __future__ import annotations

import configparser
import json
import re
import shutil
import subprocess
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from klipper_lumen.cli import check
from klipper_lumen.setup.plan import UPDATE_MANAGER
from klipper_lumen.sim import Printer
from tests.documents import commands, outputs
from tests.documents.configs import (
    GCODE_CONFIG,
    REFERENCE,
    complete,
    configs,
    inline_gcode,
    inline_options,
    parts,
)
from tests.documents.snippets import (
    KINDS,
    LOADERS,
    Snippet,
    blocks,
    matching,
    of_kind,
    snippets,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MACHINE = """
[extruder]
[heater_bed]
[stepper_x]
position_max: 200
[temperature_sensor chamber]
"""

# Blocks that cannot be loaded, by their page and the start of their first line, and why.
EXCEPTIONS = {
    ("docs/Other_Boards.md", "overlays=spidev1_2"): "a file of Armbian",
    ("docs/Outputs.md", "dtoverlay=ws2812-pio,"): "config.txt, which only the firmware reads",
    ("docs/Outputs.md", 'SUBSYSTEM=="ws2812-pio-rp1"'): "a rule of udev; it needs a Raspberry Pi 5",
    ("docs/Performance.md", "time of a frame = "): "a formula",
}


def test_every_block_is_loaded_or_has_a_reason() -> None:
    unknown = [it for it in snippets() if it.kind == "unknown"]
    assert [str(it) for it in unknown if len(matching(EXCEPTIONS, it)) != 1] == []
    used = Counter(name for it in unknown for name in matching(EXCEPTIONS, it))
    assert used == Counter(list(EXCEPTIONS))


def test_every_output_is_produced() -> None:
    found = of_kind("output")
    assert [str(it) for it in found if len(matching(outputs.PRODUCERS, it)) != 1] == []
    assert {name for it in found for name in matching(outputs.PRODUCERS, it)} == {
        *outputs.PRODUCERS
    }


def test_every_kind_has_a_test_and_blocks() -> None:
    assert list(LOADERS) == list(KINDS)
    assert {it.kind for it in snippets()} - {"unknown"} == set(KINDS)
    for name in LOADERS.values():
        assert name.startswith("test_real_documents.py: ") or name in globals()


def test_blocks_are_found_with_any_indentation() -> None:
    page = "A:\n\n    one\n\n    more\n\nB:\n```\n[two]\n```\n1. C:\n\n   ```\n   three\n   ```\n"
    found = [(it.line, it.text) for it in blocks("page", page)]
    assert found == [(3, "one\n\nmore\n"), (9, "[two]\n"), (14, "three\n")]
    assert next(blocks("page", "```\nnothing known\n```\n")).kind == "unknown"


def start(config: str) -> Printer:
    printer = Printer(config)
    for name in re.findall(r"^\[gcode_macro (\w+)\]", config, re.M):
        printer.add_macro(name, "")
    return printer.start()


@pytest.mark.parametrize("snippet", configs(), ids=str)
def test_a_config_is_accepted(snippet: Snippet, tmp_path: Path) -> None:
    config = MACHINE + complete(snippet)
    # The example is in it as it is, except for the lines that it leaves to the reader.
    assert set(snippet.text.splitlines()) <= set(config.splitlines())
    printer = start(config)
    try:
        assert printer.is_ready(), printer.get_state_message()
        warnings = printer.query("configfile")["configfile"]["warnings"]
        # About the changed default of unmapped, which LUMEN 1 did not have.
        texts = [it["message"] for it in warnings if "show the built-in" not in it["message"]]
        assert texts == []
    finally:
        printer.close()
        assert printer.faults == []
    path = tmp_path / "printer.cfg"
    path.write_text("[printer]\nkinematics: none\n" + config)
    problems, remarks = check.check(path)
    assert [str(it) for it in (*problems, *remarks) if it.level != "note"] == []


# The options that a section with each driver needs.
DRIVERS = {
    "gpio": "gpio_pin: 18",
    "spi": "device: /dev/spidev0.0",
    "pio": "gpio_pin: 18",
    "apa102": "device: /dev/spidev0.0",
    "ddp": "host: 127.0.0.1",
    "klipper": "neopixel: chain",
    "pwm": "pin_name: lamp",
    "proxy": "gpio_pin: 18",
    "memory": "device: any",
}
CHAIN = "[neopixel chain]\npin: PB0\nchain_count: 9\n[output_pin lamp]\npin: PB1\npwm: True\n"
# An option with a value, and its text.
DEFAULT = re.compile(r"^#(\w+): (.+)\n((?:#  .*\n)+)", re.M)
OPTION = re.compile(r"^#(\w+):", re.M)


def defaults(snippet: Snippet, driver: str) -> str:
    """The lines of a block of the reference with the defaults that fit a driver."""
    lines = []
    for name, value, text in DEFAULT.findall(snippet.text):
        limit = re.search(r"For(?:\n#  )? driver: ([\w, \n#]+)\.", text)
        if limit is None or driver in re.findall(r"\w+", limit[1]):
            lines.append("%s: %s\n" % (name, value))
    return "".join(lines)


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize("first", ["[lumen_strip NAME]", "[lumen_group NAME]"])
def test_the_defaults_of_the_reference_are_accepted(first: str, driver: str) -> None:
    (snippet,) = (it for it in configs() if (it.page, it.first) == (REFERENCE, first))
    # A chain and a lamp have these in Klipper's own section.
    text = re.sub("^color_order:.*\n", "", defaults(snippet, driver), flags=re.M)
    if driver in ("apa102", "ddp", "klipper", "pwm", "memory"):
        text = re.sub("^strip_type:.*\n", "", text, flags=re.M)
    config = (
        MACHINE
        + CHAIN
        + "[lumen]\n%s\ndriver: %s\n%s\n%s"
        % (
            first,
            driver,
            DRIVERS[driver],
            text,
        )
    )
    if "strip" in first:
        config += ("" if driver == "pwm" else "count: 1\n") + "[lumen_group G]\nstrip: NAME\n"
    printer = start(config)
    try:
        assert printer.is_ready(), printer.get_state_message()
    finally:
        printer.close()


def test_the_defaults_of_lumen_are_accepted() -> None:
    (snippet,) = (
        it for it in configs() if it.page == REFERENCE and it.text.startswith("[lumen]\n#")
    )
    text = defaults(snippet, "")
    assert text.count("\n") > 12
    printer = start(MACHINE + "[lumen]\n%s[lumen_group case]\ndriver: memory\n" % text)
    try:
        assert printer.is_ready(), printer.get_state_message()
    finally:
        printer.close()


@pytest.fixture
def lights() -> Iterator[Printer]:
    """A printer with all groups and effects that the commands of the documents name."""
    printer = Printer(MACHINE + GCODE_CONFIG).start()
    yield printer
    printer.close()
    assert printer.faults == []


def run(printer: Printer, script: str) -> list[str]:
    """Runs commands; returns the complaints about them."""
    before = len(printer.gcode.output)
    for line in script.splitlines():
        printer.try_run(line)
        printer.advance(0.2)
    answers = "\n".join(printer.gcode.output[before:]).splitlines()
    return [it for it in answers if re.match(r"!!|// (Unknown|[A-Z_]+: )", it)]


@pytest.mark.parametrize("snippet", of_kind("gcode"), ids=str)
def test_commands_are_accepted(lights: Printer, snippet: Snippet) -> None:
    assert run(lights, snippet.text) == []


# A command in a sentence that is wrong on purpose, and why it is there.
WRONG = {"LUMEN_STATE STATE=ready": "the changes describe its message"}


def test_each_wrong_command_is_in_a_document() -> None:
    assert set(WRONG) <= set(inline_gcode())


@pytest.mark.parametrize("command", [it for it in inline_gcode() if it not in WRONG])
def test_commands_in_sentences_are_accepted(lights: Printer, command: str) -> None:
    assert run(lights, command) == []


@pytest.mark.parametrize("option", inline_options())
def test_options_in_sentences_are_accepted(option: str) -> None:
    group = "[lumen_group shown]\ndriver: memory\n%s\n" % option
    printer = start(MACHINE + GCODE_CONFIG + group)
    try:
        assert printer.is_ready(), printer.get_state_message()
    finally:
        printer.close()


def test_a_wrong_command_is_noticed(lights: Printer) -> None:
    for wrong in ("LUMEN_SET GROUP=cse EFFECT=off", "LUMEN_NO", "LUMEN_SET x", "LUMEN_SET a=b"):
        assert run(lights, wrong) != [], wrong


@pytest.mark.parametrize("snippet", [it for it in configs() if it.macros], ids=str)
def test_the_commands_of_macros_are_accepted(lights: Printer, snippet: Snippet) -> None:
    """Those without a template; real klippy renders and runs the macros."""
    for name, text in parts(snippet.text):
        if name.startswith("gcode_macro "):
            lines = [line.strip() for line in text.partition("gcode:\n")[2].splitlines()]
            ours = [it for it in lines if it.startswith("LUMEN") and "{" not in it]
            assert run(lights, "\n".join(ours)) == []


@pytest.mark.parametrize("snippet", of_kind("shell"), ids=str)
def test_command_lines_are_accepted(snippet: Snippet) -> None:
    shell = shutil.which("bash") or "sh"
    subprocess.run([shell, "-n", "-c", snippet.text], check=True)
    found = commands.split(snippet.text)
    assert found
    for words in found:
        commands.check(words)


@pytest.mark.parametrize(
    ("script", "wanted"),
    [
        ("~/a/bin/klipper-lumen check --no-such-option", "unrecognized"),
        ("printers/install.sh --no-such-option", "unrecognized"),
        ("sudo python3 -I -S klipper_lumen helper instal", "invalid choice"),
        ("make no-such-target", ""),
        ("pip install --no-such-option x", "no such option"),
        ("cargo bench --bench nothing", ""),
        ("unknown-program", ""),
        ("curl http://printer.local/printer/other", ""),
    ],
)
def test_a_wrong_command_line_is_noticed(
    script: str, wanted: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (words,) = commands.split(script)
    with pytest.raises((SystemExit, AssertionError)):
        commands.check(words)
    assert wanted in capsys.readouterr().err


def test_scripts_are_split_into_commands() -> None:
    script = "{ a b; echo\n  c 'd e' > out 2>&1 | f; } # g\nsudo h \\\n  i && j\n"
    words = [["a", "b"], ["echo"], ["c", "d e"], ["f"], ["h", "i"], ["j"]]
    assert commands.split(script) == words


def requests_of(snippet: Snippet) -> list[tuple[str, dict[str, Any]]]:
    if snippet.kind == "json":
        request = json.loads(snippet.text)
        return [(request["method"].removeprefix("printer.").replace(".", "/"), request["params"])]
    return [
        commands.request_of(words)
        for words in commands.split(snippet.text.replace("* * * ", "* * *\n"))
        if words[0] == "curl"
    ]


@pytest.mark.parametrize(
    "snippet", [it for it in of_kind("json", "cron", "shell") if requests_of(it)], ids=str
)
def test_requests_of_programs_work(lights: Printer, snippet: Snippet) -> None:
    for path, params in requests_of(snippet):
        assert lights.ask(path, **params) == {}


def test_the_section_for_moonraker_is_that_of_the_setup() -> None:
    (snippet,) = of_kind("moonraker")
    assert snippet.text == UPDATE_MANAGER.format(environment="~/klippy-env").lstrip()


@pytest.mark.parametrize("snippet", of_kind("unit"), ids=str)
def test_units_are_accepted_by_systemd(snippet: Snippet, tmp_path: Path) -> None:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(snippet.text)
    for name, value in parser["Service"].items():
        if name.startswith("Exec"):
            assert commands.check(value.lstrip("-").split()) == "klipper-lumen"
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not installed")
    unit = tmp_path / "klipper.service"
    # The program of the example does not exist here.
    text = re.sub(r"^(Exec\w+=-?)\S+", r"\1/bin/true", snippet.text, flags=re.M)
    unit.write_text(text + "ExecStart=/bin/true\n")
    found = subprocess.run([analyze, "verify", unit], capture_output=True, text=True, check=False)
    assert "%s:" % unit not in found.stderr, found.stderr


@pytest.mark.parametrize("snippet", of_kind("output"), ids=str)
def test_an_output_is_as_printed(snippet: Snippet, tmp_path: Path) -> None:
    (name,) = matching(outputs.PRODUCERS, snippet)
    printed = outputs.PRODUCERS[name](tmp_path)
    for line in snippet.text.splitlines():
        assert outputs.has(printed, line), printed


def test_another_output_is_noticed() -> None:
    line = "// group case: comet (by state), 30 pixels"
    assert outputs.has([line.replace("30", "4")], line)
    assert not outputs.has([line.replace("comet", "solid")], line)
    assert outputs.has(["dark: a (b)"], "dark: a (...)")
    assert not outputs.has(["dark: a (b), 1 fault"], "dark: a (...)")
