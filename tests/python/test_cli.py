"""The command line in a separate process."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from klipper_lumen import __version__
from klipper_lumen import check as compile_config
from klipper_lumen.cli import bench, main
from klipper_lumen.cli.check import check

GROUP = "[lumen_group case]\ndriver: memory\nindex_start: 1\nindex_end: 9\non_error: solid red\n"
GOOD = "[lumen]\n" + GROUP
BAD = GOOD + "brightnes: 1\non_idle: puls\n[lumen_strip top]\ncolor_order: GBX\n"


def klipper_lumen(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "klipper_lumen", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)


def answer(*arguments: object) -> Any:
    return json.loads(klipper_lumen(*arguments, "--json").stdout)


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "printer.cfg"
    path.write_text(GOOD)
    return path


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    (tmp_path / "lights.cfg").write_text(BAD)
    path = tmp_path / "printer.cfg"
    path.write_text("[mcu]\nnonsense: 1\n[include lights.cfg]\n")
    return path


def test_version_is_printed() -> None:
    result = klipper_lumen("--version")
    assert (result.returncode, result.stdout) == (0, "klipper-lumen %s\n" % __version__)


def test_the_script_and_the_module_are_the_same() -> None:
    script = Path(sys.executable).with_name("klipper-lumen")
    result = subprocess.run([script, "--version"], capture_output=True, text=True, check=True)
    assert result.stdout == klipper_lumen("--version").stdout


def test_help_lists_all_commands() -> None:
    text = klipper_lumen("--help").stdout
    for command in ("demo", "preview", "check", "effects", "install", "uninstall", "bench"):
        assert re.search(r"^    %s\s" % command, text, re.MULTILINE)


@pytest.mark.parametrize(
    "arguments", [(), ("chek",), ("check", "a", "b"), ("bench", "--seconds", "0")]
)
def test_wrong_arguments_are_reported_in_one_line(arguments: tuple[str, ...]) -> None:
    result = klipper_lumen(*arguments)
    assert result.returncode == 2
    assert result.stderr.splitlines()[-1].startswith("klipper-lumen")
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("text", ["nan", "inf", "-1", "0", "1e9", "four", "9" * 500])
@pytest.mark.parametrize(
    ("command", "option"),
    [("preview", "--seconds"), ("bench", "--seconds"), ("blank", "--timeout")],
)
def test_an_invalid_time_is_refused(command: str, option: str, text: str) -> None:
    arguments = [] if command == "bench" else ["printer.cfg"]
    with pytest.raises(SystemExit) as caught:
        main([command, *arguments, "%s=%s" % (option, text)])
    assert caught.value.code == 2


def test_deep_and_endless_includes_are_problems(tmp_path: Path) -> None:
    for depth in range(900):
        (tmp_path / ("%d.cfg" % depth)).write_text("[include %d.cfg]\n" % (depth + 1))
    result = klipper_lumen("check", tmp_path / "0.cfg")
    assert result.returncode == 1
    wanted = "31.cfg:1: includes must not be nested deeper than 32 files\n1 problem\n"
    assert result.stderr == "%s/%s" % (tmp_path, wanted)
    (tmp_path / "zero.cfg").write_text("[lumen]\n[include /dev/zero]\n")
    result = klipper_lumen("check", tmp_path / "zero.cfg")
    assert "zero.cfg:2: cannot read /dev/zero: it is a device" in result.stderr


def test_the_first_of_many_problems_are_printed(good: Path) -> None:
    groups = "[lumen_group g%d]\nstrip: case\n"
    strip = "[lumen]\n[lumen_strip case]\ndriver: memory\ncount: 5\n"
    good.write_text(strip + "".join(groups % number for number in range(250)))
    result = klipper_lumen("check", good)
    assert result.returncode == 1
    lines = result.stderr.splitlines()
    assert len(lines) == 21
    assert lines[-1] == "%s: and 229 more problems" % good


def test_a_good_config_has_no_problems(good: Path) -> None:
    result = klipper_lumen("check", good)
    assert (result.returncode, result.stdout) == (0, "%s: no problems found\n" % good)
    assert answer("check", good) == {"ok": True, "problems": [], "warnings": [], "notes": []}


def test_warnings_are_not_problems(good: Path) -> None:
    good.write_text(GOOD.replace("[lumen]\n", "[lumen]\nupdate_rate_printing: 1\n"))
    result = klipper_lumen("check", good)
    assert result.returncode == 0
    assert "%s:2: warning: Option 'update_rate_printing'" % good in result.stdout


def test_all_problems_have_file_and_line(bad: Path) -> None:
    result = klipper_lumen("check", bad)
    assert (result.returncode, result.stdout) == (1, "")
    *lines, count = result.stderr.splitlines()
    place = str(bad.with_name("lights.cfg"))
    assert {int(line[len(place) + 1 :].partition(":")[0]) for line in lines} >= {7, 8, 10}
    assert "%s:7: Option 'brightnes' is not valid in section 'lumen_group case'" % place in lines[0]
    assert count == "%d problems" % len(lines)


def test_json_has_the_same_problems(bad: Path) -> None:
    report = answer("check", bad)
    assert report["ok"] is False
    problem = report["problems"][0]
    assert problem["file"] == str(bad.with_name("lights.cfg"))
    assert (problem["line"], problem["section"]) == (7, "lumen_group case")
    assert problem["option"] == "brightnes"


def test_a_config_without_a_lumen_section_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "printer.cfg"
    path.write_text("[printer]\n[lumen_group case]\n")
    problems, _ = check(path)
    assert str(problems[0]) == "%s: no section [lumen]; Lumen is not loaded" % path


def test_an_unknown_heater_is_a_problem(good: Path) -> None:
    good.write_text(
        "[printer]\n[extruder]\n[heater_bed]\n" + GOOD + "on_heating: thermal chamber\n"
    )
    problems, _ = check(good)
    assert [(problem.line, problem.option) for problem in problems] == [(10, "on_heating")]
    good.write_text(good.read_text() + "[heater_generic chamber]\n")
    assert check(good)[0] == []


def test_an_unreadable_include_is_a_problem_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "printer.cfg"
    path.write_text("[lumen]\n[include none.cfg]\n")
    result = klipper_lumen("check", path)
    assert result.returncode == 1
    assert result.stderr.startswith("%s:2: include file" % path)
    assert klipper_lumen("check", tmp_path / "no.cfg").returncode == 1


def test_effects_are_listed_with_their_help() -> None:
    lines = klipper_lumen("effects").stdout.splitlines()
    assert len(lines) == 32
    assert lines[5] == "pulse      The whole group brightens and dims evenly"


def test_one_effect_is_printed_with_its_options() -> None:
    text = klipper_lumen("effects", "pulse").stdout
    assert "on_STATE: pulse [COLOR ...] [OPTION=VALUE ...]" in text
    assert "\n  speed: 0.5\n" in text
    assert "number above 0" in text
    assert [effect["name"] for effect in answer("effects", "pulse")] == ["pulse"]
    assert len(answer("effects")) == 32


def test_an_unknown_effect_suggests_the_nearest_one() -> None:
    result = klipper_lumen("effects", "plse")
    assert result.returncode == 1
    assert result.stderr == "klipper-lumen effects: unknown effect 'plse' (did you mean 'pulse'?)\n"


def test_bench_prints_its_figures_as_json() -> None:
    report = answer("bench", "--seconds", "0.2", "--scenario", "rainbow")
    assert list(report) == ["rainbow"]
    assert list(report["rainbow"]) == [
        "fps",
        "frames",
        "late",
        "period_ms",
        "cpu_percent",
        "wakeups_per_s",
        "rss_mb",
    ]


def test_bench_has_ten_valid_scenarios() -> None:
    names = [scenario.name for scenario in bench.SCENARIOS]
    assert names[:5] == ["rainbow", "print", "heating", "comet", "fire"]
    assert names[5:] == ["disco", "pulse", "chase3", "solid", "rainbow500"]
    for scenario in bench.SCENARIOS:
        assert compile_config(bench.config_of(scenario), bench.FACTS)["warnings"] == []


def test_figures_are_differences_of_two_reports() -> None:
    names = ("uptime_s", "frames", "late", "wakeups", "cpu_seconds", "rss_bytes")
    before = dict(zip(names, (1.0, 60, 1, 65, 0.5, 2**20)))
    after = dict(zip(names, (11.0, 660, 3, 680, 0.55, 2**21)))
    assert bench.figures(before, after, []) == {
        "fps": 60.0,
        "frames": 600,
        "late": 2,
        "period_ms": None,
        "cpu_percent": 0.5,
        "wakeups_per_s": 61.5,
        "rss_mb": 2.0,
    }


def test_periods_are_times_between_frames() -> None:
    times = [0.0, 0.010, 0.020, 0.030, 0.050]
    assert bench.periods(times) == {"p1": 10.0, "p50": 10.0, "p99": 20.0, "max": 20.0, "sd": 4.33}
    assert bench.periods([1.0]) is None
