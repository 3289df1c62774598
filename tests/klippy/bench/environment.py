"""The Klipper that the bench runs, and the device simulator that it builds."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Optional

HERE = Path(__file__).resolve().parent


class BenchError(Exception):
    """Why a run cannot start or has failed."""


def _is_tree(path: Path) -> bool:
    return (path / "klippy" / "klippy.py").is_file()


def _is_program(path: Path) -> bool:
    return os.access(path, os.X_OK)


NEEDS: dict[str, tuple[str, Callable[[Path], bool]]] = {
    "DIR": ("an unpacked source tree", _is_tree),
    "PYTHON": ("a Python with klippy's requirements", _is_program),
    "MCU_ELF": ("the Linux-process micro-controller program", _is_program),
}


@dataclass(frozen=True)
class Environment:
    """A Klipper or a Kalico to run."""

    tree: Path
    python: Path
    mcu: Path

    @classmethod
    def of(cls, prefix: str) -> Environment:
        """Reads PREFIX_DIR, PREFIX_PYTHON and PREFIX_MCU_ELF; raises BenchError with reasons."""
        names = {"%s_%s" % (prefix, name): need for name, need in NEEDS.items()}
        missing = list(filter(None, (_lack(name, *need) for name, need in names.items())))
        if missing:
            raise BenchError("; ".join(missing))
        # Not resolved: the python of a venv must stay a link.
        return cls(*(Path(os.environ[name]).absolute() for name in names))


def _lack(name: str, what: str, is_fit: Callable[[Path], bool]) -> Optional[str]:
    value = os.environ.get(name)
    if not value:
        return "%s is not set; it must name %s" % (name, what)
    return None if is_fit(Path(value).absolute()) else "%s=%s is not %s" % (name, value, what)


def build_sim(work: Path) -> Path:
    """Builds mcu_sim.c once for each work folder."""
    library = work / "mcu_sim.so"
    if library.exists():
        return library
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise BenchError("no gcc to build mcu_sim.c")
    source = str(HERE / "mcu_sim.c")
    flags = ["-O2", "-Wall", "-fPIC", "-shared"]
    command = [compiler, *flags, "-o", str(library), source, "-ldl", "-lm"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchError("mcu_sim.c does not build:\n" + done.stderr)
    return library
