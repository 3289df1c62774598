"""A client of klippy's API server: JSON messages on a Unix socket, each ended by 0x03."""

from __future__ import annotations

import json
import socket
import threading
from typing import TYPE_CHECKING, Any, Optional

from .environment import BenchError

if TYPE_CHECKING:
    from pathlib import Path

END = b"\x03"


class _Answer:
    """A request that waits for its answer."""

    def __init__(self) -> None:
        self.came = threading.Event()
        self.message: Optional[dict[str, Any]] = None


class Api:
    """One connection, which its own thread reads."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.connect(str(path))
        except OSError:
            self._socket.close()
            raise
        self._lock = threading.Lock()
        self._waiting: dict[int, _Answer] = {}
        self._next_id = 0
        # All lines that klippy printed on the console, and the amount of status that it sent.
        self.console: list[str] = []
        self.status_updates = 0
        threading.Thread(target=self._read, daemon=True).start()

    def call(
        self, method: str, params: Optional[dict[str, Any]] = None, timeout: float = 60.0
    ) -> Any:
        """Sends a request and waits for its answer."""
        answer = _Answer()
        with self._lock:
            self._next_id += 1
            self._waiting[self._next_id] = answer
            question = {"id": self._next_id, "method": method, "params": params or {}}
            self._socket.sendall(json.dumps(question).encode() + END)
        if not answer.came.wait(timeout):
            raise BenchError("no answer to %s in %.0f s" % (method, timeout))
        if answer.message is None:
            raise BenchError("klippy closed the API socket during %s" % method)
        if "error" in answer.message:
            raise BenchError("%s: %s" % (method, answer.message["error"]))
        return answer.message["result"]

    def close(self) -> None:
        """Closes the connection."""
        self._socket.close()

    def _read(self) -> None:
        rest = b""
        while True:
            try:
                data = self._socket.recv(65536)
            except OSError:
                data = b""
            if not data:
                break
            *messages, rest = (rest + data).split(END)
            for message in messages:
                self._take(json.loads(message))
        for answer in list(self._waiting.values()):
            answer.came.set()

    def _take(self, message: dict[str, Any]) -> None:
        if "id" in message:
            answer = self._waiting.pop(message["id"], None)
            if answer is not None:
                answer.message = message
                answer.came.set()
        elif message.get("bench") == "console":
            self.console.append(message["params"]["response"])
        elif message.get("bench") == "status":
            self.status_updates += 1
