"""What the helper is made from: a user, a config of Klipper's, and this package or a wheel."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Optional

from .. import LumenError, config
from .._engine import helper_config
from .site import HelperError

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = "klipper_lumen"
PYTHONS = ("/usr/bin/python3", "/usr/local/bin/python3")
DEFAULT_CONFIG = "printer_data/config/printer.cfg"


@dataclass(frozen=True)
class Source:
    """What the helper is to do, and for whom."""

    user: str
    uid: int
    gid: int
    python: Path
    # The text of the helper's config.
    config: str
    # Path in the package, and content.
    files: dict[str, bytes]

    @staticmethod
    def find(
        user: Optional[str],
        path: Optional[Path],
        python: Optional[Path],
        wheel: Optional[Path],
    ) -> Source:
        """Finds what was not said."""
        account = _account(user, path)
        path = path if path is not None else Path(account.pw_dir, DEFAULT_CONFIG)
        with _as_user(account):
            text = _helper_config(path, account.pw_uid)
        return Source(
            user=account.pw_name,
            uid=account.pw_uid,
            gid=account.pw_gid,
            python=_python(python),
            config=text,
            files=_wheel_files(wheel) if wheel is not None else _package_files(),
        )

    def strips(self) -> list[str]:
        """The strips that the helper may drive, in words."""
        return [
            "strip '%(name)s': %(pixels)d pixels of %(channels)d channels on GPIO%(pin)d" % strip
            for strip in json.loads(self.config)["strips"]
        ]


def _account(user: Optional[str], path: Optional[Path]) -> pwd.struct_passwd:
    """The account that runs Klipper: the one that is named, else of sudo, else of the config."""
    try:
        if user is not None:
            return pwd.getpwnam(user)
        if os.geteuid() != 0:
            return pwd.getpwuid(os.geteuid())
        if "SUDO_UID" in os.environ:
            return pwd.getpwuid(int(os.environ["SUDO_UID"]))
        if path is not None:
            return pwd.getpwuid(path.stat().st_uid)
    except (KeyError, ValueError):
        raise HelperError("there is no user '%s'" % (user or os.environ["SUDO_UID"])) from None
    raise HelperError("say who runs Klipper with --user NAME")


@contextlib.contextmanager
def _as_user(account: pwd.struct_passwd) -> Iterator[None]:
    """Reads what the user may read and nothing else: an include can name any file."""
    if os.geteuid() != 0 or account.pw_uid == 0:
        yield
        return
    groups, gid = os.getgroups(), os.getegid()
    os.setgroups(os.getgrouplist(account.pw_name, account.pw_gid))
    os.setegid(account.pw_gid)
    os.seteuid(account.pw_uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(gid)
        os.setgroups(groups)


def _helper_config(path: Path, uid: int) -> str:
    try:
        read = config.read(path)
        return helper_config(read.lumen_json(), read.facts_json(), [uid])
    except (config.ConfigFileError, LumenError) as error:
        raise HelperError("%s: %s" % (path, error)) from None


def _python(python: Optional[Path]) -> Path:
    for path in [python] if python is not None else map(Path, PYTHONS):
        if os.access(path, os.X_OK):
            return Path(os.path.realpath(path))
    raise HelperError("there is no %s; say which with --python" % (python or PYTHONS[0]))


def _package_files() -> dict[str, bytes]:
    root = Path(__file__).resolve().parent.parent
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def _wheel_files(wheel: Path) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(wheel) as archive:
            files = {
                name[len(PACKAGE) + 1 :]: archive.read(name)
                for name in archive.namelist()
                if name.startswith(PACKAGE + "/") and not name.endswith("/")
            }
    except zipfile.BadZipFile:
        files = {}
    if "__init__.py" not in files or any(".." in Path(name).parts for name in files):
        raise HelperError("%s is no wheel of Lumen" % wheel)
    return files
