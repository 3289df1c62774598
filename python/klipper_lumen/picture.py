"""Pictures of a film: a time-line as PNG, and the strips in motion as GIF. Needs Pillow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .film import Film, Moment, screen_row

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from .film import Rgb

MISSING = "pictures need Pillow; run: pip install 'klipper-lumen[preview]'"

BACKGROUND: Rgb = (16, 18, 22)
RULE: Rgb = (46, 50, 58)
TEXT: Rgb = (214, 218, 226)
FAINT: Rgb = (128, 134, 146)
# A LED that is off is a part that can be seen, not a hole.
UNLIT: Rgb = (28, 31, 37)

# The time-line.
LABEL_PX = 152
HEADER_PX = 34
MARGIN_PX = 18
STRIP_GAP_PX = 22
# As tall as fits a page; rows share it.
MAX_ROWS_PX = 1200
LABEL_EVERY_PX = 17

# The animation.
LED_PX = 12
LED_GAP_PX = 4
FRAME_S = 0.08
# The colors of one picture; more makes the file larger than it looks better.
COLORS = 96


class PictureError(Exception):
    """No picture can be made; the text says why and what to do."""


def timeline(film: Film, path: Path) -> None:
    """Writes a PNG: one row a moment, one column a pixel, strips side by side, states labelled."""
    image_module, draw_module, font_of = _pillow()
    column_px = _column_px(film)
    row_px = max(1, min(6, MAX_ROWS_PX // max(1, len(film.moments))))
    lefts = _lefts(film, column_px)
    width = lefts[-1] - STRIP_GAP_PX + MARGIN_PX
    height = HEADER_PX + row_px * len(film.moments) + MARGIN_PX
    image = image_module.new("RGB", (width, height), BACKGROUND)
    draw = draw_module.Draw(image)
    for (name, pixels), left in zip(film.strips, lefts):
        text = "%s  %d" % (name, pixels)
        draw.text((left, MARGIN_PX - 6), text, fill=FAINT, font=font_of(12))
    for row, moment in enumerate(film.moments):
        top = HEADER_PX + row * row_px
        for frame, left in zip(moment.frames, lefts):
            _draw_row(draw, frame, (left, top), (column_px, row_px))
    _draw_states(draw, film, row_px, font_of(13))
    _save(image, path, optimize=True)


def animation(film: Film, path: Path, frame_s: float = FRAME_S) -> None:
    """Writes a GIF: each strip a row of LEDs, under the state's name if the film has states."""
    image_module, draw_module, font_of = _pillow()
    film = film.thin(frame_s)
    pitch = LED_PX + LED_GAP_PX
    most = max(pixels for _, pixels in film.strips)
    width = 2 * MARGIN_PX + most * pitch - LED_GAP_PX
    top = 44 if any(film.states()) else 10
    height = top + len(film.strips) * 46 + 8
    fonts = (font_of(18), font_of(12))
    pictures = []
    for moment in film.moments:
        image = image_module.new("RGB", (max(width, 320), height), BACKGROUND)
        _draw_moment(draw_module.Draw(image), film, moment, top, fonts)
        pictures.append(image.quantize(colors=COLORS, dither=image_module.Dither.NONE))
    if not pictures:
        raise PictureError("the film has no moment to draw")
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
    """Writes a PNG with a patch of each color, named; values are RRGGBB as a LED is sent them."""
    image_module, draw_module, font_of = _pillow()
    columns, cell_px, row_px = 5, 150, 34
    rows = -(-len(colors) // columns)
    size = (2 * MARGIN_PX + columns * cell_px, 2 * MARGIN_PX + rows * row_px)
    image = image_module.new("RGB", size, BACKGROUND)
    draw = draw_module.Draw(image)
    for index, (name, value) in enumerate(colors):
        left = MARGIN_PX + index % columns * cell_px
        top = MARGIN_PX + index // columns * row_px
        fill = screen_row(bytes.fromhex(value)[:3] + b"\0")[0]
        draw.rounded_rectangle((left, top, left + 23, top + 23), radius=4, fill=fill)
        draw.text((left + 32, top + 4), name, fill=TEXT, font=font_of(13))
    _save(image, path, optimize=True)


def _save(image: Any, path: Path, **options: Any) -> None:
    """Saves in the format that the path's ending names."""
    try:
        image.save(path, **options)
    except (OSError, ValueError) as error:
        # Pillow does not say which file, where the ending is unknown.
        raise PictureError("cannot write '%s': %s" % (path, error)) from None


def _pillow() -> tuple[Any, Any, Any]:
    try:
        from PIL import Image, ImageDraw, ImageFont
    except ImportError:
        raise PictureError(MISSING) from None

    def font_of(size: int) -> Any:
        return ImageFont.load_default(size)

    return Image, ImageDraw, font_of


def _column_px(film: Film) -> int:
    pixels = sum(pixels for _, pixels in film.strips)
    return max(2, min(10, 900 // max(1, pixels)))


def _lefts(film: Film, column_px: int) -> list[int]:
    """The left edge of each strip, and of one more behind the last."""
    lefts = [LABEL_PX + MARGIN_PX]
    for name, pixels in film.strips:
        # A short strip still has room for its name.
        lefts.append(lefts[-1] + max(pixels * column_px, 8 * len(name) + 24) + STRIP_GAP_PX)
    return lefts


def _draw_row(draw: Any, frame: bytes, place: tuple[int, int], cell: tuple[int, int]) -> None:
    left, top = place
    width, height = cell
    for pixel, color in enumerate(screen_row(frame)):
        x = left + pixel * width
        draw.rectangle((x, top, x + width - 1, top + height - 1), fill=color)


def _draw_states(draw: Any, film: Film, row_px: int, font: Any) -> None:
    free_from = 0
    last = ""
    start_s = film.moments[0].time_s if film.moments else 0.0
    for row, moment in enumerate(film.moments):
        if moment.state == last:
            continue
        last = moment.state
        top = HEADER_PX + row * row_px
        text_top = max(top, free_from)
        free_from = text_top + LABEL_EVERY_PX
        draw.line((MARGIN_PX, text_top, LABEL_PX + MARGIN_PX - 8, text_top), fill=RULE)
        draw.text((MARGIN_PX, text_top), moment.state, fill=TEXT, font=font)
        time = "%.1f s" % (moment.time_s - start_s)
        draw.text((LABEL_PX + MARGIN_PX - 14, text_top), time, fill=FAINT, font=font, anchor="ra")


def _draw_moment(
    draw: Any, film: Film, moment: Moment, first_top: int, fonts: tuple[Any, Any]
) -> None:
    large, small = fonts
    draw.text((MARGIN_PX, 12), moment.state, fill=TEXT, font=large)
    for row, ((name, _), frame) in enumerate(zip(film.strips, moment.frames)):
        top = first_top + row * 46
        draw.text((MARGIN_PX, top), name, fill=FAINT, font=small)
        for pixel, color in enumerate(screen_row(frame)):
            x = MARGIN_PX + pixel * (LED_PX + LED_GAP_PX)
            lit = color if max(color) > max(UNLIT) else _over_unlit(color)
            box = (x, top + 18, x + LED_PX - 1, top + 18 + LED_PX - 1)
            draw.rounded_rectangle(box, radius=3, fill=lit)


def _over_unlit(color: Rgb) -> Rgb:
    r, g, b = (max(part, unlit) for part, unlit in zip(color, UNLIT))
    return r, g, b
