"""The G-code commands of Lumen. Their help text is their synopsis: consoles show it with Tab.

What a user typed wrong is a G-code error that names the command, the value and the remedy. A fault
of ours is never one, for it would end a print whose macro calls the command.
"""

from __future__ import annotations

from klipper_lumen import RequestError

from .desk import Desk
from .guard import Guard, is_ours_to_hold
from .klipper import GCode, GCodeCommand, Printer
from .requests import OLD_REQUESTS, REQUESTS, Request
from .values import UsageError, Values


class Commands:
    """The commands of one printer."""

    def __init__(self, printer: Printer, guard: Guard, desk: Desk) -> None:
        self._desk = desk
        self._guard = guard
        gcode: GCode = printer.lookup_object("gcode")
        for request in (*REQUESTS, *OLD_REQUESTS):
            if request.command:
                self._register(gcode, request, printer.command_error)

    def _register(self, gcode: GCode, request: Request, error: type[Exception]) -> None:
        entry = self._guard.entry(
            request.gcode, lambda gcmd: self._run(request, gcmd), lambda: None, (error,)
        )
        gcode.register_command(request.gcode, entry, request.always, desc=request.help)

    def _run(self, request: Request, gcmd: GCodeCommand) -> None:
        name = request.gcode
        if not self._desk.is_open():
            gcmd.respond_info("%s: Lumen is not running, see klippy.log" % name)
            return
        try:
            values = Values(gcmd.get_command_parameters(), request.parameters)
            answer = request.run(self._desk, values).text
        except (RequestError, UsageError) as error:
            raise gcmd.error("%s: %s" % (name, error)) from None
        except BaseException as error:
            if not is_ours_to_hold(error):
                raise
            self._guard.report(name, error)
            answer = "%s: internal error, see klippy.log" % name
        if answer is not None:
            gcmd.respond_info(answer)
