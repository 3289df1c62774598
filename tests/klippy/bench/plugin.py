"""Puts Lumen into a copied tree the way a user does: by `klipper-lumen install`."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from .environment import BenchError, Environment

if TYPE_CHECKING:
    from pathlib import Path


def install(environment: Environment, site: Path, tree: Path) -> None:
    """Runs the installed command with klippy's own Python; ``site`` holds the built wheel."""
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
