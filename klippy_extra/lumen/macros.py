"""Macros of LUMEN 1.x that are left in printer.cfg and have the name of a command of Lumen.

Klipper would only say "gcode command LUMEN_SET already registered". What may be wrong with the
sections is said here, before anything is registered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from .requests import OLD_REQUESTS, REQUESTS

if TYPE_CHECKING:
    from collections.abc import Container

PREFIX = "gcode_macro "
# A macro with this option takes the place of the command and may call it.
RENAME = "rename_existing"

COMMANDS = frozenset(it.gcode for it in (*REQUESTS, *OLD_REQUESTS) if it.command)


def leftover(section: str, options: Container[str]) -> Optional[str]:
    """What to do about a macro that Klipper would refuse because of Lumen; None if there is none.

    ``section`` is the full name of any section, and ``options`` are the names of its options.
    """
    if not section.lower().startswith(PREFIX) or RENAME in options:
        return None
    name = section[len(PREFIX) :].strip().upper()
    if name not in COMMANDS:
        return None
    return (
        "Section '%s' must be removed: %s is a command of Lumen itself, and no macro of LUMEN 1.x "
        "is needed any more; to keep a macro of your own around it, add '%s: %s_BASE'"
        % (section, name, RENAME, name)
    )
