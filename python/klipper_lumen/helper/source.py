"""What is installed: the helper's config for a user's printer.cfg, and this package or a wheel."""

from __future__ import annotations

import os
import pwd
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from . import config_reader, wheel_record
from .target_system import HelperError

PACKAGE = "klipper_lumen"
PYTHONS = ("/usr/bin/python3", "/usr/local/bin/python3")
DEFAULT_CONFIG = "printer_data/config/printer.cfg"


@dataclass(frozen=True)
class Source:
    """The helper to install: its user, config and files."""

    user: str
    uid: int
    gid: int
    python: Path
    # The text of the helper's config.
    config: str
    # Descriptions of the strips.
    strips: list[str]
    # Paths in the package and their content.
    files: dict[str, bytes]

    @staticmethod
    def find(
        user: Optional[str],
        path: Optional[Path],
        python: Optional[Path],
        wheel: Optional[Path],
    ) -> Source:
        """Finds the inputs; arguments that are None get defaults."""
        account = _account(user, path)
        path = path if path is not None else Path(account.pw_dir, DEFAULT_CONFIG)
        text, strips = config_reader.read(path, account)
        return Source(
            user=account.pw_name,
            uid=account.pw_uid,
            gid=account.pw_gid,
            python=_python(python),
            config=text,
            strips=strips,
            files=_wheel_files(wheel) if wheel is not None else _package_files(),
        )


def _account(user: Optional[str], path: Optional[Path]) -> pwd.struct_passwd:
    """The account that runs Klipper: `user`, else the user of sudo, else the config's owner."""
    try:
        if user is not None:
            return pwd.getpwuid(int(user)) if user.isdigit() else pwd.getpwnam(user)
        if os.geteuid() != 0:
            return pwd.getpwuid(os.geteuid())
        if "SUDO_UID" in os.environ:
            return pwd.getpwuid(int(os.environ["SUDO_UID"]))
        if path is not None:
            return pwd.getpwuid(path.stat().st_uid)
    except (KeyError, ValueError):
        raise HelperError("unknown user '%s'" % (user or os.environ["SUDO_UID"])) from None
    raise HelperError("specify the user who runs Klipper with --user NAME")


def _python(python: Optional[Path]) -> Path:
    for path in [python] if python is not None else map(Path, PYTHONS):
        if os.access(path, os.X_OK):
            return Path(os.path.realpath(path))
    raise HelperError("%s not found; specify a Python with --python" % (python or PYTHONS[0]))


def _package_files() -> dict[str, bytes]:
    root = Path(__file__).resolve().parent.parent
    files = {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
    records = sorted(root.parent.glob(PACKAGE + "-*.dist-info/RECORD"))
    if len(records) > 1:
        raise HelperError("%s has more than one version of Lumen; empty it first" % root.parent)
    # A checkout has no record, and root's copy has none either.
    for path in records:
        wheel_record.verify(PACKAGE, files, path.read_text(encoding="utf-8"))
    return files


def _wheel_files(wheel: Path) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(wheel) as archive:
            names = [name for name in archive.namelist() if not name.endswith("/")]
            files = {
                name[len(PACKAGE) + 1 :]: archive.read(name)
                for name in names
                if name.startswith(PACKAGE + "/")
            }
            records = [name for name in names if name.endswith(".dist-info/RECORD")]
            text = archive.read(records[0]).decode() if len(records) == 1 else None
    except (zipfile.BadZipFile, UnicodeDecodeError):
        files, text = {}, None
    if (
        text is None
        or "__init__.py" not in files
        or any(".." in Path(name).parts for name in files)
    ):
        raise HelperError("%s is not a wheel of Lumen" % wheel)
    wheel_record.verify(PACKAGE, files, text)
    return files
