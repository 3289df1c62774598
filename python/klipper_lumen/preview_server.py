"""``klipper-lumen preview --web``: serves the playground page with the user's config.

It listens on 127.0.0.1 only, serves the files of klipper-lumen-web and the config, and writes
nothing. A page of another site cannot read the config: it knows neither the token of the address,
nor can it send the right Host header.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import socket
import sys
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Optional
from urllib.parse import parse_qs, urlsplit

from . import LumenError, config, install

if TYPE_CHECKING:
    from pathlib import Path

HOST = "127.0.0.1"
# The page asks for changes once per second, and the browser loads some files at once.
MAX_CONNECTIONS = 32
# A connection without a request is closed after this time.
TIMEOUT_S = 20.0
MAX_FILE_BYTES = 4 * 1024 * 1024
MAX_CONFIG_BYTES = 8 * 1024 * 1024

TYPES = {
    ".bin": "application/octet-stream",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}

# The page needs WebAssembly; its editor writes style elements.
POLICY = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src blob:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)

MISSING = """the pages are not installed: they are in the package klipper-lumen-web. 'make web' in
the source tree builds its wheel into dist. In the folder with the wheel, run:
  %s -m pip install --no-index --find-links . klipper-lumen-web"""


def pages_folder() -> Path:
    """Returns the folder of klipper-lumen-web; raises LumenError if it is not installed."""
    try:
        import klipper_lumen_web
    except ImportError:
        raise LumenError(MISSING % sys.executable) from None
    folder: Path = klipper_lumen_web.pages()
    if not (folder / "index.html").is_file():
        raise LumenError("'%s' has no pages; install klipper-lumen-web again" % folder)
    return folder


def pages() -> dict[str, Path]:
    """Returns the files of klipper-lumen-web by their path in the address."""
    folder = pages_folder()
    found = {"/" + it.relative_to(folder).as_posix(): it for it in sorted(folder.rglob("*.*"))}
    found["/"] = found["/index.html"]
    return found


def read_files(path: Path) -> dict[str, Any]:
    """Returns the config with its includes, and which of its files the page shows.

    Only files that have sections are in it: the others do not matter.
    """
    first = path.name
    names = {first: path}
    edited: Optional[str] = None
    try:
        read = config.read(path, install.is_kalico())
    except config.ConfigFileError:
        # The page shows what is wrong with the first file.
        read = None
    for section, found in read.sections.items() if read else ():
        if found.place is None:
            continue
        name = _name(found.place.file, path.parent)
        names.setdefault(name, found.place.file)
        if edited is None and section.startswith("lumen_group"):
            edited = name
    texts = {name: _text(file) for name, file in names.items()}
    if sum(len(text) for text in texts.values()) > MAX_CONFIG_BYTES:
        raise LumenError("'%s' is too large for the page" % path)
    return {"name": edited or first, "first": first, "files": texts}


def _name(file: Path, folder: Path) -> str:
    """Returns a path as an include of the first file finds it."""
    relative = os.path.relpath(file, folder)
    return str(file) if relative.startswith("..") else relative


def _text(file: Path) -> str:
    with file.open("rb") as opened:
        return opened.read(MAX_FILE_BYTES).decode("utf-8", "replace")


class PreviewServer(ThreadingHTTPServer):
    """Serves the pages and a config on this computer only."""

    daemon_threads = True
    # Closing must not wait for the connections of the browser.
    block_on_close = False

    def __init__(self, path: Optional[Path], port: int = 0) -> None:
        self.path = path
        self.token = secrets.token_urlsafe(16)
        self.pages = pages()
        self._slots = threading.BoundedSemaphore(MAX_CONNECTIONS)
        if path is not None:
            try:
                read_files(path)
            except OSError as error:
                message = "cannot read '%s': %s" % (path, error.strerror)
                raise LumenError(message) from None
        super().__init__((HOST, port), _Handler)
        self.hosts = {"%s:%d" % (name, self.server_port) for name in (HOST, "localhost")}

    @property
    def url(self) -> str:
        """The address for the browser."""
        query = "?file=" + self.token if self.path is not None else ""
        return "http://%s:%d/%s" % (HOST, self.server_port, query)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Refuses connections above the limit."""
        if not self._slots.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._slots.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignores connections that the browser has closed."""
        if not isinstance(sys.exc_info()[1], (ConnectionError, socket.timeout)):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: PreviewServer
    protocol_version = "HTTP/1.1"
    timeout = TIMEOUT_S

    def do_GET(self) -> None:
        """Answers a request."""
        # Another name that leads to 127.0.0.1 is an attack by DNS rebinding.
        if self.headers.get("Host", "").lower() not in self.server.hosts:
            # The token stays secret: other users of this computer can send any name.
            site = "http://%s:%d/" % (HOST, self.server.server_port)
            self._send(HTTPStatus.FORBIDDEN, b"open %s\n" % site.encode())
            return
        address = urlsplit(self.path)
        if address.path == "/config.json":
            self._send_config(address.query)
            return
        page = self.server.pages.get(address.path)
        if page is None:
            self._send(HTTPStatus.NOT_FOUND, b"not found\n")
            return
        kind = TYPES.get(page.suffix, "application/octet-stream")
        self._send(HTTPStatus.OK, page.read_bytes(), kind, "no-cache")

    do_HEAD = do_GET  # noqa: N815 - the base class calls it

    def _send_config(self, query: str) -> None:
        token = parse_qs(query).get("file", [""])[0]
        is_right = hmac.compare_digest(token.encode(), self.server.token.encode())
        if self.server.path is None or not is_right:
            self._send(HTTPStatus.NOT_FOUND, b"not found\n")
            return
        try:
            body = json.dumps(read_files(self.server.path)).encode()
        except (OSError, LumenError) as error:
            # An editor may replace the file at this moment. The page tries again.
            self._send(HTTPStatus.SERVICE_UNAVAILABLE, ("%s\n" % error).encode())
            return
        tag = '"%s"' % hashlib.sha256(body).hexdigest()[:32]
        if self.headers.get("If-None-Match") == tag:
            self._send(HTTPStatus.NOT_MODIFIED, b"", tag=tag)
        else:
            self._send(HTTPStatus.OK, body, "application/json", tag=tag)

    def _send(
        self,
        status: HTTPStatus,
        body: bytes,
        kind: str = "text/plain; charset=utf-8",
        cache: str = "no-store",
        tag: Optional[str] = None,
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", cache)
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("X-Content-Type-Options", "nosniff")
        if tag:
            self.send_header("ETag", tag)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the base class
        """Writes no line for each request."""


def serve(path: Optional[Path], port: int) -> None:
    """Serves the page until Ctrl+C."""
    try:
        server = PreviewServer(path, port)
    except OSError as error:
        raise LumenError("cannot listen on port %d: %s" % (port, error.strerror)) from None
    with server:
        print("Open %s" % server.url)
        print("The page follows the file; Ctrl+C ends it." if path else "Ctrl+C ends it.")
        sys.stdout.flush()
        try:
            server.serve_forever(poll_interval=0.2)
        except KeyboardInterrupt:
            print()
