"""A canvas of RGB pixels with rectangles and text, and a PNG writer.

It needs only the standard library. Text uses Pillow's font if Pillow is installed, otherwise the
5x7 font of `font`.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Any, Optional

from . import font

if TYPE_CHECKING:
    from .recording import Rgb

# The pixels of a text: index from the top left corner, and opacity, 1-255.
Mask = list[tuple[int, int]]

# Font sizes in pixels. At 18, Pillow's font is about as tall as the 5x7 font doubled.
LARGE = 18
SMALL = 12


class Canvas:
    """RGB pixels; the origin is the top left corner. Drawing outside is clipped."""

    def __init__(self, width: int, height: int, background: Rgb, fonts: Optional[Fonts]) -> None:
        """``fonts`` are Pillow's; None uses the built-in font."""
        self.width = width
        self.height = height
        self.pixels = bytearray(bytes(background) * (width * height))
        self._fonts = fonts

    def rectangle(self, left: int, top: int, width: int, height: int, color: Rgb) -> None:
        """Fills a rectangle."""
        right, bottom = min(left + width, self.width), min(top + height, self.height)
        left, top = max(left, 0), max(top, 0)
        if right <= left:
            return
        line = bytes(color) * (right - left)
        for y in range(top, bottom):
            at = (y * self.width + left) * 3
            self.pixels[at : at + len(line)] = line

    def frame(self, left: int, top: int, width: int, height: int, color: Rgb) -> None:
        """Draws the outline of a rectangle, one pixel thick."""
        self.rectangle(left, top, width, 1, color)
        self.rectangle(left, top + height - 1, width, 1, color)
        self.rectangle(left, top, 1, height, color)
        self.rectangle(left + width - 1, top, 1, height, color)

    def text(self, left: int, top: int, text: str, color: Rgb, size: int = SMALL) -> None:
        """Draws one line of text; ``top`` is the upper edge of its capitals."""
        if self._fonts is not None:
            self._blend(left, top, *self._fonts.mask(text, size), color)
            return
        scale = _scale(size)
        for index, character in enumerate(text):
            self._glyph(left + index * font.ADVANCE * scale, top, character, color, scale)

    def text_width(self, text: str, size: int = SMALL) -> int:
        """The width of a line of text in pixels."""
        if self._fonts is not None:
            return self._fonts.width(text, size)
        return len(text) * font.ADVANCE * _scale(size)

    def png(self) -> bytes:
        """Returns the canvas as a PNG file."""
        line = self.width * 3
        # Each line begins with its filter type: 0, none.
        raw = b"".join(
            b"\0" + self.pixels[at : at + line] for at in range(0, len(self.pixels), line)
        )
        # 8 bits per channel, RGB (2), deflate, default filters, no interlace.
        header = struct.pack(">IIBBBBB", self.width, self.height, 8, 2, 0, 0, 0)
        parts = ((b"IHDR", header), (b"IDAT", zlib.compress(raw, 9)), (b"IEND", b""))
        return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in parts)

    def _glyph(self, left: int, top: int, character: str, color: Rgb, scale: int) -> None:
        for y, row in enumerate(font.glyph(character)):
            for x in range(font.WIDTH):
                if row >> (font.WIDTH - 1 - x) & 1:
                    place = (left + x * scale, top + y * scale)
                    self.rectangle(*place, scale, scale, color)

    def _blend(self, left: int, top: int, width: int, mask: Mask, color: Rgb) -> None:
        """Blends a color into the pixels of a mask."""
        for index, opacity in mask:
            x, y = left + index % width, top + index // width
            if 0 <= x < self.width and 0 <= y < self.height:
                at = (y * self.width + x) * 3
                for channel in range(3):
                    below = self.pixels[at + channel]
                    self.pixels[at + channel] = below + (color[channel] - below) * opacity // 255


class Fonts:
    """Pillow's default font in the sizes in use."""

    def __init__(self, image_font: Any) -> None:
        """``image_font`` is the module PIL.ImageFont."""
        self._module = image_font
        self._sizes: dict[int, Any] = {}
        # The same words are drawn in every frame.
        self._masks: dict[tuple[str, int], tuple[int, Mask]] = {}

    def mask(self, text: str, size: int) -> tuple[int, Mask]:
        """The width and pixels of a line of text, from the upper edge of its capitals down."""
        key = (text, size)
        if key not in self._masks:
            self._masks[key] = self._make_mask(text, size)
        return self._masks[key]

    def _make_mask(self, text: str, size: int) -> tuple[int, Mask]:
        found = self._size(size)
        mask, offset = found.getmask2(text, mode="L")
        above = offset[1] - found.getbbox("H")[1]
        width, height = mask.size
        clipped = max(0, -above)
        pixels = bytes(mask)[clipped * width : height * width]
        first = width * max(0, above)
        return max(width, 1), [
            (first + it, opacity) for it, opacity in enumerate(pixels) if opacity
        ]

    def width(self, text: str, size: int) -> int:
        """The width of a line of text in pixels."""
        length: float = self._size(size).getlength(text)
        return round(length)

    def _size(self, size: int) -> Any:
        if size not in self._sizes:
            self._sizes[size] = self._module.load_default(size)
        return self._sizes[size]


def _scale(size: int) -> int:
    return 2 if size >= LARGE else 1


def _chunk(kind: bytes, data: bytes) -> bytes:
    checked = kind + data
    return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))
