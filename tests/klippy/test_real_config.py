"""Invalid configs in a real klippy: the start and `klipper-lumen check` report the same.

Runs if KLIPPER_DIR and its companions are set, KALICO_... for Kalico; see bench/README.md.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from klipper_lumen import install as installation
from klipper_lumen.cli import check
from tests.klippy.bench.environment import BenchError
from tests.klippy.bench.plugin import install
from tests.klippy.bench.session import Plan, Session
from tests.klippy.test_real import environment, site

__all__ = ["site"]

pytestmark = pytest.mark.timeout(300)

FIXTURES = Path(__file__).parents[1] / "fixtures"
# The Lumen sections of the fixture, with the bench's printer.
DISAGREES = (FIXTURES / "wrong" / "check-disagrees.cfg").read_text().partition("[lumen]")[2]

ALL = """
[output_pin caselight]
pin: gpio24
[lumen]
%s
[lumen_settings]
fade: 1
[Lumen_Group side]
strip: none
[lumen logo2]
[neopixel sb_leds]
pin: gpio40
chain_count: 3
[neopixel long]
pin: gpio41
chain_count: 167
[neopixel short]
pin: gpio42
color_order: GRB, GRBW
[led dark]
""" % DISAGREES.replace("pwm_tool lamp2", "caselight")

WRONG_NAME = "[Lumen]\n[lumen_group case]\ndriver: memory\n"

# Klipper starts with these.
WARNED = """
[include parts/**/*.cfg]
[output_pin caselight]
pin: gpio24
[lumen]
max_brightness: 0.4
unmapped: default
macro_homing: HOME_ALLL
[lumen_group room]
driver: pwm
pin_name: caselight
on_idle: solid #ff8800
#*# <---------------------- SAVE_CONFIG ---------------------->
#*# DO NOT EDIT THIS BLOCK OR BELOW. The contents are auto-generated.
#*#
#*# [gcode_macro saved]
#*# description = kept
[lumen_group net]
driver: ddp
host: 127.0.0.1
"""


def check_lines(folder: Path, found: list[check.Problem]) -> list[str]:
    """Returns the messages of `check`, each with its line."""
    names = [str(it).replace(" %s:" % it.level, "") for it in found]
    return [name.replace("%s/" % folder, "") for name in names]


def stopped(prefix: str, site: Path, folder: Path, config: str) -> str:
    """Returns why klippy does not start."""
    found = environment(prefix)
    plan = Plan(0.2, config, (site,), lambda tree: install(found, site, tree))
    with pytest.raises(BenchError) as caught, Session(found, folder, plan):
        pass
    text = str(caught.value)
    assert text.startswith("klippy is 'error': ")
    return text.partition(": ")[2].partition("\n\n")[0]


@pytest.mark.parametrize("prefix", ["KLIPPER", "KALICO"])
def test_klippy_and_check_report_the_same_errors(prefix: str, site: Path, tmp_path: Path) -> None:
    words = stopped(prefix, site, tmp_path, ALL)
    problems, _ = check.check(tmp_path / "printer.cfg")
    # Klipper reports the mistakes in its own sections, one at a start.
    klippers = [
        it for it in problems if it.section in ("neopixel long", "neopixel short", "led dark")
    ]
    assert len(klippers) == 3
    lumens = [it for it in problems if it not in klippers]
    assert words.splitlines() == check_lines(tmp_path, lumens)
    assert len(lumens) == 6
    lines = [problem.line for problem in problems if problem.line is not None]
    assert len(lines) == 9
    assert lines == sorted(lines)


@pytest.mark.parametrize("prefix", ["KLIPPER", "KALICO"])
def test_options_of_default_are_in_every_section(prefix: str, site: Path, tmp_path: Path) -> None:
    config = "[lumen]\n[lumen_group case]\ndriver: memory\n[DEFAULT]\nbrightnes: 0.5\n"
    words = stopped(prefix, site, tmp_path, config)
    problems, _ = check.check(tmp_path / "printer.cfg")
    assert words.splitlines() == check_lines(tmp_path, problems)
    assert [it.section for it in problems] == ["lumen", "lumen_group case"]
    assert words.startswith("printer.cfg:")


LONG = """
[neopixel long]
pin: gpio41
chain_count: 167
[lumen]
[lumen_group case]
driver: klipper
neopixel: long
index_end: 167
[neopixel bar]
pin: lumen:gpio18
chain_count: 167
"""


@pytest.mark.parametrize("prefix", ["KLIPPER", "KALICO"])
def test_klipper_decides_how_long_its_chains_can_be(
    prefix: str, site: Path, tmp_path: Path
) -> None:
    assert "neopixel chain too long" in stopped(prefix, site, tmp_path, LONG)
    problems, _ = check.check(tmp_path / "printer.cfg")
    assert [it.section for it in problems] == ["neopixel long", "neopixel bar"]
    found = environment(prefix)

    def raise_limit(tree: Path) -> None:
        install(found, site, tree)
        module = tree / "klippy/extras/neopixel.py"
        text = module.read_text()
        assert "MAX_MCU_SIZE = 500" in text
        module.write_text(text.replace("MAX_MCU_SIZE = 500", "MAX_MCU_SIZE = 5000"))

    folder = tmp_path / "raised"
    folder.mkdir()
    with Session(found, folder, Plan(0.2, LONG, (site,), raise_limit)) as session:
        session.gcode("LUMEN_RELOAD")
        session.gcode("G4 P2000")
        assert "the config was reloaded" in "\n".join(session.api.console)


@pytest.mark.parametrize("prefix", ["KLIPPER", "KALICO"])
def test_check_reports_errors_that_klipper_raises_before_lumen_is_loaded(
    prefix: str, site: Path, tmp_path: Path
) -> None:
    assert "not a valid config section" in stopped(prefix, site, tmp_path, WRONG_NAME)
    problems, _ = check.check(tmp_path / "printer.cfg")
    assert [problem.message for problem in problems] == [
        "no section [lumen]; Lumen is not loaded",
        "Section 'Lumen' is not a valid config section; write [lumen] in lowercase",
    ]


@pytest.mark.parametrize("prefix", ["KLIPPER", "KALICO"])
@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"\xef\xbb\xbf[lumen]\n", "parts.cfg:1: the file starts with a byte-order mark"),
        (b"[lumen]\n# gr\xfcn\n", "parts.cfg:2: the line has a byte that is not UTF-8 (0xfc)"),
    ],
)
def test_syntax_errors_are_reported_with_their_line(
    prefix: str, text: bytes, words: str, site: Path, tmp_path: Path
) -> None:
    (tmp_path / "parts.cfg").write_bytes(text)
    assert stopped(prefix, site, tmp_path, "[include parts.cfg]\n")
    (problem,), _ = check.check(tmp_path / "printer.cfg")
    assert words in str(problem)


@pytest.mark.parametrize("prefix", ["KLIPPER", "KALICO"])
def test_start_reload_and_check_report_the_same_warnings(
    prefix: str, site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = environment(prefix)

    def prepare(tree: Path) -> None:
        install(found, site, tree)
        for name, folder in (("one", "parts/a"), ("two", "parts/a/b")):
            (tmp_path / folder).mkdir(parents=True, exist_ok=True)
            group = "[lumen_group %s]\ndriver: memory\non_idle: solid #00ff00\n" % name
            (tmp_path / folder / "part.cfg").write_text(group)

    monkeypatch.setattr(installation, "is_kalico", lambda: prefix == "KALICO")
    with Session(found, tmp_path, Plan(0.2, WARNED, (site,), prepare)) as session:
        problems, warnings = check.check(tmp_path / "printer.cfg")
        wanted = check_lines(tmp_path, warnings)
        assert problems == []
        # klippy knows the real commands once it is ready, and warns only then.
        missing = [text for text in wanted if "macro_homing" in text]
        wanted = [text for text in wanted if text not in missing]
        assert len(missing) == 1
        assert len(wanted) == (6 if prefix == "KALICO" else 5)
        shown = session.query("configfile")["configfile"]["warnings"]
        assert [it["message"] for it in shown if ".cfg:" in it["message"]] == wanted
        assert sum("HOME_ALLL" in it["message"] for it in shown) == 1
        assert sum("SAVE_CONFIG" in text for text in wanted) == 1
        assert "modifications after header" in session.log.read_text(errors="replace")
        session.gcode("LUMEN_RELOAD")
        session.gcode("G4 P2000")
        console = "\n".join(session.api.console)
        assert "the config was reloaded" in console
        assert [text for text in wanted if text not in console] == []
