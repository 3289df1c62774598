"""``python -m tests.klippy.led_effect_cost``: the cost per frame in klipper-led_effect and Lumen.

It prints a row for each look of docs/led_effect.md. The variable LED_EFFECT_DIR names a source tree
of klipper-led_effect. Its Python runs unchanged, with stand-ins for Klipper's objects, up to the
colors that it hands to Klipper. What Klipper needs to convert and send them is not counted. Lumen's
engine runs with a manual clock, up to the bytes of the strip.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import re
import sys
import time
from pathlib import Path
from typing import Any, Callable, Optional

from klipper_lumen import Engine, docs

PAGE = Path(__file__).parents[2] / "docs" / "led_effect.md"
THEIRS = re.compile(r"^\[led_effect (\w+)\]\n(.*?)^```", re.MULTILINE | re.DOTALL)
FPS = 24
FRAMES = 10 * FPS
# The least of several runs counts: the others were disturbed.
RUNS = 3
TRIGGER_FRAMES = 30
TEMPERATURE, TARGET = 150.0, 200.0
PROGRESS = 0.6
ENDSTOP = "stepper_x"


class Move:
    """A homing move."""

    endstops = ((None, ENDSTOP),)


class LedHelper:
    """Klipper's LEDHelper, which sends nothing."""

    need_transmit = False

    def __init__(self, count: int) -> None:
        self.led_count = count
        self.led_state = [(0.0, 0.0, 0.0, 0.0)] * count

    def _check_transmit(self) -> None:
        self.need_transmit = False


class Stub:
    """Stands in for Klipper's printer and most of its objects."""

    NOW, NEVER = 0.0, 9e15
    config_error = ValueError
    axes_min, axes_max = (0.0, 0.0, 0.0), (200.0, 200.0, 200.0)

    def __init__(self, pixels: int) -> None:
        self.led_helper = LedHelper(pixels)
        self.ready: list[Callable[[], None]] = []
        self.timers: list[Callable[[float], float]] = []
        self.loaded: dict[str, Any] = {}

    def lookup_object(self, name: str, default: object = None) -> Any:
        return self

    def load_object(self, config: Config, name: str) -> Any:
        return self.loaded.get(name, self)

    def register_event_handler(self, event: str, handler: Callable[[], None]) -> None:
        if event == "klippy:ready":
            self.ready.append(handler)

    def register_command(self, *_: object, **__: object) -> None:
        """Accepts any command."""

    register_mux_command = register_command

    def get_reactor(self) -> Stub:
        return self

    get_kinematics = get_reactor

    def register_timer(self, handler: Callable[[float], float], when: float) -> object:
        self.timers.append(handler)
        return handler

    def monotonic(self) -> float:
        return 0.0

    def load_template(self, config: Config, option: str) -> Any:
        layers = config.get(option)
        return type("Template", (), {"render": staticmethod(lambda context: layers)})

    def create_template_context(self) -> dict[str, object]:
        return {}

    def get_status(self, now: float) -> dict[str, float]:
        return {"progress": PROGRESS}

    def lookup_heater(self, name: str) -> Stub:
        return self

    def get_temp(self, now: float) -> tuple[float, float]:
        return TEMPERATURE, TARGET

    def get_steppers(self) -> list[object]:
        return []

    def calc_position(self, steppers: dict[str, float]) -> list[float]:
        return [120.0] * 3


class Config:
    """A section of klipper-led_effect."""

    def __init__(self, printer: Stub, name: str, text: str) -> None:
        self._printer, self._name = printer, name
        self._options: dict[str, str] = {}
        for option in re.findall(r"^(\w+):[ ]?(.*?)(?=^\w|\Z)", text, re.MULTILINE | re.DOTALL):
            self._options[option[0]] = option[1].strip()

    def get_printer(self) -> Stub:
        return self._printer

    def get_name(self) -> str:
        return "led_effect " + self._name

    def get(self, option: str, default: Any = None) -> Any:
        return self._options.get(option, default)

    getlist = get

    def getfloat(self, option: str, default: float, **limits: float) -> float:
        return default

    def getboolean(self, option: str, default: bool) -> bool:
        return True


