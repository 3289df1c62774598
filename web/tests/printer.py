"""Answers JSON-RPC requests, one per line: the real extra and engine on the simulated klippy."""

from __future__ import annotations

import json
import sys
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

[lumen_group tool]
strip: tool
on_idle: solid red
"""


def answer(printer: Printer, method: str, params: dict[str, Any]) -> Any:
    """Returns the result of a request; a little time passes with each."""
    if not method.startswith("printer.lumen."):
        return {}
    printer.advance(0.05)
    return printer.webhooks.ask("lumen/" + method.rpartition(".")[2], params)


def send(line: str) -> None:
    """Writes a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Answers the requests of stdin on stdout, after an empty line."""
    printer = Printer(CONFIG, clock="manual").start()
    printer.advance(1.0)
    send("")
    for line in sys.stdin:
        request = json.loads(line)
        reply: dict[str, Any] = {"jsonrpc": "2.0", "id": request["id"]}
        try:
            reply["result"] = answer(printer, request["method"], request.get("params", {}))
        except WebRequestError as error:
            reply["error"] = {"code": 400, "message": str(error)}
        send(json.dumps(reply))


if __name__ == "__main__":
    main()
