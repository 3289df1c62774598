"""The lists of effects and palettes for LUMEN_EFFECTS and `lumen/effects`: the built-in ones, and
[lumen_effect] and [lumen_palette].

The lists are rebuilt only if the config has changed, so that a request is cheap.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Optional

import klipper_lumen

if TYPE_CHECKING:
    from klipper_lumen import Engine

Entry = dict[str, Any]


class EffectTable:
    """All effects with their options and defaults, and all palettes."""

    def __init__(self) -> None:
        built_in: list[Entry] = json.loads(klipper_lumen.effects())
        # `name` and `effect` differ only for the variants that a config defines.
        self._built_in = [{**entry, "effect": entry["name"]} for entry in built_in]
        self._built_in_palettes: list[Entry] = json.loads(klipper_lumen.palettes())
        self._offered: Optional[tuple[list[Entry], list[Entry]]] = None
        self._entries = self._built_in
        self._palettes: list[Entry] = self._built_in_palettes
        self._text = ""

    def entries(self, engine: Optional[Engine]) -> list[Entry]:
        """Returns the list of effects for programs."""
        self._refresh(engine)
        return self._entries

    def palettes(self, engine: Optional[Engine]) -> list[Entry]:
        """Returns the list of palettes for programs."""
        self._refresh(engine)
        return self._palettes

    def text(self, engine: Optional[Engine]) -> str:
        """Returns both lists for the console."""
        self._refresh(engine)
        return self._text

    def _refresh(self, engine: Optional[Engine]) -> None:
        offer = engine.offer() if engine is not None else {"effects": [], "palettes": []}
        offered = (offer["effects"], offer["palettes"])
        if offered == self._offered:
            return
        self._offered = offered
        entries = {entry["name"]: entry for entry in self._built_in}
        for effect in offer["effects"]:
            entries[effect["name"]] = _changed(entries[effect["effect"]], effect)
        self._entries = list(entries.values())
        palettes: dict[str, Entry] = {it["name"]: it for it in self._built_in_palettes}
        palettes.update({it["name"]: it for it in offer["palettes"]})
        self._palettes = list(palettes.values())
        lines = [*map(_line, self._entries), "palettes: %s" % ", ".join(palettes)]
        self._text = "\n".join(lines)


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
