"""Converts the config and the facts about the printer to the JSON that the engine reads."""

from __future__ import annotations

import json
from typing import Any, Optional

from klipper_lumen.config import KLIPPER_NEOPIXEL_OPTIONS, is_klipper_neopixel, is_lumen

from .klipper import Config, Printer

GROUP_PREFIX = "lumen_group "
FILAMENT_SENSORS = ("filament_switch_sensor", "filament_motion_sensor")

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
