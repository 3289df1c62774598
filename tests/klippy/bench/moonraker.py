"""Runs a real Moonraker for a session's klippy, and sends requests by HTTP and JSON-RPC.

MOONRAKER_PYTHON is the python of a venv with the `moonraker` package. Moonraker listens only on
this computer, keeps its files in the folder of the session, and contacts no other host.
"""

from __future__ import annotations

import http.client
import json
import os
import queue
import socket
import subprocess
import threading
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Optional
from urllib.parse import urlencode

from .environment import BenchError
from .session import Session
from .websocket import Websocket

VARIABLE = "MOONRAKER_PYTHON"
READY_S = 60.0

# Moonraker needs no settings for Lumen. Without moonlight it downloads no announcements.
CONFIG = """
[server]
host: 127.0.0.1
port: %d
klippy_uds_address: %s

[machine]
provider: none
validate_service: False

[announcements]
enable_moonlight: False

[authorization]
trusted_clients:
  127.0.0.1
"""


class RequestRefusedError(Exception):
    """An error as an answer: its code and text."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__("%d: %s" % (code, message))
        self.code = code
        self.message = message


def python() -> Path:
    """Returns Moonraker's Python; raises BenchError if there is none."""
    value = os.environ.get(VARIABLE)
    if not value:
        raise BenchError("%s is not set; it must name a Python with Moonraker" % VARIABLE)
    path = Path(value).absolute()
    command = [str(path), "-c", "import moonraker"]
    with suppress(OSError):
        if subprocess.run(command, capture_output=True, check=False).returncode == 0:
            return path
    raise BenchError("%s=%s is not a Python with Moonraker" % (VARIABLE, value))


class Rpc:
    """JSON-RPC on a websocket, which its own thread reads."""

    def __init__(self, port: int) -> None:
        self._websocket = Websocket(port, "/websocket")
        self._answers: queue.Queue[Optional[dict[str, Any]]] = queue.Queue()
        self._next_id = 0
        # The time and the content of each notify_status_update that is not empty.
        self.updates: list[tuple[float, dict[str, Any]]] = []
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def call(self, method: str, params: Optional[dict[str, Any]] = None) -> Any:
        """Sends a request and waits for its answer; only one thread at a time."""
        self._next_id += 1
        question = {"jsonrpc": "2.0", "id": self._next_id, "method": method, "params": params or {}}
        self._websocket.send(json.dumps(question))
        try:
            answer = self._answers.get(timeout=30.0)
        except queue.Empty:
            raise BenchError("no answer to %s" % method) from None
        if answer is None:
            raise BenchError("Moonraker closed the websocket during %s" % method)
        if "error" in answer:
            raise RequestRefusedError(answer["error"]["code"], answer["error"]["message"])
        return answer["result"]

    def close(self) -> None:
        """Closes the connection."""
        self._websocket.close()
        self._thread.join(5.0)

    def _read(self) -> None:
        try:
            while True:
                self._take(json.loads(self._websocket.receive()))
        except (BenchError, OSError, ValueError):
            self._answers.put(None)

    def _take(self, message: dict[str, Any]) -> None:
        if "id" in message:
            self._answers.put(message)
        elif message["method"] == "notify_status_update":
            self.updates.append((time.monotonic(), message["params"][0]))


class Moonraker:
    """One Moonraker, in the folder of its session."""

    def __init__(
        self,
        session: Session,
        interpreter: Path,
        config: str = "",
        variables: Optional[dict[str, str]] = None,
    ) -> None:
        """``config`` is added to moonraker.conf, and ``variables`` to the environment."""
        self._python = interpreter
        self._session = session
        self._config = config
        self._variables = variables or {}
        self._folder = session.folder / "moonraker"
        self._process: Optional[subprocess.Popen[bytes]] = None
        self.port = _free_port()

    def __enter__(self) -> Moonraker:
        config = self._folder / "config"
        config.mkdir(parents=True)
        text = CONFIG % (self.port, self._session.socket) + self._config
        (config / "moonraker.conf").write_text(text)
        command = [str(self._python), "-m", "moonraker", "-d", str(self._folder)]
        with (self._folder / "out").open("wb") as out:
            self._process = subprocess.Popen(
                command,
                env={**os.environ, **self._variables},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd=self._folder,
            )
        try:
            self.wait_ready()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def http(self, method: str, path: str, body: Optional[dict[str, Any]] = None) -> Any:
        """Returns the result of a request; ``body`` is sent as JSON."""
        if body is None:
            return self._ask(method, path, None, {})
        return self._ask(method, path, json.dumps(body), {"Content-Type": "application/json"})

    def _ask(self, method: str, path: str, body: Optional[str], headers: dict[str, str]) -> Any:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30.0)) as link:
            link.request(method, path, body, headers)
            answer = link.getresponse()
            found = json.loads(answer.read())
        if answer.status != http.client.OK:
            raise RequestRefusedError(answer.status, found["error"]["message"])
        return found["result"]

    def form(self, path: str, fields: dict[str, str]) -> Any:
        """Returns the result of a request with its parameters as an HTML form."""
        kind = "application/x-www-form-urlencoded"
        return self._ask("POST", path, urlencode(fields), {"Content-Type": kind})

    def wait_ready(self) -> None:
        """Waits until Moonraker is connected to a klippy that is ready."""
        end = time.monotonic() + READY_S
        while not self._is_ready():
            if self._process is not None and self._process.poll() is not None:
                text = (self._folder / "out").read_text(errors="replace")
                raise BenchError("Moonraker has ended\n" + text[-2000:])
            if time.monotonic() > end:
                raise BenchError("Moonraker is not ready in %.0f s" % READY_S)
            time.sleep(0.1)

    def _is_ready(self) -> bool:
        try:
            return bool(self.http("GET", "/server/info")["klippy_state"] == "ready")
        except (OSError, RequestRefusedError):
            return False

    def _stop(self) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(10.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(5.0)


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
