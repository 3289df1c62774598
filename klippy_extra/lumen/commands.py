"""The G-code commands of Lumen. Consoles show the help text, which lists the parameters.

No command raises an error, because an error would end the print whose G-code or macro contains the
command. Invalid input and internal errors are reported on the console with the command, the value
and the remedy, and the script continues.
"""

from __future__ import annotations

from klipper_lumen import RequestError

from .guard import Guard, should_catch
from .klipper import GCode, GCodeCommand, Printer
from .replies import Replies
from .request_context import RequestContext
from .requests import OLD_REQUESTS, REQUESTS, Request
from .values import UsageError, Values


class Commands:
    """The commands of one printer."""

    def __init__(
        self, printer: Printer, guard: Guard, context: RequestContext, replies: Replies
    ) -> None:
        self._context = context
        self._replies = replies
        self._guard = guard
        gcode: GCode = printer.lookup_object("gcode")
        for request in (*REQUESTS, *OLD_REQUESTS):
            if request.command:
                self._register(gcode, request)

    def _register(self, gcode: GCode, request: Request) -> None:
        entry = self._guard.entry(
            request.gcode, lambda gcmd: self._run(request, gcmd), lambda: None
        )
        gcode.register_command(request.gcode, entry, request.always, desc=request.help)

    def _run(self, request: Request, gcmd: GCodeCommand) -> None:
        name = request.gcode
        try:
            self._context.check_running()
            values = Values(gcmd.get_command_parameters(), request.parameters)
            answer = request.run(self._context, values).as_text()
        except (RequestError, UsageError) as error:
            self._replies.refuse("%s: %s" % (name, error))
        except BaseException as error:
            if not should_catch(error):
                raise
            self._guard.report(name, error)
            self._replies.refuse("%s: internal error, see klippy.log" % name)
        else:
            if answer is not None:
                self._replies.answer(answer)
