"""Pictures of a recording: a timeline as PNG and an animation as GIF.

A PNG needs only Python. A GIF needs Pillow.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any, Callable, Optional

from . import counted, pillow
from .canvas import LARGE, Canvas, Fonts
from .recording import Moment, Recording, screen_row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from .recording import Rgb

BACKGROUND: Rgb = (16, 18, 22)
RULE: Rgb = (46, 50, 58)
BORDER: Rgb = (74, 80, 92)
TEXT: Rgb = (214, 218, 226)
FAINT: Rgb = (128, 134, 146)
# LEDs are visible when they are off.
UNLIT: Rgb = (28, 31, 37)

MARGIN_PX = 18

# The timeline.
LABEL_PX = 152
HEADER_PX = 34
LEGEND_PX = 26
GROUP_GAP_PX = 22
# The height of all rows together, so that the picture fits a page.
MAX_ROWS_PX = 1200
LABEL_EVERY_PX = 17
# A short group is drawn at least this wide, with pixels of at most COLUMN_PX.
GROUP_PX = 40
COLUMN_PX = 20
# The label of an effect beside its group.
EFFECT_GAP_PX = 8
EFFECT_CHARACTERS = 44

# The animation.
LED_PX = 12
LED_GAP_PX = 4
LED_PITCH_PX = LED_PX + LED_GAP_PX
# A longer group continues on the next line.
LEDS_PER_LINE = 60
TITLE_PX = 18
FRAME_S = 0.08
# The colors of one picture. More colors make the file larger without a visible difference.
COLORS = 96

# Called with the number of drawn pictures and their total number.
Progress = Callable[[int, int], None]


class PictureError(Exception):
    """A picture cannot be drawn; the text has the reason and the remedy."""


def timeline(recording: Recording, path: Path) -> None:
    """Writes a PNG: time from top to bottom, one column per pixel, groups side by side, with labels
    for states and effects.
    """
    if path.suffix.lower() != ".png":
        raise PictureError("cannot write '%s': the name of a timeline must end in .png" % path)
    columns_px = _columns_px(recording)
    row_px = max(1, min(6, MAX_ROWS_PX // max(1, len(recording.moments))))
    fonts = _fonts(pillow.load())
    lefts = _lefts(recording, columns_px, Canvas(1, 1, BACKGROUND, fonts))
    rows_px = row_px * len(recording.moments)
    width = max(lefts[-1] - GROUP_GAP_PX + MARGIN_PX, 480)
    canvas = Canvas(width, HEADER_PX + rows_px + LEGEND_PX + MARGIN_PX, BACKGROUND, fonts)
    for (name, pixels), column_px, left in zip(recording.rows, columns_px, lefts):
        canvas.text(left, MARGIN_PX - 4, _title(name, pixels), TEXT)
        canvas.frame(left - 2, HEADER_PX - 2, pixels * column_px + 4, rows_px + 4, BORDER)
    for row, moment in enumerate(recording.moments):
        top = HEADER_PX + row * row_px
        for frame, column_px, left in zip(moment.frames, columns_px, lefts):
            _draw_row(canvas, frame, (left, top), (column_px, row_px))
    _draw_states(canvas, recording, row_px)
    for index, (left, column_px) in enumerate(zip(lefts, columns_px)):
        beside = left + recording.rows[index][1] * column_px + EFFECT_GAP_PX
        _draw_effects(canvas, recording, index, beside, row_px)
    _draw_legend(canvas, recording, HEADER_PX + rows_px + 12)
    _write(path, canvas.png())


def animation(
    recording: Recording, path: Path, frame_s: float = FRAME_S, progress: Optional[Progress] = None
) -> None:
    """Writes a GIF: each group as rows of LEDs, with the state and the effects."""
    modules = pillow.load()
    if modules is None:
        raise PictureError(pillow.problem())
    image_module, _ = modules
    fonts = _fonts(modules)
    recording = recording.thin(frame_s)
    if not recording.moments:
        raise PictureError("the recording has no moment to draw")
    pictures = []
    for number, moment in enumerate(recording.moments, 1):
        canvas = _draw_moment(recording, moment, fonts)
        size = (canvas.width, canvas.height)
        image = image_module.frombytes("RGB", size, bytes(canvas.pixels))
        # Five times faster than the default method, without a visible difference.
        method = image_module.Quantize.FASTOCTREE
        pictures.append(image.quantize(COLORS, method, dither=image_module.Dither.NONE))
        if progress is not None:
            progress(number, len(recording.moments))
    _save(
        pictures[0],
        path,
        save_all=True,
        append_images=pictures[1:],
        duration=round(frame_s * 1000),
        loop=0,
        optimize=True,
        disposal=1,
    )


def chart(colors: Sequence[tuple[str, str]], path: Path) -> None:
    """Writes a PNG with a patch and the name of each color; the values are RRGGBB of an LED."""
    columns, cell_px, row_px = 5, 150, 34
    rows = -(-len(colors) // columns)
    size = (2 * MARGIN_PX + columns * cell_px, 2 * MARGIN_PX + rows * row_px)
    canvas = Canvas(*size, BACKGROUND, _fonts(pillow.load()))
    for index, (name, value) in enumerate(colors):
        left = MARGIN_PX + index % columns * cell_px
        top = MARGIN_PX + index // columns * row_px
        _draw_led(canvas, left, top, 24, screen_row(bytes.fromhex(value)[:3] + b"\0")[0])
        canvas.text(left + 32, top + 7, name, TEXT)
    _write(path, canvas.png())


def gradients(rows: Sequence[tuple[str, bytes]], path: Path) -> None:
    """Writes a PNG with a name and a frame of LEDs in each row; the frames are equally long. A row
    without a frame is a gap.
    """
    label_px, cell_px, row_px, gap_px = 180, 12, 22, 10
    pixels = max(len(frame) // 4 for _, frame in rows)
    height = sum(row_px if frame else gap_px for _, frame in rows)
    size = (2 * MARGIN_PX + label_px + pixels * cell_px, 2 * MARGIN_PX + height)
    canvas = Canvas(*size, BACKGROUND, _fonts(pillow.load()))
    top = MARGIN_PX
    for name, frame in rows:
        canvas.text(MARGIN_PX, top + 5, name, TEXT)
        _draw_row(canvas, frame, (MARGIN_PX + label_px, top), (cell_px, row_px - 2))
        top += row_px if frame else gap_px
    _write(path, canvas.png())


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise PictureError("cannot write '%s': %s" % (path, error.strerror)) from None


def _save(image: Any, path: Path, **options: Any) -> None:
    """Saves an image in the format of the path's suffix."""
    try:
        image.save(path, **options)
    except (OSError, ValueError) as error:
        # Pillow does not name the file if its suffix is unknown.
        raise PictureError("cannot write '%s': %s" % (path, error)) from None


