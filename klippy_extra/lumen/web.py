"""Shows groups as lights and effects as buttons in unmodified web interfaces.

Mainsail and Fluidd show a color picker for every object named like an LED section, and send
SET_LED. Mainsail shows a button for every object of klipper-led_effect, and sends SET_LED_EFFECT. A
picked color or effect shows like one of LUMEN_SET; LUMEN_CLEAR, the button `follow printer` and
STOP_LED_EFFECTS clear it. Names that other plug-ins use are not taken.

Errors in these commands are answered like those of Lumen's own commands. If no other plug-in has
names for a command, Lumen also answers unknown names, because Klipper would raise an error and end
a job. If another plug-in has names, its errors apply.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, Callable, NamedTuple, Optional

from klipper_lumen import RequestError

from .strips import LED_KINDS
from .text import shorten
from .values import UsageError, Values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from klipper_lumen import Engine

    from .guard import Guard
    from .klipper import Config, GCode, GCodeCommand, Handler, Printer
    from .replies import Replies
    from .request_context import RequestContext
    from .status import StatusReport

LIGHT_KIND = "neopixel"
EFFECT_KIND = "led_effect"
# The button that clears everything. Effect names contain no spaces.
FOLLOW = "follow printer"
# Maximum number of names in an error.
MAX_NAMES = 12
# The number of an LED, or a range.
LED_RANGE = re.compile(r"([1-9][0-9]{0,5})(?:\s*-\s*([1-9][0-9]{0,5}))?")
CHANNELS = ("RED", "GREEN", "BLUE", "WHITE")


class Light:
    """A group as an LED section with one color."""

    def __init__(self, status_report: StatusReport, guard: Guard, group: str) -> None:
        self.group = group
        self.get_status = guard.entry(
            "status of light '%s'" % group,
            lambda eventtime: status_report.light(group, eventtime),
            lambda: {"color_data": [(0.0, 0.0, 0.0, 0.0)]},
        )


class EffectButton:
    """An effect as a section of klipper-led_effect."""

    def __init__(self, status_report: StatusReport, guard: Guard, name: str) -> None:
        self.get_status = guard.entry(
            "status of effect '%s'" % name,
            lambda eventtime: status_report.button(name, eventtime),
            lambda: {"enabled": False},
        )


class FollowButton:
    """The button that returns to the printer's state."""

    def __init__(self, status_report: StatusReport, guard: Guard) -> None:
        self.get_status = guard.entry(
            "status of '%s'" % FOLLOW,
            lambda eventtime: {"enabled": status_report.is_following_printer(eventtime)},
            lambda: {"enabled": False},
        )


