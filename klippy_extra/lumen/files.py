"""The files of the config as Lumen's own reader has them: the line of each message, and what the
files say of Klipper's own sections.

Klipper's parser has the values, but no lines, and cuts a `#` before anybody sees it.
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
    """What was read at the start; nothing of it is kept once the printer is connected."""

    def __init__(self, printer: Printer, section: Config) -> None:
        self.is_kalico = False
        # What the files say of Klipper's own sections; empty if that is not known.
        self.known: dict[str, Any] = {}
        self._read: Optional[config.Config] = None
        try:
            self._load(printer, section)
        except BaseException as error:
            if not should_catch(error):
                raise
            # Not the error itself, which holds the printer by its traceback.
            log.warning("lumen: messages are without lines: %s", str(error))

    def _load(self, printer: Printer, section: Config) -> None:
        path = Path(printer.get_start_args()["config_file"])
        names = {it.get_name() for it in section.get_prefix_sections("")}
        for is_kalico in (False, True):
            read = config.read(path, is_kalico)
            if set(read.names()) == names:
                self._read, self.is_kalico = read, is_kalico
                self.known = json.loads(read.known_json())
                return
        # This Klipper reads files by rules that are not known here.
        log.info("lumen: Klipper has read other sections than Lumen")

    def lines(self, findings: Iterable[Finding], with_notes: bool = False) -> list[str]:
        """What the engine found, in the order of the files, each with its line."""
        read = self._read
        if read is None:
            return [text for _, _, text in findings]
        messages = read.messages(findings, read.notes() if with_notes else ())
        return [it.short() if it.place else it.text for it in messages]

    def known_of(self, leds: dict[str, list[str]], names: Optional[list[str]]) -> dict[str, Any]:
        """What there is of Klipper once its objects are known, for the engine."""
        known: dict[str, Any] = {"leds": leds} if leds else {}
        if names is not None:
            # What Klipper refuses of its own sections, it has refused by now.
            klipper = {**self.known.get("klipper", {}), "known_from": "printer", "faults": []}
            known["klipper"] = {**klipper, "names": names}
        return known

    def discard(self) -> None:
        """Frees what was read."""
        read, self._read = self._read, None
        if read is not None:
            read.discard()
