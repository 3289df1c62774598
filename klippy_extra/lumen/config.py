"""Converts the config and the facts about the printer to the JSON that the engine reads.

Klipper's parser has the values, but no line numbers, and it removes text after a `#`. Lumen's own
reader reads the same files for the lines in messages, and for what they contain about Klipper's own
sections.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional

from klipper_lumen import ConfigError, check, config, old_macro
from klipper_lumen.config import KLIPPER_NEOPIXEL_OPTIONS, is_klipper_neopixel, is_lumen

from .guard import should_catch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from klipper_lumen.config import Finding
    from klipper_lumen.klipper_api import Config, Printer

log = logging.getLogger(__name__)

GROUP_PREFIX = "lumen_group "
MACRO_PREFIX = "gcode_macro "
FILAMENT_SENSORS = ("filament_switch_sensor", "filament_motion_sensor")

Section = tuple[str, dict[str, str]]


def collect(section: Config) -> list[Section]:
    """Returns the raw text of ``[lumen]`` and all ``lumen_`` sections, in file order.

    Reading an option marks it as known in Klipper; the engine reports invalid ones. The result also
    contains Klipper's own sections with a pin of Lumen, which Klipper reads itself.
    """
    sections = []
    for it in section.get_prefix_sections(""):
        name = it.get_name()
        if is_lumen(name):
            sections.append((name, _options(it)))
        elif is_klipper_neopixel(name, it.get("pin", "", note_valid=False)):
            names = set(it.get_prefix_options("")).intersection(KLIPPER_NEOPIXEL_OPTIONS)
            options = {option: it.get(option, note_valid=False) for option in names}
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


class Files:
    """The files read at the start; they are discarded once the printer is connected."""

    def __init__(self, printer: Printer, section: Config) -> None:
        self.is_kalico = False
        # What the files contain about Klipper's own sections; empty if unknown.
        self.known: dict[str, Any] = {}
        self._read: Optional[config.Config] = None
        try:
            self._load(printer, section)
        except BaseException as error:
            if not should_catch(error):
                raise
            # Not the exception itself, whose traceback references the printer.
            log.warning("lumen: messages have no line numbers: %s", str(error))

    def _load(self, printer: Printer, section: Config) -> None:
        path = Path(printer.get_start_args()["config_file"])
        names = {it.get_name() for it in section.get_prefix_sections("")}
        for is_kalico in (False, True):
            read = config.read(path, is_kalico)
            if set(read.names()) == names:
                self._read, self.is_kalico = read, is_kalico
                self.known = _without_faults(json.loads(read.known_json()))
                return
        # This Klipper reads config files by unknown rules.
        log.info("lumen: Klipper and Lumen have read different sections")

    def lines(self, findings: Iterable[Finding], with_notes: bool = False) -> list[str]:
        """Formats the engine's findings, in the order of the files, with file and line."""
        read = self._read
        if read is None:
            return [text for _, _, text in findings]
        messages = read.messages(findings, with_notes)
        return [it.line if it.place else it.text for it in messages]

    def known_of(self, leds: dict[str, list[str]], names: Optional[list[str]]) -> dict[str, Any]:
        """Returns what is known about Klipper after its objects exist, for the engine."""
        known: dict[str, Any] = {"leds": leds} if leds else {}
        if names is not None:
            klipper = {**self.known.get("klipper", {}), "known_from": "printer", "macros": []}
            known["klipper"] = {**klipper, "names": names}
        return known

    def discard(self) -> None:
        """Frees the files."""
        read, self._read = self._read, None
        if read is not None:
            read.discard()


def _without_faults(known: dict[str, Any]) -> dict[str, Any]:
    """Removes the mistakes in Klipper's own sections: Klipper reports them, by its own limits."""
    return {**known, "klipper": {**known["klipper"], "faults": []}}


def check_macros(section: Config, sections: list[Section], files: Files) -> None:
    """Raises an error for macros of LUMEN 1.x with the names of Lumen's commands, together with all
    other errors, before any command is registered.
    """
    found = [
        (it.get_name(), old_macro(it.get_name(), it.get_prefix_options("")))
        for it in section.get_prefix_sections(MACRO_PREFIX)
    ]
    problems: list[Finding] = [(name, None, text) for name, text in found if text is not None]
    if not problems:
        return
    try:
        check(as_json(sections, files.known))
    except ConfigError as error:
        problems += error.errors
    raise section.error("\n".join(files.lines(problems)))
