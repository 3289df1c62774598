"""``klipper-lumen preview``: shows the lights of a config without a printer and without LEDs.

The Lumen sections run on the real engine with a manual clock; every strip is in memory. Each state
is shown for a few seconds, with typical temperatures and progress. With ``--web``, a page in the
browser shows the config while it is edited.
"""

from __future__ import annotations

import math
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Optional

from . import ConfigError, Engine, LumenError, config, install, picture
from .cli.argument_types import seconds, whole
from .cli.config_path import add_argument, config_path, usual_printer
from .recording import Recorder, Recording
from .terminal import Screen

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

# The states in the order of a print, then those of an idle printer.
STATES = (
    "startup",
    "idle",
    "heating",
    "homing",
    "leveling",
    "probing",
    "meshing",
    "calibrating",
    "cleaning",
    "printing",
    "snapshot",
    "paused",
    "filament",
    "cancelled",
    "complete",
    "cooldown",
    "bored",
    "sleep",
    "error",
    "disconnected",
)
FRAME_INTERVAL_S = 1.0 / 20.0
SAMPLE_S = 0.25
# The states in which endstops trigger, and how often.
PROBING = ("homing", "leveling", "probing", "meshing", "calibrating")
ENDSTOPS = "stepper_x,stepper_y,stepper_z,probe"
TRIGGER_S = 1.0
# The longest cross-fade of a config.
MAX_FADE_S = 60.0
# All pictures are kept in memory.
MAX_SECONDS = 60.0

AMBIENT_C = 25.0
TARGET_C = 200.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options."""
    add_argument(parser)
    parser.add_argument(
        "--state", action="append", metavar="NAME", help="only this state; can be repeated"
    )
    parser.add_argument(
        "--seconds",
        type=seconds(MAX_SECONDS),
        default=4.0,
        help="seconds for each state (default: 4)",
    )
    parser.add_argument("--png", type=Path, metavar="FILE", help="write a timeline")
    parser.add_argument("--gif", type=Path, metavar="FILE", help="write an animation")
    parser.add_argument(
        "--web", action="store_true", help="show the config in the browser and follow its changes"
    )
    parser.add_argument(
        "--port", type=whole(65535), default=0, help="port of --web (default: a free port)"
    )


def run(args: argparse.Namespace) -> int:
    """Shows the states in the terminal, or writes pictures; returns 1 on an error."""
    if args.web:
        return _run_web(args)
    path = config_path(args.config, "preview")
    try:
        recording = record(path, args.state or STATES, args.seconds)
        if args.png:
            picture.timeline(recording, args.png)
        if args.gif:
            picture.animation(recording, args.gif, progress=_show_progress)
    except config.ConfigFileError as error:
        print("preview: %s: %s" % (error.place or path, error), file=sys.stderr)
        return 1
    except (LumenError, picture.PictureError) as error:
        print("preview: %s" % error, file=sys.stderr)
        return 1
    if not (args.png or args.gif):
        with suppress(KeyboardInterrupt), Screen(recording) as screen:
            screen.play(time.sleep)
    return 0


def _run_web(args: argparse.Namespace) -> int:
    from .preview_server import serve

    path = args.config
    if path is None:
        # On a computer without a printer, the page has its own config.
        printer = usual_printer("preview --web")
        path = printer.config if printer is not None else None
    if path is not None and not path.is_file():
        raise LumenError("'%s' is not a file" % path)
    serve(path, args.port)
    return 0


def _show_progress(done: int, count: int) -> None:
    """Updates a progress line; writes nothing if stderr is not a terminal."""
    if sys.stderr.isatty():
        end = "\n" if done == count else ""
        print("\rdrawing picture %d of %d" % (done, count), end=end, file=sys.stderr, flush=True)


def record(path: Path, states: Sequence[str], each_s: float) -> Recording:
    """Records each state for ``each_s`` seconds; raises LumenError for a wrong config or state."""
    read = config.read(path, install.is_kalico())
    try:
        engine = Engine(read.lumen_json(), read.facts_json(), clock="manual", seed=1)
    except ConfigError as error:
        lines = [str(message) for message in read.messages(error.errors)]
        raise LumenError("\n".join(lines)) from None
    try:
        if not engine.strips():
            raise LumenError("'%s' has no lumen_group and no lumen_strip to show" % path)
        return _record_states(engine, states, each_s)
    finally:
        engine.close()


def _record_states(engine: Engine, states: Sequence[str], each_s: float) -> Recording:
    recorder = Recorder(engine)
    recording = Recording(recorder.rows)
    sources = len(engine.wants()["sources"])
    now_s = 0.0
    for index, state in enumerate(states):
        _approach(engine, state, states[index - 1] if index else None)
        engine.state(state)
        count = max(1, round(each_s / FRAME_INTERVAL_S))
        for frame in range(count):
            if frame % round(SAMPLE_S / FRAME_INTERVAL_S) == 0:
                _send_sample(engine, state, frame / count, sources)
            if state in PROBING and frame % round(TRIGGER_S / FRAME_INTERVAL_S) == 0:
                engine.event("trigger", ENDSTOPS)
            engine.advance(FRAME_INTERVAL_S)
            now_s += FRAME_INTERVAL_S
            recorder.record(recording, now_s, state)
    return recording


def _approach(engine: Engine, state: str, before: Optional[str]) -> None:
    """Goes through the states before ``state`` without recording them.

    A group with `unmapped: keep` shows the effect of an earlier state.
    """
    place = STATES.index(state) if state in STATES else 0
    if state != STATES[0] and before in (None, STATES[0]):
        engine.event("ready")
    if not place or before == STATES[place - 1]:
        return
    for passed in STATES[:place]:
        engine.state(passed)
        engine.advance(FRAME_INTERVAL_S)
    # Their cross-fades have ended then.
    engine.advance(MAX_FADE_S)


def _send_sample(engine: Engine, state: str, part: float, sources: int) -> None:
    """Sends a typical sample for a state; ``part`` is the elapsed share of the state, 0.0-1.0."""
    heats = {"heating": part, "cooldown": 1.0 - part, "idle": 0.0, "bored": 0.0, "sleep": 0.0}
    share = heats.get(state, 1.0)
    target: Optional[float] = TARGET_C if share > 0.0 and state != "cooldown" else 0.0
    temperature = AMBIENT_C + (TARGET_C - AMBIENT_C) * share
    sweep = 0.5 - 0.5 * math.cos(part * 4.0 * math.pi)
    engine.sample(
        progress=part if state in ("printing", "snapshot") else 0.0,
        position=(200.0 * sweep, 200.0 * sweep, 10.0),
        sources=[(temperature, target)] * sources,
    )
