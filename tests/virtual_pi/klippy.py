"""Group 4: klippy as a service, with Klipper's Linux micro-controller and a strip on SPI."""

from __future__ import annotations

from .machine import Machine
from .spi import STRIPS, Trace
from .table import Table, expect, expect_in, expect_not_in

CLIENT = "python3 -S tools/klippy.py "
LOG = "printer_data/logs/klippy.log"
# A start of klippy takes about 20 s in the emulation.
START_S = 180
UNBIND = "echo 3f204000.spi > /sys/bus/platform/drivers/spi-bcm2835/%s"
# The strip that `setup --leds 60` writes.
STRIP = STRIPS[0]


def check(table: Table, machine: Machine) -> None:
    """Runs the checks of the first boot; at the end the job still prints."""
    with Trace(machine) as trace:
        _job(table, machine, trace)
        _fault(table, machine)
        _stop(table, machine, trace)
        _kill(table, machine, trace)
    with table.check("a job prints while the power is cut"):
        _ready(machine)
        _start_long_job(machine)
        machine.run("sync")


def check_after_power_cut(table: Table, machine: Machine) -> None:
    """Runs the checks of the boot after the power cut."""
    with table.check("after the power cut klippy starts by itself, and the strip is lit"):
        _ready(machine)
        _client(machine, 'wait "lumen_strip %s" health ok 60' % _strip(machine))
        expect_not_in("Traceback", machine.as_user("tail -n 200 " + LOG).output)


def start(machine: Machine) -> None:
    """Installs both services as Klipper's documents describe it, and starts them."""
    machine.as_user(
        "sudo install -m 755 klipper.elf /usr/local/bin/klipper_mcu; "
        "sudo install -m 644 -t /etc/systemd/system units/*.service; "
        "sudo usermod -a -G spi,tty pi; sudo systemctl daemon-reload; "
        "sudo systemctl enable --now klipper-mcu klipper",
        120,
    ).must()


def _client(machine: Machine, arguments: str, timeout: float = START_S) -> str:
    return machine.as_user(CLIENT + arguments, timeout + 60).must()


def _ready(machine: Machine) -> None:
    _client(machine, "wait webhooks state ready %d" % START_S)


def _strip(machine: Machine) -> str:
    """Returns the name of the only strip."""
    text = machine.as_user("grep -o 'lumen_strip [a-z0-9_]*' -h -r %s | head -n 1" % LOG).output
    return text.split()[-1] if text.split() else "gpio10"


def _start_long_job(machine: Machine) -> None:
    machine.as_user(
        "{ echo M117 long; yes 'G4 P1000' | head -n 900; } > printer_data/gcodes/long.gcode"
    ).must()
    _client(machine, "gcode 'SDCARD_PRINT_FILE FILENAME=long.gcode'")
    _client(machine, "wait print_stats state printing 60")


def _job(table: Table, machine: Machine, trace: Trace) -> None:
    # The strip can be lit before klippy's answer comes.
    trace.clear()
    with table.check("klippy becomes ready as a service of the user pi"):
        start(machine)
        _ready(machine)
    with table.check("the strip is lit"):
        _client(machine, "wait lumen state idle 60")
        sent = trace.transfers()
        lit = [it for it in sent if it.length == STRIP.length and not STRIP.is_dark(it)]
        expect(lit, "no lit frame in %s" % sent[-3:])
    with table.check("a short job: idle, printing, complete"):
        seen = _client(machine, "job short.gcode 8")
        expect_in("lumen=printing job=printing", seen)
        expect_in("lumen=complete job=complete", seen)


def _fault(table: Table, machine: Machine) -> None:
    strip = _strip(machine)
    with table.check("SPI disappears in a print: a fault is reported, and the print goes on"):
        _start_long_job(machine)
        machine.run(UNBIND % "unbind").must()
        _client(machine, 'wait "lumen_strip %s" health dark 60' % strip)
        expect_in("/dev/spidev0.0", machine.as_user("grep lumen: %s | tail -n 3" % LOG).output)
        _client(machine, "wait print_stats state printing 5")
    with table.check("SPI comes back: the strip is lit again, and the print has not stopped"):
        machine.run(UNBIND % "bind").must()
        _client(machine, 'wait "lumen_strip %s" health degraded 90' % strip)
        expect_in("is lit again", machine.as_user("tail -n 50 " + LOG).output)
        _client(machine, "wait print_stats state printing 5")
        expect_not_in("Timer too close", machine.as_user("cat " + LOG).output[-20_000:])


def _stop(table: Table, machine: Machine, trace: Trace) -> None:
    with table.check("systemctl stop with ExecStopPost: the strip is dark"):
        machine.as_user(
            "sudo install -D -m 644 -t /etc/systemd/system/klipper.service.d units/blank.conf; "
            "sudo systemctl daemon-reload"
        ).must()
        trace.clear()
        machine.as_user("sudo systemctl stop klipper", 120).must()
        sent = trace.transfers()
        expect(sent and STRIP.is_dark(sent[-1]), "the last frames are %s" % sent[-3:])


def _kill(table: Table, machine: Machine, trace: Trace) -> None:
    with table.check("kill -9: the strip is dark, and systemd starts klippy again"):
        machine.as_user("sudo systemctl start klipper", 60).must()
        _ready(machine)
        trace.clear()
        machine.as_user("sudo systemctl kill --signal=KILL klipper").must()
        # The service restarts five seconds after ExecStopPost has ended.
        state = "systemctl show -p SubState klipper | grep -q auto-restart"
        machine.run("for n in $(seq 100); do %s && break; sleep 0.3; done" % state, 120)
        sent = trace.transfers()
        expect(sent and STRIP.is_dark(sent[-1]), "the last frames are %s" % sent[-3:])
        _ready(machine)
