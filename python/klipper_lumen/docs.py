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
    "palettes": "`[lumen_palette]` sections",
    "palette_colors": "Colors of a palette or of an effect",
    "pixels": "Pixels of all strips together",
    "lumen_bytes": "All names and values in Lumen's sections together",
    "problems": "Printed problems; the rest is counted",
}
KIB = 1024

# The pictures of each effect: the animation and the timeline.
KINDS = ("gif", "png")
FRAME_INTERVAL_S = 1.0 / 20.0
PIXELS = 40

# The length of the axes without a printer.
TRAVEL_MM = 300.0

# Effects with the options that all effects take, as docs/Effects.md shows them.
TRANSFORMED = (
    "comet cyan",
    "comet cyan direction=reverse",
    "comet cyan mirror",
    "comet cyan mirror direction=reverse",
    "comet cyan repeat=3",
    "comet cyan spacing=1",
)
TRANSFORMED_S = 2.5

# Effects with several colors, as docs/Colors.md shows them.
SEVERAL_COLORS = (
    "solid red yellow blue",
    "pulse red yellow green speed=1",
    "heartbeat red blue",
    "disco white 9900ff",
    "fire heat",
    "comet white cyan blue tail=20",
    "chase red yellow blue cyan size=9",
    "kitt red blue",
    "thermal bed temperature",
    "progress blue green red",
)
SEVERAL_COLORS_S = 4.0

# Stacks, as docs/Layers.md shows them.
LAYERS = (
    "progress green | solid 000033",
    "strobe white speed=1 blend=add | pulse red speed=0.5 min=0 | solid 330000",
    "comet white | solid blue opacity=0.2",
    "disco white | fire",
    "solid white pixels=1-3 | rainbow",
    "comet red tail=20 | comet blue tail=20 offset=20 blend=add",
)
LAYERS_S = 4.0

# The effects in docs/led_effect.md, on a short strip, so that the pictures are small.
LOOK = re.compile(r"^\[lumen_effect (\w+)\]\nlayers:(.*?)^```", re.MULTILINE | re.DOTALL)
LOOK_PIXELS = 24
LOOK_FRAMES = 50
LOOK_S = 4.0
# Of those that repeat in another time.
LOOKS_S = {
    "sunset_bar": 5.0,
    "sunset_bar_back": 5.0,
    "ember_breath": 12.0,
    "two_tone_comet": 5.0,
    "picket": 5.0,
    "slow_fade": 12.0,
    "stripes": 3.0,
}
# The time between two triggers of an endstop.
TRIGGER_S = 1.2

# Colors whose mixtures in linear light and in Oklab differ most.
MIXED = (("black", "white"), ("black", "orange"), ("blue", "white"), ("blue", "yellow"))

MARKER = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def write(folder: Path) -> None:
    """Rewrites the generated parts of all documents in a folder, and its pictures."""
    for path in sorted(folder.glob("*.md")):
        path.write_text(rewritten(path.read_text()))
    images = folder / "images"
    images.mkdir(exist_ok=True)
    tables = json.loads(catalog())
    for shown in tables["pictures"]:
        recording = record_effects([shown["text"]], shown["length_s"])
        picture.timeline(recording, images / ("effect-%s.png" % shown["effect"]))
        picture.animation(recording, images / ("effect-%s.gif" % shown["effect"]), FRAME_INTERVAL_S)
    recording = demo.record(live=False, clock="manual")
    picture.timeline(recording.thin(1.0 / 15.0), images / "demo.png")
    picture.animation(recording, images / "demo.gif")
    picture.chart(colors(), images / "colors.png")
    recording = record_effects(SEVERAL_COLORS, SEVERAL_COLORS_S)
    picture.animation(recording, images / "several-colors.gif", FRAME_INTERVAL_S)
    recording = record_effects(TRANSFORMED, TRANSFORMED_S)
    picture.animation(recording, images / "effect-options.gif", FRAME_INTERVAL_S)
    recording = record_effects(LAYERS, LAYERS_S)
    picture.animation(recording, images / "layers.gif", FRAME_INTERVAL_S)
    for name, spec in looks((folder / "led_effect.md").read_text()).items():
        _draw_look(name, spec, images / ("look-%s.gif" % name))
    palettes = [palette["name"] for palette in tables["palettes"]]
    rows = zip(palettes, full_bars(["solid palette=" + name for name in palettes]))
    picture.gradients(list(rows), images / "palettes.png")
    picture.gradients(_mixtures(), images / "oklab.png")


def _draw_look(name: str, spec: str, path: Path) -> None:
    seconds = LOOKS_S.get(name, LOOK_S)
    interval_s = seconds / LOOK_FRAMES
    recording = record_effects([spec], seconds, LOOK_PIXELS, interval_s)
    recording.rows = [(name, LOOK_PIXELS)]
    picture.animation(recording, path, interval_s)


def rewritten(text: str) -> str:
    """Returns a document with its generated parts updated."""
    known: Mapping[str, Callable[[dict[str, Any]], str]] = {
        "limits": _limits_table,
        "sections": _sections,
        "states": _states,
        "effects": _effects,
        "effect_options": _effect_options,
        "colors": _colors,
        "palettes": _palettes,
        "blends": _blends,
    }
    tables = json.loads(catalog())
    return MARKER.sub(lambda found: found[1] + known[found[2]](tables) + found[3], text)


