"""Recordings, and their pictures and terminal rows."""

from __future__ import annotations

import io
import platform
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from klipper_lumen import demo, font, picture, pillow, terminal
from klipper_lumen.cli import main
from klipper_lumen.recording import Recording, screen_color, screen_row

if TYPE_CHECKING:
    from pathlib import Path

RED = bytes([255, 0, 0, 0])
DARK = bytes(4)


@pytest.fixture
def recording() -> Recording:
    """Two strips; a red pixel runs along the first one, and the state changes once."""
    recording = Recording([("case", 4), ("bar", 2)])
    for step in range(40):
        frame = b"".join(RED if pixel == step % 4 else DARK for pixel in range(4))
        recording.add(step * 0.05, "idle" if step < 20 else "error", [frame, DARK * 2])
    return recording


def test_screen_colors_are_gamma_corrected() -> None:
    assert screen_color(0, 0, 0) == (0, 0, 0)
    assert screen_color(255, 255, 255) == (255, 255, 255)
    assert screen_color(26, 0, 0) == (90, 0, 0)


def test_the_white_led_adds_a_warm_white() -> None:
    r, g, b = screen_color(0, 0, 0, 255)
    assert r == 255
    assert r > g > b


def test_a_frame_is_converted_pixel_by_pixel() -> None:
    assert screen_row(DARK + RED) == [(0, 0, 0), (255, 0, 0)]


def test_states_are_in_the_order_of_time(recording: Recording) -> None:
    assert recording.states() == ["idle", "error"]


def test_a_thinned_recording_keeps_its_times(recording: Recording) -> None:
    times = [moment.time_s for moment in recording.thin(0.2).moments]
    assert len(times) == 10
    assert times[0] == 0.0


def test_the_timeline_has_a_row_per_moment_and_a_column_per_pixel(
    recording: Recording, tmp_path: Path
) -> None:
    path = tmp_path / "recording.png"
    picture.timeline(recording, path)
    with Image.open(path) as image:
        reds = {
            (x, y)
            for x in range(image.width)
            for y in range(image.height)
            if image.getpixel((x, y)) == (255, 0, 0)
        }
    # 40 rows of 6 pixels, and one of four columns of 10 in each.
    assert len(reds) == 40 * 6 * 10
    assert len({x for x, _ in reds}) == 4 * 10


def test_the_animation_has_its_frames_and_stays_small(recording: Recording, tmp_path: Path) -> None:
    path = tmp_path / "recording.gif"
    picture.animation(recording, path)
    with Image.open(path) as image:
        assert getattr(image, "n_frames", 1) > 10
    assert path.stat().st_size < 100_000


def test_pictures_are_deterministic(recording: Recording, tmp_path: Path) -> None:
    for name in ("a", "b"):
        picture.timeline(recording, tmp_path / (name + ".png"))
        picture.animation(recording, tmp_path / (name + ".gif"))
    for kind in (".png", ".gif"):
        assert (tmp_path / ("a" + kind)).read_bytes() == (tmp_path / ("b" + kind)).read_bytes()


def test_a_timeline_does_not_need_pillow(
    recording: Recording, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "recording.png"
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "PIL", None)
        picture.timeline(recording, path)
    with Image.open(path) as image:
        image.load()
        colors = {color for _, color in image.getcolors(1000) or ()}
    assert {(255, 0, 0), picture.TEXT, picture.FAINT, picture.BORDER} <= colors


