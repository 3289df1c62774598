"""The way to install the helper that runs nothing that others than root can write."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Optional

from .. import __version__
from .site import HelperError, command_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .site import Site

# Where the wheel is copied to and unpacked; only root can write there.
FOLDER = "/opt/lumen-wheel"
# In the folder with the wheel, as printed. -I and -S: Python runs its own library and nothing else.
COMMANDS = (
    "sudo rm -rf %(folder)s",
    "sudo install -D -m 644 -t %(folder)s %(wheel)s",
    "cd %(folder)s",
    "sha256sum %(wheel)s",
    "sudo python3 -I -S -m zipfile -e %(wheel)s .",
    "sudo python3 -I -S klipper_lumen helper install",
)
# The helper's own copy of Lumen, which is root's.
PROGRAM = "/opt/lumen/bin/klipper-lumen"
INSTALL_AGAIN = "sudo %s helper install" % PROGRAM

TRUST = "--trust-this-environment"


def wheel() -> str:
    """The wheel of this version for this computer, as a pattern of the shell."""
    machine = platform.machine()
    if machine == "aarch64" and sys.maxsize < 2**32:
        # A 32-bit system on a 64-bit kernel, as on many a Raspberry Pi.
        machine = "armv7l"
    return "klipper_lumen-%s-*_%s.whl" % (__version__, machine)


def commands() -> str:
    """The commands, each on a line."""
    values = {"folder": FOLDER, "wheel": wheel()}
    return "\n".join("  " + line % values for line in COMMANDS)


def require_trust(site: Site, source: Optional[Path]) -> None:
    """Raises HelperError when others than root can change what runs here or is installed."""
    reason = distrust(site, [*running(), *([source] if source is not None else [])])
    if reason is not None:
        raise HelperError(
            "root would run files that others can change: %s\n"
            "Nothing was changed. In the folder with the wheel, run these, and\n"
            "compare the checksum with the published one before the last two:\n%s\n"
            "%s does it from here; who can write these files is then root:\n  sudo %s"
            % (reason, commands(), TRUST, command_line(TRUST))
        )


def running() -> Iterable[Path]:
    """All that this process has run and may still import."""
    yield Path(sys.executable)
    yield from map(Path, sys.path)
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if file:
            yield Path(file)


def distrust(site: Site, paths: Iterable[Path]) -> Optional[str]:
    """Who else than root could change one of these, in words; None when that is no one."""
    checked = set()
    for path in paths:
        # What does not exist could be made by who can write the folder.
        there = next(it for it in (path, *path.absolute().parents) if os.path.lexists(it))
        if there not in checked:
            checked.add(there)
            reason = site.distrust(there)
            if reason is not None:
                return reason
    return None
