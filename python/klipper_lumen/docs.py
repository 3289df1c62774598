"""Writes the generated parts of docs/ and its pictures: ``python -m klipper_lumen.docs docs``.

Sections, options, states and limits come from the engine's tables, and the engine draws the
pictures. The documents have all other text. A test compares the documents with the output of this
module.
"""

from __future__ import annotations

import json
import re
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable

from . import Engine, catalog, colors, demo, limits, picture
from .recording import Recording

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WIDTH = 88

# The limits of configs; the numbers come from the engine.
LIMITS = {
    "file_bytes": "One config file",
    "config_bytes": "A config with all its includes",
    "line_bytes": "One line",
    "include_depth": "Depth of nested includes, with the first file",
    "includes": "`[include ...]` lines; included files",
    "glob_entries": "Directory entries that `[include]` patterns search",
    "sections": "Sections, with those of Klipper",
    "section_options": "Options of one section",
    "name_bytes": "The name of a section or an option of Lumen",
    "option_bytes": "The value of one option of Lumen",
    "groups": "`[lumen_group]` sections",
    "strips": "Strips; `[lumen_strip]` sections; `[neopixel]` sections on Lumen's pins",
    "effects": "`[lumen_effect]` sections",
    "pixels": "Pixels of all strips together",
    "lumen_bytes": "All names and values in Lumen's sections together",
    "problems": "Printed problems; the rest is counted",
}
KIB = 1024

# The pictures of each effect: the animation and the timeline.
KINDS = ("gif", "png")
FRAME_INTERVAL_S = 1.0 / 20.0
PIXELS = 40

MARKER = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def write(folder: Path) -> None:
    """Rewrites the generated parts of all documents in a folder, and its pictures."""
    for path in sorted(folder.glob("*.md")):
        path.write_text(rewritten(path.read_text()))
    images = folder / "images"
    images.mkdir(exist_ok=True)
    for shown in json.loads(catalog())["pictures"]:
        recording = record_effect(shown["text"], shown["length_s"])
        picture.timeline(recording, images / ("effect-%s.png" % shown["effect"]))
        picture.animation(recording, images / ("effect-%s.gif" % shown["effect"]), FRAME_INTERVAL_S)
    recording = demo.record(live=False, clock="manual")
    picture.timeline(recording.thin(1.0 / 15.0), images / "demo.png")
    picture.animation(recording, images / "demo.gif")
    picture.chart(colors(), images / "colors.png")


def rewritten(text: str) -> str:
    """Returns a document with its generated parts updated."""
    known: Mapping[str, Callable[[dict[str, Any]], str]] = {
        "limits": _limits_table,
        "sections": _sections,
        "states": _states,
        "effects": _effects,
        "colors": _colors,
    }
    tables = json.loads(catalog())
    return MARKER.sub(lambda found: found[1] + known[found[2]](tables) + found[3], text)


def record_effect(spec: str, seconds: float) -> Recording:
    """Records an effect from its start, with rising temperature and progress."""
    section = {"driver": "memory", "index_end": str(PIXELS), "on_idle": spec, "fade": "0"}
    config = json.dumps({"sections": [["lumen", {"fade": "0"}], ["lumen_group shown", section]]})
    engine = Engine(config, clock="manual", seed=3)
    recording = Recording([(spec, PIXELS)])
    try:
        engine.event("ready")
        sources = len(engine.wants()["sources"])
        name = engine.strips()[0][0]
        for index in range(round(seconds / FRAME_INTERVAL_S)):
            part = index * FRAME_INTERVAL_S / seconds
            pair = (25.0 + 175.0 * part, 200.0)
            engine.sample(progress=part, sources=[pair] * sources)
            engine.advance(FRAME_INTERVAL_S)
            # The target would change the state to heating.
            engine.state("idle")
            recording.add(index * FRAME_INTERVAL_S, "", [engine.frame(name)])
    finally:
        engine.close()
    return recording


def _sections(tables: dict[str, Any]) -> str:
    return "\n".join(_section(section) for section in tables["sections"])


