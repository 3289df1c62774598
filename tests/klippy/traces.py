"""Parses the traces of tests/fixtures/traces and plays them through the simulator.

``python -m tests.klippy.traces`` prints the expected and the shown states of each trace.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional

from klipper_lumen.sim import Hardware, Printer
from klipper_lumen.sim.gcode import CommandError
from klipper_lumen.sim.motion import HomingMove

FOLDER = Path(__file__).parents[1] / "fixtures" / "traces"

# The maximum delay of the lights: the promised delay and the error of the recorder.
LATE_S = 0.3 + 0.11
POLL_S = 0.05

CONFIG = """
[lumen]
complete_timeout: 200
%s

[lumen_strip case]
driver: memory
count: 4

[lumen_group chamber]
pixels: case 1-4

[printer]
%s
"""

Shown = list[tuple[float, str]]


@dataclass
class Trace:
    """A parsed trace; README.md beside the traces describes the format."""

    name: str
    header: dict[str, list[str]] = field(default_factory=dict)
    lines: list[tuple[float, str]] = field(default_factory=list)
    expected: Shown = field(default_factory=list)

    def __str__(self) -> str:
        return self.name

    def words(self, name: str, default: str) -> list[str]:
        """Returns a list of words from the header."""
        text = self.header.get(name, [default])[-1]
        return [word for word in text.split() if word != "none"]

    def end(self) -> float:
        """Returns the time of the last line."""
        return max(at for at, _ in [*self.lines, *self.expected])


def read(path: Path) -> Trace:
    """Parses one trace."""
    trace = Trace(path.stem)
    for line in path.read_text().splitlines():
        if line.startswith("#"):
            continue
        first, _, rest = line.partition(" ")
        if first.endswith(":"):
            trace.header.setdefault(first[:-1], []).append(rest)
        elif rest.startswith("=> "):
            trace.expected.append((float(first), rest[3:]))
        else:
            trace.lines.append((float(first), rest))
    return trace


def read_all() -> list[Trace]:
    """Returns all traces, sorted by name."""
    return [read(path) for path in sorted(FOLDER.glob("*.trace"))]


class FakeObject:
    """A printer object with fields that a trace sets."""

    def __init__(self, **fields: Any) -> None:
        self.fields = fields

    def get_status(self, eventtime: float) -> dict[str, Any]:
        return dict(self.fields)


class Motion:
    """The motion_report object; a trace sets what moves."""

    def __init__(self) -> None:
        self.moving: list[str] = []

    def get_status(self, eventtime: float) -> dict[str, Any]:
        place = [eventtime * 10.0 % 200.0 if axes in self.moving else 0.0 for axes in ("xy", "z")]
        feed = ("e" in self.moving) - ("retract" in self.moving)
        return {
            "live_position": (place[0], place[0], place[1], 2.0 * feed * eventtime),
            "live_velocity": 10.0 if {"xy", "z"}.intersection(self.moving) else 0.0,
            # As in Klipper, the velocity at rest is not exactly zero.
            "live_extruder_velocity": 2.0 * feed or 0.05,
        }


@dataclass
class Command:
    """One run of a G-code command, with the commands nested in it."""

    name: str
    at: float
    end: float = 0.0
    fails: bool = False
    nested: list[Command] = field(default_factory=list)


def commands(trace: Trace) -> tuple[list[Command], list[tuple[float, str]]]:
    """Returns the outermost commands of a trace and its other lines."""
    outermost: list[Command] = []
    running: list[Command] = []
    others = []
    for at, line in trace.lines:
        verb, _, name = line.partition(" ")
        if verb == "begin":
            command = Command(name, at)
            (running[-1].nested if running else outermost).append(command)
            running.append(command)
        elif verb in ("end", "fail") and running:
            running[-1].end, running[-1].fails = at, verb == "fail"
            running.pop()
        elif verb == "fail":
            outermost.append(Command(name, at, at, fails=True))
        else:
            others.append((at, line))
    return outermost, others


class Player:
    """Replays a trace on a simulated printer."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.shown: Shown = []
        starts = trace.words("begins", "ready") == ["starting"]
        ready = [at for at, line in trace.lines if line.split()[0] in ("ready", "connect-fails")]
        self._heaters = trace.words("heaters", "extruder heater_bed")
        options = [line.replace(" ", ": ", 1) for line in trace.header.get("set", [])]
        sections = ["[%s]" % name for name in self._heaters]
        text = CONFIG % ("\n".join(options), "\n".join(sections))
        hardware = Hardware(startup_s=ready[0] if starts else 1.0)
        self.printer = Printer(text, hardware=hardware)
        self._objects: dict[str, FakeObject] = {}
        self._motion = Motion()
        self._runs: dict[str, list[Command]] = {}
        self._start_at = 0.0
        self.printer.advance(0.0)
        self._put_objects()
        outermost, others = commands(trace)
        for command in outermost:
            self._put_command(command)
        for _, line in others:
            if line.startswith("connect-fails"):
                self.printer.fail_mcu(line.partition(" ")[2])
        if not starts:
            self.printer.start()
            self._start_at = self.printer.now
        self._outermost, self._others = outermost, others

    def play(self) -> Shown:
        """Plays the trace; returns the shown states with their start times."""
        reactor = self.printer.reactor
        reactor.register_timer(self._poll_state, reactor.NOW)
        for command in self._outermost:
            self._at(command.at, self._run, command.name)
        for at, line in self._others:
            self._at(at, self._apply, line)
        self.printer.advance(self._start_at + self.trace.end() + 0.5 - self.printer.now)
        self.printer.close()
        assert self.printer.faults == [], self.printer.faults
        return self.shown

    def _at(self, at: float, action: Any, argument: str) -> None:
        self.printer.reactor.register_callback(lambda _: action(argument), self._start_at + at)

    def _poll_state(self, eventtime: float) -> float:
        state = str(self.printer.engine.status()["state"])
        if not self.shown or self.shown[-1][1] != state:
            self.shown.append((round(eventtime - self._start_at, 2), state))
        return eventtime + POLL_S

    def _put_objects(self) -> None:
        objects = {
            "print_stats": FakeObject(state="standby", message="", filament_used=0.0),
            "pause_resume": FakeObject(is_paused=False),
            "virtual_sdcard": FakeObject(is_active=False, progress=0.0),
            "display_status": FakeObject(progress=0.0),
            "manual_probe": FakeObject(is_active=False),
            "bed_screws": FakeObject(is_active=False),
            "idle_timeout": FakeObject(state="Ready"),
            "gcode_macro TIMELAPSE_TAKE_FRAME": FakeObject(takingframe=False),
        }
        for name in self._heaters:
            objects[name] = FakeObject(temperature=22.0, target=0.0)
        for name in self.trace.words("sensors", "runout"):
            sensor = FakeObject(enabled=True, filament_detected=True)
            objects["filament_switch_sensor " + name] = sensor
        self._objects = objects
        self.printer._objects.pop("filament_switch_sensor runout", None)
        self.printer._objects.update({**objects, "motion_report": self._motion})

    def _put_command(self, command: Command) -> None:
        gcode = self.printer.gcode
        if command.name not in self._runs:
            gcode.register_command(command.name, None)
            gcode.register_command(command.name, lambda _: self._command(command.name))
        self._runs.setdefault(command.name, []).append(command)
        for inner in command.nested:
            self._put_command(inner)

    def _command(self, name: str) -> None:
        command = self._runs[name].pop(0)
        for inner in command.nested:
            self._wait(inner.at)
            self.printer.gcode.run_script_from_command(inner.name)
        self._wait(command.end)
        if command.fails:
            raise CommandError("%s failed" % name)

    def _wait(self, at: float) -> None:
        # Lines of the trace at the same time come first.
        self.printer.reactor.pause(self._start_at + at + 0.001)

    def _run(self, name: str) -> None:
        self.printer.try_run(name)

    def _apply(self, line: str) -> None:
        verb, _, rest = line.partition(" ")
        if verb == "shutdown":
            self.printer.invoke_shutdown(rest)
        elif verb == "event":
            self.printer.send_event(rest)
        elif verb == "trigger":
            self.printer.send_event("homing:homing_move_end", HomingMove(rest.split()))
        elif verb == "motion":
            self._motion.moving = rest.split()
        elif verb == "gcode":
            self.printer.gcode._busy = rest == "held"
        elif verb == "lumen":
            self.printer.run("LUMEN_" + rest.upper())
        elif verb not in ("ready", "connect-fails"):
            self._set(line)

    def _set(self, line: str) -> None:
        words = line.split()
        name = " ".join(word for word in words if "=" not in word)
        for word in words:
            key, is_field, value = word.partition("=")
            if is_field and name in self._objects:
                self._objects[name].fields[key] = _value(value)


