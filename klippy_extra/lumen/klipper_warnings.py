"""Warnings in Klipper's configfile object, which web interfaces show.

Klipper keeps each warning until a restart and ignores a text that it had before. Lumen also removes
a warning when its problem is solved, and shows it again when the problem returns. A Klipper whose
lists have other names keeps the warnings.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Callable, Optional

if TYPE_CHECKING:
    from .klipper_api import ConfigFile

log = logging.getLogger(__name__)

# Maximum number of different texts for a printer object, because Klipper keeps all of them.
MAX_TEXTS = 32
# The lists in Klipper, and in Kalico, which builds the second from the first.
LISTS = ("runtime_warnings", "status_warnings")
KIND = "runtime_warning"


class KlipperWarnings:
    """Lumen's warnings in the configfile object of one printer object."""

    def __init__(self, configfile: Optional[ConfigFile]) -> None:
        self._configfile = configfile
        # All texts that Klipper has received.
        self._known: set[str] = set()

    def show(self, text: str) -> None:
        """Logs a warning and shows it."""
        # Older versions of Klipper do not have it.
        show: Optional[Callable[[str], None]] = getattr(self._configfile, KIND, None)
        if show is None or (text not in self._known and len(self._known) >= MAX_TEXTS):
            log.warning("%s", text)
        elif text not in self._known:
            # It also logs the text.
            show(text)
            self._known.add(text)
        else:
            log.warning("%s", text)
            entry = {"type": KIND, "message": text}
            self._replace(lambda entries: entries if entry in entries else [*entries, entry])

    def remove(self, texts: set[str]) -> None:
        """Removes warnings that Lumen has shown."""
        removed = [{"type": KIND, "message": text} for text in texts & self._known]
        if removed:
            self._replace(lambda entries: [entry for entry in entries if entry not in removed])

    def _replace(self, change: Callable[[list[object]], list[object]]) -> None:
        # Klipper sees only new lists as a change of its status.
        for name in LISTS:
            entries = getattr(self._configfile, name, None)
            if isinstance(entries, list):
                setattr(self._configfile, name, change(entries))
