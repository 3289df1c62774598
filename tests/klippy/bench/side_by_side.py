"""Protocol 6: the same chain and a moving rainbow, by Lumen and by klipper-led_effect.

LED_EFFECT_DIR must name an unpacked source tree of klipper-led_effect. Each plug-in drives 150 LEDs
on the second micro-controller, first while klippy is idle, then during a print.
"""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional

from . import measure
from .criteria import Row, Table, below, info
from .environment import BenchError
from .session import Plan, Session
from .wire import longest_difference_s, record

if TYPE_CHECKING:
    from .lab import Lab

LEDS = 150
# Klipper's own updates of the whole chain, 20 times a second, as Lumen sent them before.
WHOLE_BYTES_PER_S = 12_800.0
# A visible difference may last so long, besides the time of the wire.
VISIBLE_S = 0.1
SETTLE_S = 3.0
RECORD_S = 6.0

CHAIN = "\n[neopixel chain]\npin: led:gpio40\nchain_count: %d\n" % LEDS
LUMEN = """
[lumen]
bored_timeout: 100000

[lumen_strip chain]
driver: klipper
neopixel: chain
count: %d

[lumen_group chain]
pixels: chain 1-%d
on_idle: rainbow
on_printing: rainbow
""" % (LEDS, LEDS)
LED_EFFECT = """
[led_effect rainbow]
leds: neopixel:chain
autostart: true
frame_rate: 20
layers: gradient 1 1 top (1.0, 0.0, 0.0),(0.0, 1.0, 0.0),(0.0, 0.0, 1.0)
"""


@dataclass(frozen=True)
class Used:
    """What a plug-in used."""

    bytes_per_s: float
    # Processor time of klippy's main thread, which runs the reactor, per second.
    reactor_ms_per_s: float
    frames_per_s: float
    print_s: float
    # Longest visible difference to the frames that the engine draws.
    wrong_s: Optional[float] = None


def run(lab: Lab, seconds: float, minutes: float) -> Table:
    """Measures a klippy without lights, with Lumen, and with klipper-led_effect."""
    without = _measured(lab.alone(_plan("", minutes)), seconds)
    lumen = _measured(lab.session(_plan(LUMEN, minutes)), seconds, has_frames=True)
    rows = [*_rows("without lights", without, without), *_rows("Lumen", lumen, without)]
    folder = os.environ.get("LED_EFFECT_DIR")
    if folder is None:
        rows.append(info("led_effect", "LED_EFFECT_DIR is not set"))
    else:
        plan = _plan(LED_EFFECT, minutes, Path(folder))
        rows += _rows("led_effect", _measured(lab.alone(plan), seconds), without)
    rows.append(
        below("Lumen: bytes", lumen.bytes_per_s - without.bytes_per_s, WHOLE_BYTES_PER_S / 2, "/s")
    )
    if lumen.wrong_s is not None:
        limit_ms = 1000.0 * VISIBLE_S
        rows.append(below("Lumen: visibly wrong for", 1000.0 * lumen.wrong_s, limit_ms, "ms"))
    return Table("side by side: a rainbow on %d LEDs of an MCU" % LEDS, rows)


def _plan(config: str, minutes: float, led_effect: Optional[Path] = None) -> Plan:
    def install(tree: Path) -> None:
        if led_effect is not None:
            shutil.copy(led_effect / "src" / "led_effect.py", tree / "klippy" / "extras")

    return Plan(minutes, CHAIN + config, install=install, led_mcu=True)


def _rows(name: str, used: Used, without: Used) -> list[Row]:
    return [
        info(name + ": bytes", "%.0f /s" % (used.bytes_per_s - without.bytes_per_s)),
        info(name + ": reactor", "%.2f ms/s" % (used.reactor_ms_per_s - without.reactor_ms_per_s)),
        info(name + ": updates", "%.1f /s" % used.frames_per_s),
        info(name + ": print", "%.2f s" % used.print_s),
    ]


def _measured(begun: Session, seconds: float, has_frames: bool = False) -> Used:
    with begun as session:
        time.sleep(SETTLE_S)
        before, start = _counters(session), time.monotonic()
        time.sleep(seconds)
        after, span = _counters(session), time.monotonic() - start
        bytes_per_s, reactor, frames = ((b - a) / span for a, b in zip(before, after))
        wrong_s = None
        if has_frames:
            wrong_s = longest_difference_s(*record(session, "chain", LEDS, RECORD_S))
        measure.prepare(session)
        printed: dict[str, Any] = measure.measured(session, measure.print_job)
    return Used(bytes_per_s, reactor * 1e3, frames, printed["wall_s"], wrong_s)


def _counters(session: Session) -> tuple[float, float, float]:
    """Returns bytes to the second MCU, seconds of klippy's main thread, and sent chains."""
    status = session.query("mcu led")["mcu led"]["last_stats"]
    path = Path("/proc/%d/task/%d/schedstat" % (session.klippy_pid, session.klippy_pid))
    if not path.exists():
        raise BenchError("the kernel does not count the time of threads")
    cpu_s = int(path.read_text().split()[0]) * 1e-9
    return float(status["bytes_write"]), cpu_s, float(session.led_devices.counters()["ws_frames"])
