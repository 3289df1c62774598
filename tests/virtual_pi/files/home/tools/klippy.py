"""Talks to klippy's API server.

klippy.py gcode SCRIPT                        runs a script
klippy.py job FILE SECONDS                    prints a job that waits; prints the states in order
klippy.py wait OBJECT FIELD VALUE TIMEOUT     waits until a field of a printer object has a value
"""

from __future__ import annotations

import json
import socket
import sys
import time
from pathlib import Path
from typing import Any, Callable

HOME = Path.home()
SOCKET = HOME / "printer_data" / "comms" / "klippy.sock"
POLL_S = 0.3
OVER = ("complete", "error", "cancelled")


def ask(method: str, **params: Any) -> Any:
    """Returns the result of a request."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(60)
        client.connect(str(SOCKET))
        request = {"id": 1, "method": method, "params": params}
        client.sendall(json.dumps(request).encode() + b"\x03")
        answer = b""
        while not answer.endswith(b"\x03"):
            part = client.recv(65536)
            if not part:
                raise OSError("klippy closed the connection")
            answer += part
    document = json.loads(answer[:-1])
    if "result" not in document:
        raise OSError(document["error"]["message"])
    return document["result"]


def status(*names: str) -> dict[str, dict[str, Any]]:
    """Returns the status of printer objects."""
    found: dict[str, dict[str, Any]] = ask("objects/query", objects=dict.fromkeys(names))["status"]
    return found


def job(name: str, seconds: str) -> None:
    """Prints a job without moves, and writes each new state of Lumen and of the job."""
    path = HOME / "printer_data" / "gcodes" / name
    path.write_text("M117 %s\n" % name + "G4 P1000\n" * int(seconds))
    ask("gcode/script", script="SDCARD_PRINT_FILE FILENAME=%s" % name)
    last: tuple[str, str] | None = None
    while last is None or last[1] not in OVER:
        found = status("lumen", "print_stats")
        now = (found["lumen"]["state"], found["print_stats"]["state"])
        if now != last:
            sys.stdout.write("lumen=%s job=%s\n" % now)
            sys.stdout.flush()
        last = now
        time.sleep(POLL_S)


def wait(name: str, field: str, value: str, timeout: str) -> None:
    """Waits for a value; klippy may not run yet."""
    end = time.monotonic() + float(timeout)
    found: object = None
    while time.monotonic() < end:
        try:
            found = status(name).get(name, {}).get(field)
        except (OSError, ValueError) as error:
            found = error
        if str(found) == value:
            return
        time.sleep(POLL_S)
    raise SystemExit("%s.%s is %s, not %s" % (name, field, found, value))


def gcode(script: str) -> None:
    """Runs a script."""
    ask("gcode/script", script=script)


commands: dict[str, Callable[..., None]] = {"gcode": gcode, "job": job, "wait": wait}
commands[sys.argv[1]](*sys.argv[2:])
