"""Group 5: the helper as a service, installed by the documented commands."""

from __future__ import annotations

import re

from . import klippy
from .build import PRINTERS, Klipper
from .klippy import CLIENT, LOG, START_S
from .machine import Machine
from .table import Table, expect, expect_in, expect_not_in

CONFIG = "printer_data/config/printer.cfg"
INSTALLED = "/opt/lumen/bin/klipper-lumen"
# docs/Outputs.md, 'Pins by the helper'; each line is one command of the user.
COMMANDS = (
    "cd %s" % PRINTERS,
    "sudo rm -rf /opt/lumen-wheel",
    "sudo install -D -m 644 -t /opt/lumen-wheel klipper_lumen-*_aarch64.whl",
    "cd /opt/lumen-wheel",
    "sha256sum klipper_lumen-*.whl",
    "sudo python3 -I -S -m zipfile -e klipper_lumen-*.whl .",
    "sudo python3 -I -S klipper_lumen helper install",
)
STRIP = "[lumen_group ring]\ndriver: proxy\ngpio_pin: 18\nindex_end: 8\n"
# The exposure of the unit that systemd computes, and its limit.
EXPOSURE = re.compile(r"Overall exposure level for \S+: ([\d.]+)")
MAX_EXPOSURE = 1.5
LEFT = "/opt/lumen /etc/lumen /run/lumen /etc/systemd/system/lumen-helper.service"


def check(table: Table, machine: Machine) -> None:
    """Installs, examines and removes the helper."""
    machine.as_user(
        "grep -qx '.lumen.' printer_data/config/*.cfg || printf '[lumen]\\n' >> %s; "
        "printf '%s' >> %s" % (CONFIG, STRIP.replace("\n", "\\n"), CONFIG)
    ).must()
    _install(table, machine)
    _without_pins(table, machine)
    _change(table, machine)
    _update(table, machine)
    _uninstall(table, machine)


def _install(table: Table, machine: Machine) -> None:
    with table.check("the documented commands install it, without an error"):
        found = machine.as_user(" && ".join(COMMANDS), 300).must()
        expect_in("8 pixels of 3 channels on GPIO18", found)
        expect_not_in("Failed", found)
        expect_in("active", machine.run("systemctl is-active lumen-helper").must())
    with table.check("its socket is for root and the user pi only"):
        found = machine.run("stat -c '%a %U %G' /run/lumen /run/lumen/ws281x.sock").must()
        expect(found.split("\n")[:2] == ["750 root pi", "660 root pi"], found)
        refused = machine.run("runuser -u daemon -- ls /run/lumen")
        expect(refused.code != 0, "another user can read /run/lumen")
    with table.check("systemd rates its exposure at %s or less" % MAX_EXPOSURE):
        found = machine.run(
            "SYSTEMD_COLORS=0 SYSTEMD_URLIFY=0 systemd-analyze security --no-pager lumen-helper",
            120,
        ).output
        level = EXPOSURE.search(found)
        expect(level, found[-500:])
        if level is not None:
            expect(float(level[1]) <= MAX_EXPOSURE, "the exposure is %s" % level[1])


def _without_pins(table: Table, machine: Machine) -> None:
    checked = "sudo %s helper check" % INSTALLED
    with table.check("helper check says that this kernel has no /dev/vcio"):
        found = machine.as_user(checked, 120)
        expect(found.code == 1, "exit status %d" % found.code)
        expect_in("the helper reports: /dev/vcio does not exist", found.output)
    with table.check("with a device in its place that is no mailbox, it says that"):
        # The device of /dev/null.
        machine.run("mknod /dev/vcio c 1 3; systemctl restart lumen-helper", 60).must()
        found = machine.as_user(checked, 120)
        expect_in("/dev/vcio does not work: Inappropriate ioctl for device", found.output)
        journal = machine.run("journalctl -u lumen-helper --no-pager").must()
        expect_not_in("no memory left", journal)
        expect_not_in("ioctl_set_msg", journal)
        machine.run("rm /dev/vcio").must()
    if Klipper.find() is None:
        table.skip("klippy with 'driver: proxy'", "not set: " + Klipper.missing())
        return
    with table.check("klippy reports the fault of the helper, and its other strip stays lit"):
        klippy.start(machine)
        machine.as_user("sudo systemctl restart klipper", 120).must()
        machine.as_user("%swait webhooks state ready %d" % (CLIENT, START_S), START_S + 60).must()
        machine.as_user(CLIENT + "wait 'lumen_strip gpio18' health dark 60", 120).must()
        expect_in("the helper reports", machine.as_user("tail -n 60 " + LOG).output)
        machine.as_user(CLIENT + "wait 'lumen_strip gpio10' health ok 60", 120).must()


def _change(table: Table, machine: Machine) -> None:
    with table.check("after a change of the strip, root's own copy installs the change"):
        machine.as_user("sed -i 's/^index_end: 8$/index_end: 9/' %s" % CONFIG).must()
        found = machine.as_user("~/klippy-env/bin/klipper-lumen helper check", 120)
        expect_in("sudo %s helper install" % INSTALLED, found.output)
        found = machine.as_user("sudo %s helper install" % INSTALLED, 180)
        expect_in("9 pixels of 3 channels on GPIO18", found.must())
        expect_in('"pixels": 9', machine.run("cat /etc/lumen/helper.json").must())
        again = machine.as_user("sudo %s helper install" % INSTALLED, 180).must()
        expect_in("already installed", again)


def _update(table: Table, machine: Machine) -> None:
    with table.check("after an update of Lumen, the documented commands replace root's copy"):
        # An older version: any difference counts as one.
        copy = "/opt/lumen/lib/python3*/site-packages/klipper_lumen/__init__.py"
        machine.run("echo '# older' >> $(ls %s)" % copy).must()
        found = machine.as_user("~/klippy-env/bin/klipper-lumen helper check", 120)
        expect_in("/opt/lumen has another version of Lumen", found.output)
        expect_in("create   /opt/lumen", machine.as_user(" && ".join(COMMANDS), 300).must())
        expect(machine.run("grep -q older $(ls %s)" % copy).code == 1, "the copy is the old one")
        expect_in("active", machine.run("systemctl is-active lumen-helper").must())


def _uninstall(table: Table, machine: Machine) -> None:
    with table.check("uninstall leaves nothing behind"):
        machine.as_user("sudo %s helper uninstall" % INSTALLED, 120).must()
        found = machine.run("ls -d %s 2>/dev/null; true" % LEFT).must()
        expect(not found.strip(), found)
        state = machine.run("systemctl show -p LoadState,ActiveState lumen-helper").must()
        expect_in("LoadState=not-found", state)
        expect_in("ActiveState=inactive", state)
        processes = machine.run("pgrep -fa 'helper serve'").output
        expect("klipper_lumen" not in processes, processes)
