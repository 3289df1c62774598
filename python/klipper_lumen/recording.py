"""A recording of the groups: their pixels over time, with the state and the effects."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from . import Engine

# The color of the white LED of an RGBW pixel in linear light: neutral to slightly warm white.
WHITE_LED = (1.0, 0.92, 0.78)

# An LED emits light in proportion to its byte; a screen to the power of 2.2.
SCREEN_GAMMA = 2.2

Rgb = tuple[int, int, int]


def screen_color(red: int, green: int, blue: int, white: int = 0) -> Rgb:
    """Converts the bytes of an LED to a screen color, 0-255 per channel."""
    light = (red, green, blue)
    sums = [min(255.0, part + white * share) for part, share in zip(light, WHITE_LED)]
    r, g, b = (round(255.0 * (part / 255.0) ** (1.0 / SCREEN_GAMMA)) for part in sums)
    return r, g, b


def screen_row(frame: bytes) -> list[Rgb]:
    """Converts a frame of RGBW pixels, four bytes each, to screen colors."""
    return [screen_color(*frame[at : at + 4]) for at in range(0, len(frame), 4)]


@dataclass(frozen=True)
class Moment:
    """All rows at one time: RGBW, four bytes per pixel, in the order of the recording's rows."""

    time_s: float
    state: str
    frames: Sequence[bytes]
    # The effect of each row as text; empty if unknown.
    effects: Sequence[str] = ()


@dataclass
class Recording:
    """Moments in order of time. ``rows`` has the title and the pixel count of each row."""

    rows: Sequence[tuple[str, int]]
    moments: list[Moment] = field(default_factory=list)

    def add(
        self, time_s: float, state: str, frames: Sequence[bytes], effects: Sequence[str] = ()
    ) -> None:
        """Adds the next moment; the origin of ``time_s`` is arbitrary."""
        self.moments.append(Moment(time_s, state, frames, effects))

    def states(self) -> list[str]:
        """Returns the states in order; a state that occurs twice is listed twice."""
        states: list[str] = []
        for moment in self.moments:
            if not states or states[-1] != moment.state:
                states.append(moment.state)
        return states

    def thin(self, interval_s: float) -> Recording:
        """Returns the recording with at most one moment every ``interval_s`` seconds."""
        recording = Recording(self.rows)
        due = self.moments[0].time_s if self.moments else 0.0
        for moment in self.moments:
            if moment.time_s >= due:
                recording.moments.append(moment)
                due = max(due + interval_s, moment.time_s + interval_s / 2.0)
        return recording


class Recorder:
    """Records an engine: one row for each group, and one for each strip without a group."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        # The pixels of each row, as (strip, offset in its frame).
        self._pixels: list[list[tuple[str, int]]] = []
        self._groups: list[str] = []
        self.rows: list[tuple[str, int]] = []
        grouped: set[str] = set()
        for name, pixels in engine.groups():
            self._groups.append(name)
            self._add(name, pixels)
            grouped.update(strip for strip, _ in pixels)
        for name, count in engine.strips():
            if name not in grouped:
                self._add("strip " + name, [(name, pixel) for pixel in range(count)])

    def _add(self, title: str, pixels: Sequence[tuple[str, int]]) -> None:
        self.rows.append((title, len(pixels)))
        self._pixels.append([(strip, 4 * pixel) for strip, pixel in pixels])

    def record(self, recording: Recording, time_s: float, state: str = "") -> Moment:
        """Adds the current pixels to a recording; ``state`` defaults to the engine's state."""
        engine = self._engine
        status = engine.status()
        frames = {name: engine.frame(name) for name, _ in engine.strips()}
        rows = [
            b"".join(frames[strip][at : at + 4] for strip, at in pixels) for pixels in self._pixels
        ]
        groups = status["groups"]
        effects = [groups[name]["effect"] if name in groups else "" for name in self._groups]
        effects += [""] * (len(self.rows) - len(effects))
        recording.add(time_s, state or status["state"], rows, effects)
        return recording.moments[-1]
