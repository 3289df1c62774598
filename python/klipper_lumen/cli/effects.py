"""`klipper-lumen effects`: lists the effects and their options from the engine's table."""

from __future__ import annotations

import difflib
import json
import sys
from typing import TYPE_CHECKING, Any

from .. import effects, shown

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the options of `effects`."""
    parser.add_argument("name", metavar="NAME", nargs="?", help="show the options of this effect")
    parser.add_argument("--json", action="store_true", help="print JSON, always with options")


def run(args: argparse.Namespace) -> int:
    """Runs `effects`."""
    known: list[dict[str, Any]] = json.loads(effects())
    chosen = [effect for effect in known if args.name in (None, effect["name"])]
    if not chosen:
        print(_unknown(args.name, [effect["name"] for effect in known]), file=sys.stderr)
        return 1
    if args.json:
        print(json.dumps(chosen, indent=2))
        return 0
    for effect in chosen:
        print("%-10s %s" % (effect["name"], effect["help"]))
        if args.name is not None:
            _print_details(effect)
    return 0


def _print_details(effect: dict[str, Any]) -> None:
    print("\n  on_STATE: %s" % effect["usage"])
    for option in effect["options"]:
        short = " (%s)" % option["short"] if option["short"] else ""
        print("\n  %s%s: %s" % (option["name"], short, option["default"] or "not set"))
        print("      %s; %s" % (option["help"], _kind(option)))


def _kind(option: dict[str, Any]) -> str:
    text = "whole number" if option["kind"] == "count" else str(option["kind"])
    if "above" in option:
        text += " above %g" % option["above"]
    elif "min" in option:
        text += " from %g to %g" % (option["min"], option["max"])
    return text + (", %s" % option["unit"] if option["unit"] else "")


def _unknown(name: str, known: list[str]) -> str:
    name = shown(name)
    close = difflib.get_close_matches(name, known, 1)
    more = "did you mean '%s'?" % close[0] if close else "effects: " + ", ".join(known)
    return "klipper-lumen effects: unknown effect '%s' (%s)" % (name, more)
