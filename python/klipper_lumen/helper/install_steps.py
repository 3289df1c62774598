"""The remaining steps to install or uninstall the helper."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Callable, Optional

from . import systemd_unit
from .source import PACKAGE, Source
from .target_system import CONFIG, ENVIRONMENT, SERVICE, SOCKET, UNIT, HelperError, TargetSystem

if TYPE_CHECKING:
    from pathlib import Path

# The command line of root's copy; -I ignores the environment of the caller.
SCRIPT = (
    """#!/%s/bin/python -I
import sys
from klipper_lumen.cli import main
sys.exit(main())
"""
    % ENVIRONMENT
)

# A file in each environment created here, so that no other environment is ever removed.
STAMP = "lumen-helper"

FOREIGN = "was not created by Lumen and was not changed; move it away first"


@dataclass(frozen=True)
class Step:
    """A step of an installation, with its description."""

    description: str
    do: Callable[[], object]


def plan_install(system: TargetSystem, source: Source) -> list[Step]:
    """The remaining steps until the helper is installed and running."""
    if system.is_live:
        reason = system.distrust(source.python)
        if reason is not None:
            raise HelperError("root cannot trust %s: %s" % (source.python, reason))
    steps = []
    environment = system.path(ENVIRONMENT)
    if not _is_current(environment, source):
        _check_created_here(environment)
        steps.append(
            Step("create   %s" % environment, lambda: _create(system, environment, source))
        )
    for name, content in _texts(source).items():
        path = system.path(name)
        if name == UNIT:
            check_unit(path)
        if _read(path) != content or system.distrust(path):
            steps.append(Step("write    %s" % path, _writer(path, content)))
    if system.is_live and (steps or not system.is_active()):
        steps.append(Step("start    %s" % SERVICE, lambda: _start(system)))
    return steps


def plan_uninstall(system: TargetSystem) -> list[Step]:
    """The remaining steps until the helper is removed."""
    steps = []
    path = system.path(UNIT)
    check_unit(path)
    if path.exists():
        if system.is_live:
            stop = ("disable", "--now", SERVICE)
            steps.append(Step("stop     %s" % SERVICE, lambda: system.systemctl(*stop)))
        steps.append(Step("remove   %s" % path, path.unlink))
        if system.is_live:
            steps.append(Step("reload   systemd", lambda: system.systemctl("daemon-reload")))
    for name in (CONFIG, SOCKET):
        file = system.path(name)
        if os.path.lexists(file):
            steps.append(Step("remove   %s" % file, _remover(file)))
    environment = system.path(ENVIRONMENT)
    if environment.exists():
        _check_created_here(environment)
        steps.append(Step("remove   %s" % environment, lambda: shutil.rmtree(environment)))
    return steps


def check_unit(path: Path) -> None:
    """Raises HelperError if the unit was not created by Lumen."""
    text = _read(path)
    if path.is_symlink() or (text is not None and systemd_unit.MARK not in text):
        raise HelperError("%s %s" % (path, FOREIGN))


def _texts(source: Source) -> dict[str, str]:
    python = "/%s/bin/python" % ENVIRONMENT
    return {CONFIG: source.config, UNIT: systemd_unit.text(python, source.gid)}


def _read(path: Path) -> Optional[str]:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None


def _writer(path: Path, content: str) -> Callable[[], object]:
    def write() -> None:
        _folder(path.parent)
        temporary = path.with_name(path.name + ".new")
        temporary.unlink(missing_ok=True)
        # No other user can write the file, not even for a moment.
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with os.fdopen(os.open(temporary, flags, 0o644), "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), 0o644)
            file.write(content)
        os.replace(temporary, path)

    return write


def _remover(path: Path) -> Callable[[], object]:
    def remove() -> None:
        path.unlink(missing_ok=True)
        # systemd removes the folder of the socket when the service ends.
        if path.parent.exists() and not os.listdir(path.parent):
            path.parent.rmdir()

    return remove


def _folder(path: Path) -> None:
    """Creates a folder and its parents, writable only by their owner."""
    if not path.exists():
        _folder(path.parent)
        path.mkdir()
        path.chmod(0o755)


def _packages(environment: Path) -> Optional[Path]:
    found = sorted(environment.glob("lib/python3*/site-packages"))
    return found[0] if found else None


def _is_current(environment: Path, source: Source) -> bool:
    """Whether the environment has an identical copy of this package and a usable Python."""
    packages = _packages(environment)
    if packages is None or not os.access(environment / "bin" / "python", os.X_OK):
        return False
    if _read(environment / "bin" / "klipper-lumen") != SCRIPT:
        return False
    root = packages / PACKAGE
    installed = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    return installed == set(source.files) and all(
        (root / name).read_bytes() == content for name, content in source.files.items()
    )


def _check_created_here(environment: Path) -> None:
    if os.path.lexists(environment) and not (environment / STAMP).is_file():
        raise HelperError("%s %s" % (environment, FOREIGN))


def _create(system: TargetSystem, environment: Path, source: Source) -> None:
    """Replaces the environment: the system's Python without pip, and the package."""
    umask = os.umask(0o022)
    try:
        if environment.exists():
            shutil.rmtree(environment)
        _folder(environment)
        (environment / STAMP).write_text("created by klipper-lumen helper install\n")
        _fill(environment, source)
    finally:
        os.umask(umask)
    reason = system.distrust(environment / "bin" / "python")
    if reason is not None:
        raise HelperError(reason)


def _fill(environment: Path, source: Source) -> None:
    command = [str(source.python), "-I", "-m", "venv", "--without-pip", str(environment)]
    _run(command, "cannot create a Python environment")
    packages = _packages(environment)
    if packages is None:
        raise HelperError("%s did not create an environment" % source.python)
    for name, content in source.files.items():
        path = packages / PACKAGE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    script = environment / "bin" / "klipper-lumen"
    script.write_text(SCRIPT, encoding="utf-8")
    script.chmod(0o755)
    command = [str(environment / "bin" / "python"), "-I", "-B", "-c", "import klipper_lumen"]
    _run(command, "the package does not run there")


def _run(command: list[str], problem: str) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no error message"]
        raise HelperError("%s: %s" % (problem, lines[-1]))


def _start(system: TargetSystem) -> None:
    system.systemctl("daemon-reload")
    # systemctl prints an error if there is nothing to reset.
    if system.systemctl("is-failed", "--quiet", SERVICE):
        system.systemctl("reset-failed", SERVICE)
    if not (system.systemctl("enable", SERVICE) and system.systemctl("restart", SERVICE)):
        raise HelperError("the service does not start; see 'systemctl status lumen-helper'")
    sys.stdout.flush()
