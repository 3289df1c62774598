"""Runs the wheels of a folder on the userlands of Debian 11, 12 and 13, for each processor.

    python tools/userlands.py FOLDER [ARCHITECTURE-RELEASE ...]

debootstrap downloads the packages, and qemu-user runs their Python on this computer, with pip of
that Debian. No container and no chroot is needed. It must be root, because debootstrap must.
Userlands stay in target/userlands.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
USERLANDS = ROOT / "target" / "userlands"
SMOKE = ROOT / "tools" / "smoke.py"
RELEASES = {11: "bullseye", 12: "bookworm", 13: "trixie"}
# Debian's name, and that of qemu.
ARCHITECTURES = {
    "aarch64": ("arm64", "aarch64"),
    "armv7l": ("armhf", "arm"),
    "x86_64": ("amd64", "x86_64"),
}
PACKAGES = "python3,python3-venv,python3-distutils"
# An old ARM of Raspberry Pi OS 32 bits.
CPU = {"armv7l": ("-cpu", "cortex-a7")}


class UserlandError(Exception):
    """Why the wheels cannot be tried on a userland."""


def missing() -> list[str]:
    """Returns what this computer does not have."""
    found = []
    if os.geteuid() != 0:
        found.append("root (debootstrap needs it)")
    if shutil.which("debootstrap") is None:
        found.append("debootstrap (apt install debootstrap)")
    if emulator("aarch64") is None:
        found.append("qemu-user (apt install qemu-user-static)")
    return found


def emulator(name: str) -> str | None:
    """Returns the program of qemu-user for a processor."""
    programs = ("qemu-%s-static" % name, "qemu-%s" % name)
    return next((path for path in map(shutil.which, programs) if path), None)


def userland(architecture: str, release: int) -> Path:
    """Returns the root of a userland; creates it if it does not exist."""
    root = USERLANDS / ("%s-%d" % (architecture, release))
    done = root / ".complete"
    if done.exists():
        return root
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    suite = RELEASES[release]
    # Debian 13 has no distutils.
    packages = PACKAGES if release < 13 else PACKAGES.rpartition(",")[0]
    command = ["debootstrap", "--foreign", "--variant=minbase", "--include=" + packages]
    command += ["--arch", ARCHITECTURES[architecture][0], suite, str(root)]
    log = root.with_suffix(".log")
    with log.open("wb") as out:
        code = subprocess.run(command, stdout=out, stderr=out, check=False).returncode
    if code:
        raise UserlandError("debootstrap failed, see %s" % log)
    # The second stage would need a chroot; unpacked packages are enough for Python.
    for package in sorted((root / "var" / "cache" / "apt" / "archives").glob("*.deb")):
        subprocess.run(["dpkg-deb", "-x", str(package), str(root)], check=True)
        package.unlink()
    for link in (root / "lib64").glob("ld-linux*"):
        # An absolute link would lead out of the userland.
        target = os.readlink(link)
        if os.path.isabs(target):
            link.unlink()
            link.symlink_to(root / target.lstrip("/"))
    done.touch()
    return root


def run(wheels: Path, architecture: str, release: int) -> str:
    """Installs the wheels with pip of a userland, and runs them; returns what it printed."""
    root = userland(architecture, release)
    pythons = sorted((root / "usr" / "bin").glob("python3.*[0-9]"))
    program = emulator(ARCHITECTURES[architecture][1])
    if program is None or not pythons:
        raise UserlandError("no qemu-user or no Python for %s" % architecture)
    packages = root / "packages"
    shutil.rmtree(packages, ignore_errors=True)
    python = [program, *CPU.get(architecture, ()), "-L", str(root), str(pythons[0]), "-B"]
    pip = sorted((root / "usr" / "share" / "python-wheels").glob("*.whl"))
    install = ["-m", "pip", "--disable-pip-version-check", "--quiet", "install", "--no-index"]
    install += ["--find-links", str(wheels), "--target", str(packages)]
    install += ["klipper-lumen", "klipper-lumen-web"]
    _call([*python, *install], ":".join(map(str, pip)))
    return _call([*python, str(SMOKE)], str(packages))


def _call(command: list[str], path: str) -> str:
    names = {"PYTHONPATH": path, "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(command, env=names, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no message"]
        raise UserlandError(" / ".join(lines[-3:]))
    return done.stdout.strip()


def main(arguments: list[str]) -> int:
    """Tries all userlands, or those that are named; returns 1 if one fails."""
    wheels = Path(arguments[0]).absolute()
    names = arguments[1:] or ["%s-%d" % (it, no) for no in RELEASES for it in ARCHITECTURES]
    gone = missing()
    if gone:
        print("userlands: not tried; missing: %s" % ", ".join(gone))
        return 2
    failed = 0
    for name in names:
        architecture, _, release = name.partition("-")
        try:
            text = run(wheels, architecture, int(release))
        except (UserlandError, subprocess.CalledProcessError) as error:
            failed += 1
            text = "FAILED: %s" % error
        print("Debian %s, %s: %s" % (release, architecture, text), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
