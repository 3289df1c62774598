"""Groups 1 and 6: the wheel under qemu-user, without a boot."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from .build import FILES, root, wheel
from .machine import Result
from .table import CheckError, Table, expect, expect_in

FOLDER = "lumen-check"
TIMEOUT_S = 300


def check(table: Table, wheels: Path, bits: int) -> None:
    """Installs the wheel with pip, and runs the commands that need no printer."""
    machine = "aarch64" if bits == 64 else "armv7l"
    folder = root(bits) / "tmp" / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        shutil.copy(wheel(wheels, machine), folder)
        shutil.copytree(FILES / "home" / "strips", folder / "strips")
        _check(table, _Userland(root(bits)), machine)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class _Userland:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def run(self, command: str) -> Result:
        line = "cd /tmp/%s; export HOME=$PWD PYTHONPATH=$PWD/packages LC_ALL=C.UTF-8; %s"
        try:
            done = self._chroot(line % (FOLDER, command))
        except subprocess.TimeoutExpired:
            raise CheckError("no end in %d s: %s" % (TIMEOUT_S, command)) from None
        return Result(done.returncode, done.stdout)

    def _chroot(self, script: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["chroot", str(self._folder), "sh", "-c", script],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=TIMEOUT_S,
        )


def _check(table: Table, userland: _Userland, machine: str) -> None:
    with table.check("pip accepts the wheel for %s" % machine):
        pip = "PYTHONPATH=$(ls /usr/share/python-wheels/pip-*.whl) python3 -m pip"
        userland.run(
            pip + " install --quiet --no-index --find-links . --target packages klipper-lumen"
        ).must()
    with table.check("the package is imported, and its engine draws"):
        program = "import klipper_lumen as it; print(it.__version__, len(it._engine.effects()))"
        expect(userland.run("python3 -c '%s'" % program).must().strip(), "no output")
    with table.check("check finds no problems in a printer.cfg, and a mistake in another one"):
        lumen = "python3 -m klipper_lumen "
        expect_in("no problems found", userland.run(lumen + "check strips/ws2812.cfg").must())
        wrong = userland.run(
            "sed s/solid/sollid/ strips/ws2812.cfg > wrong.cfg; %scheck wrong.cfg" % lumen
        )
        expect(wrong.code == 1, "exit status %d" % wrong.code)
        expect_in("sollid", wrong.output)
    with table.check("demo plays a whole print"):
        userland.run(lumen + "demo --out out").must()
        expect(userland.run("ls out").must().strip(), "demo wrote nothing")
    with table.check("doctor says that there is no Raspberry Pi"):
        found = userland.run(lumen + "doctor strips/ws2812.cfg")
        expect(found.code == 1, "exit status %d" % found.code)
        expect_in("/dev/spidev0.0 does not exist", found.output)
