"""The config files as Lumen's own reader reads them: line numbers for messages, and what the files
contain about Klipper's own sections.

Klipper's parser has the values, but no line numbers, and it removes text after a `#`.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional

from klipper_lumen import config

from .guard import should_catch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from klipper_lumen.config import Finding

    from .klipper import Config, Printer

log = logging.getLogger(__name__)


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
