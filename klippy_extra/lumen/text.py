"""Prepares text from outside for messages: one line, limited length, no control characters.

Input from users, programs and devices may contain anything. It must pass through this module before
it goes to klippy.log or the console.
"""

from __future__ import annotations

import klipper_lumen

LIMITS = dict(klipper_lumen.limits())
LINE_CHARS = LIMITS["line_chars"]
SHOWN_CHARS = LIMITS["shown_chars"]
# Maximum lines of one message; the others are counted.
LINES = LIMITS["problems"] + 2


def shorten(word: str) -> str:
    """Shortens a user's word for a message to 60 characters."""
    # One extra character, so that the function detects the cut.
    return klipper_lumen.shown(_encodable(word[: SHOWN_CHARS + 1]))


def to_line(text: str) -> str:
    """Converts a text to one line: escapes what is not printable and cuts what is too long."""
    if len(text) <= LINE_CHARS and text.isprintable():
        return text
    plain = "".join(map(_printable, text[: LINE_CHARS + 1]))
    return plain if len(plain) <= LINE_CHARS else plain[:LINE_CHARS] + "..."


def without_prefix(text: str) -> str:
    """Removes the name of the plug-in, for a message that has another prefix."""
    return text.removeprefix("lumen: ")


def join_lines(texts: list[str]) -> str:
    """Joins several lines to one message; at most as many as a config has problems."""
    kept = [to_line(text) for text in texts[:LINES]]
    if len(texts) > LINES:
        kept.append("and %d more" % (len(texts) - LINES))
    return "\n".join(kept)


def _printable(character: str) -> str:
    if character.isprintable():
        return character
    return character.encode("unicode_escape").decode("ascii")


def _encodable(text: str) -> str:
    """Replaces unpaired surrogates, which JSON may contain and UTF-8 does not."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")
