"""Heaters and sensors of the simulated klippy: constant heating rate, exponential cooling."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Callable, Optional

from .gcode import CommandError


@dataclass(frozen=True)
class Warmth:
    """The speed of a heater."""

    # Degrees Celsius per second at full power.
    rate: float
    # Time constant of cooling in seconds: the difference to ambient falls to 37 %.
    tau: float
    ambient: float = 22.0


class Heater:
    """A heater with its sensor; the temperature is calculated on access."""

    def __init__(self, warmth: Warmth, clock: Callable[[], float]) -> None:
        self._warmth = warmth
        self._clock = clock
        self._at = clock()
        self._temperature = warmth.ambient
        self.target = 0.0

    @property
    def temperature(self) -> float:
        """The current temperature in degrees Celsius."""
        self._update()
        return self._temperature

    @temperature.setter
    def temperature(self, value: float) -> None:
        self._update()
        self._temperature = value

    def set_target(self, target: float) -> None:
        """Sets the target; 0 turns the heater off."""
        self._update()
        self.target = target

    def is_reached(self) -> bool:
        """Whether M109 would continue."""
        return self.target <= 0.0 or self.temperature >= self.target - 0.5

    def _update(self) -> None:
        now = self._clock()
        span, self._at = now - self._at, now
        if self._temperature < self.target:
            heated = self._temperature + self._warmth.rate * span
            self._temperature = min(heated, self.target)
            return
        floor = max(self._warmth.ambient, self.target)
        fallen = (self._temperature - self._warmth.ambient) * math.exp(-span / self._warmth.tau)
        self._temperature = max(self._warmth.ambient + fallen, floor)

    def get_status(self, eventtime: float) -> dict[str, float]:
        temperature = self.temperature
        power = 1.0 if temperature < self.target else 0.0
        return {"temperature": round(temperature, 2), "target": self.target, "power": power}


class Sensor:
    """A temperature sensor: constant, or partly following a heater."""

    def __init__(self, value: float, follows: Optional[Heater] = None, gain: float = 0.2) -> None:
        self.value = value
        self._follows = follows
        self._gain = gain

    def get_status(self, eventtime: float) -> dict[str, float]:
        value = self.value
        if self._follows is not None:
            value += self._gain * (self._follows.temperature - value)
        return {"temperature": round(value, 2), "measured_min_temp": 0.0, "measured_max_temp": 99.0}


class Heaters:
    """The printer object ``heaters``: the heaters and sensors."""

    def __init__(self) -> None:
        self.heaters: dict[str, Heater] = {}
        self.sensors: list[str] = []

    def heater(self, name: str) -> Heater:
        """Returns a heater by its full name."""
        if name not in self.heaters:
            raise CommandError("Unknown heater '%s'" % name)
        return self.heaters[name]

    def turn_off(self) -> None:
        """Turns all heaters off."""
        for heater in self.heaters.values():
            heater.set_target(0.0)

    def get_status(self, eventtime: float) -> dict[str, list[str]]:
        return {
            "available_heaters": list(self.heaters),
            "available_sensors": [*self.heaters, *self.sensors],
            "available_monitors": [],
        }
