"""Size and speed of the simulated machine."""

from __future__ import annotations

from dataclasses import dataclass, field

from .thermal import Warmth


@dataclass(frozen=True)
class Hardware:
    """Size and speed of the machine; the config overrides them."""

    hotend: Warmth = field(default_factory=lambda: Warmth(rate=4.0, tau=60.0))
    bed: Warmth = field(default_factory=lambda: Warmth(rate=1.0, tau=200.0))
    travel: tuple[tuple[float, float], ...] = ((0.0, 200.0), (0.0, 200.0), (0.0, 200.0))
    # From load to ready; mostly the connection to the MCU.
    startup_s: float = 1.0
    home_axis_s: float = 2.0
    probe_s: float = 0.5
    mesh_points: int = 9
    idle_timeout_s: float = 600.0
