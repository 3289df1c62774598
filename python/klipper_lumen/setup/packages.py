"""The package in the Python environment of klippy: which version is there, and how to change it."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Optional

from .printers import SetupError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

PACKAGE = "klipper-lumen"
# The oldest Python that the wheels support.
OLDEST = (3, 9)
PIP_S = 900.0
PROBE = """
import sys
print(sys.version_info[0], sys.version_info[1])
try:
    from importlib.metadata import version
    print(version("klipper-lumen"))
except Exception:
    print("-")
"""


@dataclass(frozen=True)
class Environment:
    """The Python environment that runs klippy."""

    python: Path
    # The installed version of Lumen.
    version: Optional[str]

    @staticmethod
    def probe(python: Path) -> Environment:
        """Asks a Python for its version; raises SetupError if Lumen cannot run with it."""
        try:
            # Isolated: PYTHONPATH may name the copy of Lumen that does the set-up.
            run = [str(python), "-I", "-c", PROBE]
            found = subprocess.run(run, capture_output=True, text=True, timeout=60, check=True)  # noqa: S603
        except (OSError, subprocess.SubprocessError) as error:
            raise SetupError("%s does not run: %s" % (python, error)) from None
        release, version = found.stdout.split("\n")[:2]
        major, minor = map(int, release.split())
        if (major, minor) < OLDEST:
            raise SetupError(
                "%s is Python %d.%d; Lumen needs %d.%d or newer. Create klippy's environment again "
                "with a newer Python, for example with KIAUH" % (python, major, minor, *OLDEST)
            )
        return Environment(python, None if version == "-" else version)

    def download(self, wheels: Optional[Path], folder: Path) -> str:
        """Puts the wheel that fits into a folder; returns its version. Raises SetupError."""
        source = ["--no-index", "--find-links", str(wheels)] if wheels is not None else []
        self._pip("download", "--only-binary", PACKAGE, "--dest", str(folder), *source, PACKAGE)
        names = sorted(folder.glob("klipper_lumen-*.whl"))
        return names[-1].name.split("-")[1]

    def install(self, folder: Path, version: str, is_repair: bool) -> None:
        """Installs the wheel in a folder; an older or newer version is replaced."""
        force = ["--force-reinstall"] if is_repair else []
        source = ["--no-index", "--find-links", str(folder)]
        # Without its number, pip would keep a newer version.
        self._pip("install", *force, *source, "%s==%s" % (PACKAGE, version))

    def uninstall(self) -> None:
        """Removes the package."""
        self._pip("uninstall", "--yes", PACKAGE)

    def _pip(self, command: str, *arguments: str) -> None:
        common = ["--disable-pip-version-check", "--quiet"]
        dependencies = [] if command == "uninstall" else ["--no-deps"]
        run = [str(self.python), "-I", "-m", "pip", *common, command, *dependencies, *arguments]
        try:
            found = subprocess.run(run, capture_output=True, text=True, timeout=PIP_S, check=False)  # noqa: S603
        except (OSError, subprocess.SubprocessError) as error:
            raise SetupError("pip does not run: %s" % error) from None
        if found.returncode != 0:
            raise SetupError("pip %s failed:\n%s" % (command, _last_lines(found.stderr)))


def is_older(version: str, than: str) -> bool:
    """Returns whether a version comes before another one; 1.0.0rc1 comes before 1.0.0."""
    return _order(version) < _order(than)


def _order(version: str) -> tuple[list[int], bool, str]:
    found = re.match(r"[\d.]*", version)
    release = found[0] if found else ""
    suffix = version[len(release) :]
    numbers = [int(it) for it in release.split(".") if it]
    while numbers[-1:] == [0]:
        numbers.pop()
    return numbers, not suffix, suffix


def _last_lines(text: str, count: int = 8) -> str:
    lines: Sequence[str] = [line for line in text.splitlines() if line.strip()]
    return "\n".join("  " + line for line in lines[-count:])