def _fonts(modules: Optional[tuple[Any, Any]]) -> Optional[Fonts]:
    return Fonts(modules[1]) if modules is not None else None


def _columns_px(recording: Recording) -> list[int]:
    """Returns the width of a pixel in each group."""
    pixels = sum(pixels for _, pixels in recording.rows)
    usual = max(2, min(10, 900 // max(1, pixels)))
    return [max(usual, min(COLUMN_PX, GROUP_PX // max(1, pixels))) for _, pixels in recording.rows]


def _lefts(recording: Recording, columns_px: Sequence[int], canvas: Canvas) -> list[int]:
    """Returns the left edge of each group, and the right end of the last one."""
    lefts = [LABEL_PX + MARGIN_PX]
    for index, ((name, pixels), column_px) in enumerate(zip(recording.rows, columns_px)):
        texts = {moment.effects[index] for moment in recording.moments if moment.effects}
        effect_px = max((canvas.text_width(_short(text)) for text in texts), default=0)
        width = pixels * column_px + (EFFECT_GAP_PX + effect_px if effect_px else 0)
        # A short group needs room for its name.
        width = max(width, canvas.text_width(_title(name, pixels)))
        lefts.append(lefts[-1] + width + GROUP_GAP_PX)
    return lefts


def _title(name: str, pixels: int) -> str:
    return "%s (%s)" % (name, counted(pixels, "LED"))


def _draw_row(canvas: Canvas, frame: bytes, place: tuple[int, int], cell: tuple[int, int]) -> None:
    left, top = place
    width, height = cell
    for pixel, color in enumerate(screen_row(frame)):
        canvas.rectangle(left + pixel * width, top, width, height, color)


def _labels(recording: Recording, index: int, row_px: int) -> Iterator[tuple[int, Moment, str]]:
    """Yields a label for each state: its top edge without overlap, its first moment, and its text.

    The text is the state, or the effect of the group if ``index`` is 0 or more.
    """

    def key(moment: Moment) -> tuple[str, str]:
        return moment.state, moment.effects[index] if 0 <= index < len(moment.effects) else ""

    row = 0
    free_from = 0
    for (state, effect), moments in groupby(recording.moments, key):
        part = list(moments)
        top = max(HEADER_PX + row * row_px, free_from)
        free_from = top + LABEL_EVERY_PX
        row += len(part)
        yield top, part[0], effect if index >= 0 else state


def _draw_states(canvas: Canvas, recording: Recording, row_px: int) -> None:
    start_s = recording.moments[0].time_s if recording.moments else 0.0
    for top, moment, state in _labels(recording, -1, row_px):
        if not state:
            continue
        canvas.rectangle(MARGIN_PX, top, LABEL_PX - 8, 1, RULE)
        canvas.text(MARGIN_PX, top + 4, state, TEXT)
        time = "%.1f s" % (moment.time_s - start_s)
        right = LABEL_PX + MARGIN_PX - 14
        canvas.text(right - canvas.text_width(time), top + 4, time, FAINT)


def _draw_effects(canvas: Canvas, recording: Recording, index: int, left: int, row_px: int) -> None:
    for top, _, effect in _labels(recording, index, row_px):
        canvas.text(left, top + 4, _short(effect), FAINT)


def _draw_legend(canvas: Canvas, recording: Recording, top: int) -> None:
    every_s = (
        recording.moments[1].time_s - recording.moments[0].time_s
        if len(recording.moments) > 1
        else 0.0
    )
    text = (
        "Time runs down, a row every %.2f s. LED 1 is on the left. "
        "Beside each group: its effect in the state." % every_s
    )
    canvas.text(MARGIN_PX, top, text, FAINT)


def _short(effect: str) -> str:
    if len(effect) <= EFFECT_CHARACTERS:
        return effect
    return effect[: EFFECT_CHARACTERS - 2] + ".."


def _draw_moment(recording: Recording, moment: Moment, fonts: Optional[Fonts]) -> Canvas:
    most = min(LEDS_PER_LINE, max(pixels for _, pixels in recording.rows))
    width = max(2 * MARGIN_PX + most * LED_PITCH_PX - LED_GAP_PX, 320)
    first_top = 44 if any(recording.states()) else 10
    heights = [TITLE_PX + _lines(pixels) * LED_PITCH_PX + 12 for _, pixels in recording.rows]
    canvas = Canvas(width, first_top + sum(heights) + 8, BACKGROUND, fonts)
    canvas.text(MARGIN_PX, 14, moment.state, TEXT, LARGE)
    effects = moment.effects or [""] * len(recording.rows)
    top = first_top
    for (name, _), frame, effect, height in zip(recording.rows, moment.frames, effects, heights):
        canvas.text(MARGIN_PX, top + 2, name, TEXT)
        canvas.text(MARGIN_PX + canvas.text_width(name) + 12, top + 2, _short(effect), FAINT)
        for pixel, color in enumerate(screen_row(frame)):
            line, column = divmod(pixel, LEDS_PER_LINE)
            place = (MARGIN_PX + column * LED_PITCH_PX, top + TITLE_PX + line * LED_PITCH_PX)
            lit = color if max(color) > max(UNLIT) else _over_unlit(color)
            _draw_led(canvas, *place, LED_PX, lit)
        top += height
    return canvas


def _lines(pixels: int) -> int:
    return max(1, -(-pixels // LEDS_PER_LINE))


def _draw_led(canvas: Canvas, left: int, top: int, size: int, color: Rgb) -> None:
    """Draws a square without its corner pixels."""
    canvas.rectangle(left + 1, top, size - 2, size, color)
    canvas.rectangle(left, top + 1, 1, size - 2, color)
    canvas.rectangle(left + size - 1, top + 1, 1, size - 2, color)


def _over_unlit(color: Rgb) -> Rgb:
    r, g, b = (max(part, unlit) for part, unlit in zip(color, UNLIT))
    return r, g, b
