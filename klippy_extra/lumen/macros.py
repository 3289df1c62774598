"""Detects macros of LUMEN 1.x in printer.cfg that have the name of a Lumen command.

Klipper would only report "gcode command LUMEN_SET already registered". The macros are reported here
together with all other errors of the sections, before any command is registered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from klipper_lumen import ConfigError, check

from . import settings
from .requests import OLD_REQUESTS, REQUESTS

if TYPE_CHECKING:
    from collections.abc import Container

    from klipper_lumen.config import Finding

    from .files import Files
    from .klipper import Config
    from .settings import Section

PREFIX = "gcode_macro "
# A macro with this option replaces the command and may call it.
RENAME = "rename_existing"

COMMANDS = frozenset(it.gcode for it in (*REQUESTS, *OLD_REQUESTS) if it.command)


def leftover(section: str, options: Container[str]) -> Optional[str]:
    """Returns the error about a macro that conflicts with a Lumen command; None if there is none.

    ``section`` is the full name of any section, and ``options`` are the names of its options.
    """
    if not section.lower().startswith(PREFIX) or RENAME in options:
        return None
    name = section[len(PREFIX) :].strip().upper()
    if name not in COMMANDS:
        return None
    return (
        "Section '%s' must be removed: %s is a command of Lumen now, and the macros of LUMEN 1.x "
        "are no longer needed; to keep your own macro around the command, add '%s: %s_BASE'"
        % (section, name, RENAME, name)
    )


def check_all(config: Config, sections: list[Section], files: Files) -> None:
    """Raises an error for macros with the names of Lumen's commands, together with all other
    errors.
    """
    found = [
        (it.get_name(), leftover(it.get_name(), it.get_prefix_options("")))
        for it in config.get_prefix_sections(PREFIX)
    ]
    problems: list[Finding] = [(name, None, text) for name, text in found if text is not None]
    if not problems:
        return
    try:
        check(settings.as_json(sections, files.known))
    except ConfigError as error:
        problems += error.errors
    raise config.error("\n".join(files.lines(problems)))
