"""Four clients that attack a klippy at the same time: G-code, endpoints, raw lines, and reloads.

Each client sends its next request after the answer to the previous one. With ``is_control``, the
same bytes go to Klipper's own endpoints. This shows what they cost without Lumen.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import threading
import time
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Optional

from .api import END
from .environment import BenchError
from .inputs import Ask, Inputs
from .moonraker import Moonraker, RequestRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .bad_files import ConfigFiles

# A reload answers within 10 s. A G-code command may wait until the move queue has room.
ANSWER_S = 15.0
# A client gives up after this many lost answers: it waits for the full timeout each time.
MAX_LOST = 3
PAUSE_S = 0.03
# The lowest priority of an ordinary process on Linux.
NICE = 19
# Of Klipper: an endpoint that ignores its parameters, and a command that reads them.
CONTROL_ENDPOINT = "objects/list"
CONTROL_COMMAND = "SAVE_GCODE_STATE"


class LostError(Exception):
    """There was no answer."""


@dataclass
class Tally:
    """Counts of requests and answers."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    sent: Counter[str] = field(default_factory=Counter)
    answered: int = 0
    errors: int = 0
    # Requests that were not answered.
    lost: list[str] = field(default_factory=list)
    # The errors of valid requests.
    refused: Counter[str] = field(default_factory=Counter)
    # Outcomes of reloads, by version of the file.
    reloads: Counter[str] = field(default_factory=Counter)
    waits_ms: list[float] = field(default_factory=list)


class Link:
    """A connection to klippy's API server that sends any bytes."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._rest = b""
        self._next_id = 1000
        self._path = str(path)

    def open(self) -> Link:
        """Connects; raises LostError if klippy has ended."""
        try:
            # With a timeout it would fail at once while klippy accepts another connection.
            self._socket.connect(self._path)
        except OSError as error:
            raise LostError(str(error)) from None
        self._socket.settimeout(ANSWER_S)
        return self

    def send(self, data: bytes) -> None:
        """Sends bytes unchanged."""
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise LostError(str(error)) from None

    def ask(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """Returns the answer to a request."""
        self._next_id += 1
        question = {"id": self._next_id, "method": method, "params": params}
        self.send(json.dumps(question).encode() + END)
        end = time.monotonic() + ANSWER_S
        while time.monotonic() < end:
            message = self._receive()
            if message.get("id") == self._next_id:
                return message
        raise LostError("no answer in %.0f s" % ANSWER_S)

    def close(self) -> None:
        """Closes the connection."""
        self._socket.close()

    def _receive(self) -> dict[str, Any]:
        while END not in self._rest:
            try:
                data = self._socket.recv(65536)
            except OSError as error:
                raise LostError(str(error)) from None
            if not data:
                raise LostError("klippy closed the connection")
            self._rest += data
        text, _, self._rest = self._rest.partition(END)
        message: dict[str, Any] = json.loads(text)
        return message


class Client(threading.Thread):
    """Sends one request after the other until it is stopped."""

    def __init__(self, attack: Attack, name: str) -> None:
        super().__init__(name=name, daemon=True)
        self.inputs = Inputs("%s %s" % (attack.seed, name))
        self.attack = attack
        self.resting = threading.Event()
        self._link: Optional[Link] = None

    def run(self) -> None:
        # Clients represent other computers, so they must not take processor time from klippy.
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
        lost = 0
        while lost < MAX_LOST and not self.attack.stopped.is_set():
            if self.attack.pause.is_set():
                self._rest()
                continue
            try:
                self.step()
            except LostError as error:
                lost += 1
                self.attack.note_lost("%s: %s" % (self.name, error))
                self.disconnect()
            self.attack.stopped.wait(self.inputs.random.uniform(0.0, PAUSE_S))
        self.disconnect()
        self.resting.set()

    def step(self) -> None:
        """Sends one request."""
        raise NotImplementedError

    @property
    def link(self) -> Link:
        """The connection."""
        if self._link is None:
            self._link = Link(self.attack.socket).open()
        return self._link

    def disconnect(self) -> None:
        """Closes the connection; klippy then frees the last 20 requests, which it stores."""
        if self._link is not None:
            self._link.close()
        self._link = None

    def ask(self, kind: str, ask: Ask) -> Optional[dict[str, Any]]:
        """Sends a request and waits for its answer; returns the error, if any."""
        if self.attack.is_control:
            ask = replace(ask, method=CONTROL_ENDPOINT)
        begun = time.monotonic()
        try:
            answer = self.exchange(ask)
        except LostError as lost:
            params = {key[:20]: str(value)[:20] for key, value in list(ask.params.items())[:4]}
            raise LostError("%s: %s %s %s" % (lost, kind, ask.method, params)) from None
        error: Optional[dict[str, Any]] = answer.get("error")
        self.attack.note(kind, ask, error, 1000.0 * (time.monotonic() - begun))
        return error

    def exchange(self, ask: Ask) -> dict[str, Any]:
        """Returns the answer to a request."""
        return self.link.ask(ask.method, ask.params)

    def choose(self) -> tuple[str, Ask]:
        """Returns a request to an endpoint, and its kind."""
        kinds = {
            "valid": self.inputs.valid,
            "wrong": self.inputs.wrong,
            "huge": self.inputs.huge,
        }
        kind = self.inputs.random.choices(list(kinds), (10, 8, 1))[0]
        return kind, kinds[kind]()

    def _rest(self) -> None:
        self.disconnect()
        self.resting.set()
        while self.attack.pause.is_set() and not self.attack.stopped.wait(0.02):
            pass
        self.resting.clear()


class ScriptClient(Client):
    """Sends G-code."""

    def step(self) -> None:
        script, is_valid = self.inputs.script()
        if self.attack.is_control:
            script = " ".join([CONTROL_COMMAND, *script.split(" ")[1:]])
        begun = time.monotonic()
        answer = self.link.ask("gcode/script", {"script": script})
        waited_ms = 1000.0 * (time.monotonic() - begun)
        self.attack.note(
            "script", Ask(script[:30], is_valid=is_valid), answer.get("error"), waited_ms
        )


class EndpointClient(Client):
    """Sends requests to endpoints on klippy's socket."""

    def step(self) -> None:
        self.ask(*self.choose())


