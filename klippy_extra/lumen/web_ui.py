"""Shows groups as lights and effects as buttons in unmodified web interfaces.

Mainsail and Fluidd show a color picker for every object named like an LED section, and send
SET_LED. Mainsail shows a button for every object of klipper-led_effect, and sends SET_LED_EFFECT.
The engine answers these commands (``src/command/web.rs``). Names that other plug-ins use are not
taken.

Errors in these commands are answered like those of Lumen's own commands. If no other plug-in has
names for a command, Lumen also answers unknown names, because Klipper would raise an error and end
a job. If another plug-in has names, its errors apply.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Optional

from klipper_lumen import RequestError, unknown_name

from .commands import TABLE
from .guard import shorten
from .led_objects import LED_KINDS
from .status import StatusObject, named_object

if TYPE_CHECKING:
    from klipper_lumen import Engine
    from klipper_lumen.klipper_api import Config, GCode, GCodeCommand, Handler, Printer

    from .commands import Replies, Requests
    from .guard import Guard
    from .mcu_output import Lights
    from .status import StatusReport

LIGHT_KIND = "neopixel"
EFFECT_KIND = "led_effect"
# The button that clears everything. Effect names contain no spaces.
FOLLOW = "follow printer"


class Web:
    """The objects and commands for web interfaces, besides Lumen's own."""

    def __init__(
        self,
        printer: Printer,
        guard: Guard,
        status_report: StatusReport,
        requests: Requests,
        replies: Replies,
        lights: Lights,
    ) -> None:
        self._printer = printer
        self._guard = guard
        self._status_report = status_report
        self._requests = requests
        self._replies = replies
        self._mcu_lights = lights
        self._lights: list[str] = []
        self._effects: list[str] = []

    def reserve_names(self, config: Config, engine: Engine) -> None:
        """Takes the free names while the config is available.

        The settings of a section show web interfaces which colors it has, even if the file does not
        contain the section.
        """
        offer = engine.offer()
        for group, channels in offer["lights"]:
            if any(config.has_section("%s %s" % (kind, group)) for kind in LED_KINDS):
                continue
            section = config.getsection("%s %s" % (LIGHT_KIND, group))
            section.getlist("color_order", [channels])
            section.getint("chain_count", 1)
            self._lights.append(group)
        self._effects = [
            effect["name"]
            for effect in offer["effects"]
            if effect["show"] and not config.has_section("%s %s" % (EFFECT_KIND, effect["name"]))
        ]

    def connect(self) -> None:
        """Registers all objects and commands, after all other plug-ins."""
        gcode: GCode = self._printer.lookup_object("gcode")
        has_buttons = bool(self._effects or self._lights)
        lights = SharedCommand(gcode, "SET_LED", "LED")
        for group in self._lights:
            if lights.is_free(group):
                light = named_object(self._status_report, self._guard, "light", group)
                self._printer.add_object("%s %s" % (LIGHT_KIND, group), light)
                lights.add(group, self._entry("SET_LED"))
        lights.add_fallback(self._entry("SET_LED", lights.refuse))
        effects = SharedCommand(gcode, "SET_LED_EFFECT", "EFFECT")
        for name in [*self._effects, *([FOLLOW] if has_buttons else [])]:
            if effects.is_free(name):
                self._printer.add_object("%s %s" % (EFFECT_KIND, name), self._button(name))
                effects.add(name, self._entry("SET_LED_EFFECT"))
        effects.add_fallback(self._entry("SET_LED_EFFECT", effects.refuse))
        if has_buttons and "STOP_LED_EFFECTS" not in gcode.ready_gcode_handlers:
            stop = TABLE["STOP_LED_EFFECTS"]
            gcode.register_command(stop.gcode, self._entry(stop.gcode), desc=stop.help)

    def _button(self, name: str) -> StatusObject:
        """Returns the object of a button, in the format of klipper-led_effect."""
        report = self._status_report

        def read(eventtime: float) -> dict[str, bool]:
            if name == FOLLOW:
                return {"enabled": report.follows_printer(eventtime)}
            return {"enabled": report.is_picked(name, eventtime)}

        what = "'%s'" % name if name == FOLLOW else "effect '%s'" % name
        return StatusObject(self._guard, what, read, {"enabled": False})

    def _entry(
        self, command: str, run: Optional[Callable[[GCodeCommand], None]] = None
    ) -> Callable[[GCodeCommand], object]:
        def run_and_reply(gcmd: GCodeCommand) -> None:
            try:
                if run is not None:
                    run(gcmd)
                else:
                    facts = self._facts() if TABLE[command].reads_facts else None
                    self._requests.text(command, gcmd.get_command_parameters(), facts)
            except RequestError as error:
                self._replies.refuse("%s: %s" % (command, error))

        return self._guard.entry(command, run_and_reply, lambda: None)

    def _facts(self) -> dict[str, object]:
        chains = list(self._mcu_lights.state.chains().items())
        return {"web": {"effects": self._effects, "lights": self._lights, "chains": chains}}


class SharedCommand:
    """A command that several objects share, distinguished by one parameter."""

    def __init__(self, gcode: GCode, command: str, key: str) -> None:
        self._gcode = gcode
        self._command = command
        self._key = key
        self._desc = TABLE[command].help
        self._names: list[str] = []
        handlers = gcode.ready_gcode_handlers
        # No other plug-in has registered the command so far.
        self._is_first = command not in handlers
        # Another plug-in uses the whole command, or distinguishes objects by another parameter.
        shared_by = gcode.mux_commands.get(command, ("", {}))[0]
        self._is_closed = not self._is_first and shared_by != key

    def is_free(self, name: str) -> bool:
        """Returns whether the name is free."""
        return not self._is_closed and name not in self._handlers()

    def add(self, name: str, run: Handler) -> None:
        """Registers a name."""
        self._gcode.register_mux_command(self._command, self._key, name, run, desc=self._desc)
        self._names.append(name)

    def add_fallback(self, refuse: Handler) -> None:
        """Handles unknown names, too, if no other plug-in has names."""
        if not self._is_first or not self._names:
            return
        previous = self._gcode.register_command(self._command, None)
        if previous is None:
            return
        dispatch: Handler = previous

        # Names registered later are found in Klipper's table, which stays the same.
        def run(gcmd: GCodeCommand) -> object:
            handlers = self._handlers()
            is_known = gcmd.get_command_parameters().get(self._key) in handlers
            return (dispatch if is_known or len(handlers) > len(self._names) else refuse)(gcmd)

        self._gcode.register_command(self._command, run, desc=self._desc)

    def refuse(self, gcmd: GCodeCommand) -> None:
        """Raises RequestError for an unknown name."""
        name = gcmd.get_command_parameters().get(self._key)
        shown = shorten(name) if name is not None else None
        raise RequestError(unknown_name(self._key, shown, self._names))

    def _handlers(self) -> dict[str, Handler]:
        return self._gcode.mux_commands.get(self._command, ("", {}))[1]
