"""The list of effects for LUMEN_EFFECTS and `lumen/effects`: built-in effects and [lumen_effect].

The list is rebuilt only if the config has changed, so that a request is cheap.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Optional

import klipper_lumen

if TYPE_CHECKING:
    from klipper_lumen import Engine

Entry = dict[str, Any]


class EffectTable:
    """All effects with their options and defaults."""

    def __init__(self) -> None:
        built_in: list[Entry] = json.loads(klipper_lumen.effects())
        # `name` and `effect` differ only for the variants that a config defines.
        self._built_in = [{**entry, "effect": entry["name"]} for entry in built_in]
        self._offered: Optional[list[Entry]] = None
        self._entries = self._built_in
        self._text = ""

    def entries(self, engine: Optional[Engine]) -> list[Entry]:
        """Returns the list for programs."""
        self._refresh(engine)
        return self._entries

    def text(self, engine: Optional[Engine]) -> str:
        """Returns the list for the console."""
        self._refresh(engine)
        return self._text

    def _refresh(self, engine: Optional[Engine]) -> None:
        offered: list[Entry] = engine.offer()["effects"] if engine is not None else []
        if offered == self._offered:
            return
        self._offered = offered
        entries = {entry["name"]: entry for entry in self._built_in}
        for effect in offered:
            entries[effect["name"]] = _changed(entries[effect["effect"]], effect)
        self._entries = list(entries.values())
        self._text = "\n".join(map(_line, self._entries))


def _changed(entry: Entry, effect: Entry) -> Entry:
    """Returns the entry of an effect with the defaults of its config section."""
    name, own = effect["name"], effect["options"]
    options = [
        {**option, "default": own.get(option["name"], option["default"])}
        for option in entry["options"]
    ]
    usage = " ".join([name, *entry["usage"].split(" ")[1:]])
    return {**entry, "name": name, "usage": usage, "options": options}


def _line(entry: Entry) -> str:
    text = entry["help"]
    if entry["name"] != entry["effect"]:
        text = "a variant of %s" % entry["effect"]
    options = ", ".join(option["name"] for option in entry["options"])
    return "%s: %s%s" % (entry["name"], text, options and " (%s)" % options)
