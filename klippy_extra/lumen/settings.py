"""Converts the config and the facts about the printer to the JSON that the engine reads."""

from __future__ import annotations

import json
from typing import Any, Optional

from klipper_lumen.config import KLIPPER_NEOPIXEL_OPTIONS, is_klipper_neopixel, is_lumen

from .klipper import Config, Printer

OWN_SECTION = "lumen"
GROUP_PREFIX = "lumen_group "
EFFECT_PREFIX = "lumen_effect "
FILAMENT_SENSORS = ("filament_switch_sensor", "filament_motion_sensor")
# The effect that shows temperatures.
THERMAL = "thermal"

Section = tuple[str, dict[str, str]]


def collect(config: Config) -> list[Section]:
    """Returns the raw text of ``[lumen]`` and all ``lumen_`` sections, in file order.

    Reading an option marks it as known in Klipper; the engine reports invalid ones. The result also
    contains Klipper's own sections with a pin of Lumen, which Klipper reads itself.
    """
    sections = []
    for section in config.get_prefix_sections(""):
        name = section.get_name()
        if is_lumen(name):
            sections.append((name, _options(section)))
        elif is_klipper_neopixel(name, section.get("pin", "", note_valid=False)):
            names = set(section.get_prefix_options("")).intersection(KLIPPER_NEOPIXEL_OPTIONS)
            options = {it: section.get(it, note_valid=False) for it in names}
            sections.append((name, options))
    return sections


def sections_of_json(text: str) -> list[Section]:
    """Returns the sections of a config in the engine's JSON."""
    sections: list[Section] = json.loads(text)["sections"]
    return [(name, options) for name, options in sections]


def _options(section: Config) -> dict[str, str]:
    names = section.get_prefix_options("")
    if not names:
        # Klipper rejects a section of which no option was read. Reading an option with a default
        # other than None prevents that.
        section.get("effect", "")
    return {name: section.get(name) for name in names}


def group_names(sections: list[Section]) -> list[str]:
    """Returns the names of all groups, in file order."""
    return [
        name[len(GROUP_PREFIX) :].strip() for name, _ in sections if name.startswith(GROUP_PREFIX)
    ]


def mcu_bytes_per_s(sections: list[Section]) -> Optional[float]:
    """Returns the limit for light on the connection to each MCU; None if not set."""
    text = dict(sections).get(OWN_SECTION, {}).get("mcu_bytes_per_second")
    try:
        return float(text) if text is not None else None
    except ValueError:
        # The engine reports it together with all other errors.
        return None


def debug_level(sections: list[Section]) -> str:
    """Returns the option ``debug`` of ``[lumen]``: off, log or console."""
    word = dict(sections).get(OWN_SECTION, {}).get("debug", "off").strip().lower()
    # LUMEN used true, false and console.
    return {"true": "log", "false": "off"}.get(word, word)


def thermal_names(sections: list[Section]) -> frozenset[str]:
    """Returns the names of all effects that show temperatures."""
    named = {THERMAL}
    for title, options in sections:
        effect = options.get("effect", "").split()
        if title.startswith(EFFECT_PREFIX) and effect and effect[0].lower() == THERMAL:
            named.add(title[len(EFFECT_PREFIX) :].strip().lower())
    return frozenset(named)


def as_json(sections: list[Section], known: dict[str, Any]) -> str:
    """Returns the engine's JSON of a config; ``known`` is what is known about Klipper's own
    sections.
    """
    return json.dumps({**known, "sections": sections})


def facts_of(printer: Printer) -> str:
    """Returns what is known about the connected printer, as the engine's JSON."""
    now = printer.get_reactor().monotonic()
    facts: dict[str, Any] = {"heaters": [], "sensors": []}
    heaters = printer.lookup_object("heaters", None)
    if heaters is not None:
        status = heaters.get_status(now)
        facts["heaters"] = list(status.get("available_heaters", ()))
        sensors = [*status.get("available_sensors", ()), *status.get("available_monitors", ())]
        facts["sensors"] = [name for name in sensors if name not in facts["heaters"]]
    facts["filament_sensors"] = [
        name for kind in FILAMENT_SENSORS for name, _ in printer.lookup_objects(kind)
    ]
    travel = _travel(printer, now)
    if travel is not None:
        facts["travel"] = travel
    return json.dumps(facts)


def _travel(printer: Printer, now: float) -> Optional[list[tuple[float, float]]]:
    """Returns the range of each axis in mm; None if the kinematics has no range."""
    toolhead = printer.lookup_object("toolhead", None)
    if toolhead is None:
        return None
    status = toolhead.get_status(now)
    low, high = status.get("axis_minimum"), status.get("axis_maximum")
    if low is None or high is None:
        return None
    travel = [(float(low[axis]), float(high[axis])) for axis in range(3)]
    # kinematics: none reports an empty range.
    return travel if all(start < end for start, end in travel) else None