def load(folder: Path) -> Any:
    """Loads the module of klipper-led_effect."""
    spec = importlib.util.spec_from_file_location("led_effect", folder / "src" / "led_effect.py")
    if spec is None or spec.loader is None:
        raise SystemExit("cannot load klipper-led_effect from %s" % folder)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def theirs(module: Any, name: str, text: str, pixels: int) -> Callable[[], None]:
    """Returns a function that draws all frames of a look with klipper-led_effect."""
    printer = Stub(pixels)
    config = Config(printer, name, text)
    handler = printer.loaded["led_effect"] = module.ledFrameHandler(config)
    module.ledEffect(config)
    for ready in printer.ready:
        ready()
    now = 0.0

    def draw() -> None:
        nonlocal now
        for frame in range(FRAMES):
            now += 1.0 / FPS
            if frame % (FPS // 4) == 0:
                for timer in printer.timers[1:]:
                    if timer != handler._getFrames:
                        timer(now)
            if frame % TRIGGER_FRAMES == 0:
                handler._handle_homing_move_begin(Move)
                handler._handle_homing_move_end(Move)
            # Later than the effect's next frame, whatever the rounding.
            handler._getFrames(now + 1e-3 * frame / FRAMES)

    return draw


def ours(spec: str, pixels: int) -> Callable[[], None]:
    """Returns a function that draws all frames of a look with Lumen."""
    group = {"driver": "memory", "index_end": str(pixels), "on_idle": spec, "fade": "0"}
    sections = [("lumen", {"fade": "0", "gpio_fps": str(FPS)}), ("lumen_group shown", group)]
    engine = Engine(json.dumps({"sections": sections}), clock="manual", seed=3)
    engine.event("ready")
    engine.state("idle")
    sources = [(TEMPERATURE, TARGET)] * len(engine.wants()["sources"])

    def draw() -> None:
        for frame in range(FRAMES):
            if frame % (FPS // 4) == 0:
                engine.sample(progress=PROGRESS, sources=sources, position=(120.0, 120.0, 120.0))
            if frame % TRIGGER_FRAMES == 0:
                engine.event("trigger", ENDSTOP)
            engine.advance(1.0 / FPS)
        engine.take_frames("shown")

    return draw


def microseconds(draw: Callable[[], None]) -> float:
    """Returns the CPU time of a frame: the least of several runs."""
    draw()
    times = []
    for _ in range(RUNS):
        start = time.process_time()
        draw()
        times.append(time.process_time() - start)
    return 1e6 * min(times) / FRAMES


def main(arguments: Optional[list[str]] = None) -> int:
    """Prints a row for each look."""
    parser = argparse.ArgumentParser(prog="tests.klippy.led_effect_cost")
    parser.add_argument("--pixels", type=int, default=150)
    args = parser.parse_args(arguments)
    folder = os.environ.get("LED_EFFECT_DIR")
    if not folder:
        sys.stderr.write("LED_EFFECT_DIR must name a source tree of klipper-led_effect\n")
        return 2
    module = load(Path(folder))
    page = PAGE.read_text()
    specs = docs.looks(page)
    write = sys.stdout.write
    write("| Look | led_effect, µs | Lumen, µs | Ratio |\n|---|---|---|---|\n")
    for name, text in THEIRS.findall(page):
        their_us = microseconds(theirs(module, name, text, args.pixels))
        our_us = microseconds(ours(specs[name], args.pixels))
        row = (name, their_us, our_us, their_us / our_us)
        write("| `%s` | %.0f | %.1f | %.0f |\n" % row)
    return 0


if __name__ == "__main__":
    sys.exit(main())
