"""All requests to Lumen: one table that defines the G-code commands and the endpoints.

A request only calls the engine and answers immediately, without the toolhead, the G-code queue or
the idle timeout. An invalid request raises UsageError or the engine's RequestError.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable, Optional

import klipper_lumen

from . import profile
from .request_context import Answer, RequestContext
from .values import UsageError, Values

if TYPE_CHECKING:
    from collections.abc import Sequence

BRIGHTNESS = (0.0, 1.0)
FLASHES = (1, 100)


@dataclass(frozen=True)
class Request:
    """A request.

    ``name`` is the name of the endpoint, ``lumen/NAME``; the command is LUMEN_NAME, or LUMEN if the
    name is empty. ``help`` is a description, then the parameters; those in brackets are optional.
    """

    name: str
    help: str
    run: Callable[[RequestContext, Values], Answer]
    parameters: Sequence[str] = ()
    command: bool = True
    endpoint: bool = True
    # Also works before Klipper is ready and after a shutdown.
    always: bool = False

    @property
    def gcode(self) -> str:
        """The name of the command."""
        return "_".join(filter(None, ("LUMEN", self.name.upper())))


def _status(context: RequestContext, values: Values) -> Answer:
    wants_profile = values.count("PROFILE", 0, 0, 1) == 1
    values.done()
    found = context.profile() if wants_profile else None

    def as_text() -> str:
        return "\n".join(
            [context.report(), *([profile.report(found)] if found is not None else [])]
        )

    def data() -> dict[str, Any]:
        return {
            **context.engine.status(),
            "metrics": context.engine.metrics(),
            "performance": context.figures(),
            **({"profile": found} if found is not None else {}),
        }

    return Answer(make_text=as_text, make_data=data)


def _profile(context: RequestContext, values: Values) -> Answer:
    values.done()
    return Answer(data=context.profile())


def _set(context: RequestContext, values: Values) -> Answer:
    group = values.text("GROUP")
    effect = values.text("EFFECT")
    duration = values.seconds("DURATION", endless=True)
    fade = values.seconds("FADE")
    options = values.rest()
    try:
        context.engine.set(group, effect, options, duration, fade)
    except klipper_lumen.RequestError:
        # The engine does not know the parameters of the request itself.
        values.check_misspelled(options)
        raise
    # The effect may need values that were not sampled so far.
    context.update_wants(context.engine.wants())
    return Answer()


def _state(context: RequestContext, values: Values) -> Answer:
    state = values.text("STATE")
    duration = values.seconds("DURATION", endless=True)
    values.done()
    context.engine.state(state.lower(), duration)
    return Answer()


def _clear(context: RequestContext, values: Values) -> Answer:
    group = values.maybe_text("GROUP")
    values.done()
    context.engine.clear(group)
    if group is None:
        context.test_mode.reset()
    return Answer()


def _switch(is_on: bool) -> Callable[[RequestContext, Values], Answer]:
    def run(context: RequestContext, values: Values) -> Answer:
        group = values.maybe_text("GROUP")
        values.done()
        context.engine.power(is_on, group)
        return Answer()

    return run


def _brightness(context: RequestContext, values: Values) -> Answer:
    group = values.maybe_text("GROUP")
    value = values.number("VALUE", *BRIGHTNESS)
    fade = values.seconds("FADE")
    values.done()
    context.engine.brightness(value, group, fade)
    return Answer()


def _flash(context: RequestContext, values: Values) -> Answer:
    group = values.maybe_text("GROUP") or "all"
    color = values.text("COLOR")
    count = values.count("COUNT", 3, *FLASHES)
    values.done()
    context.engine.flash(group, color, count)
    return Answer()


def _wake(context: RequestContext, values: Values) -> Answer:
    values.done()
    context.engine.event("activity")
    return Answer()


def _effects(context: RequestContext, values: Values) -> Answer:
    values.done()
    return Answer(
        make_text=lambda: context.effects.text(context.maybe_engine),
        make_data=lambda: {
            "effects": context.effects.entries(context.maybe_engine),
            "palettes": context.effects.palettes(context.maybe_engine),
        },
    )


def _colors(_: RequestContext, values: Values) -> Answer:
    values.done()
    colors = dict(klipper_lumen.colors())
    return Answer(", ".join(colors), {"colors": colors})


def _reload(context: RequestContext, values: Values) -> Answer:
    values.done()
    context.engine.heartbeat()
    context.reload()

    def poll() -> Optional[Answer]:
        outcome = context.reload_outcome()
        if outcome is None:
            return None
        if outcome.problems:
            raise UsageError("\n".join(outcome.problems))
        return Answer(data={"warnings": outcome.warnings})

    return Answer("Reading the config files", poll=poll)


def _preview(context: RequestContext, values: Values) -> Answer:
    strip = values.text("STRIP")
    values.done()
    frame = context.engine.frame(strip)
    return Answer(
        data={
            "strip": strip,
            "pixels": len(frame) // 4,
            "rgbw": base64.b64encode(frame).decode("ascii"),
        }
    )


def _test(context: RequestContext, values: Values) -> Answer:
    state = values.text("STATE")
    duration = values.seconds("DURATION")
    values.done()
    return Answer(*context.test_mode.show(context.engine, state.lower(), duration))


def _test_start(context: RequestContext, values: Values) -> Answer:
    duration = values.seconds("DURATION")
    values.done()
    return Answer(*context.test_mode.start(context.engine, duration))


def _test_stop(context: RequestContext, values: Values) -> Answer:
    values.done()
    return Answer(*context.test_mode.stop(context.engine))


def _test_state(step: int) -> Callable[[RequestContext, Values], Answer]:
    def run(context: RequestContext, values: Values) -> Answer:
        values.done()
        return Answer(*context.test_mode.step_state(context.engine, step))

    return run


def _test_effect(step: int) -> Callable[[RequestContext, Values], Answer]:
    def run(context: RequestContext, values: Values) -> Answer:
        group = values.maybe_text("GROUP")
        values.done()
        return Answer(*context.test_mode.step_effect(context.engine, group, step))

    return run


def _operation(state: str, begins: bool) -> Callable[[RequestContext, Values], Answer]:
    def run(context: RequestContext, values: Values) -> Answer:
        values.done()
        context.set_operation(state, begins)
        return Answer()

    return run


def _help(_: RequestContext, values: Values) -> Answer:
    values.done()
    known = [request for request in REQUESTS if request.command]
    lines = ["%s: %s" % (request.gcode, request.help) for request in known]
    return Answer("\n".join(lines), {"commands": {it.gcode: it.help for it in known}})


REQUESTS: Sequence[Request] = (
    Request(
        "status",
        "Show what the lights show and why, and the health of the strips: [PROFILE=1] to measure "
        "the cost of effects and outputs",
        _status,
        ("PROFILE",),
        always=True,
    ),
    Request(
        "set",
        "Show an effect on a group: GROUP= EFFECT= [COLOR=] [DURATION=seconds] "
        "[FADE=seconds] [option=value...]; GROUP=all for all groups",
        _set,
        ("GROUP", "EFFECT", "DURATION", "FADE"),
    ),
    Request(
        "state",
        "Show a state, whatever the printer does: STATE= [DURATION=seconds]",
        _state,
        ("STATE", "DURATION"),
    ),
    Request(
        "clear",
        "Follow the printer again: [GROUP=]; without GROUP all groups and the state",
        _clear,
        ("GROUP",),
    ),
    Request(
        "off",
        "Switch the lights off until LUMEN_ON: [GROUP=]; error and disconnected still show",
        _switch(False),
        ("GROUP",),
    ),
    Request("on", "Switch the lights on again: [GROUP=]", _switch(True), ("GROUP",)),
    Request(
        "brightness",
        "Set the brightness of all lights or of a group: VALUE=0.0-1.0 [GROUP=] [FADE=seconds]",
        _brightness,
        ("VALUE", "GROUP", "FADE"),
    ),
    Request(
        "flash",
        "Flash a color, then continue as before: COLOR= [GROUP=] [COUNT=3]",
        _flash,
        ("COLOR", "GROUP", "COUNT"),
    ),
    Request("wake", "Wake the lights from bored or sleep", _wake),
    Request(
        "effects", "List all effects with their options, and all palettes", _effects, always=True
    ),
    Request("colors", "List all color names", _colors, always=True),
    Request(
        "test",
        "Show a state in test mode: STATE= [DURATION=seconds]",
        _test,
        ("STATE", "DURATION"),
    ),
    Request(
        "test_start",
        "Start test mode; it ends after DURATION seconds (default 600): [DURATION=seconds]",
        _test_start,
        ("DURATION",),
    ),
    Request("test_stop", "End test mode and follow the printer again", _test_stop),
    Request("test_next_state", "Show the next state in test mode", _test_state(1)),
    Request("test_prev_state", "Show the previous state in test mode", _test_state(-1)),
    Request(
        "test_next_effect",
        "Show the next effect in test mode: [GROUP=]; without GROUP on all groups",
        _test_effect(1),
        ("GROUP",),
    ),
    Request(
        "test_prev_effect",
        "Show the previous effect in test mode: [GROUP=]; without GROUP on all groups",
        _test_effect(-1),
        ("GROUP",),
    ),
    Request("reload", "Reload the Lumen sections without restarting Klipper", _reload),
    Request(
        "preview",
        "Return the last frame of a strip as base64 of red, green, blue and white: STRIP=",
        _preview,
        ("STRIP",),
        command=False,
        always=True,
    ),
    Request(
        "profile",
        "Measure the cost of effects and outputs for five seconds from the request",
        _profile,
        command=False,
        always=True,
    ),
    Request("help", "List all commands", _help, endpoint=False, always=True),
)

# Commands that LUMEN's documentation recommended for macros.
OLD_REQUESTS: Sequence[Request] = (
    Request(
        "",
        "The same as LUMEN_STATE: STATE= [DURATION=seconds]",
        _state,
        ("STATE", "DURATION"),
        endpoint=False,
    ),
    *(
        Request(
            "%s_%s" % (state, "start" if begins else "end"),
            "%s the %s state" % ("Show" if begins else "Stop showing", state),
            _operation(state, begins),
            endpoint=False,
        )
        for state in ("homing", "meshing", "leveling", "probing", "filament")
        for begins in (True, False)
    ),
)