def test_an_animation_without_pillow_is_an_error_with_the_commands_to_run(
    recording: Recording, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    monkeypatch.setattr(sys, "executable", "/home/a b/klippy-env/bin/python")
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    with pytest.raises(picture.PictureError) as error:
        picture.animation(recording, tmp_path / "recording.gif")
    run = "  '/home/a b/klippy-env/bin/python' -m pip install"
    assert str(error.value).splitlines() == [
        "a GIF needs Pillow. To install it, run:",
        run + " pillow",
        "Without internet, run this on another computer and copy the folder 'pillow' here:",
        "  python3 -m pip download --only-binary :all: --python-version %d.%d --platform "
        "manylinux_2_28_aarch64 -d pillow pillow" % sys.version_info[:2],
        "Then run this here:",
        run + " --no-index --find-links pillow pillow",
        "A PNG (--png) needs no other package",
    ]
    # The package index has no wheel for it.
    monkeypatch.setattr(platform, "machine", lambda: "armv7l")
    assert len(pillow.problem().splitlines()) == 3


def test_a_pillow_that_does_not_load_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "PIL").mkdir()
    (tmp_path / "PIL" / "__init__.py").touch()
    (tmp_path / "PIL" / "Image.py").write_text("raise ImportError('libtiff.so.6: not found')\n")
    for name in [name for name in sys.modules if name.split(".")[0] == "PIL"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(tmp_path)
    assert pillow.load() is None
    assert pillow.problem().splitlines()[0] == (
        "a GIF needs Pillow, which does not load here: libtiff.so.6: not found"
    )


def test_all_other_commands_work_without_pillow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "printer.cfg"
    path.write_text("[lumen]\n[lumen_group a]\ndriver: memory\nindex_end: 3\n")
    small = ["--state", "idle", "--seconds", "0.1"]
    for command in (
        ["check", str(path)],
        ["effects"],
        ["blank", str(path)],
        ["preview", str(path), *small],
        ["preview", str(path), *small, "--png", "a.png"],
    ):
        assert main(command) == 0, capsys.readouterr()
    assert main(["preview", str(path), *small, "--gif", "a.gif"]) == 1
    assert "preview: a GIF needs Pillow" in capsys.readouterr().err
    played = demo.record(live=False, clock="manual")
    monkeypatch.setattr(demo, "record", lambda live: played)
    assert main(["demo", "--no-live", "--out", "out"]) == 0
    assert sorted(it.name for it in (tmp_path / "out").iterdir()) == ["demo.png"]
    assert "no animation: a GIF needs Pillow" in capsys.readouterr().out


def test_a_long_group_continues_on_the_next_line_of_an_animation(tmp_path: Path) -> None:
    recording = Recording([("case", 300)])
    recording.add(0.0, "idle", [RED * 300], ["solid red"])
    recording.add(0.2, "idle", [DARK * 300], ["off"])
    drawn = []
    path = tmp_path / "recording.gif"
    picture.animation(recording, path, progress=lambda *step: drawn.append(step))
    with Image.open(path) as image:
        assert image.width < 1100
        assert image.height > 5 * picture.LED_PITCH_PX
    assert drawn == [(1, 2), (2, 2)]


def test_the_timeline_shows_the_effect_of_each_group(tmp_path: Path) -> None:
    recording = Recording([("case", 4)])
    for step in range(10):
        recording.add(step * 0.05, "idle", [RED * 4], ["solid red"])
    bright = []
    for part in (
        recording,
        Recording([("case", 4)], [replace(it, effects=()) for it in recording.moments]),
    ):
        picture.timeline(part, tmp_path / "recording.png")
        with Image.open(tmp_path / "recording.png") as image:
            # Right of the pixels, above the legend.
            gray = image.convert("L").crop((230, 34, image.width, 80))
            bright.append(sum(count for level, count in enumerate(gray.histogram()) if level > 90))
    assert bright[0] > 50
    assert bright[1] == 0


def test_every_printable_character_has_a_different_glyph() -> None:
    glyphs = [font.glyph(chr(code)) for code in range(32, 127)]
    assert len(font.ROWS) == len(set(glyphs)) == 95
    assert all(len(glyph) == font.HEIGHT and max(glyph) < 32 for glyph in glyphs)
    assert font.glyph("ä") == font.glyph("?")


def test_an_empty_recording_has_no_picture(tmp_path: Path) -> None:
    with pytest.raises(picture.PictureError, match="no moment"):
        picture.animation(Recording([("case", 1)]), tmp_path / "recording.gif")


def test_without_a_terminal_each_state_is_printed_once(recording: Recording) -> None:
    stream = io.StringIO()
    with terminal.Screen(recording, stream) as screen:
        for moment in recording.moments:
            screen.show(moment)
    assert stream.getvalue() == "   0.0 s  idle\n   1.0 s  error\n"


def test_a_recording_is_played_in_real_time_in_a_terminal(recording: Recording) -> None:
    for live, count in ((True, 39), (False, 0)):
        pauses: list[float] = []
        with terminal.Screen(recording, io.StringIO(), live) as screen:
            screen.play(pauses.append)
        assert len(pauses) == count
        assert sum(pauses) == pytest.approx(count * 0.05)


def test_live_rows_are_redrawn_in_place_and_the_cursor_is_restored(recording: Recording) -> None:
    stream = io.StringIO()
    with terminal.Screen(recording, stream, live=True) as screen:
        screen.show(recording.moments[0], "note")
        screen.show(recording.moments[1])
    text = stream.getvalue()
    assert "\x1b[38;2;255;0;0m█" in text
    assert "\x1b[3A\r" in text
    assert text.endswith(terminal.SHOW_CURSOR)


def test_a_row_is_cut_to_the_width() -> None:
    assert terminal.row(RED * 10, 4).count("█") == 4
