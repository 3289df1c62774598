"""The traces of tests/fixtures/traces: read, played through the simulator, and told as a table.

``python -m tests.klippy.traces`` prints what each must show, and what it shows.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional

from klipper_lumen.sim import Hardware, Printer
from klipper_lumen.sim.gcode import CommandError

FOLDER = Path(__file__).parents[1] / "fixtures" / "traces"

# How late the lights may be: what is promised, and what the recorder adds.
LATE_S = 0.3 + 0.11
LOOK_S = 0.05

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
    """A trace as it is written; README.md beside it says how."""

    name: str
    header: dict[str, list[str]] = field(default_factory=dict)
    lines: list[tuple[float, str]] = field(default_factory=list)
    expected: Shown = field(default_factory=list)

    def __str__(self) -> str:
        return self.name

    def words(self, name: str, default: str) -> list[str]:
        """A list of the header."""
        text = self.header.get(name, [default])[-1]
        return [word for word in text.split() if word != "none"]

    def end(self) -> float:
        """When the last thing happens."""
        return max(at for at, _ in [*self.lines, *self.expected])


def read(path: Path) -> Trace:
    """Reads one trace."""
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
    """All traces, by name."""
    return [read(path) for path in sorted(FOLDER.glob("*.trace"))]


class Facts:
    """A printer object whose fields a trace sets."""

    def __init__(self, **fields: Any) -> None:
        self.fields = fields

    def get_status(self, eventtime: float) -> dict[str, Any]:
        return dict(self.fields)


class Motion:
    """motion_report: what a trace says that moves, moves."""

    def __init__(self) -> None:
        self.what: list[str] = []

    def get_status(self, eventtime: float) -> dict[str, Any]:
        place = [eventtime * 10.0 % 200.0 if axes in self.what else 0.0 for axes in ("xy", "z")]
        feed = ("e" in self.what) - ("retract" in self.what)
        return {
            "live_position": (place[0], place[0], place[1], 2.0 * feed * eventtime),
            "live_velocity": 10.0 if {"xy", "z"}.intersection(self.what) else 0.0,
            # As in Klipper, not always zero when all is done.
            "live_extruder_velocity": 2.0 * feed or 0.05,
        }


@dataclass
class Command:
    """A run of a G-code command, with those that run within it."""

    name: str
    at: float
    end: float = 0.0
    fails: bool = False
    within: list[Command] = field(default_factory=list)


def commands(trace: Trace) -> tuple[list[Command], list[tuple[float, str]]]:
    """The outermost commands of a trace, and its other lines."""
    outermost: list[Command] = []
    running: list[Command] = []
    others = []
    for at, line in trace.lines:
        verb, _, name = line.partition(" ")
        if verb == "begin":
            command = Command(name, at)
            (running[-1].within if running else outermost).append(command)
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
    """A simulated printer that does what a trace says."""

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
        self._objects: dict[str, Facts] = {}
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
        """Plays it; returns the states that were shown, and from when on."""
        reactor = self.printer.reactor
        reactor.register_timer(self._look, reactor.NOW)
        for command in self._outermost:
            self._at(command.at, self._run, command.name)
        for at, line in self._others:
            self._at(at, self._happen, line)
        self.printer.advance(self._start_at + self.trace.end() + 0.5 - self.printer.now)
        self.printer.close()
        assert self.printer.faults == [], self.printer.faults
        return self.shown

    def _at(self, at: float, act: Any, what: str) -> None:
        self.printer.reactor.register_callback(lambda _: act(what), self._start_at + at)

    def _look(self, eventtime: float) -> float:
        state = str(self.printer.engine.status()["state"])
        if not self.shown or self.shown[-1][1] != state:
            self.shown.append((round(eventtime - self._start_at, 2), state))
        return eventtime + LOOK_S

    def _put_objects(self) -> None:
        objects = {
            "print_stats": Facts(state="standby", message="", filament_used=0.0),
            "pause_resume": Facts(is_paused=False),
            "virtual_sdcard": Facts(is_active=False, progress=0.0),
            "display_status": Facts(progress=0.0),
            "manual_probe": Facts(is_active=False),
            "bed_screws": Facts(is_active=False),
            "idle_timeout": Facts(state="Ready"),
            "gcode_macro TIMELAPSE_TAKE_FRAME": Facts(takingframe=False),
        }
        for name in self._heaters:
            objects[name] = Facts(temperature=22.0, target=0.0)
        for name in self.trace.words("sensors", "runout"):
            sensor = Facts(enabled=True, filament_detected=True)
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
        for inner in command.within:
            self._put_command(inner)

    def _command(self, name: str) -> None:
        command = self._runs[name].pop(0)
        for inner in command.within:
            self._wait(inner.at)
            self.printer.gcode.run_script_from_command(inner.name)
        self._wait(command.end)
        if command.fails:
            raise CommandError("%s failed" % name)

    def _wait(self, at: float) -> None:
        # What the trace says of the same moment comes first.
        self.printer.reactor.pause(self._start_at + at + 0.001)

    def _run(self, name: str) -> None:
        self.printer.try_run(name)

    def _happen(self, line: str) -> None:
        verb, _, rest = line.partition(" ")
        if verb == "shutdown":
            self.printer.invoke_shutdown(rest)
        elif verb == "event":
            self.printer.send_event(rest)
        elif verb == "motion":
            self._motion.what = rest.split()
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
    """What is wrong with the states that were shown, or None."""
    if [state for _, state in shown] != [state for _, state in trace.expected]:
        return "other states"
    for (at, state), (shown_at, _) in zip(trace.expected, shown):
        if abs(shown_at - at) > late_s:
            return "%s at %.2f s instead of %.2f s" % (state, shown_at, at)
    return None


def row(trace: Trace, shown: Shown) -> str:
    """The lines of the table for one trace."""
    told = [", ".join("%.2f %s" % pair for pair in pairs) for pairs in (trace.expected, shown)]
    return "%s\n    expected %s\n    shown    %s" % (trace.name, *told)


def main() -> int:
    """Prints the table; returns how many traces are wrong."""
    wrong, latest = 0, 0.0
    for trace in read_all():
        shown = Player(trace).play()
        problem = differs(trace, shown)
        wrong += problem is not None
        sys.stdout.write(
            row(trace, shown) + ("\n    WRONG    %s" % problem if problem else "") + "\n"
        )
        pairs = zip(trace.expected, shown)
        latest = max([latest, *(late - at for (at, _), (late, _) in pairs)])
    sys.stdout.write("the latest state came %.2f s after its cause\n" % latest)
    return wrong


if __name__ == "__main__":
    sys.exit(min(main(), 1))
