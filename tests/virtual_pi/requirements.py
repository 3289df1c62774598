"""What this computer needs, and what it lacks."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

# Program and Debian package.
PROGRAMS = (
    ("mmdebstrap", "mmdebstrap"),
    ("arch-test", "arch-test"),
    ("qemu-aarch64-static", "qemu-user-static"),
    ("fdtput", "device-tree-compiler"),
    ("mke2fs", "e2fsprogs"),
)
SYSTEM_EMULATOR = "qemu-system-aarch64"
# The first with the SPI controller of the Raspberry Pi.
OLDEST_EMULATOR = 9
BINFMT = Path("/proc/sys/fs/binfmt_misc")
RULES = Path("/usr/lib/binfmt.d")
INTERPRETERS = ("qemu-aarch64", "qemu-arm")


def missing() -> list[str]:
    """Returns what is missing, each with the way to get it."""
    found = [] if os.geteuid() == 0 else ["root"]
    for program, package in PROGRAMS:
        if shutil.which(program) is None:
            found.append("%s (apt install %s)" % (program, package))
    if _emulator_version() < OLDEST_EMULATOR:
        found.append(
            "%s %d or newer (apt install qemu-system-arm; on Debian 12 from its backports)"
            % (SYSTEM_EMULATOR, OLDEST_EMULATOR)
        )
    if not found:
        found += _register()
    return found


def _emulator_version() -> int:
    if shutil.which(SYSTEM_EMULATOR) is None:
        return 0
    done = subprocess.run(
        [SYSTEM_EMULATOR, "--version"], capture_output=True, text=True, check=False
    )
    version = re.search(r"version (\d+)", done.stdout)
    return int(version[1]) if version else 0


def _register() -> list[str]:
    """Makes the kernel run programs of ARM; where systemd runs, it has done so at boot."""
    if not (BINFMT / "register").exists():
        subprocess.run(["mount", "-t", "binfmt_misc", "binfmt_misc", str(BINFMT)], check=False)
    for name in INTERPRETERS:
        rule = RULES / ("%s.conf" % name)
        try:
            if not (BINFMT / name).exists():
                (BINFMT / "register").write_text(rule.read_text())
        except OSError as error:
            return ["binfmt_misc with %s (%s)" % (name, error)]
    return []