def _section(section: dict[str, Any]) -> str:
    lines = ["### [%s]" % section["name"], "", section["help"] + ".", "", "```"]
    lines.append("[%s]" % section["name"])
    obsolete = []
    for option in section["options"]:
        if option.get("obsolete"):
            obsolete.append(option)
            continue
        lines += _option(option)
    lines.append("```")
    if obsolete:
        lines += ["", "Options of LUMEN that have no effect:", ""]
        lines += ["* `%s` %s" % (option["name"], option["obsolete"]) for option in obsolete]
    return "\n".join(lines) + "\n"


def _option(option: dict[str, Any]) -> list[str]:
    default = option["default"]
    lines = ["#%s:%s" % (option["name"], " " + default if default is not None else "")]
    text = option["help"] + _limits(option) + "."
    if option.get("choices"):
        text += " One of: %s." % ", ".join(option["choices"])
    if option.get("drivers"):
        text += " For driver: %s." % ", ".join(option["drivers"])
    if default is not None:
        text += " The default is %s." % default
    return lines + textwrap.wrap(text, WIDTH, initial_indent="#   ", subsequent_indent="#   ")


def _limits(option: dict[str, Any]) -> str:
    parts = []
    if option.get("unit"):
        parts.append("in %s" % option["unit"])
    if option.get("above") is not None:
        parts.append("above %s" % _number(option["above"]))
    if option.get("min") is not None:
        parts.append("%s to %s" % (_number(option["min"]), _number(option["max"])))
    return " (%s)" % ", ".join(parts) if parts else ""


def _number(value: float) -> str:
    """Returns a number without an exponent, as a user writes it in a config."""
    return "%d" % value if float(value).is_integer() else "%g" % value


def _limits_table(_tables: dict[str, Any]) -> str:
    rows = ["| What | At most |", "|---|---|"]
    known = dict(limits())
    rows += ["| %s | %s |" % (text, _amount(known[name], name)) for name, text in LIMITS.items()]
    return "\n".join(rows) + "\n"


def _amount(number: int, name: str) -> str:
    if name.endswith("_bytes") and number >= KIB:
        return "%d MiB" % (number // KIB**2) if number >= KIB**2 else "%d KiB" % (number // KIB)
    return f"{number:,}" + (" bytes" if name.endswith("_bytes") else "")


def _states(tables: dict[str, Any]) -> str:
    lines = ["| State | When | Shown by default |", "|---|---|---|"]
    for state in tables["states"]:
        row = (state["name"], state["help"], state["default"])
        lines.append("| `%s` | %s | `%s` |" % row)
    return "\n".join(lines) + "\n"


def _effects(tables: dict[str, Any]) -> str:
    texts = {shown["effect"]: shown["text"] for shown in tables["pictures"]}
    return "\n".join(_effect(effect, texts[effect["name"]]) for effect in tables["effects"])


def _effect(effect: dict[str, Any], shown: str) -> str:
    name = effect["name"]
    lines = ["### %s" % name, "", effect["help"] + ".", "", "`%s`" % effect["usage"], ""]
    lines += ["![%s](images/effect-%s.%s)" % (shown, name, kind) for kind in KINDS]
    lines.append("")
    if effect["options"]:
        lines += ["| Option | Short | Default | |", "|---|---|---|---|"]
    for option in effect["options"]:
        short = "`%s`" % option["short"] if option["short"] else ""
        default = "`%s`" % option["default"] if option["default"] is not None else ""
        row = (option["name"], short, default, option["help"] + _limits(option))
        lines.append("| `%s` | %s | %s | %s |" % row)
    return "\n".join(lines) + "\n"


def _colors(_tables: dict[str, Any]) -> str:
    names = ", ".join("`%s`" % name for name, _ in colors())
    return "\n".join(textwrap.wrap(names, WIDTH, break_on_hyphens=False)) + "\n"


def main(arguments: Sequence[str]) -> int:
    """Writes into the folder of the only argument."""
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        sys.stderr.write("usage: python -m klipper_lumen.docs FOLDER\n")
        return 2
    write(Path(arguments[0]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
