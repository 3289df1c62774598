"""Installs Lumen into a copied Klipper tree as a user does: with `klipper-lumen install`."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from .environment import HERE, BenchError, Environment

if TYPE_CHECKING:
    from pathlib import Path


WHEELS = HERE.parents[2] / "dist"


def unpack(folder: Path) -> None:
    """Installs the newest built wheel into a folder, for `site` of a plan."""
    wheels = sorted(WHEELS.glob("klipper_lumen-*.whl"), key=lambda wheel: wheel.stat().st_mtime)
    if not wheels:
        raise BenchError("no wheel in dist: run 'make wheel'")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    done = subprocess.run(
        [*command, "--target", str(folder), str(wheels[-1])],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BenchError("%s does not install:\n%s" % (wheels[-1].name, done.stderr))


def install(environment: Environment, site: Path, tree: Path) -> None:
    """Runs the installed command with klippy's Python; ``site`` is the folder with the wheel."""
    command = [str(environment.python), "-m", "klipper_lumen", "install", "--klipper", str(tree)]
    done = subprocess.run(
        command,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BenchError("klipper-lumen install: %s" % (done.stderr or done.stdout))
