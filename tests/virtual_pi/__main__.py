"""python3 -m tests.virtual_pi [--wheels FOLDER] [GROUP ...]: runs the checks and prints a table.

Exit status: 0 if all checks passed, 1 if one failed, 2 if this computer lacks something.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from . import build, helper, install, klippy, requirements, spi, user_mode
from .machine import Machine
from .table import CheckError, Table

GROUPS = {
    "wheel": "1  the aarch64 wheel under qemu-user",
    "install": "2  installation as the user pi",
    "spi": "3  spidev: permission, buffer, bytes",
    "klippy": "4  klippy as a service",
    "helper": "5  the helper as a service",
    "armv7": "6  the 32-bit wheel under qemu-user",
}
LONG_BUFFER = "spidev.bufsiz=32768"


def main() -> int:
    """Runs the groups in order; returns the exit status."""
    parser = argparse.ArgumentParser(prog="virtual_pi", description="\n".join(GROUPS.values()))
    parser.add_argument("--wheels", type=Path, default=build.ROOT / "dist" / "printers")
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=", ".join(GROUPS))
    args = parser.parse_args()
    groups = set(args.groups or GROUPS)
    if not groups <= set(GROUPS):
        parser.error("unknown group; choose from %s" % ", ".join(GROUPS))
    missing = requirements.missing()
    if missing:
        sys.stderr.write("virtual-pi: missing: %s\n" % ", ".join(missing))
        return 2
    table = Table()
    try:
        _run(table, groups, args.wheels)
    except (build.BuildError, CheckError) as error:
        sys.stderr.write("virtual-pi: %s\n" % error)
        return 1
    return table.end()


def _run(table: Table, groups: set[str], wheels: Path) -> None:
    if "wheel" in groups:
        table.title(GROUPS["wheel"])
        user_mode.check(table, wheels, 64)
    if groups & {"install", "spi", "klippy", "helper"}:
        _on_machine(table, groups, wheels)
    if "armv7" in groups:
        table.title(GROUPS["armv7"])
        user_mode.check(table, wheels, 32)


def _on_machine(table: Table, groups: set[str], wheels: Path) -> None:
    folder = build.root()
    build.add_user_files(folder, wheels)
    kernel = build.kernel(folder)
    disk = build.disk(folder)
    table.title("Linux %s on the virtual Raspberry Pi 3" % build.kernel_version(folder))
    has_klippy = "klippy" in groups and build.Klipper.find() is not None
    with Machine(disk, kernel, "boot-1.log") as machine:
        if not _boots(table, machine, "boots to a login"):
            return
        _first_boot(table, machine, groups, has_klippy)
        # With klippy, the end of the block cuts the power while it prints.
        if not has_klippy:
            machine.power_off()
    if groups & {"spi", "klippy", "helper"}:
        table.title("Second boot, with %s" % LONG_BUFFER)
        with Machine(disk, kernel, "boot-2.log", LONG_BUFFER) as machine:
            if _boots(table, machine, "boots again"):
                _second_boot(table, machine, groups, has_klippy)
                machine.power_off()


def _first_boot(table: Table, machine: Machine, groups: set[str], has_klippy: bool) -> None:
    table.title(GROUPS["install"])
    install.check(table, machine)
    if "spi" in groups:
        table.title(GROUPS["spi"])
        spi.check(table, machine)
    if "klippy" in groups:
        table.title(GROUPS["klippy"])
        if has_klippy:
            klippy.check(table, machine)
        else:
            table.skip("klippy", "not set: " + build.Klipper.missing())


def _second_boot(table: Table, machine: Machine, groups: set[str], has_klippy: bool) -> None:
    if has_klippy:
        klippy.check_after_power_cut(table, machine)
        # Only one program can drive the strip.
        machine.run("systemctl stop klipper", 120)
    if "spi" in groups:
        spi.check_long_buffer(table, machine)
    if "helper" in groups:
        table.title(GROUPS["helper"])
        helper.check(table, machine)


def _boots(table: Table, machine: Machine, name: str) -> bool:
    before = table.failed
    with table.check(name):
        machine.boot()
        state = machine.run("systemctl is-system-running --wait; systemctl --failed", 120)
        if not state.output.startswith("running"):
            raise CheckError(state.output)
    return table.failed == before


if __name__ == "__main__":
    sys.exit(main())
