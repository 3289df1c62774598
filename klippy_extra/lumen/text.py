"""Text from outside as Lumen logs and says it: one line, of bounded length, without control codes.

What a user, a program or a device sent may hold anything; nothing of it goes to klippy.log or the
console before it went through here.
"""

from __future__ import annotations

import klipper_lumen

LIMITS = dict(klipper_lumen.limits())
LINE_CHARS = LIMITS["line_chars"]
SHOWN_CHARS = LIMITS["shown_chars"]
# Lines of one message; the rest is counted.
LINES = LIMITS["problems"] + 2


def shorten(word: str) -> str:
    """A user's word as a message repeats it, cut to 60 characters."""
    # One character more than is shown says that it was cut.
    return klipper_lumen.shown(_encodable(word[: SHOWN_CHARS + 1]))


def to_line(text: str) -> str:
    """A text as one line: what cannot be printed is escaped, what is too long is cut."""
    if len(text) <= LINE_CHARS and text.isprintable():
        return text
    plain = "".join(map(_printable, text[: LINE_CHARS + 1]))
    return plain if len(plain) <= LINE_CHARS else plain[:LINE_CHARS] + "..."


def join_lines(texts: list[str]) -> str:
    """Several lines as one message; at most as many as a config has problems."""
    kept = [to_line(text) for text in texts[:LINES]]
    if len(texts) > LINES:
        kept.append("and %d more" % (len(texts) - LINES))
    return "\n".join(kept)


def _printable(character: str) -> str:
    if character.isprintable():
        return character
    return character.encode("unicode_escape").decode("ascii")


def _encodable(text: str) -> str:
    """Half of a surrogate pair, which JSON may hold, has no UTF-8."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")
