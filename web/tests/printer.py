"""Answers JSON-RPC requests, one per line: the real extra and engine on the simulated klippy."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from klipper_lumen.sim import Printer
from klipper_lumen.sim.webhooks import WebRequestError

CONFIG = """
[extruder]
[heater_bed]

[lumen]

[lumen_strip case]
driver: memory
count: 30

[lumen_strip tool]
driver: memory
count: 8

[lumen_group case]
strip: case
on_idle: rainbow

[lumen_effect party]
effect: plasma
speed: 0.4

[gcode_macro PARTY]
variable_count: 1
gcode:
  {% if printer.lumen.state == "idle" %}
    LUMEN_SET GROUP=case EFFECT=party
  {% endif %}

[lumen_group tool]
strip: tool
on_idle: solid red
"""


class Answers:
    """Answers requests, while the printer's time passes as real time does."""

    def __init__(self) -> None:
        self.printer = Printer(CONFIG, clock="manual").start().advance(1.0)
        self.answered = time.monotonic()

    def answer(self, method: str, params: dict[str, Any]) -> Any:
        """Returns the result of a request."""
        now = time.monotonic()
        self.printer.advance(now - self.answered)
        self.answered = now
        if method == "printer.objects.query":
            return {"status": self.printer.query(*params["objects"])}
        if not method.startswith("printer.lumen."):
            return {}
        return self.printer.webhooks.ask("lumen/" + method.rpartition(".")[2], params)


def send(line: str) -> None:
    """Writes a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Answers the requests of stdin on stdout, after an empty line."""
    answers = Answers()
    send("")
    for line in sys.stdin:
        request = json.loads(line)
        reply: dict[str, Any] = {"jsonrpc": "2.0", "id": request["id"]}
        try:
            reply["result"] = answers.answer(request["method"], request.get("params", {}))
        except WebRequestError as error:
            reply["error"] = {"code": 400, "message": str(error)}
        send(json.dumps(reply))


if __name__ == "__main__":
    main()