class Web:
    """The objects and commands for web interfaces, besides Lumen's own."""

    def __init__(
        self,
        printer: Printer,
        guard: Guard,
        status_report: StatusReport,
        context: RequestContext,
        replies: Replies,
    ) -> None:
        self._printer = printer
        self._guard = guard
        self._status_report = status_report
        self._context = context
        self._replies = replies
        self._lights: list[Light] = []
        self._effects: list[str] = []
        # Returns the strips behind each of Klipper's LED sections: name, first pixel and length.
        self.chains: Callable[[], dict[str, list[tuple[str, int, int]]]] = dict

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
            self._lights.append(Light(self._status_report, self._guard, group))
        self._effects = [
            effect["name"]
            for effect in offer["effects"]
            if effect["show"] and not config.has_section("%s %s" % (EFFECT_KIND, effect["name"]))
        ]

    def connect(self) -> None:
        """Registers all objects and commands, after all other plug-ins."""
        gcode: GCode = self._printer.lookup_object("gcode")
        lights = SharedCommand(gcode, "SET_LED", "LED", "Set the color of an LED")
        for light in self._lights:
            if lights.is_free(light.group):
                self._add(LIGHT_KIND, light.group, light)
                lights.add(light.group, self._entry("SET_LED", partial(self._on_color, light)))
        lights.add_fallback(self._entry("SET_LED", lights.refuse))
        what = "Show an effect on its groups; STOP=1 clears it"
        effects = SharedCommand(gcode, "SET_LED_EFFECT", "EFFECT", what)
        for name in self._effects:
            if effects.is_free(name):
                self._add(EFFECT_KIND, name, EffectButton(self._status_report, self._guard, name))
                effects.add(name, self._entry("SET_LED_EFFECT", partial(self._on_button, name)))
        if self._has_buttons() and effects.is_free(FOLLOW):
            self._add(EFFECT_KIND, FOLLOW, FollowButton(self._status_report, self._guard))
            effects.add(FOLLOW, self._entry("SET_LED_EFFECT", self._follow_printer))
        effects.add_fallback(self._entry("SET_LED_EFFECT", effects.refuse))
        if self._has_buttons() and "STOP_LED_EFFECTS" not in gcode.ready_gcode_handlers:
            run = self._entry("STOP_LED_EFFECTS", self._stop_all)
            what = "Clear picked effects and colors: [LEDS=]"
            gcode.register_command("STOP_LED_EFFECTS", run, desc=what)

    def _has_buttons(self) -> bool:
        return bool(self._effects or self._lights)

    def _add(self, kind: str, name: str, shown: object) -> None:
        self._printer.add_object("%s %s" % (kind, name), shown)

    def _entry(
        self, command: str, run: Callable[[GCodeCommand], None]
    ) -> Callable[[GCodeCommand], object]:
        def run_and_reply(gcmd: GCodeCommand) -> None:
            try:
                run(gcmd)
            except (RequestError, UsageError) as error:
                self._replies.refuse("%s: %s" % (command, error))

        return self._guard.entry(command, run_and_reply, lambda: None)

    def _on_color(self, light: Light, gcmd: GCodeCommand) -> None:
        values = Values(gcmd.get_command_parameters(), CHANNELS)
        color = [values.number(channel, 0.0, 1.0, 0.0) for channel in CHANNELS]
        # A group has one color that is shown immediately, so SYNC and TRANSMIT are ignored.
        values.count("INDEX", 1, 1, 1)
        self._context.engine.pick(light.group, color)

    def _on_button(self, effect: str, gcmd: GCodeCommand) -> None:
        values = Values(gcmd.get_command_parameters(), ("EFFECT", "STOP", "FADETIME"))
        fade = values.seconds("FADETIME")
        is_stop = values.number("STOP", 0.0, 1.0, 0.0) > 0.0
        # REPLACE and RESTART of klipper-led_effect are ignored.
        if is_stop:
            self._stop([effect])
        else:
            for group in self._groups_of(effect):
                self._context.engine.set(group, effect, {}, fade=fade, picked=True)
            self._context.update_wants(self._context.engine.wants())

    def _groups_of(self, effect: str) -> list[str]:
        """Returns the groups that a button controls."""
        # A reload may have changed them.
        offered: list[dict[str, Any]] = self._context.engine.offer()["effects"]
        return next((it["groups"] for it in offered if it["name"] == effect), []) or ["all"]

    def _stop(self, effects: Sequence[str], groups: Optional[set[str]] = None) -> None:
        """Clears these effects on some groups or on all."""
        now = self._printer.get_reactor().monotonic()
        for group in self._status_report.groups_showing(effects, now):
            if groups is None or group in groups:
                self._context.engine.clear(group)

    def _stop_all(self, gcmd: GCodeCommand) -> None:
        values = Values(gcmd.get_command_parameters(), ("LEDS", "FADETIME"))
        # Ignored: Lumen uses its own fade.
        values.seconds("FADETIME")
        text = values.maybe_text("LEDS")
        values.done()
        if text is None:
            self._context.engine.clear_picked()
            self._stop(self._effects)
            return
        groups = self._groups_on(Leds.parse(text))
        for group in groups:
            self._context.engine.clear_picked(group)
        self._stop(self._effects, groups)

    def _groups_on(self, leds: Leds) -> set[str]:
        """Returns the groups that have some of these LEDs; raises UsageError for unknown LEDs."""
        engine = self._context.engine
        lights = {"%s %s" % (LIGHT_KIND, light.group): light.group for light in self._lights}
        if leds.section in lights:
            return {lights[leds.section]}
        chains = self.chains()
        if leds.section not in chains:
            known = ", ".join([*lights, *chains][:MAX_NAMES]).replace(" ", ":").replace(",:", ", ")
            raise UsageError("unknown LEDS '%s' (known: %s)" % (shorten(leds.text), known))
        return {
            group
            for strip, start, count in chains[leds.section]
            for first, last in leds.ranges or [(0, count - 1)]
            if first < count
            for group in engine.groups_on(strip, start + first, start + min(last, count - 1))
        }

    def _follow_printer(self, gcmd: GCodeCommand) -> None:
        # STOP=1 has no meaning here.
        Values(gcmd.get_command_parameters(), ("EFFECT", "STOP", "FADETIME"))
        self._context.engine.clear()
        self._context.engine.power(True)
        self._context.test_mode.reset()


class Leds(NamedTuple):
    """LEDs in the format of klipper-led_effect: `neopixel:NAME (1-3,5)`; all without numbers."""

    text: str
    # The full name of Klipper's section.
    section: str
    # The first and last LED of each range, counted from 0; empty means all LEDs.
    ranges: list[tuple[int, int]]

    @staticmethod
    def parse(text: str) -> Leds:
        """Parses such a text; raises UsageError."""
        chain, _, numbers = text.partition("(")
        ranges = []
        for word in numbers.strip().rstrip(")").split(",") if numbers else []:
            found = LED_RANGE.fullmatch(word.strip())
            if found is None:
                raise UsageError(
                    "LEDS must have the form 'neopixel:NAME (1-3,5)', got '%s'" % shorten(text)
                )
            ends = (int(found[1]), int(found[2] or found[1]))
            ranges.append((min(ends) - 1, max(ends) - 1))
        return Leds(text, chain.strip().replace(":", " ", 1), ranges)


class SharedCommand:
    """A command that several objects share, distinguished by one parameter."""

    def __init__(self, gcode: GCode, command: str, key: str, desc: str) -> None:
        self._gcode = gcode
        self._command = command
        self._key = key
        self._desc = desc
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
        """Raises UsageError for an unknown name."""
        name = gcmd.get_command_parameters().get(self._key)
        if name is None:
            raise UsageError("%s is missing" % self._key)
        listed = ", ".join(self._names[:MAX_NAMES])
        more = len(self._names) - MAX_NAMES
        more_words = " and %d more" % more if more > 0 else ""
        raise UsageError(
            "unknown %s '%s' (known: %s%s)" % (self._key, shorten(name), listed, more_words)
        )

    def _handlers(self) -> dict[str, Handler]:
        return self._gcode.mux_commands.get(self._command, ("", {}))[1]
