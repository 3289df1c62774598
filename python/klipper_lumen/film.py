"""A film: what the strips showed, moment by moment, with the state that the printer was in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# What the white LED of an RGBW pixel adds, in linear light: a neutral white, a little warm.
WHITE_LED = (1.0, 0.92, 0.78)

# The screen's gamma: a LED emits in proportion to its byte, a screen to its power of 2.2.
SCREEN_GAMMA = 2.2

Rgb = tuple[int, int, int]


def screen_color(red: int, green: int, blue: int, white: int = 0) -> Rgb:
    """The screen's color, 0-255 a channel, for the bytes that a LED is sent."""
    light = (red, green, blue)
    sums = [min(255.0, part + white * share) for part, share in zip(light, WHITE_LED)]
    r, g, b = (round(255.0 * (part / 255.0) ** (1.0 / SCREEN_GAMMA)) for part in sums)
    return r, g, b


def screen_row(frame: bytes) -> list[Rgb]:
    """The screen's colors of a frame of RGBW pixels, four bytes each."""
    return [screen_color(*frame[at : at + 4]) for at in range(0, len(frame), 4)]


@dataclass(frozen=True)
class Moment:
    """What all strips showed at one moment: RGBW, four bytes a pixel, in the film's order."""

    time_s: float
    state: str
    frames: Sequence[bytes]


@dataclass
class Film:
    """Moments in order. ``strips`` names each strip, with its count of pixels."""

    strips: Sequence[tuple[str, int]]
    moments: list[Moment] = field(default_factory=list)

    def add(self, time_s: float, state: str, frames: Sequence[bytes]) -> None:
        """Adds the next moment; ``time_s`` is in seconds from any start."""
        self.moments.append(Moment(time_s, state, frames))

    def states(self) -> list[str]:
        """The states in the order in which they came, each as often as it came anew."""
        seen: list[str] = []
        for moment in self.moments:
            if not seen or seen[-1] != moment.state:
                seen.append(moment.state)
        return seen

    def thin(self, interval_s: float) -> Film:
        """The same film with at most one moment every ``interval_s`` seconds."""
        film = Film(self.strips)
        due = self.moments[0].time_s if self.moments else 0.0
        for moment in self.moments:
            if moment.time_s >= due:
                film.moments.append(moment)
                due = max(due + interval_s, moment.time_s + interval_s / 2.0)
        return film
