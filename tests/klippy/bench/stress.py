"""Protocol 2: rainbow, fire and disco for minutes on every output, while klippy is idle.

The devices are test doubles that take as long as the real wire. The counters come from
`lumen/status`: they cover Lumen's threads and the frames that reached the device.
"""

from __future__ import annotations

import socket
import time
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from klipper_lumen.cli.bench_output import WIRE_US

from .criteria import Row, Table, below, info, none
from .doubles import Double
from .process import Usage
from .session import Plan, Session

if TYPE_CHECKING:
    from .lab import Lab

EFFECTS = ("rainbow", "fire", "disco")
# The default of [lumen].
FPS = 60.0
# The measurement does not include the first fade and the first memory pages.
SETTLE_S = 3.0
# Tolerance of the frame rate, in percent; also the minimum use of a wire that is too slow.
OFF_PERCENT = 0.1
WIRE_PERCENT = 95.0

CPU_PERCENT, CPU_AIM_PERCENT = 3.0, 0.5


@dataclass(frozen=True)
class Counted:
    """The counters at one time."""

    uptime_s: float
    drawn: float
    arrived: float
    failures: float
    late: float
    cpu_s: float
    # Of the whole klippy process.
    klippy_cpu_s: float
    reactor_us_s: float
    # By the computer. The figures are not valid if it was too busy.
    held_up_ms: float

    @classmethod
    def of(cls, session: Session) -> Counted:
        """Reads the counters from Lumen."""
        status: dict[str, Any] = session.api.call("lumen/status")
        strip, metrics = status["strips"]["stress"], status["metrics"]
        return cls(
            metrics["uptime_s"],
            metrics["frames"],
            strip["frames"],
            strip["failures"],
            metrics["late"],
            metrics["cpu_seconds"],
            Usage.of(session.klippy_pid).cpu_s,
            status["performance"]["reactor_us_per_second"],
            session.devices.counters()["clock_lost_ns"] / 1e6,
        )


def config(double: Double, pixels: int, port: int) -> str:
    """Returns the sections for printer.cfg: one strip, a third of it for each effect."""
    options = {"driver": double.output, "count": str(pixels), **double.options}
    if double.output == "ddp":
        options["port"] = str(port)
    lines = ["[lumen]", "bored_timeout: 100000", "[lumen_strip stress]"]
    lines += ["%s: %s" % option for option in options.items()]
    for index, effect in enumerate(EFFECTS):
        first, last = index * pixels // 3 + 1, (index + 1) * pixels // 3
        lines += ["[lumen_group %s]" % effect, "pixels: stress %d-%d" % (first, last)]
        lines += ["on_idle: " + effect, "on_error: solid red"]
    return (double.config % pixels if double.config else "") + "\n".join(lines)


def rows(double: Double, pixels: int, before: Counted, after: Counted) -> list[Row]:
    """Returns the figures of the time between two readings."""
    span = after.uptime_s - before.uptime_s
    arrived = (after.arrived - before.arrived) / span
    cpu = 100.0 * (after.cpu_s - before.cpu_s) / span
    klippy_cpu = 100.0 * (after.klippy_cpu_s - before.klippy_cpu_s) / span
    return [
        _asked("frames drawn", (after.drawn - before.drawn) / span, span),
        info("left out, late", "%d" % (after.late - before.late)),
        _arrived(arrived, _wire_us(double.output, pixels), span),
        none("failures", after.failures),
        below("processor", cpu, CPU_PERCENT, "%", CPU_AIM_PERCENT),
        info("klippy's, with the double's", "%.2f %%" % klippy_cpu),
        info("the reactor is held", "%.0f us/s" % after.reactor_us_s),
        info("the computer held the MCU up", "%.0f ms" % (after.held_up_ms - before.held_up_ms)),
    ]


def _asked(name: str, fps: float, span: float) -> Row:
    # A short run has too few frames for the tolerance: one more or less is possible.
    off = max(OFF_PERCENT / 100.0 * FPS, 1.5 / span)
    criterion = "%g /s +- %g %%" % (FPS, OFF_PERCENT)
    return Row(name, "%.3f /s" % fps, criterion, abs(fps - FPS) <= off)


def _arrived(fps: float, wire_us: float, span: float) -> Row:
    name = "frames on the wire"
    wire = 1e6 / wire_us if wire_us else FPS
    if wire >= FPS:
        return _asked(name, fps, span)
    criterion = ">= %g %% of the wire's %.2f /s" % (WIRE_PERCENT, wire)
    is_kept = fps >= WIRE_PERCENT / 100.0 * wire
    return Row(name, "%.3f /s" % fps, criterion, is_kept)


def _wire_us(output: str, pixels: int) -> float:
    """Returns how long a frame uses the wire; 0 if it does not."""
    if output == "klipper":
        # Lumen uses at most a tenth of the time of an MCU.
        return 10.0 * WIRE_US["spi"](pixels)
    return WIRE_US[output](pixels)


def run(lab: Lab, double: Double, pixels: int, minutes: float) -> Table:
    """Measures one output with one number of pixels."""
    # A controller that ignores all packets: Linux drops what is not read.
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as controller:
        controller.bind(("127.0.0.1", 0))
        plan = Plan(
            config=config(double, pixels, controller.getsockname()[1]),
            led_mcu=double.led_mcu,
            variables=double.environment(lab.work, pixels),
        )
        with lab.session(plan) as session:
            time.sleep(SETTLE_S)
            before = Counted.of(session)
            time.sleep(60.0 * minutes)
            after = Counted.of(session)
    title = "stress: %s, %d pixels, %g min" % (double.output, pixels, minutes)
    return Table(title, rows(double, pixels, before, after))
