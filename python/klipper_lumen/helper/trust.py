"""Keeps root from running files that other users can write: a check, and safe install commands."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Optional

from .. import __version__
from .target_system import HelperError, command_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .target_system import TargetSystem

# The wheel is copied and unpacked here; only root can write to this folder.
FOLDER = "/opt/lumen-wheel"
# Commands to run in the folder with the wheel. -I and -S: Python runs only its own library.
COMMANDS = (
    "sudo rm -rf %(folder)s",
    "sudo install -D -m 644 -t %(folder)s %(wheel)s",
    "cd %(folder)s",
    "sha256sum %(wheel)s",
    "sudo python3 -I -S -m zipfile -e %(wheel)s .",
    "sudo python3 -I -S klipper_lumen helper install",
)
# The helper's copy of Lumen, owned by root.
PROGRAM = "/opt/lumen/bin/klipper-lumen"
INSTALL_AGAIN = "sudo %s helper install" % PROGRAM

TRUST = "--trust-this-environment"


def wheel() -> str:
    """The name of the wheel of this version for this computer, as a shell pattern."""
    machine = platform.machine()
    if machine == "aarch64" and sys.maxsize < 2**32:
        # A 32-bit system on a 64-bit kernel, as on many Raspberry Pis.
        machine = "armv7l"
    return "klipper_lumen-%s-*_%s.whl" % (__version__, machine)


def commands() -> str:
    """The commands, one per line."""
    values = {"folder": FOLDER, "wheel": wheel()}
    return "\n".join("  " + line % values for line in COMMANDS)


def require_trust(system: TargetSystem, source: Optional[Path]) -> None:
    """Raises HelperError if other users can change files that root runs or installs."""
    reason = distrust(system, [*running(), *([source] if source is not None else [])])
    if reason is not None:
        raise HelperError(
            "root would run files that other users can change: %s\n"
            "Nothing was changed. In the folder with the wheel, run these commands, and\n"
            "compare the checksum with the published one before the last two:\n%s\n"
            "%s skips this check; users who can write these files then become root:\n  sudo %s"
            % (reason, commands(), TRUST, command_line(TRUST))
        )


def running() -> Iterable[Path]:
    """The files that this process has run and the folders it may import from."""
    yield Path(sys.executable)
    yield from map(Path, sys.path)
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if file:
            yield Path(file)


def distrust(system: TargetSystem, paths: Iterable[Path]) -> Optional[str]:
    """Why users other than root can change one of the paths; None if they cannot."""
    checked = set()
    for path in paths:
        # A missing file can be created by users who can write to its folder.
        existing = next(it for it in (path, *path.absolute().parents) if os.path.lexists(it))
        if existing not in checked:
            checked.add(existing)
            reason = system.distrust(existing)
            if reason is not None:
                return reason
    return None