def _value(text: str) -> Any:
    if text in ("yes", "no"):
        return text == "yes"
    try:
        return float(text)
    except ValueError:
        return text.replace("_", " ")


def differs(trace: Trace, shown: Shown, late_s: float = LATE_S) -> Optional[str]:
    """Describes how the shown states differ from the expected ones; None if they match."""
    if [state for _, state in shown] != [state for _, state in trace.expected]:
        return "different states"
    for (at, state), (shown_at, _) in zip(trace.expected, shown):
        if abs(shown_at - at) > late_s:
            return "%s at %.2f s instead of %.2f s" % (state, shown_at, at)
    return None


def row(trace: Trace, shown: Shown) -> str:
    """Formats the table rows of one trace."""
    columns = [", ".join("%.2f %s" % pair for pair in pairs) for pairs in (trace.expected, shown)]
    return "%s\n    expected %s\n    shown    %s" % (trace.name, *columns)


def main() -> int:
    """Prints the table; returns the number of failed traces."""
    failures, max_delay = 0, 0.0
    for trace in read_all():
        shown = Player(trace).play()
        problem = differs(trace, shown)
        failures += problem is not None
        sys.stdout.write(
            row(trace, shown) + ("\n    WRONG    %s" % problem if problem else "") + "\n"
        )
        pairs = zip(trace.expected, shown)
        max_delay = max([max_delay, *(late - at for (at, _), (late, _) in pairs)])
    sys.stdout.write("the maximum delay of a state is %.2f s\n" % max_delay)
    return failures


if __name__ == "__main__":
    sys.exit(min(main(), 1))
