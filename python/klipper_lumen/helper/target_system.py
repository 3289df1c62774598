"""The system on which the helper is installed: its files, their owners, and its systemd."""

from __future__ import annotations

import os
import shlex
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Optional

if TYPE_CHECKING:
    from collections.abc import Iterator

# Relative to the root, which may be another folder for tests and images.
ENVIRONMENT = "opt/lumen"
CONFIG = "etc/lumen/helper.json"
UNIT = "etc/systemd/system/lumen-helper.service"
SOCKET = "run/lumen/ws281x.sock"

SERVICE = "lumen-helper.service"

# The limit of the kernel.
MAX_LINKS = 40


class HelperError(Exception):
    """An error of an action of `klipper-lumen helper`."""


def command_line(*extra: str) -> str:
    """The current command line for a shell, with full paths of programs, which sudo needs."""
    program = Path(os.path.abspath(sys.argv[0]))
    if program.name != "__main__.py":
        found = shutil.which(sys.argv[0])
        return shlex.join([os.path.abspath(found or program), *sys.argv[1:], *extra])
    python = [sys.executable, *(["-I", "-S"] if sys.flags.no_site else [])]
    return shlex.join([*python, str(program.parent), *sys.argv[1:], *extra])


class TargetSystem:
    """A system, by the root of its files; by default the running one."""

    def __init__(self, root: Optional[Path] = None) -> None:
        self.root = Path(os.path.abspath(root)) if root is not None else Path("/")

    @property
    def is_live(self) -> bool:
        """Whether this is the running system, where systemd can be used."""
        return self.root == Path("/")

    def path(self, name: str) -> Path:
        """The path of a file under the root."""
        return self.root / name

    def require_root(self) -> None:
        """Raises HelperError if files would not belong to root."""
        if self.is_live and os.geteuid() != 0:
            raise HelperError("only root can do this; run\n  sudo %s" % command_line())

    def systemctl(self, *arguments: str) -> bool:
        """Runs systemctl; returns False if it fails."""
        program = shutil.which("systemctl")
        if program is None:
            raise HelperError("systemctl not found; the helper needs systemd")
        return subprocess.run([program, *arguments], check=False).returncode == 0  # noqa: S603

    def is_active(self) -> bool:
        """Whether the service is running."""
        return self.systemctl("is-active", "--quiet", SERVICE)

    def distrust(self, path: Path) -> Optional[str]:
        """Why users other than root can replace a file; None if they cannot."""
        allowed = {0} if self.is_live else {0, os.geteuid()}
        for part, has_entry in _path_parts(path):
            if not self._contains(part) or not os.path.lexists(part):
                continue
            status = part.lstat()
            if status.st_uid not in allowed:
                return "%s belongs to user %d, not to root" % (part, status.st_uid)
            if stat.S_ISLNK(status.st_mode):
                # Links have no permissions.
                continue
            # In a sticky folder, only its owner can replace an entry, but any user can create a
            # missing one.
            is_sticky = stat.S_ISDIR(status.st_mode) and status.st_mode & stat.S_ISVTX
            if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH) and not (is_sticky and has_entry):
                return "%s can be written by users other than root" % part
        return None

    def _contains(self, path: Path) -> bool:
        return self.is_live or path == self.root or self.root in path.parents


def _path_parts(path: Path) -> Iterator[tuple[Path, bool]]:
    """All folders and links on a path, and its last file.

    Each has a flag: whether the next name of the path exists in it.
    """
    here = Path("/")
    names = list(reversed(Path(os.path.abspath(path)).parts[1:]))
    links = 0
    while names:
        entry = here / names.pop()
        yield here, os.path.lexists(entry)
        if entry.is_symlink() and links < MAX_LINKS:
            links += 1
            yield entry, True
            target = Path(os.readlink(entry))
            if target.is_absolute():
                here = Path("/")
            names += reversed([name for name in target.parts if name != "/"])
        elif entry.name == "..":
            here = here.parent
        else:
            here = entry
    yield here, True
