"""Groups as lights and effects as buttons of web interfaces, with nothing changed in these.

Mainsail and Fluidd show a color picker for every object that is named as an LED section is, and
send SET_LED; Mainsail shows a button for every object of klipper-led_effect's kind, and sends
SET_LED_EFFECT. A color or an effect that is picked is the same as LUMEN_SET, LUMEN_CLEAR takes it
back. Names that somebody else has are left to them.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Callable

from klipper_lumen import RequestError

from .strips import LED_KINDS
from .values import UsageError, Values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from klipper_lumen import Engine

    from .desk import Desk
    from .guard import Guard
    from .klipper import Config, GCode, GCodeCommand, Printer
    from .status import Board

LIGHT_KIND = "neopixel"
EFFECT_KIND = "led_effect"
CHANNELS = ("RED", "GREEN", "BLUE", "WHITE")


class Light:
    """A group, as an LED section of one color."""

    def __init__(self, board: Board, guard: Guard, group: str, channels: str) -> None:
        self.group = group
        # A lamp has white only.
        self.is_lamp = channels == "W"
        self.get_status = guard.entry(
            "status of light '%s'" % group,
            lambda eventtime: board.light(group, self.is_lamp, eventtime),
            lambda: {"color_data": [(0.0, 0.0, 0.0, 0.0)]},
        )

    def effect_of(self, color: Sequence[float]) -> str:
        """The effect that shows a color; black is off."""
        if not any(color):
            return "off"
        if self.is_lamp:
            color = [max(color)] * 3
        elif not color[3]:
            color = color[:3]
        return "solid " + "".join("%02x" % round(255 * level) for level in color)


class EffectButton:
    """An effect, as a section of klipper-led_effect's."""

    def __init__(self, board: Board, guard: Guard, name: str) -> None:
        self.get_status = guard.entry(
            "status of effect '%s'" % name,
            lambda eventtime: board.button(name, eventtime),
            lambda: {"enabled": False},
        )


class Web:
    """What web interfaces see of Lumen beside its own objects."""

    def __init__(self, printer: Printer, guard: Guard, board: Board, desk: Desk) -> None:
        self._printer = printer
        self._guard = guard
        self._board = board
        self._desk = desk
        self._lights: list[Light] = []
        self._effects: list[str] = []

    def claim(self, config: Config, engine: Engine) -> None:
        """Takes the names that are free; the config is only there now.

        The settings of a section tell web interfaces which colors it has, whether the file has
        the section or not.
        """
        offer = engine.offer()
        for group, channels in offer["lights"]:
            if any(config.has_section("%s %s" % (kind, group)) for kind in LED_KINDS):
                continue
            section = config.getsection("%s %s" % (LIGHT_KIND, group))
            section.getlist("color_order", [channels])
            section.getint("chain_count", 1)
            self._lights.append(Light(self._board, self._guard, group, channels))
        self._effects = [
            name
            for name in offer["effects"]
            if not config.has_section("%s %s" % (EFFECT_KIND, name))
        ]

    def connect(self) -> None:
        """Registers all of it, after everybody else."""
        gcode: GCode = self._printer.lookup_object("gcode")
        for light in self._lights:
            if not _is_taken(gcode, "SET_LED", light.group):
                self._add(LIGHT_KIND, light.group, light)
                run = self._entry("SET_LED", partial(self._pick, light))
                gcode.register_mux_command(
                    "SET_LED", "LED", light.group, run, desc="Set the color of an LED"
                )
        for name in self._effects:
            if not _is_taken(gcode, "SET_LED_EFFECT", name):
                button = EffectButton(self._board, self._guard, name)
                self._add(EFFECT_KIND, name, button)
                run = self._entry("SET_LED_EFFECT", partial(self._press, name))
                what = "Show an effect on all groups, or with STOP=1 no longer"
                gcode.register_mux_command("SET_LED_EFFECT", "EFFECT", name, run, desc=what)
        if self._effects and "STOP_LED_EFFECTS" not in gcode.ready_gcode_handlers:
            run = self._entry("STOP_LED_EFFECTS", lambda _: self._stop(self._effects))
            gcode.register_command("STOP_LED_EFFECTS", run, desc="Show no picked effect any longer")

    def _add(self, kind: str, name: str, shown: object) -> None:
        self._printer.add_object("%s %s" % (kind, name), shown)

    def _entry(
        self, command: str, run: Callable[[GCodeCommand], None]
    ) -> Callable[[GCodeCommand], object]:
        def polite(gcmd: GCodeCommand) -> None:
            try:
                run(gcmd)
            except (RequestError, UsageError) as error:
                raise gcmd.error("%s: %s" % (command, error)) from None

        return self._guard.entry(command, polite, lambda: None, (self._printer.command_error,))

    def _pick(self, light: Light, gcmd: GCodeCommand) -> None:
        values = Values(gcmd.get_command_parameters(), CHANNELS)
        color = [values.number(channel, 0.0, 1.0, 0.0) for channel in CHANNELS]
        # A group has one color, and shows it at once: SYNC and TRANSMIT mean nothing here.
        values.count("INDEX", 1, 1, 1)
        self._desk.engine.set(light.group, light.effect_of(color), {})

    def _press(self, effect: str, gcmd: GCodeCommand) -> None:
        values = Values(gcmd.get_command_parameters(), ("EFFECT", "STOP", "FADETIME"))
        fade = values.seconds("FADETIME")
        is_stop = values.number("STOP", 0.0, 1.0, 0.0) > 0.0
        # REPLACE and RESTART of klipper-led_effect mean nothing here.
        if is_stop:
            self._stop([effect])
        else:
            self._desk.engine.set("all", effect, {}, fade=fade)
            self._desk.want(self._desk.engine.wants())

    def _stop(self, effects: Sequence[str]) -> None:
        now = self._printer.get_reactor().monotonic()
        for group in self._board.showing(effects, now):
            self._desk.engine.clear(group)


def _is_taken(gcode: GCode, command: str, name: str) -> bool:
    mux: dict[str, Any] = getattr(gcode, "mux_commands", {})
    return name in mux.get(command, ("", {}))[1]
