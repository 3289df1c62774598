"""The G-code commands of Lumen. Their help text is their synopsis: consoles show it with Tab.

They only speak to the engine: no toolhead, no G-code queue, no idle timeout. What a user typed
wrong is a G-code error that names the command, the value and the remedy.
"""

from __future__ import annotations

import difflib
import math
from typing import TYPE_CHECKING, Any, Callable, Optional

from klipper_lumen import Engine, RequestError

from .guard import Guard, is_ours_to_hold
from .klipper import GCode, GCodeCommand, Printer

if TYPE_CHECKING:
    from collections.abc import Sequence

Params = dict[str, str]


class _UsageError(Exception):
    """What is wrong with a command, without the command's name."""


class Commands:
    """The commands of one printer."""

    def __init__(
        self,
        printer: Printer,
        guard: Guard,
        report: Callable[[], str],
        want: Callable[[dict[str, Any]], None],
    ) -> None:
        """``want`` is told what is to be sampled, when an effect may need more."""
        self._engine: Optional[Engine] = None
        self._report = report
        self._want = want
        self._guard = guard
        self._error = printer.command_error
        gcode: GCode = printer.lookup_object("gcode")
        self._register(
            gcode,
            "LUMEN_STATUS",
            self._status,
            "Tell what is shown and why, and the health of the strips",
            when_not_ready=True,
        )
        self._register(
            gcode,
            "LUMEN_SET",
            self._set,
            "Show an effect on a group: GROUP= EFFECT= [COLOR=] [DURATION=seconds] "
            "[FADE=seconds] [option=value...]; GROUP=all for all",
        )
        self._register(
            gcode,
            "LUMEN_STATE",
            self._state,
            "Show a state whatever the printer does: STATE= [DURATION=seconds]",
        )
        self._register(
            gcode,
            "LUMEN_CLEAR",
            self._clear,
            "Follow the printer again: [GROUP=]; without it all groups and the state",
        )

    def start(self, engine: Engine) -> None:
        """Commands this engine from now on."""
        self._engine = engine

    def stop(self) -> None:
        """Lets go of the engine."""
        self._engine = None

    def _register(
        self,
        gcode: GCode,
        name: str,
        func: Callable[[Engine, Params], Optional[str]],
        synopsis: str,
        when_not_ready: bool = False,
    ) -> None:
        entry = self._guard.entry(
            name, lambda gcmd: self._run(name, func, gcmd), lambda: None, (self._error,)
        )
        gcode.register_command(name, entry, when_not_ready, desc=synopsis)

    def _run(
        self, name: str, func: Callable[[Engine, Params], Optional[str]], gcmd: GCodeCommand
    ) -> None:
        if self._engine is None:
            gcmd.respond_info("%s: Lumen is not running, see klippy.log" % name)
            return
        try:
            answer = func(self._engine, dict(gcmd.get_command_parameters()))
        except (RequestError, _UsageError) as error:
            raise gcmd.error("%s: %s" % (name, error)) from None
        except BaseException as error:
            if not is_ours_to_hold(error):
                raise
            # An error would end a print whose macro calls the command. What was mistyped may do
            # that, as with any command; a fault of ours must not.
            self._guard.report(name, error)
            answer = "%s: internal error, see klippy.log" % name
        if answer is not None:
            gcmd.respond_info(answer)

    def _status(self, _engine: Engine, params: Params) -> str:
        _none_left(params, ())
        return self._report()

    def _set(self, engine: Engine, params: Params) -> None:
        group = _take(params, "GROUP")
        effect = _take(params, "EFFECT")
        duration = _seconds(params, "DURATION")
        fade = _seconds(params, "FADE", or_none=False)
        for name, value in params.items():
            _not_misspelt(name, ("GROUP", "EFFECT", "DURATION", "FADE"))
            _not_empty(name, value)
        options = {name.lower(): value for name, value in params.items()}
        engine.set(group, effect, options, duration, fade)
        # The effect may follow what nothing did before.
        self._want(engine.wants())

    def _state(self, engine: Engine, params: Params) -> None:
        state = _take(params, "STATE")
        duration = _seconds(params, "DURATION")
        _none_left(params, ("STATE", "DURATION"))
        engine.state(state.lower(), duration)

    def _clear(self, engine: Engine, params: Params) -> None:
        group = _take(params, "GROUP") if "GROUP" in params else None
        _none_left(params, ("GROUP",))
        engine.clear(group)


def _take(params: Params, name: str) -> str:
    value = params.pop(name, None)
    if value is None:
        raise _UsageError("%s is missing" % name + _suggest(name, params))
    _not_empty(name, value)
    return value.strip()


def _not_empty(name: str, value: str) -> None:
    if value.strip():
        return
    if name.endswith("COLOR") or "COLOR_" in name:
        raise _UsageError(
            "empty %s; '#' starts a comment in G-code, write %s=ff8800 instead of %s=#ff8800"
            % (name, name, name)
        )
    raise _UsageError("empty %s" % name)


def _seconds(params: Params, name: str, or_none: bool = True) -> Optional[float]:
    """A span of time; with ``or_none``, 0 means without end, as None does."""
    if name not in params:
        return None
    text = _take(params, name)
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not math.isfinite(seconds) or seconds < 0.0:
        raise _UsageError("%s must be a number of seconds, got '%s'" % (name, text))
    return None if or_none and seconds == 0.0 else seconds


def _none_left(params: Params, known: Sequence[str]) -> None:
    for name in params:
        _not_misspelt(name, known)
        listed = ", ".join(known) if known else "none"
        raise _UsageError("unknown parameter '%s' (parameters: %s)" % (name, listed))


def _not_misspelt(name: str, known: Sequence[str]) -> None:
    """Names of an effect's options are the engine's to judge, but it does not know ours."""
    close = difflib.get_close_matches(name, known, 1, 0.8)
    if close:
        raise _UsageError("unknown parameter '%s' (did you mean '%s'?)" % (name, close[0]))


def _suggest(name: str, params: Params) -> str:
    """Names what was typed instead of a missing parameter, if something alike was."""
    close = difflib.get_close_matches(name, list(params), 1, 0.6)
    return " (got '%s')" % close[0] if close else ""
