"""Lumen's messages for the configs and commands of tests/fixtures/messages.

`make messages` rewrites the expected texts. Read the difference before you commit it.
"""

from __future__ import annotations

import contextlib
import io
import tempfile
from pathlib import Path

from klipper_lumen.cli import main
from klipper_lumen.sim import Printer

FOLDER = Path(__file__).parents[1] / "fixtures" / "messages"
# Klipper's sections, which are put above each case.
BASE = FOLDER / "printer.cfg.in"
CHECKED = FOLDER / "checked.txt"
COMMANDS = FOLDER / "commands.gcode"
ANSWERS = FOLDER / "commands.txt"

LIGHTS = """
[printer]
kinematics: none
[neopixel sb_leds]
pin: PA1
chain_count: 8
[output_pin caselight]
pin: PB6
pwm: True
[lumen]
[lumen_group logo]
driver: klipper
neopixel: sb_leds
index_end: 8
[lumen_group light]
driver: pwm
pin_name: caselight
"""


def cases() -> list[Path]:
    """All configs, in the order of their names."""
    return sorted(FOLDER.glob("*.cfg"), key=lambda path: (path.stem[0], int(path.stem[1:])))


def checked(case: Path) -> str:
    """The output of `klipper-lumen check`; line 1 is the first line of the case."""
    base = BASE.read_text()
    first = base.count("\n")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "printer.cfg")
        path.write_text(base + case.read_text())
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            main(["check", str(path)])
    lines = out.getvalue().splitlines()
    return "\n".join(_relative(line.replace(str(path), case.name), first) for line in lines)


def _relative(line: str, first: int) -> str:
    file, colon, rest = line.partition(":")
    number, _, text = rest.partition(":")
    if not (colon and number.isdecimal()):
        return line
    return "%s:%d:%s" % (file, int(number) - first, text)


def all_checked() -> str:
    """All cases with their messages."""
    return "".join("== %s\n%s\n" % (case.name, checked(case)) for case in cases())


def all_answers() -> str:
    """All commands with their answers."""
    printer = Printer(LIGHTS).start()
    printer.advance(1.0)
    text = ""
    for line in COMMANDS.read_text().splitlines():
        if not line.startswith(";"):
            before = len(printer.gcode.output)
            printer.try_run(line)
            # Many answers within a minute are counted instead of printed.
            printer.advance(30.0)
            answers = "".join("   %s\n" % answer for answer in printer.gcode.output[before:])
            text += "%s\n%s" % (line, answers or "   (no answer)\n")
    printer.close()
    return text


if __name__ == "__main__":
    CHECKED.write_text(all_checked())
    ANSWERS.write_text(all_answers())
