"""The simulated klippy: a Printer that runs the real extra, unchanged.

``Printer(text)`` takes the text of a printer.cfg. Nothing happens until time passes: ``advance``
lets time pass, and ``start`` advances until the printer is ready or has failed. With the manual
clock the engine renders on the same clock, so a run is deterministic. With the real clock it has
its own thread, as on a printer.
"""

from __future__ import annotations

import json
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Callable, Optional

from .. import Engine
from .config import ConfigFile, ConfigWrapper, Error
from .core import READY, STARTUP, PrinterCore
from .gcode import CommandError, GCodeCommand
from .hardware import Hardware
from .lights import build_lights
from .machine import Machine, build_heat, travel_of
from .motion import IdleTimeout, ManualProbe, MotionReport, StepperEnable, Toolhead
from .pins import PinError, Pins, build_klipper_neopixels
from .prints import DisplayStatus, FilamentSensor, PauseResume, PrintStats, VirtualSdcard
from .reactor import Clock, Reactor
from .webhooks import WebHooks

if TYPE_CHECKING:
    from collections.abc import Sequence

log = logging.getLogger(__name__)


class Printer(PrinterCore):
    """A printer from its start to its RESTART."""

    def __init__(
        self,
        config: str,
        clock: Clock = "manual",
        hardware: Optional[Hardware] = None,
        seed: int = 1,
    ) -> None:
        self.config = config
        # The file that LUMEN_RELOAD reads; tests write it.
        self.config_file = "printer.cfg"
        self.clock: Clock = clock
        self.hardware = hardware or Hardware()
        self.seed = seed
        super().__init__(Reactor(clock))
        self.reactor.on_step = self._step
        self.reactor.on_fault = self._fault
        self._engine: Optional[Engine] = None
        # Exceptions that left reactor callbacks; each would stop a real printer.
        self.faults: list[BaseException] = []
        # Creates the engine; tests replace it.
        self.make_engine: Callable[[str], Engine] = self._make_engine
        self.pins = Pins()
        self.add_object("pins", self.pins)
        self.webhooks = WebHooks(self)
        self.add_object("webhooks", self.webhooks)
        self.reactor.register_callback(lambda eventtime: self._attempt(self._load))

    # Control.

    @property
    def engine(self) -> Engine:
        """The engine that `[lumen]` has started."""
        if self._engine is None:
            raise LookupError("no engine is running: %s" % self._message)
        return self._engine

    def get_start_args(self) -> dict[str, Any]:
        """Returns klippy's start arguments; only the config file is set."""
        return {"config_file": self.config_file}

    def ask(self, path: str, **params: Any) -> dict[str, Any]:
        """Calls an endpoint as a client of the API does."""
        return self.webhooks.ask(path, params)

    @property
    def now(self) -> float:
        """The reactor's time in seconds."""
        return self.reactor.monotonic()

    def advance(self, seconds: float) -> Printer:
        """Lets time pass."""
        self.reactor.run_until(self.now + seconds)
        return self

    def start(self) -> Printer:
        """Advances until the start has succeeded or failed, and the lights show it."""
        while self._message == STARTUP:
            self.advance(0.05)
        return self.advance(0.05)

    def run(self, script: str) -> Printer:
        """Runs a script as the console does."""
        self.gcode.run_script(script)
        return self

    def try_run(self, script: str) -> Optional[str]:
        """Runs a script; returns its error, if any."""
        try:
            self.gcode.run_script(script)
        except CommandError as error:
            return str(error)
        return None

    def query(self, *names: str) -> dict[str, Any]:
        """Returns the status of objects through JSON, as a web interface gets it."""
        with self.reactor.assert_no_pause():
            status = {name: self._objects[name].get_status(self.now) for name in names}
        answer: dict[str, Any] = json.loads(json.dumps(status, allow_nan=False))
        return answer

    def add_macro(self, name: str, script: str, rename_existing: Optional[str] = None) -> None:
        """Adds a macro without a template; must be called before ``start``."""

        def run(_: GCodeCommand) -> None:
            self.gcode.run_script_from_command(script)

        if rename_existing is None:
            self.gcode.register_command(name, run, desc="G-Code macro")
            return
        renamed = rename_existing

        def rename() -> None:
            existing = self.gcode.register_command(name, None)
            if existing is None:
                raise self.config_error("Existing command '%s' not found in rename" % name)
            self.gcode.register_command(renamed, existing)
            self.gcode.register_command(name, run, desc="G-Code macro")

        self.register_event_handler("klippy:connect", rename)

    def fail_mcu(self, message: str) -> None:
        """Makes the MCU fail during the start; must be called before ``start``."""

        def fail() -> None:
            self._message = message
            self.send_event("klippy:notify_mcu_error", message, {"error": message})

        self.register_event_handler("klippy:mcu_identify", fail)

    def restart(self, config: Optional[str] = None) -> Printer:
        """RESTART: ends this printer and creates the next one in the same process."""
        self.close()
        text = self.config if config is None else config
        return Printer(text, self.clock, self.hardware, self.seed)

    def close(self) -> None:
        """Ends this printer, as Klipper does before a restart."""
        self.send_event("klippy:disconnect")
        self._engine = None

    # Start.

    def _attempt(self, part: Callable[[], None]) -> None:
        try:
            part()
        except (Error, PinError) as error:
            self._message = str(error)
        except Exception as error:
            log.exception("Unhandled exception during connect")
            self._message = "Internal error during connect: %s" % error

    def _connect(self) -> None:
        self.send_event("klippy:mcu_identify")
        for callback in self._events.get("klippy:connect", []):
            if self._message != STARTUP:
                return
            callback()
        self._message = READY
        with self.reactor.assert_no_pause():
            self.send_event("klippy:ready")

    def _load(self) -> None:
        file = ConfigFile(self.config)
        self.add_object("configfile", file)
        self._add_machine(file)
        # Klipper loads all sections in file order; the simulator loads only [lumen].
        if file.parser.has_section("lumen"):
            self.add_object("lumen", self._load_lumen(file.section(self, "lumen")))
        build_klipper_neopixels(self, self.pins, file)
        file.check_unused("lumen", list(self._objects))
        ready_at = self.now + self.hardware.startup_s
        self.reactor.register_callback(lambda eventtime: self._attempt(self._connect), ready_at)

    def _load_lumen(self, config: ConfigWrapper) -> object:
        from klippy_extra.lumen import load_config

        return load_config(config, self._keep_engine)

    def _keep_engine(self, document: str) -> Engine:
        self._engine = self.make_engine(document)
        return self._engine

    def _make_engine(self, document: str) -> Engine:
        return Engine(document, clock=self.clock, seed=self.seed)

    def _add_machine(self, file: ConfigFile) -> None:
        self.heaters = heaters = build_heat(self, file, self.hardware)
        extruder = next((n for n in heaters.heaters if n.startswith("extruder")), "")
        travel = travel_of(file, self.hardware)
        self.stepper_enable = steppers = StepperEnable(self)
        self.toolhead = toolhead = Toolhead(self, steppers, travel, extruder)
        timeout_s = self.hardware.idle_timeout_s
        self.idle_timeout = IdleTimeout(self, toolhead, steppers, heaters, timeout_s)
        self.print_stats = stats = PrintStats()
        self.virtual_sdcard = sdcard = VirtualSdcard(self, toolhead, stats)
        self.display_status = display = DisplayStatus(self, self.idle_timeout, sdcard)
        self.pause_resume = pause = PauseResume(stats, sdcard)
        self.manual_probe = probe = ManualProbe()
        self.filament = FilamentSensor(self, sdcard)
        motion, job = (toolhead, steppers, probe), (stats, sdcard, display, pause)
        self.machine = Machine(self, self.hardware, motion, heaters, job)
        for name in (
            "heaters",
            "toolhead",
            "stepper_enable",
            "idle_timeout",
            "print_stats",
            "virtual_sdcard",
            "display_status",
            "pause_resume",
            "manual_probe",
        ):
            self.add_object(name, getattr(self, name))
        self.add_object("motion_report", MotionReport(self.toolhead))
        build_lights(self, file)
        for name in self._filament_sensors(file):
            self.add_object(name, self.filament)

    def _filament_sensors(self, file: ConfigFile) -> Sequence[str]:
        kinds = ("filament_switch_sensor", "filament_motion_sensor")
        found = [name for name in file.parser.sections() if name.split()[0] in kinds]
        return found or ["filament_switch_sensor runout"]

    def _step(self, seconds: float) -> None:
        if self._engine is not None and self.clock == "manual":
            self._engine.advance(seconds)

    def _fault(self, error: BaseException) -> None:
        if isinstance(error, CommandError):
            return
        self.faults.append(error)
        log.error("Unhandled exception during run", exc_info=error)
        with suppress(Exception):
            self.invoke_shutdown("Unhandled exception during run")
