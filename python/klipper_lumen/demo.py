"""``klipper-lumen demo``: plays a whole print on three strips, on the simulator, in real time.

The real extra runs unchanged on a simulated klippy, and the real engine renders on its own thread.
The simulated printer heats and cools in seconds.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Optional

from . import picture, pillow
from .recording import Recorder, Recording
from .terminal import Screen

if TYPE_CHECKING:
    import argparse

    from .sim import Printer

CONFIG = """
[extruder]
[heater_bed]
[stepper_x]
position_max: 200
[stepper_y]
position_max: 200
[stepper_z]
position_max: 200
[filament_switch_sensor runout]

[lumen]
bored_timeout: 1.5
sleep_timeout: 2.0
complete_timeout: 1.5
pause_delay: 0.2

[lumen_strip case]
driver: memory
count: 40

[lumen_strip chamber]
driver: memory
count: 30

[lumen_strip toolhead]
driver: memory
count: 10

[lumen_group case]
strip: case

[lumen_group chamber]
strip: chamber
on_startup: comet steel
on_idle: solid warm_white
on_homing:
    flash white blend=add decay=0.3
    kitt cyan speed=1.0
on_meshing: rainbow speed=0.5 max=0.6
on_heating: thermal bed ice lava
on_printing:
    kitt white axis=x eye=3 tail=4
    progress royal cyan
    solid 000010
on_paused: pulse amber
on_complete: rainbow
on_cooldown: thermal bed ice lava
on_bored: pulse steel speed=0.25 max=0.3
on_sleep: off
on_error:
    strobe white decay=0.2 blend=add
    heartbeat red min=0.1 max=1.0

[lumen_group toolhead]
strip: toolhead
on_startup: pulse steel
on_idle: solid steel
on_homing: comet cyan speed=20 tail=5
on_meshing: comet lime speed=20 tail=5
on_heating: fire
on_printing: solid warm_white
on_paused: pulse amber
on_complete: solid matrix
on_cooldown: thermal extruder ice lava
on_bored: solid dimwhite
on_sleep: off
on_error: heartbeat red min=0.0 max=1.0
"""

# The states that the job must show, in this order. Other states may come in between.
EXPECTED = (
    "startup",
    "heating",
    "homing",
    "meshing",
    "printing",
    "paused",
    "printing",
    "complete",
    "cooldown",
    "bored",
    "sleep",
    "error",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options."""
    parser.add_argument("--out", type=Path, default=Path("out"), metavar="DIR")
    parser.add_argument(
        "--no-live", action="store_true", help="print one line for each state, draw no live rows"
    )


def run(args: argparse.Namespace) -> int:
    """Plays the job and writes demo.png, with Pillow also demo.gif; returns 1 on a missed state."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    recording = record(live=False if args.no_live else None)
    png, gif = args.out / "demo.png", args.out / "demo.gif"
    try:
        args.out.mkdir(parents=True, exist_ok=True)
        picture.timeline(recording.thin(1.0 / 15.0), png)
        print("timeline: %s" % png)
        if pillow.load() is not None:
            picture.animation(recording, gif)
            print("animation: %s" % gif)
        else:
            print("no animation: %s" % pillow.problem())
    except (OSError, picture.PictureError) as error:
        print("demo: %s" % error, file=sys.stderr)
        return 1
    missed = missing(recording.states())
    if missed:
        print("demo: these states were not shown in time: %s" % ", ".join(missed), file=sys.stderr)
        return 1
    return 0


def record(live: Optional[bool] = None, clock: Literal["real", "manual"] = "real") -> Recording:
    """Plays the whole job and records it, in real time or as fast as possible."""
    from .sim import QUICK, Printer, play, whole_job

    printer = Printer(CONFIG, clock=clock, hardware=QUICK)
    recording = Recording([])
    recorders: list[Recorder] = []
    start = printer.now
    with Screen(recording, live=live) as screen:

        def tick(printer: Printer, _: str) -> None:
            if not recorders:
                recorders.append(Recorder(printer.engine))
                recording.rows = recorders[0].rows
            screen.show(recorders[0].record(recording, printer.now - start), _note(printer))

        try:
            play(printer, whole_job(), tick)
        finally:
            printer.close()
    return recording


def missing(states: list[str]) -> list[str]:
    """Returns the expected states that were not shown in this order."""
    rest = iter(states)
    return [state for state in EXPECTED if not any(state == shown for shown in rest)]


def _note(printer: Printer) -> str:
    heaters = printer.query("extruder", "heater_bed", "display_status")
    return "nozzle %3.0f  bed %2.0f  progress %3.0f %%" % (
        heaters["extruder"]["temperature"],
        heaters["heater_bed"]["temperature"],
        100.0 * heaters["display_status"]["progress"],
    )
