"""Runs an installed klipper-lumen once: every effect, a simulated print, the command line.

    PYTHONPATH=FOLDER python tools/smoke.py

It needs nothing but Python 3.9 and the package, so it also runs on the userland of a printer.
"""

from __future__ import annotations

import contextlib
import io
import json
import platform
import sys
import tempfile
from pathlib import Path

from klipper_lumen import Engine, __version__, catalog
from klipper_lumen.cli import main
from klipper_lumen.sim import Printer
from klippy_extra.lumen import VERSION

CONFIG = """[printer]
kinematics: none
max_velocity: 1
max_accel: 1
[extruder]
[heater_bed]
[stepper_x]
position_max: 200
[lumen]
[lumen_strip case]
driver: memory
count: 30
[lumen_group case]
strip: case
on_idle: solid red
"""


def every_effect() -> int:
    """Draws each effect with its defaults; returns their number."""
    sections = [
        ["lumen", {}],
        ["lumen_strip case", {"driver": "memory", "count": "30"}],
        ["lumen_group case", {"strip": "case"}],
    ]
    engine = Engine(json.dumps({"sections": sections}), clock="manual", seed=1)
    names = [effect["name"] for effect in json.loads(catalog())["effects"]]
    for name in names:
        engine.set("case", name, {}, fade=0.0)
        engine.advance(1.0)
        assert len(engine.frame("case")) == 4 * 30
    assert engine.close(2.0)
    return len(names)


def real_time() -> None:
    """Starts an engine with its own thread."""
    sections = [["lumen", {}], ["lumen_group case", {"driver": "memory", "index_end": "9"}]]
    engine = Engine(json.dumps({"sections": sections}))
    engine.event("ready")
    assert engine.close(5.0)


def simulated_printer() -> None:
    """Runs the extra on the simulator."""
    printer = Printer(CONFIG).start().advance(2.0)
    try:
        assert printer.is_ready(), printer.get_state_message()
        assert bytes(printer.engine.frame("case")[:3]) == bytes((255, 0, 0))
        printer.run("G28").advance(1.0)
        printer.run("LUMEN_STATUS")
        assert any("Lumen %s shows" % VERSION in line for line in printer.gcode.output)
    finally:
        printer.close()


def command_line() -> None:
    """Checks a config and runs the doctor."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "printer.cfg"
        path.write_text(CONFIG)
        with contextlib.redirect_stdout(io.StringIO()) as out:
            assert main(["check", str(path)]) == 0
            main(["doctor", "--json", str(path)])
        assert "no problems found" in out.getvalue()


def has_pages() -> bool:
    """Checks the pages; False if they are not installed."""
    try:
        from klipper_lumen_web import pages
    except ImportError:
        return False
    assert (pages() / "index.html").is_file()
    assert (pages() / "live.html").is_file()
    return True


assert __version__ == VERSION
count = every_effect()
real_time()
simulated_printer()
command_line()
print(
    "klipper-lumen %s: %d effects, %s pages, Python %s, %s"
    % (
        __version__,
        count,
        "with" if has_pages() else "without",
        platform.python_version(),
        platform.machine(),
    )
)
sys.stdout.flush()