def looks(page: str) -> dict[str, str]:
    """Returns the effects that a page defines, as they are written in a command."""
    return {
        name: " | ".join(line.strip() for line in layers.strip().splitlines())
        for name, layers in LOOK.findall(page)
    }


def record_effects(
    specs: Sequence[str],
    seconds: float,
    pixels: int = PIXELS,
    interval_s: float = FRAME_INTERVAL_S,
) -> Recording:
    """Records effects from their start, with rising temperature and progress, and with an endstop
    that triggers repeatedly.
    """
    engine = _engine(specs, pixels)
    recording = Recording([(spec, pixels) for spec in specs])
    trigger_s = 0.4
    try:
        for index in range(round(seconds / interval_s)):
            now_s = index * interval_s
            if now_s >= trigger_s:
                trigger_s += TRIGGER_S
                engine.event("trigger", "stepper_x")
            _sample(engine, now_s / seconds, interval_s)
            frames = [engine.frame(name) for name, *_ in engine.strips()]
            recording.add(now_s, "", frames)
    finally:
        engine.close()
    return recording


def full_bars(specs: Sequence[str]) -> list[bytes]:
    """Returns a frame of each effect, with full progress."""
    engine = _engine(specs)
    try:
        for _ in range(round(2.0 / FRAME_INTERVAL_S)):
            _sample(engine, 1.0)
        return [engine.frame(name) for name, *_ in engine.strips()]
    finally:
        engine.close()


def _engine(specs: Sequence[str], pixels: int = PIXELS) -> Engine:
    """Returns an engine with a group for each effect."""
    sections: list[tuple[str, dict[str, str]]] = [("lumen", {"fade": "0"})]
    for index, spec in enumerate(specs):
        section = {"driver": "memory", "index_end": str(pixels), "on_idle": spec, "fade": "0"}
        # The name is the seed of the effects on a ring.
        sections.append(("lumen_group shown%s" % (index or ""), section))
    engine = Engine(json.dumps({"sections": sections}), clock="manual", seed=3)
    engine.event("ready")
    return engine


def _sample(engine: Engine, part: float, interval_s: float = FRAME_INTERVAL_S) -> None:
    """Advances by a frame, with this part of the way to full temperature and progress."""
    pair = (25.0 + 175.0 * part, 200.0)
    # To the end of each axis and back.
    place = TRAVEL_MM * (1.0 - abs(1.0 - 2.0 * part))
    sources = [pair] * len(engine.wants()["sources"])
    engine.sample(progress=part, sources=sources, position=(place, place, place))
    engine.advance(interval_s)
    # The target would change the state to heating.
    engine.state("idle")


def _mixtures() -> list[tuple[str, bytes]]:
    """Returns rows of two colors, mixed in linear light and in Oklab, with gaps between them."""
    rows: list[tuple[str, bytes]] = []
    for first, last in MIXED:
        specs = ["progress %s %s 1" % (first, last), "solid %s %s" % (first, last)]
        linear, oklab = full_bars(specs)
        rows += [("%s, %s: linear light" % (first, last), linear), ("in Oklab", oklab), ("", b"")]
    return rows[:-1]


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
        lines += _option_table(effect["options"])
    return "\n".join(lines) + "\n"


def _effect_options(tables: dict[str, Any]) -> str:
    return "\n".join(_option_table(tables["effect_options"])) + "\n"


def _option_table(options: list[dict[str, Any]]) -> list[str]:
    lines = ["| Option | Short | Default | |", "|---|---|---|---|"]
    for option in options:
        short = "`%s`" % option["short"] if option["short"] else ""
        default = "`%s`" % option["default"] if option["default"] is not None else ""
        text = option["help"] + _limits(option)
        if option.get("choices"):
            text += "; " + " or ".join("`%s`" % choice for choice in option["choices"])
        row = (option["name"], short, default, text)
        lines.append("| `%s` | %s | %s | %s |" % row)
    return lines


def _colors(_tables: dict[str, Any]) -> str:
    names = ", ".join("`%s`" % name for name, _ in colors())
    return "\n".join(textwrap.wrap(names, WIDTH, break_on_hyphens=False)) + "\n"


def _palettes(tables: dict[str, Any]) -> str:
    lines = ["| Name | Colors |", "|---|---|"]
    palettes = ((it["name"], _palette_colors(it["colors"])) for it in tables["palettes"])
    lines += ["| `%s` | %s |" % palette for palette in palettes]
    return "\n".join(lines) + "\n"


def _blends(tables: dict[str, Any]) -> str:
    lines = ["| Mode | Formula | What it shows | In led_effect |", "|---|---|---|---|"]
    for blend in tables["blends"]:
        formula = blend["formula"].replace("|", "\\|")
        row = (blend["name"], formula, blend["help"], blend["led_effect"] or "the same")
        lines.append("| `%s` | %s | %s. | %s |" % row)
    return "\n".join(lines) + "\n"


def _palette_colors(colors: list[dict[str, Any]]) -> str:
    """Returns the colors as in a config, with their places if they are not in equal distances."""
    last = len(colors) - 1
    even = all(abs(it["place"] - index / last) < 1e-6 for index, it in enumerate(colors))
    texts = [it["color"] if even else "%(color)s {}%%" % it for it in colors]
    return ", ".join(text.format("%g" % (100 * it["place"])) for text, it in zip(texts, colors))


def main(arguments: Sequence[str]) -> int:
    """Writes into the folder of the only argument."""
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        sys.stderr.write("usage: python -m klipper_lumen.docs FOLDER\n")
        return 2
    write(Path(arguments[0]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