class MoonrakerClient(Client):
    """Sends requests to endpoints through Moonraker, by HTTP."""

    def __init__(self, attack: Attack, name: str, server: Moonraker) -> None:
        super().__init__(attack, name)
        self._server = server

    def step(self) -> None:
        self.ask(*self.choose())

    def exchange(self, ask: Ask) -> dict[str, Any]:
        path = "/printer/" + ask.method
        try:
            return {"result": self._server.http("POST", path, ask.params)}
        except RequestRefusedError as error:
            return {"error": {"code": error.code, "message": error.message}}
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise LostError("by HTTP: %r" % error) from None


class RawClient(Client):
    """Sends lines that are not requests, and parts of requests; disconnects in between."""

    def step(self) -> None:
        chance = self.inputs.random.random()
        if chance < 0.35:
            self.link.send(self.inputs.malformed() + END)
            self.attack.note_sent("malformed")
        elif chance < 0.4:
            # Sends half a request, then disconnects.
            self.link.send(b'{"id": 1, "method": "lumen/set", "params": {"group": "')
            self.disconnect()
            self.attack.note_sent("half")
        else:
            self.ask(*self.choose())


class ReloadClient(Client):
    """Replaces the config file and reloads; sends valid requests in between."""

    def __init__(self, attack: Attack, name: str, files: Optional[ConfigFiles]) -> None:
        super().__init__(attack, name)
        self._files = files
        self._turn: list[str] = []
        # Whether every version was tried.
        self.rounds = 0

    def step(self) -> None:
        if self._files is None or self.inputs.random.random() < 0.8:
            self.ask("valid", self.inputs.valid())
            return
        version = self._next(self._files)
        self._files.put(version)
        if self.inputs.random.random() < 0.3:
            # Two at once: the second must be answered too.
            self.link.ask("gcode/script", {"script": "LUMEN_RELOAD\nLUMEN_RELOAD"})
        error = self.ask("reload", Ask("lumen/reload"))
        self.attack.note_reload(version, error)

    def _next(self, files: ConfigFiles) -> str:
        if not self._turn:
            turn = [name for bad in files.bad for name in (bad, "good", "other good")]
            # Bad versions in random order, each followed by good ones.
            self._turn = turn if self.rounds == 0 else self.inputs.random.sample(turn, len(turn))
            self.rounds += 1
        return self._turn.pop(0)

    @property
    def has_tried_all(self) -> bool:
        """Returns whether each version was read."""
        return self._files is None or self.rounds > 1 or (self.rounds == 1 and not self._turn)


class Attack:
    """Runs the clients; a context manager."""

    def __init__(
        self,
        path: Path,
        seed: int,
        files: Optional[ConfigFiles] = None,
        server: Optional[Moonraker] = None,
        is_control: bool = False,
    ) -> None:
        self.socket = path
        self.seed = seed
        self.is_control = is_control
        self.stopped = threading.Event()
        self.pause = threading.Event()
        self.tally = Tally()
        self._reloads = ReloadClient(self, "reloads", files)
        by_endpoint: Client = EndpointClient(self, "endpoints")
        if server is not None:
            by_endpoint = MoonrakerClient(self, "moonraker", server)
        self._clients = [ScriptClient(self, "scripts"), by_endpoint, RawClient(self, "raw")]
        self._clients.append(self._reloads)

    def __enter__(self) -> Attack:
        for client in self._clients:
            client.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        for client in self._clients:
            client.join(ANSWER_S + 5.0)

    @property
    def has_tried_all(self) -> bool:
        """Returns whether each version of the config file was read."""
        return self._reloads.has_tried_all

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Stops and disconnects the clients within the context."""
        self.pause.set()
        try:
            for client in self._clients:
                if not client.resting.wait(2.0 * ANSWER_S):
                    raise BenchError("the client '%s' does not rest" % client.name)
            yield
        finally:
            self.pause.clear()

    def note(self, kind: str, ask: Ask, error: Optional[Any], waited_ms: float) -> None:
        """Counts an answer."""
        tally = self.tally
        with tally.lock:
            tally.sent[kind] += 1
            tally.answered += 1
            tally.errors += error is not None
            tally.waits_ms.append(waited_ms)
            if error is not None and ask.is_valid:
                tally.refused["%s: %s" % (ask.method, _message(error))] += 1

    def note_sent(self, kind: str) -> None:
        """Counts a message that gets no answer."""
        with self.tally.lock:
            self.tally.sent[kind] += 1

    def note_lost(self, what: str) -> None:
        """Records a missing answer."""
        with self.tally.lock:
            self.tally.lost.append(what)

    def note_reload(self, version: str, error: Optional[Any]) -> None:
        """Counts the outcome of a reload."""
        outcome = "taken" if error is None else _message(error)
        outcome = outcome.replace(str(self.socket.parent) + "/", "")
        with self.tally.lock:
            self.tally.reloads["%s: %s" % (version, outcome)] += 1


def _message(error: Any) -> str:
    with suppress(TypeError, KeyError):
        return str(error["message"]).partition("\n")[0][:200]
    return str(error).partition("\n")[0][:200]
