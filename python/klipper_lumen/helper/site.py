"""The computer: where the parts of the helper belong, and systemd."""

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

# All without the slash in front: they may stand under another root, for tests and images.
ENVIRONMENT = "opt/lumen"
CONFIG = "etc/lumen/helper.json"
UNIT = "etc/systemd/system/lumen-helper.service"
SOCKET = "run/lumen/ws281x.sock"

SERVICE = "lumen-helper.service"

# As many as the kernel follows.
MAX_LINKS = 40


class HelperError(Exception):
    """Why nothing was done, in words."""


def command_line(*more: str) -> str:
    """This command as a shell takes it: programs by their full paths, which sudo needs."""
    program = Path(os.path.abspath(sys.argv[0]))
    if program.name != "__main__.py":
        found = shutil.which(sys.argv[0])
        return shlex.join([os.path.abspath(found or program), *sys.argv[1:], *more])
    python = [sys.executable, *(["-I", "-S"] if sys.flags.no_site else [])]
    return shlex.join([*python, str(program.parent), *sys.argv[1:], *more])


class Site:
    """The root of a file system; by default the one that runs."""

    def __init__(self, root: Optional[Path] = None) -> None:
        self.root = Path(os.path.abspath(root)) if root is not None else Path("/")

    @property
    def runs(self) -> bool:
        """Whether this is the system that runs, with a systemd to talk to."""
        return self.root == Path("/")

    def path(self, name: str) -> Path:
        """A place under the root."""
        return self.root / name

    def require_root(self) -> None:
        """Raises HelperError where the files would not be root's."""
        if self.runs and os.geteuid() != 0:
            raise HelperError("only root can do this; run\n  sudo %s" % command_line())

    def systemctl(self, *words: str) -> bool:
        """Asks systemd; False when it refuses."""
        program = shutil.which("systemctl")
        if program is None:
            raise HelperError("there is no systemctl; the helper needs systemd")
        return subprocess.run([program, *words], check=False).returncode == 0  # noqa: S603

    def is_active(self) -> bool:
        """Whether the service runs."""
        return self.systemctl("is-active", "--quiet", SERVICE)

    def distrust(self, path: Path) -> Optional[str]:
        """Who else than root could exchange a file, in words; None if there is no such user."""
        allowed = {0} if self.runs else {0, os.geteuid()}
        for part, has_entry in _way(path):
            if not self._contains(part) or not os.path.lexists(part):
                continue
            status = part.lstat()
            if status.st_uid not in allowed:
                return "%s belongs to user %d, not to root" % (part, status.st_uid)
            if stat.S_ISLNK(status.st_mode):
                # Links have no rights of their own.
                continue
            # There, only its owner replaces an entry; but everybody may make one that is missing.
            is_sticky = stat.S_ISDIR(status.st_mode) and status.st_mode & stat.S_ISVTX
            if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH) and not (is_sticky and has_entry):
                return "%s can be written by others than root" % part
        return None

    def _contains(self, path: Path) -> bool:
        return self.runs or path == self.root or self.root in path.parents


def _way(path: Path) -> Iterator[tuple[Path, bool]]:
    """All folders and links that a path leads through, and the file in the end.

    Each with whether the next name on the way exists in it.
    """
    here = Path("/")
    names = list(reversed(Path(os.path.abspath(path)).parts[1:]))
    links = 0
    while names:
        there = here / names.pop()
        yield here, os.path.lexists(there)
        if there.is_symlink() and links < MAX_LINKS:
            links += 1
            yield there, True
            target = Path(os.readlink(there))
            if target.is_absolute():
                here = Path("/")
            names += reversed([name for name in target.parts if name != "/"])
        elif there.name == "..":
            here = here.parent
        else:
            here = there
    yield here, True
