"""The reader of printer.cfg reads the same as Klipper."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Optional

import pytest

from klipper_lumen import ConfigError, Engine, check
from klipper_lumen.config import Config, ConfigFileError, Place, read

if TYPE_CHECKING:
    from collections.abc import Callable

# The lines that Klipper writes above the values of SAVE_CONFIG.
AUTOSAVE = [
    "#*# <---------------------- SAVE_CONFIG ---------------------->",
    "#*# DO NOT EDIT THIS BLOCK OR BELOW. The contents are auto-generated.",
    "#*#",
]


def load(folder: Path, text: str, **more: str) -> Config:
    for name, content in more.items():
        (folder / (name + ".cfg")).write_text(content)
    path = folder / "printer.cfg"
    path.write_text(text)
    return read(path)


def values(config: Config, section: str) -> dict[str, str]:
    return {name: option.value for name, option in config.sections[section].options.items()}


def problem(folder: Path, text: str, **more: str) -> tuple[str, Optional[int]]:
    with pytest.raises(ConfigFileError) as caught:
        load(folder, text, **more)
    return str(caught.value), caught.value.place.line if caught.value.place else None


def test_colon_and_equals_set_an_option_and_option_names_ignore_case(tmp_path: Path) -> None:
    config = load(tmp_path, "[lumen]\nGPIO_fps: 60\nfade = 0.5\non_idle: pulse speed=1\n")
    assert values(config, "lumen") == {"gpio_fps": "60", "fade": "0.5", "on_idle": "pulse speed=1"}


def test_a_hash_starts_a_comment_anywhere(tmp_path: Path) -> None:
    config = load(tmp_path, "[lumen] # lights\n# x: 1\non_idle: solid #ff8800\n")
    assert values(config, "lumen") == {"on_idle": "solid"}


def test_a_semicolon_starts_a_comment_only_after_a_space(tmp_path: Path) -> None:
    config = load(tmp_path, "[lumen]\n; x: 1\na: 1;2\nb: 1 ; 2\n")
    assert values(config, "lumen") == {"a": "1;2", "b": "1"}


def test_indented_lines_continue_a_value(tmp_path: Path) -> None:
    config = load(tmp_path, "[lumen]\nmacro:\n  G28\n\n    # x\n  M600 ; y\nnext: 1\n")
    assert values(config, "lumen") == {"macro": "\nG28\n\n\nM600", "next": "1"}


def test_repeated_sections_are_merged_and_the_last_value_wins(tmp_path: Path) -> None:
    config = load(tmp_path, "[lumen]\na: 1\nb: 1\n[x]\n[lumen]\na: 2\n")
    assert values(config, "lumen") == {"a": "2", "b": "1"}
    assert list(config.sections) == ["lumen", "x"]
    assert config.place("lumen", "A") == Place(tmp_path / "printer.cfg", 6)


def test_includes_are_read_in_place_and_in_the_order_of_their_names(tmp_path: Path) -> None:
    text = "[lumen]\na: 0\n[include part*.cfg]\n[include none*.cfg]\n[lumen]\nb: 9\n"
    parts = {"part2": "[lumen]\na: 2\n", "part1": "[lumen]\na: 1\nb: 1\n"}
    config = load(tmp_path, text, **parts)
    assert values(config, "lumen") == {"a": "2", "b": "9"}
    assert config.place("lumen", "a") == Place(tmp_path / "part2.cfg", 2)


def test_an_include_is_relative_to_its_file(tmp_path: Path) -> None:
    (tmp_path / "lights").mkdir()
    (tmp_path / "lights" / "group.cfg").write_text("[lumen_group case]\n")
    config = load(tmp_path, "[include lights/all.cfg]\n", **{"lights/all": "[include group.cfg]\n"})
    assert list(config.sections) == ["lumen_group case"]


def test_a_missing_include_is_a_problem(tmp_path: Path) -> None:
    message, line = problem(tmp_path, "[lumen]\n[include lights.cfg]\n")
    assert message == "include file '%s' does not exist" % (tmp_path / "lights.cfg")
    assert line == 2


def test_a_file_that_includes_itself_is_a_problem(tmp_path: Path) -> None:
    message, line = problem(tmp_path, "[include a.cfg]\n", a="[include printer.cfg]\n")
    assert message == "'%s' includes itself" % (tmp_path / "printer.cfg")
    assert line == 1


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("a: 1\n", "'a: 1' is outside of any section", 1),
        ("[x]\n[include b.cfg]\na: 1\n", "'a: 1' is outside of any section", 3),
        ("[lumen]\nrainbow\n", "'rainbow' is neither an option nor a section", 2),
    ],
)
def test_an_invalid_line_is_a_problem(tmp_path: Path, text: str, message: str, line: int) -> None:
    assert problem(tmp_path, text, b="[y]\n") == (message, line)


def test_an_unreadable_file_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "none.cfg"
    with pytest.raises(ConfigFileError, match=r"cannot open .*none\.cfg: No such file"):
        read(path)


def test_a_fifo_is_a_problem_of_its_include(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.cfg")
    message, line = problem(tmp_path, "[lumen]\n[include pipe.cfg]\n")
    assert message == "cannot read %s/pipe.cfg: it is a FIFO, not a regular file" % tmp_path
    assert line == 2


def test_values_of_the_file_override_saved_values(tmp_path: Path) -> None:
    kept = ["#*# [lumen]", "#*# a: 7", "#*# b: 8", "#*# [x]", "#*# points =", "#*#   1, 2"]
    text = "[lumen]\na: 1\n\n" + "\n".join(AUTOSAVE + kept) + "\n"
    config = load(tmp_path, text)
    assert values(config, "lumen") == {"a": "1", "b": "8"}
    assert values(config, "x") == {"points": "\n1, 2"}
    assert config.place("lumen", "b") == Place(tmp_path / "printer.cfg", 9)


def test_an_edited_save_config_block_is_ignored(tmp_path: Path) -> None:
    text = "[lumen]\na: 1\n" + "\n".join([*AUTOSAVE, "#*# [x]", "[y]"]) + "\n"
    assert list(load(tmp_path, text).sections) == ["lumen", "y"]


def is_overlapped(work: Callable[[], object]) -> bool:
    """Whether this thread continues before the work on another thread ends."""
    for _ in range(20):
        ended: list[bool] = []
        thread = threading.Thread(target=lambda ended=ended: (work(), ended.append(True)))
        thread.start()
        overlapped = not ended
        thread.join()
        if overlapped:
            return True
    return False


def test_other_threads_run_while_a_config_is_read_and_compiled(tmp_path: Path) -> None:
    path = tmp_path / "printer.cfg"
    path.write_text("[x]\n" + "a: 1\n" * 100_000)
    sections = [["lumen_group g%d" % number, {"strip": "none"}] for number in range(1000)]
    text = json.dumps({"sections": sections})
    facts = json.dumps({"heaters": [], "sensors": []})
    interval = sys.getswitchinterval()
    # Python does not switch threads by itself now.
    sys.setswitchinterval(1000.0)
    try:
        assert not is_overlapped(lambda: sum(range(100_000)))
        assert is_overlapped(lambda: read(path))
        assert is_overlapped(lambda: refused(lambda: check(text, facts)))
        assert is_overlapped(lambda: refused(lambda: Engine(text, facts)))
    finally:
        sys.setswitchinterval(interval)


def refused(work: Callable[[], object]) -> None:
    with contextlib.suppress(ConfigError):
        work()


def test_the_engine_gets_only_the_sections_of_lumen(tmp_path: Path) -> None:
    text = "[mcu]\n[lumen_group Case]\npin: 10\n[lumenary]\n[lumen]\n"
    sections = [["lumen_group Case", {"pin": "10"}], ["lumen", {}]]
    found = json.loads(load(tmp_path, text).lumen_json())
    assert found["sections"] == sections
    names = ["mcu", "lumen_group Case", "lumenary", "lumen"]
    assert found["klipper"] == {"known_from": "part", "names": names}


def test_messages_are_in_the_order_of_the_lines(tmp_path: Path) -> None:
    text = "[lumen]\n[include b.cfg]\n[lumen_group a]\non_idle: solid #ff8800\n"
    config = load(tmp_path, text, b="[lumen_group b]\npin: 1\n")
    found = [
        ("", None, "and 3 more"),
        ("lumen_group a", None, "a"),
        ("lumen_group b", "pin", "b"),
        ("lumen", "none", "first"),
        ("absent", None, "nowhere"),
    ]
    texts = [str(it).partition(tmp_path.as_posix() + "/")[2] for it in config.messages(found)]
    assert texts == [
        "printer.cfg: nowhere",
        "printer.cfg:1: first",
        "printer.cfg:3: a",
        "b.cfg:2: b",
        "printer.cfg: and 3 more",
    ]
    (note,) = config.messages(with_notes=True)
    assert (str(note.place), note.section, note.option) == (
        "%s/printer.cfg:4" % tmp_path,
        "lumen_group a",
        "on_idle",
    )


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("pulse ${constants.accent}", "pulse ff8800"),
        ("pulse ${constants:Accent} ${speed}", "pulse ff8800 0.5"),
        ("solid ${constants.same}", "solid ff8800"),
        ("solid ${constants.absent}", "solid ${constants.absent}"),
        ("solid ${loop}", "solid ${loop}"),
    ],
)
def test_references_of_kalico_are_resolved(tmp_path: Path, written: str, read_as: str) -> None:
    text = "[constants]\naccent: ff8800\nsame: ${constants.accent}\n"
    group = "[lumen_group a]\nspeed: 0.5\nloop: ${loop}\non_idle: %s\n" % written
    sections = dict(json.loads(load(tmp_path, text + group).lumen_json())["sections"])
    assert sections["lumen_group a"]["on_idle"] == read_as


def test_facts_describe_the_printer_of_the_file(tmp_path: Path) -> None:
    axes = "".join(
        "[stepper_%s]\nposition_min: %s\nposition_max: 200\n" % axis
        for axis in (("x", "-5"), ("y", "0"), ("z", "-0.5"))
    )
    names = ["extruder", "extruder1", "heater_bed", "heater_generic chamber"]
    sensors = ["temperature_sensor pi", "temperature_fan board", "tmc2240 extruder"]
    others = [
        "extruder_stepper x",
        "verify_heater extruder",
        "fan",
        "filament_switch_sensor runout",
        "my_sensor oven",
    ]
    sections = "".join("[%s]\n" % name for name in [*names, *sensors, *others, "printer"])
    facts = load(tmp_path, axes + sections).facts_json()
    assert facts is not None
    assert json.loads(facts) == {
        "heaters": names,
        "sensors": sensors,
        "filament_sensors": ["filament_switch_sensor runout"],
        "travel": [[-5.0, 200.0], [0.0, 200.0], [-0.5, 200.0]],
        "plug_ins": ["my_sensor oven"],
    }


def test_a_part_of_a_config_has_no_facts(tmp_path: Path) -> None:
    assert load(tmp_path, "[lumen]\n").facts_json() is None


def test_a_printer_without_complete_axes_has_no_travel(tmp_path: Path) -> None:
    facts = load(tmp_path, "[printer]\n[stepper_a]\n[stepper_x]\nposition_max: far\n").facts_json()
    assert facts is not None
    assert "travel" not in json.loads(facts)
