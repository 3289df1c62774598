"""The preview of a printer.cfg."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from klipper_lumen import LumenError, catalog, cli, preview

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = """
[printer]
kinematics: cartesian
[extruder]
[stepper_x]
position_max: 200
[neopixel head]
pin: PA1
chain_count: 3

[lumen]

[lumen_group case]
driver: gpio
gpio_pin: 10   # the strip
index_end: 12
on_heating: thermal extruder red red
on_printing: progress green green
on_error: solid red

[lumen_group logo]
driver: klipper
neopixel: head
index_end: 3
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "printer.cfg"
    path.write_text(CONFIG)
    return path


def lit(frame: bytes) -> int:
    return sum(1 for pixel in range(0, len(frame), 4) if any(frame[pixel : pixel + 4]))


def test_all_states_are_shown_in_order(config: Path) -> None:
    recording = preview.record(config, preview.STATES, 0.5)
    assert recording.states() == list(preview.STATES)
    assert [pixels for _, pixels in recording.rows] == [12, 3]


KEEP = """
[lumen]
unmapped: keep
[lumen_group case]
driver: memory
index_end: 4
on_idle: solid blue
on_heating: solid red
on_printing: solid green
on_complete: solid white
"""


def test_with_unmapped_keep_a_state_without_an_option_keeps_the_effect(tmp_path: Path) -> None:
    path = tmp_path / "printer.cfg"
    path.write_text(KEEP)
    recording = preview.record(path, preview.STATES, 0.5)
    shown = {moment.state: moment.effects[0] for moment in recording.moments}
    assert shown["startup"] == "off"
    assert shown["idle"] == "solid blue"
    for state in ("heating", "homing", "leveling", "meshing", "cleaning"):
        assert shown[state] == "solid red", state
    for state in ("printing", "snapshot", "paused", "cancelled"):
        assert shown[state] == "solid green", state
    for state in ("complete", "cooldown", "bored", "sleep"):
        assert shown[state] == "solid white", state


@pytest.mark.parametrize(
    ("state", "effect"), [("homing", "solid red"), ("sleep", "solid white"), ("startup", "off")]
)
def test_a_single_state_shows_the_same_as_in_the_whole_sequence(
    tmp_path: Path, state: str, effect: str
) -> None:
    path = tmp_path / "printer.cfg"
    path.write_text(KEEP)
    recording = preview.record(path, [state], 0.5)
    assert {moment.effects[0] for moment in recording.moments} == {effect}
    assert recording.states() == [state]


def test_the_preview_has_all_states() -> None:
    states = [state["name"] for state in json.loads(catalog())["states"]]
    assert sorted(preview.STATES) == sorted(states)


def test_heating_and_printing_fill_their_bars(config: Path) -> None:
    recording = preview.record(config, ["heating", "printing"], 4.0)
    for state, channel in (("heating", 0), ("printing", 1)):
        frames = [moment.frames[0] for moment in recording.moments if moment.state == state]
        assert lit(frames[len(frames) // 2]) < lit(frames[-1])
        assert frames[-1][channel] == 255


def test_a_preview_is_deterministic(config: Path) -> None:
    first, second = (preview.record(config, ["heating", "error"], 1.0) for _ in range(2))
    assert first.moments == second.moments


def test_pictures_are_written(config: Path, tmp_path: Path) -> None:
    png, gif = tmp_path / "lights.png", tmp_path / "lights.gif"
    options = ["--state", "idle", "--seconds", "1", "--png", str(png), "--gif", str(gif)]
    assert cli.main(["preview", str(config), *options]) == 0
    assert png.read_bytes().startswith(b"\x89PNG")
    assert gif.read_bytes().startswith(b"GIF89a")


@pytest.mark.parametrize("name", ["none/lights.png", "lights"])
def test_a_picture_that_cannot_be_written_is_an_error(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    options = ["--state", "idle", "--seconds", "0.2", "--png", str(tmp_path / name)]
    assert cli.main(["preview", str(config), *options]) == 1
    assert "cannot write '%s'" % (tmp_path / name) in capsys.readouterr().err


def test_without_a_file_the_states_are_printed(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["preview", str(config), "--state", "idle", "--seconds", "0.2"]) == 0
    assert "idle" in capsys.readouterr().out


def test_an_unknown_state_is_refused(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["preview", str(config), "--state", "printin"]) == 1
    assert "did you mean 'printing'?" in capsys.readouterr().err


def test_a_wrong_or_missing_config_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "wrong.cfg"
    path.write_text("[lumen]\nbrightnes: 1\n")
    assert cli.main(["preview", str(path)]) == 1
    assert "did you mean 'brightness'?" in capsys.readouterr().err
    assert cli.main(["preview", str(tmp_path / "none.cfg")]) == 1
    assert "none.cfg" in capsys.readouterr().err


def test_a_config_without_lights_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "dark.cfg"
    path.write_text("[lumen]\n")
    with pytest.raises(LumenError, match="no lumen_group"):
        preview.record(path, ["idle"], 1.0)
