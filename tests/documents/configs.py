"""Completes the configs of the documents, so that they load, and combines them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .snippets import Snippet, of_kind, pages

if TYPE_CHECKING:
    from collections.abc import Sequence

GROUP = "driver: memory\nindex_end: 30\n"
SECTION = re.compile(r"^\[([^]\n]+)\].*\n", re.M)
OPTION = re.compile(r"^(\w+) *[:=] *(.*)", re.M)
# The options that give a group its pixels.
PIXELS = re.compile(r"^(driver|strip|pixels|neopixel|led|pin_name):", re.M)

# The reference has all options as comments. These are the ones that a section needs at least.
REQUIRED = {
    "[lumen_strip NAME]": "driver: memory\ncount: 3\n",
    "[lumen_group NAME]": "driver: memory\n",
    "[lumen_effect NAME]": "effect: comet\n",
    "[lumen_palette NAME]": "colors: red, blue\n",
    "[neopixel NAME]": "pin: lumen:gpio18\n",
}
# The parts of an example that the reader has already, by the page and the first line.
BESIDE = {
    # The macro uses the groups of the example above it.
    ("docs/Recipes.md", "[gcode_macro CLEAN_AND_WATCH]"): "[lumen_group nozzle]\n"
    + GROUP
    + "[gcode_macro CLEAN_NOZZLE]\ngcode:\n    G4 P100\n",
}
REFERENCE = "docs/Config_Reference.md"

# Drivers that use a device, which two examples cannot share.
HARDWARE = re.compile(r"^(driver: (?!memory|klipper|pwm)|pin: lumen:)", re.M)
# Klipper's pins of examples; those of Lumen stay.
PIN = re.compile(r"^pin: (?!lumen:)\S+", re.M)


def parts(text: str) -> list[tuple[str, str]]:
    """Splits a config into its sections: the name, and the text with the header."""
    starts = [*SECTION.finditer(text)]
    ends = [match.start() for match in starts[1:]] + [len(text)]
    return [(match[1], text[match.start() : end]) for match, end in zip(starts, ends)]


def complete(snippet: Snippet) -> str:
    """Returns a config that loads: the block, and what it leaves to the reader."""
    text = snippet.text
    if snippet.kind == "options":
        name = re.sub(r"\W", "_", str(snippet)).lower()
        return "[lumen]\n\n[lumen_group %s]\n%s%s" % (name, GROUP, text)
    if snippet.page == REFERENCE:
        text += REQUIRED.get(snippet.first, "")
    head = text[: SECTION.search(text).start()]  # type: ignore[union-attr]
    text = head + "".join(_with_pixels(*part) for part in parts(text))
    text += BESIDE.get((snippet.page, snippet.first), "")
    names = [name for name, _ in parts(text)]
    if "lumen" not in names:
        text = "[lumen]\n\n" + text
    if not any(name.startswith("lumen_group ") for name in names):
        # A group that shows the effects of the block, one in each state.
        effects = [name.split()[1] for name in names if name.startswith("lumen_effect ")]
        lines = ["on_%s: %s\n" % it for it in zip(("idle", "heating", "printing"), effects)]
        label = re.sub(r"\W", "_", str(snippet)).lower()
        text += "\n[lumen_group %s]\n%s%s" % (label, GROUP, "".join(lines))
    return text


def _with_pixels(name: str, text: str) -> str:
    """Gives a group its pixels if the example shows only its effects."""
    if not name.startswith("lumen_group ") or PIXELS.search(text):
        return text
    header, _, rest = text.partition("\n")
    return "%s\n%s%s" % (header, GROUP, rest)


# The groups and effects that commands in the documents name.
GROUPS = ("bar", "case", "chamber", "logo", "nozzle", "panel_ring", "toolhead")
EFFECTS = {"alarm": "pulse", "attention": "strobe", "party": "disco", "sunset_bar": "gradient"}
GCODE_CONFIG = "[lumen]\n" + "".join(
    [
        *("[lumen_group %s]\ndriver: memory\ndevice: %s\n" % (name, name) for name in GROUPS),
        *("[lumen_effect %s]\neffect: %s\nshow: True\n" % it for it in EFFECTS.items()),
    ]
)
COMMAND = re.compile(r"`((?:LUMEN\w*|SET_LED\w*|STOP_LED\w*) [A-Z_]+=[^`]*)`")
INLINE_OPTION = re.compile(r"`(on_[a-z_]+: [^`]+)`")
# Placeholders in commands, and optional parameters.
PLACEHOLDER = re.compile(r"<|\.\.\.|\[|[= ](NAME|seconds)\b")


def inline_options() -> list[str]:
    """The `on_...` options in sentences and tables, without those with placeholders."""
    found = {it for text in _sentences() for it in INLINE_OPTION.findall(text)}
    return sorted(it for it in found if not PLACEHOLDER.search(it))


def inline_gcode() -> list[str]:
    """The commands with parameters in sentences and tables, without those with placeholders."""
    found = {it for text in _sentences() for it in COMMAND.findall(text)}
    return sorted(it for it in found if not PLACEHOLDER.search(it))


def _sentences() -> list[str]:
    """The documents without their code blocks, each in one line."""
    texts = [re.sub(r"(?ms)^ *```.*?^ *```", "", path.read_text()) for path in pages()]
    return [" ".join(text.split()) for text in texts]


def configs() -> list[Snippet]:
    """All blocks with config for Klipper."""
    return of_kind("config", "options")


def macros() -> list[str]:
    """The names of all macros in the documents."""
    return sorted({name for snippet in configs() for name in snippet.macros})


@dataclass
class Batch:
    """Configs that load together, because nothing in them conflicts."""

    snippets: list[Snippet] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    _options: dict[tuple[str, str], str] = field(default_factory=dict)
    _has_hardware: bool = False

    def __str__(self) -> str:
        return ", ".join(map(str, self.snippets))

    @property
    def text(self) -> str:
        """The config, with pins of the second micro-controller of the bench."""
        pins = iter(range(40, 60))
        return PIN.sub(lambda _: "pin: led:gpio%d" % next(pins), "\n".join(self.texts))

    @property
    def sections(self) -> set[str]:
        """The names of all sections."""
        return {name for name, _ in parts("\n".join(self.texts))}

    @property
    def macros(self) -> list[str]:
        """The names of the macros that the documents define."""
        return sorted({name for snippet in self.snippets for name in snippet.macros})

    def add(self, snippet: Snippet) -> bool:
        """Adds a config unless it conflicts with those that are here; returns whether it did."""
        text = complete(snippet)
        options = {}
        for section, part in parts(text):
            # Two examples can only share [lumen], if it has no option with two values.
            is_shared = section == "lumen"
            options[section, ""] = "" if is_shared else str(snippet)
            if is_shared:
                options.update({(section, name): value for name, value in OPTION.findall(part)})
        has_hardware = bool(HARDWARE.search(text))
        if self._has_hardware and has_hardware:
            return False
        if any(self._options.get(key, value) != value for key, value in options.items()):
            return False
        self._options.update(options)
        self._has_hardware |= has_hardware
        self.snippets.append(snippet)
        self.texts.append(text)
        return True


def batches(found: Sequence[Snippet] = ()) -> list[Batch]:
    """Combines all configs into as few as possible."""
    combined: list[Batch] = []
    for snippet in found or configs():
        if not any(batch.add(snippet) for batch in combined):
            combined.append(Batch())
            combined[-1].add(snippet)
    return combined
