"""The machine of the simulated klippy: its heaters and sensors, and its G-codes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Callable, Optional

from .gcode import CommandError, GCodeCommand
from .motion import AXES, HomingMove
from .thermal import Heater, Sensor, Warmth

if TYPE_CHECKING:
    from .config import ConfigFile
    from .printer import Printer

Handler = Callable[[GCodeCommand], object]


@dataclass(frozen=True)
class Hardware:
    """Size and speed of the machine; the config overrides them."""

    hotend: Warmth = field(default_factory=lambda: Warmth(rate=4.0, tau=60.0))
    bed: Warmth = field(default_factory=lambda: Warmth(rate=1.0, tau=200.0))
    travel: tuple[tuple[float, float], ...] = ((0.0, 200.0), (0.0, 200.0), (0.0, 200.0))
    # From load to ready; mostly the connection to the MCU.
    startup_s: float = 1.0
    home_axis_s: float = 2.0
    probe_s: float = 0.5
    mesh_points: int = 9
    idle_timeout_s: float = 600.0


def build_heat(printer: Printer, file: ConfigFile) -> None:
    """Adds heaters and sensors: those of the config, or typical ones without [printer]."""
    names = file.parser.sections()
    if "printer" not in names:
        names = ["extruder", "heater_bed", "temperature_sensor chamber", *names]
    hardware, clock = printer.hardware, printer.reactor.monotonic
    for name in dict.fromkeys(names):
        kind = name.split()[0]
        if kind.rstrip("0123456789") == "extruder" or kind == "heater_generic":
            printer.heaters.heaters[name] = Heater(hardware.hotend, clock)
        elif kind == "heater_bed":
            printer.heaters.heaters[name] = Heater(hardware.bed, clock)
    bed = printer.heaters.heaters.get("heater_bed")
    for name in dict.fromkeys(names):
        if name.split()[0] in ("temperature_sensor", "temperature_fan"):
            printer.heaters.sensors.append(name)
            printer.add_object(name, Sensor(hardware.bed.ambient, bed))
    for name, heater in printer.heaters.heaters.items():
        printer.add_object(name, heater)


def travel_of(file: ConfigFile, hardware: Hardware) -> list[tuple[float, float]]:
    """Returns the range of each axis in mm."""
    travel = []
    for axis, (low, high) in zip(AXES, hardware.travel):
        section = file.section(None, "stepper_" + axis)
        ends = section.getfloat("position_min", low), section.getfloat("position_max", high)
        travel.append(ends)
    return travel


class Machine:
    """The G-codes of the machine."""

    def __init__(self, printer: Printer) -> None:
        self._printer = printer
        # The next homing fails with this message.
        self.fail_homing: Optional[str] = None
        for name, handler in self._commands().items():
            printer.gcode.register_command(name, handler, desc=None)

    def _commands(self) -> dict[str, Handler]:
        p = self._printer
        return {
            "G0": self._move,
            "G1": self._move,
            "G4": lambda gcmd: p.toolhead.hold(gcmd.get_float("P") / 1000.0),
            "G28": self._home,
            "M400": lambda gcmd: p.toolhead.wait(),
            "M84": lambda gcmd: p.stepper_enable.turn_off(),
            "M104": lambda gcmd: self._heat(p.toolhead.extruder, gcmd, wait=False),
            "M109": lambda gcmd: self._heat(p.toolhead.extruder, gcmd, wait=True),
            "M140": lambda gcmd: self._heat("heater_bed", gcmd, wait=False),
            "M190": lambda gcmd: self._heat("heater_bed", gcmd, wait=True),
            "TURN_OFF_HEATERS": lambda gcmd: p.heaters.turn_off(),
            "T0": lambda gcmd: self._use("extruder"),
            "T1": lambda gcmd: self._use("extruder1"),
            "M73": lambda gcmd: p.display_status.note_progress(gcmd.get_float("P")),
            "M112": lambda gcmd: p.emergency_stop(),
            "PAUSE": lambda gcmd: p.pause_resume.pause(),
            "RESUME": lambda gcmd: p.pause_resume.resume(),
            "CANCEL_PRINT": lambda gcmd: p.pause_resume.cancel(),
            "BED_MESH_CALIBRATE": lambda gcmd: self._probe_points(p.hardware.mesh_points),
            "QUAD_GANTRY_LEVEL": lambda gcmd: self._probe_points(4),
            "Z_TILT_ADJUST": lambda gcmd: self._probe_points(3),
            "SCREWS_TILT_CALCULATE": lambda gcmd: self._probe_points(4),
            "PROBE": lambda gcmd: self._probe_points(1),
            "PROBE_ACCURACY": lambda gcmd: self._probe_points(10),
            "PROBE_CALIBRATE": self._probe_calibrate,
            "ACCEPT": lambda gcmd: self._leave_manual_probe(),
            "ABORT": lambda gcmd: self._leave_manual_probe(),
        }

    def _move(self, gcmd: GCodeCommand) -> None:
        params = gcmd.get_command_parameters()
        target = [float(params[axis]) if axis in params else None for axis in "XYZ"]
        extruded = gcmd.get_float("E")
        self._printer.toolhead.move(target, gcmd.get_float("F", 6000.0) / 60.0, extruded)
        if extruded > 0.0 and self._printer.virtual_sdcard.is_active():
            self._printer.print_stats.filament_used += extruded

    def _heat(self, name: str, gcmd: GCodeCommand, wait: bool) -> None:
        heater = self._printer.heaters.heater(name)
        heater.set_target(gcmd.get_float("S"))
        while wait and not heater.is_reached():
            self._printer.reactor.pause(self._printer.reactor.monotonic() + 0.25)
            self._printer.check_alive()

    def _use(self, extruder: str) -> None:
        self._printer.heaters.heater(extruder)
        self._printer.toolhead.extruder = extruder
        self._printer.send_event("extruder:activate_extruder")

    def _home(self, gcmd: GCodeCommand) -> None:
        asked = [axis for axis in AXES if axis.upper() in gcmd.get_command_parameters()]
        for axis in asked or AXES:
            # Z homes with the probe. Klipper sends no homing event for rails then.
            if axis == "z":
                self.probe()
            else:
                self.home_rail(axis)
            self._printer.toolhead.homed_axes += axis

    def home_rail(self, axis: str) -> None:
        """Homes an axis with its endstop; a failure sends no end event, as in Klipper."""
        send = self._printer.send_event
        rails = [object()]
        send("homing:home_rails_begin", object(), rails)
        self._homing_move(["stepper_" + axis], self._printer.hardware.home_axis_s)
        failure, self.fail_homing = self.fail_homing, None
        if failure is not None:
            raise CommandError(failure)
        send("homing:home_rails_end", object(), rails)

    def probe(self) -> None:
        """Probes once."""
        self._homing_move(["probe"], self._printer.hardware.probe_s)

    def _homing_move(self, names: list[str], seconds: float) -> None:
        move = HomingMove(names)
        self._printer.send_event("homing:homing_move_begin", move)
        self._printer.toolhead.hold(seconds)
        self._printer.toolhead.wait()
        self._printer.send_event("homing:homing_move_end", move)

    def _probe_points(self, count: int) -> None:
        (x0, x1), (y0, y1), _ = self._printer.toolhead.travel
        for point in range(count):
            share = (point + 0.5) / count
            target = [x0 + (x1 - x0) * share, y0 + (y1 - y0) * (1.0 - share), 5.0]
            self._printer.toolhead.move(target, 300.0)
            self._printer.toolhead.wait()
            self.probe()

    def _probe_calibrate(self, gcmd: GCodeCommand) -> None:
        self.probe()
        self._printer.manual_probe.is_active = True

    def _leave_manual_probe(self) -> None:
        self._printer.manual_probe.is_active = False
