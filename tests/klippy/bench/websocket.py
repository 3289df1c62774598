"""A websocket client (RFC 6455) for this computer: text messages, one at a time."""

from __future__ import annotations

import base64
import os
import socket
import struct
from contextlib import suppress

from .environment import BenchError

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
FINAL, MASKED, OPCODE, LENGTH = 0x80, 0x80, 0x0F, 0x7F
# The second byte is the length, or one of these if the length is in the next two or eight bytes.
TWO_BYTES, EIGHT_BYTES = 126, 127


class Websocket:
    """One connection. One thread may send while another one receives."""

    def __init__(self, port: int, path: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), 10.0)
        self._socket.settimeout(None)
        self._file = self._socket.makefile("rb")
        key = base64.b64encode(os.urandom(16)).decode()
        head = (
            "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        self._socket.sendall((head % (path, port, key)).encode())
        status = self._file.readline()
        while self._file.readline().strip():
            pass
        if b" 101 " not in status:
            self.close()
            raise BenchError("no websocket: %s" % status.decode(errors="replace").strip())

    def close(self) -> None:
        """Closes the connection; a waiting receive then raises BenchError."""
        # The other end may have closed it already.
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._file.close()
        self._socket.close()

    def send(self, text: str) -> None:
        """Sends one message."""
        self._send(TEXT, text.encode())

    def receive(self) -> str:
        """Waits for the next message."""
        message = b""
        while True:
            first, second = self._read(2)
            length = second & LENGTH
            if length == TWO_BYTES:
                (length,) = struct.unpack(">H", self._read(2))
            elif length == EIGHT_BYTES:
                (length,) = struct.unpack(">Q", self._read(8))
            part = self._read(length)
            opcode = first & OPCODE
            if opcode == CLOSE:
                raise BenchError("the other end closed the websocket")
            if opcode == PING:
                self._send(PONG, part)
            elif opcode < CLOSE:
                message += part
                if first & FINAL:
                    return message.decode()

    def _send(self, opcode: int, part: bytes) -> None:
        if len(part) < TWO_BYTES:
            head = bytes((FINAL | opcode, MASKED | len(part)))
        else:
            head = struct.pack(">BBH", FINAL | opcode, MASKED | TWO_BYTES, len(part))
        # A mask of zeros is valid and changes nothing.
        self._socket.sendall(head + bytes(4) + part)

    def _read(self, length: int) -> bytes:
        part = self._file.read(length)
        if len(part) < length:
            raise BenchError("the websocket has ended")
        return part
