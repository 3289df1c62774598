"""Shows groups in a terminal: live rows in 24-bit color, or plain lines without a terminal."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING, Callable, TextIO

from .recording import Moment, Recording, screen_row

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Optional

HIDE_CURSOR = "\x1b[?25l"
SHOW_CURSOR = "\x1b[?25h"
CLEAR_TO_END = "\x1b[K"
RESET = "\x1b[0m"


def is_live(stream: TextIO) -> bool:
    """Whether the stream is a terminal with colors and NO_COLOR is not set."""
    return stream.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def row(frame: bytes, width: int) -> str:
    """Formats a frame as one line of colored blocks, cut at ``width``."""
    parts = []
    last = None
    for color in screen_row(frame)[:width]:
        if color != last:
            parts.append("\x1b[38;2;%d;%d;%dm" % color)
            last = color
        parts.append("█")
    return "".join(parts) + RESET


class Screen:
    """Rows that are redrawn in place. Use it with ``with``: it restores the cursor."""

    def __init__(
        self, recording: Recording, stream: Optional[TextIO] = None, live: Optional[bool] = None
    ) -> None:
        """``live`` selects live rows; the default depends on the stream."""
        self._recording = recording
        self._stream = stream if stream is not None else sys.stdout
        self._live = is_live(self._stream) if live is None else live
        self._lines = 0
        self._state = ""

    def __enter__(self) -> Screen:
        if self._live:
            self._stream.write(HIDE_CURSOR)
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        if self._live:
            self._stream.write(SHOW_CURSOR)
        self._stream.flush()

    def show(self, moment: Moment, note: str = "") -> None:
        """Draws a moment; without a terminal, prints a line for each new state."""
        if not self._live:
            self._print_state(moment, note)
            return
        width = shutil.get_terminal_size().columns - 12
        lines = ["%6.1f s  %-13s %s" % (moment.time_s, moment.state, note)]
        effects = moment.effects or [""] * len(self._recording.rows)
        for (name, _), frame, effect in zip(self._recording.rows, moment.frames, effects):
            lines.append("%10s  %s" % (name[:10], row(frame, width)))
            if effect:
                lines.append("%10s  %s" % ("", effect[:width]))
        # One write over the previous rows, so nothing flickers.
        up = "\x1b[%dA\r" % self._lines if self._lines else ""
        self._stream.write(up + "".join(line + CLEAR_TO_END + "\n" for line in lines))
        self._stream.flush()
        self._lines = len(lines)

    def play(self, sleep: Callable[[float], None]) -> None:
        """Plays the recording in real time; without a terminal, as fast as possible."""
        last_s: Optional[float] = None
        for moment in self._recording.moments:
            if self._live and last_s is not None:
                sleep(moment.time_s - last_s)
            last_s = moment.time_s
            self.show(moment)

    def _print_state(self, moment: Moment, note: str) -> None:
        if moment.state == self._state:
            return
        self._state = moment.state
        lines = [("%6.1f s  %-13s %s" % (moment.time_s, moment.state, note)).rstrip()]
        for (name, _), effect in zip(self._recording.rows, moment.effects):
            if effect:
                lines.append("%10s%s: %s" % ("", name, effect))
        self._stream.write("\n".join(lines) + "\n")
        self._stream.flush()
