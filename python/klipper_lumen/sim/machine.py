"""The machine of the simulated klippy: its heaters and sensors, and its G-codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Optional

from .gcode import CommandError, GCodeCommand
from .motion import AXES, HomingMove, ManualProbe, StepperEnable, Toolhead
from .thermal import Heater, Heaters, Sensor

if TYPE_CHECKING:
    from .config import ConfigFile
    from .core import PrinterCore
    from .hardware import Hardware
    from .prints import DisplayStatus, PauseResume, PrintStats, VirtualSdcard

Handler = Callable[[GCodeCommand], object]


def build_heat(printer: PrinterCore, file: ConfigFile, hardware: Hardware) -> Heaters:
    """Adds heaters and sensors: those of the config, or typical ones without [printer]."""
    found = Heaters()
    printer.register_event_handler("klippy:shutdown", found.turn_off)
    names = file.parser.sections()
    if "printer" not in names:
        names = ["extruder", "heater_bed", "temperature_sensor chamber", *names]
    clock = printer.reactor.monotonic
    for name in dict.fromkeys(names):
        kind = name.split()[0]
        if kind.rstrip("0123456789") == "extruder" or kind == "heater_generic":
            found.heaters[name] = Heater(hardware.hotend, clock)
        elif kind == "heater_bed":
            found.heaters[name] = Heater(hardware.bed, clock)
    bed = found.heaters.get("heater_bed")
    for name in dict.fromkeys(names):
        if name.split()[0] in ("temperature_sensor", "temperature_fan"):
            found.sensors.append(name)
            printer.add_object(name, Sensor(hardware.bed.ambient, bed))
    for name, heater in found.heaters.items():
        printer.add_object(name, heater)
    return found


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

    def __init__(
        self,
        printer: PrinterCore,
        hardware: Hardware,
        motion: tuple[Toolhead, StepperEnable, ManualProbe],
        heaters: Heaters,
        job: tuple[PrintStats, VirtualSdcard, DisplayStatus, PauseResume],
    ) -> None:
        self._printer = printer
        self._hardware = hardware
        self._toolhead, self._stepper_enable, self._manual_probe = motion
        self._heaters = heaters
        self._print_stats, self._virtual_sdcard, self._display_status, self._pause_resume = job
        # The next homing fails with this message.
        self.fail_homing: Optional[str] = None
        for name, handler in self._commands().items():
            printer.gcode.register_command(name, handler, desc=None)

    def _commands(self) -> dict[str, Handler]:
        toolhead, pause_resume = self._toolhead, self._pause_resume
        return {
            "G0": self._move,
            "G1": self._move,
            "G4": lambda gcmd: toolhead.hold(gcmd.get_float("P") / 1000.0),
            "G28": self._home,
            "M400": lambda gcmd: toolhead.wait(),
            "M84": lambda gcmd: self._stepper_enable.turn_off(),
            "M104": lambda gcmd: self._heat(toolhead.extruder, gcmd, wait=False),
            "M109": lambda gcmd: self._heat(toolhead.extruder, gcmd, wait=True),
            "M140": lambda gcmd: self._heat("heater_bed", gcmd, wait=False),
            "M190": lambda gcmd: self._heat("heater_bed", gcmd, wait=True),
            "TURN_OFF_HEATERS": lambda gcmd: self._heaters.turn_off(),
            "T0": lambda gcmd: self._use("extruder"),
            "T1": lambda gcmd: self._use("extruder1"),
            "M73": lambda gcmd: self._display_status.note_progress(gcmd.get_float("P")),
            "M112": lambda gcmd: self._printer.emergency_stop(),
            "PAUSE": lambda gcmd: pause_resume.pause(),
            "RESUME": lambda gcmd: pause_resume.resume(),
            "CANCEL_PRINT": lambda gcmd: pause_resume.cancel(),
            "BED_MESH_CALIBRATE": lambda gcmd: self._probe_points(self._hardware.mesh_points),
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
        self._toolhead.move(target, gcmd.get_float("F", 6000.0) / 60.0, extruded)
        if extruded > 0.0 and self._virtual_sdcard.is_active():
            self._print_stats.filament_used += extruded

    def _heat(self, name: str, gcmd: GCodeCommand, wait: bool) -> None:
        heater = self._heaters.heater(name)
        heater.set_target(gcmd.get_float("S"))
        while wait and not heater.is_reached():
            self._printer.reactor.pause(self._printer.reactor.monotonic() + 0.25)
            self._printer.check_alive()

    def _use(self, extruder: str) -> None:
        self._heaters.heater(extruder)
        self._toolhead.extruder = extruder
        self._printer.send_event("extruder:activate_extruder")

    def _home(self, gcmd: GCodeCommand) -> None:
        asked = [axis for axis in AXES if axis.upper() in gcmd.get_command_parameters()]
        for axis in asked or AXES:
            # Z homes with the probe. Klipper sends no homing event for rails then.
            if axis == "z":
                self.probe()
            else:
                self.home_rail(axis)
            self._toolhead.homed_axes += axis

    def home_rail(self, axis: str) -> None:
        """Homes an axis with its endstop; a failure sends no end event, as in Klipper."""
        send = self._printer.send_event
        rails = [object()]
        send("homing:home_rails_begin", object(), rails)
        self._homing_move(["stepper_" + axis], self._hardware.home_axis_s)
        failure, self.fail_homing = self.fail_homing, None
        if failure is not None:
            raise CommandError(failure)
        send("homing:home_rails_end", object(), rails)

    def probe(self) -> None:
        """Probes once."""
        self._homing_move(["probe"], self._hardware.probe_s)

    def _homing_move(self, names: list[str], seconds: float) -> None:
        move = HomingMove(names)
        self._printer.send_event("homing:homing_move_begin", move)
        self._toolhead.hold(seconds)
        self._toolhead.wait()
        self._printer.send_event("homing:homing_move_end", move)

    def _probe_points(self, count: int) -> None:
        (x0, x1), (y0, y1), _ = self._toolhead.travel
        for point in range(count):
            share = (point + 0.5) / count
            target = [x0 + (x1 - x0) * share, y0 + (y1 - y0) * (1.0 - share), 5.0]
            self._toolhead.move(target, 300.0)
            self._toolhead.wait()
            self.probe()

    def _probe_calibrate(self, gcmd: GCodeCommand) -> None:
        self.probe()
        self._manual_probe.is_active = True

    def _leave_manual_probe(self) -> None:
        self._manual_probe.is_active = False
