"""Engines for tests: one strip of 20 pixels and two groups."""

from __future__ import annotations

import json
from typing import Any, Optional

from klipper_lumen import Engine

FACTS = json.dumps({"heaters": ["extruder", "heater_bed"], "sensors": ["temperature_sensor pi"]})
STRIP = {"driver": "memory", "count": "20", "color_order": "GRB"}
LEFT = {"strip": "case", "index_start": "1", "index_end": "10", "on_error": "solid red"}
RIGHT = {"strip": "case", "index_start": "11", "index_end": "20", "group_brightness": "0.4"}


def config(left: Optional[dict[str, str]] = None, **lumen: str) -> str:
    sections = [
        ("lumen", lumen),
        ("lumen_strip case", STRIP),
        ("lumen_group left", {**LEFT, "on_idle": "solid green", **(left or {})}),
        ("lumen_group right", {**RIGHT, "on_idle": "rainbow"}),
    ]
    return json.dumps({"sections": sections})


def start(left: Optional[dict[str, str]] = None, **lumen: str) -> Engine:
    engine = Engine(config(left, **lumen), FACTS, clock="manual", seed=1)
    engine.event("ready")
    engine.advance(1.0)
    return engine


def sample(engine: Engine, **changed: Any) -> None:
    engine.sample(**changed)


def first_pixel(engine: Engine) -> tuple[int, ...]:
    return tuple(engine.frame("case")[:4])
