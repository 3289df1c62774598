"""Group 2: the installation as docs/Install.md describes it, as the user pi."""

from __future__ import annotations

from .build import Klipper
from .machine import Machine
from .table import Table, expect_in

LUMEN = "~/klippy-env/bin/klipper-lumen"


def check(table: Table, machine: Machine) -> None:
    """Installs the wheel; with a Klipper tree also the loader and a first config."""
    with table.check("pip installs from the wheel folder"):
        command = "pip install --no-index --find-links printers klipper-lumen"
        expect_in(
            "Successfully installed klipper-lumen",
            machine.as_user("~/klippy-env/bin/" + command, 180).must(),
        )
    if Klipper.find() is None:
        table.skip("install and setup", "not set: " + Klipper.missing())
        return
    with table.check("install adds Lumen to Klipper"):
        machine.as_user(LUMEN + " install --klipper ~/klipper", 120).must()
        machine.as_user("test -f klipper/klippy/extras/lumen.py").must()
    # setup finds the printer by its service.
    machine.as_user("sudo install -m 644 -t /etc/systemd/system units/*.service").must()
    with table.check("setup writes lumen.cfg, and check finds no problems"):
        machine.as_user(LUMEN + " setup --from printers --leds 60 --yes", 180).must()
        found = machine.as_user(LUMEN + " check ~/printer_data/config/printer.cfg", 120).must()
        expect_in("no problems found", found)
        machine.as_user("grep -x '.include lumen.cfg.' printer_data/config/printer.cfg").must()
