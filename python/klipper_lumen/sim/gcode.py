"""The G-code dispatcher of the simulated klippy."""

from __future__ import annotations

import logging
import re
import shlex
from typing import Any, Callable, Optional, Protocol

logger = logging.getLogger(__name__)

Handler = Callable[["GCodeCommand"], object]

# A letter and a number, then letters with values: G1 X10 F3000.
TRADITIONAL = re.compile(r"[A-Z]\d+(\.\d+)?$")
WORD = re.compile(r"([A-Z])\s*([^A-Z\s]*)")


class CommandError(Exception):
    """An error of a command: it stops the script, not the printer."""


class GCodeCommand:
    """One command that is running."""

    error = CommandError

    def __init__(self, gcode: GCodeDispatch, name: str, line: str, params: dict[str, str]) -> None:
        self._name = name
        self._line = line
        self._params = params
        self.respond_info = gcode.respond_info
        self.respond_raw = gcode.respond_raw

    def get_command(self) -> str:
        return self._name

    def get_commandline(self) -> str:
        return self._line

    def get_command_parameters(self) -> dict[str, str]:
        return self._params

    def get_float(self, name: str, default: float = 0.0) -> float:
        try:
            return float(self._params.get(name, default))
        except ValueError:
            raise self.error("Error on '%s': unable to parse %s" % (self._line, name)) from None


class CommandHost(Protocol):
    """What commands need of the printer."""

    @property
    def config_error(self) -> type[Exception]: ...

    def is_ready(self) -> bool: ...

    def get_state_message(self) -> tuple[str, str]: ...

    def send_event(self, event: str, *params: object) -> None: ...

    def invoke_shutdown(self, message: str) -> None: ...


class GCodeDispatch:
    """The printer object ``gcode``."""

    error = CommandError

    def __init__(self, printer: CommandHost) -> None:
        self._printer = printer
        self._busy = False
        self.base_gcode_handlers: dict[str, Handler] = {}
        self.ready_gcode_handlers: dict[str, Handler] = {}
        self.gcode_help: dict[str, str] = {}
        # Commands that several objects share, by the parameter that names the object.
        self.mux_commands: dict[str, tuple[str, dict[str, Handler]]] = {}
        # All responses, in order.
        self.output: list[str] = []

    def register_command(
        self,
        cmd: str,
        func: Optional[Handler],
        when_not_ready: bool = False,
        desc: Optional[str] = None,
    ) -> Optional[Handler]:
        if func is None:
            self.base_gcode_handlers.pop(cmd, None)
            return self.ready_gcode_handlers.pop(cmd, None)
        if cmd in self.ready_gcode_handlers:
            raise self._printer.config_error("gcode command %s already registered" % cmd)
        handler = func if TRADITIONAL.match(cmd) else self._extended(func)
        self.ready_gcode_handlers[cmd] = handler
        if when_not_ready:
            self.base_gcode_handlers[cmd] = handler
        if desc is not None:
            self.gcode_help[cmd] = desc
        return None

    def register_mux_command(
        self, cmd: str, key: str, value: str, func: Handler, desc: Optional[str] = None
    ) -> None:
        if cmd not in self.mux_commands:
            self.mux_commands[cmd] = key, {}
            self.register_command(cmd, lambda gcmd: self._mux(cmd, gcmd), desc=desc)
        known_key, handlers = self.mux_commands[cmd]
        if known_key != key or value in handlers:
            raise self._printer.config_error(
                "mux command %s %s %s already registered" % (cmd, key, value)
            )
        handlers[value] = func

    def _mux(self, cmd: str, gcmd: GCodeCommand) -> None:
        key, handlers = self.mux_commands[cmd]
        value = gcmd.get_command_parameters().get(key, "")
        if value not in handlers:
            raise gcmd.error("The value '%s' is not valid for %s" % (value, key))
        handlers[value](gcmd)

    def _extended(self, func: Handler) -> Handler:
        def parsed(gcmd: GCodeCommand) -> object:
            params = _shell_words(gcmd)
            gcmd.get_command_parameters().clear()
            gcmd.get_command_parameters().update(params)
            return func(gcmd)

        return parsed

    def get_mutex(self) -> GCodeDispatch:
        """Returns Klipper's mutex of commands, of which only `test` exists here."""
        return self

    def test(self) -> bool:
        """Whether a script is running."""
        return self._busy

    def run_script(self, script: str) -> None:
        """Runs a script as the console does; in Klipper, a second one waits for the first."""
        if self._busy:
            raise RuntimeError("a script is running; in Klipper this one would wait: %s" % script)
        self._busy = True
        try:
            self.run_script_from_command(script)
        finally:
            self._busy = False

    def run_script_from_command(self, script: str) -> None:
        """Runs a script inside a command, as a macro does."""
        for line in script.splitlines():
            self._run_line(line.partition(";")[0].strip())

    def _run_line(self, line: str) -> None:
        if not line:
            return
        name = line.split(maxsplit=1)[0].upper()
        if not self._printer.is_ready():
            handlers = self.base_gcode_handlers
        else:
            handlers = self.ready_gcode_handlers
        params = dict(WORD.findall(line.upper()[len(name) :]))
        gcmd = GCodeCommand(self, name, line, params)
        try:
            handlers.get(name, self._unknown)(gcmd)
        except CommandError as error:
            self.respond_raw("!! %s" % error)
            self._printer.send_event("gcode:command_error")
            raise
        except Exception:
            logger.exception('Internal error on command:"%s"', name)
            self._printer.invoke_shutdown('Internal error on command:"%s"' % name)
            raise

    def _unknown(self, gcmd: GCodeCommand) -> None:
        if not self._printer.is_ready():
            raise gcmd.error(self._printer.get_state_message()[0])
        gcmd.respond_info('Unknown command:"%s"' % gcmd.get_command())

    def respond_info(self, msg: str, log: bool = True) -> None:
        if log:
            logger.info(msg)
        lines = [line.strip() for line in msg.strip().splitlines()]
        self.respond_raw("// " + "\n// ".join(lines))

    def respond_raw(self, msg: str) -> None:
        self.output.append(msg)

    def get_status(self, eventtime: float) -> dict[str, Any]:
        commands = {
            name: {"help": self.gcode_help[name]} if name in self.gcode_help else {}
            for name in self.ready_gcode_handlers
        }
        return {"commands": commands}


def _shell_words(gcmd: GCodeCommand) -> dict[str, str]:
    line = gcmd.get_commandline()
    lexer = shlex.shlex(line[len(gcmd.get_command()) :], posix=True)
    lexer.whitespace_split = True
    lexer.commenters = "#;"
    try:
        pairs = [word.split("=", 1) for word in lexer]
        return {key.upper(): value for key, value in pairs}
    except ValueError:
        raise gcmd.error("Malformed command '%s'" % line) from None
