"""The server of `klipper-lumen preview --web`."""

from __future__ import annotations

import http.client
import json
import shutil
import socket
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Optional

import pytest

from klipper_lumen import LumenError, cli, preview_server

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(__file__).parents[2] / "web" / "python" / "klipper_lumen_web"
CONFIG = "[printer]\n[include lights.cfg]\n[include empty.cfg]\n[lumen]\n"
LIGHTS = "[lumen_group case]\ndriver: memory\nindex_end: 4\n"


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Installs the package with small pages, and returns their folder."""
    package = tmp_path / "site" / PACKAGE.name
    package.mkdir(parents=True)
    shutil.copy(PACKAGE / "__init__.py", package)
    pages = package / "pages"
    (pages / "assets").mkdir(parents=True)
    (pages / "index.html").write_text("<p>the page</p>")
    (pages / "assets" / "core.bin").write_bytes(b"\0core")
    (tmp_path / "secret.txt").write_text("secret")
    monkeypatch.delitem(sys.modules, PACKAGE.name, raising=False)
    monkeypatch.syspath_prepend(package.parent)
    return pages


@pytest.fixture
def config(tmp_path: Path) -> Path:
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "printer.cfg").write_text(CONFIG)
    (folder / "lights.cfg").write_text(LIGHTS)
    (folder / "empty.cfg").write_text("# nothing\n")
    return folder / "printer.cfg"


@pytest.fixture
def server(installed: Path, config: Path) -> Iterator[preview_server.PreviewServer]:
    with preview_server.PreviewServer(config) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


Answer = tuple[int, bytes, http.client.HTTPMessage]


def get(
    server: preview_server.PreviewServer,
    path: str,
    headers: Optional[dict[str, str]] = None,
    method: str = "GET",
) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=5)
    try:
        connection.request(method, path, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.headers
    finally:
        connection.close()


def config_path(server: preview_server.PreviewServer) -> str:
    return "/config.json?file=" + server.token


def test_the_pages_are_served_on_this_computer_only(server: preview_server.PreviewServer) -> None:
    assert server.server_address[0] == "127.0.0.1"
    status, body, headers = get(server, "/?file=x")
    assert (status, body) == (200, b"<p>the page</p>")
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert get(server, "/assets/core.bin")[1] == b"\0core"
    assert get(server, "/", method="HEAD")[:2] == (200, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/assets/../../secret.txt",
        "/%2e%2e/secret.txt",
        "//secret.txt",
        "/assets",
        "/config.json",
        "/config.json?file=",
        "/config.json?file=wrong",
        "/config.json?file=%C3%A4",
    ],
)
def test_no_other_file_is_served(server: preview_server.PreviewServer, path: str) -> None:
    status, body, _ = get(server, path)
    assert (status, body) == (404, b"not found\n")


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1", ""])
def test_another_host_name_is_refused(server: preview_server.PreviewServer, host: str) -> None:
    status, body, _ = get(server, config_path(server), {"Host": host})
    assert status == 403
    assert b"lumen" not in body
    assert server.token.encode() not in body


def test_localhost_is_this_computer(server: preview_server.PreviewServer) -> None:
    host = "localhost:%d" % server.server_port
    assert get(server, config_path(server), {"Host": host})[0] == 200


def test_nothing_can_be_written(server: preview_server.PreviewServer) -> None:
    assert get(server, config_path(server), method="POST")[0] == 501
    assert get(server, config_path(server), method="PUT")[0] == 501


def test_the_config_has_the_files_with_sections(server: preview_server.PreviewServer) -> None:
    status, body, _ = get(server, config_path(server))
    assert status == 200
    assert json.loads(body) == {
        "name": "lights.cfg",
        "first": "printer.cfg",
        "files": {"printer.cfg": CONFIG, "lights.cfg": LIGHTS},
    }


def test_a_saved_file_is_sent_once_more(server: preview_server.PreviewServer, config: Path) -> None:
    headers = get(server, config_path(server))[2]
    seen = {"If-None-Match": headers["ETag"]}
    assert get(server, config_path(server), seen)[:2] == (304, b"")
    (config.parent / "lights.cfg").write_text(LIGHTS + "on_idle: solid red\n")
    status, body, headers = get(server, config_path(server), seen)
    assert status == 200
    assert json.loads(body)["files"]["lights.cfg"].endswith("solid red\n")
    assert headers["ETag"] != seen["If-None-Match"]


def test_a_file_that_klipper_cannot_read_is_shown(
    server: preview_server.PreviewServer, config: Path
) -> None:
    config.write_text("[lumen\n")
    body = json.loads(get(server, config_path(server))[1])
    assert body == {
        "name": "printer.cfg",
        "first": "printer.cfg",
        "files": {"printer.cfg": "[lumen\n"},
    }


def test_a_file_that_is_gone_does_not_end_the_server(
    server: preview_server.PreviewServer, config: Path
) -> None:
    config.unlink()
    assert get(server, config_path(server))[0] == 503
    config.write_text(CONFIG)
    assert get(server, config_path(server))[0] == 200


def test_connections_are_limited(
    server: preview_server.PreviewServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = ("127.0.0.1", server.server_port)
    held = [socket.create_connection(address) for _ in range(preview_server.MAX_CONNECTIONS)]
    try:
        for one in held:
            # A connection counts as soon as its thread reads.
            one.sendall(b"GET / HTTP/1.1\r\n")
        with socket.create_connection(address, timeout=5) as refused:
            refused.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert refused.recv(100) == b""
    except ConnectionResetError:
        pass
    finally:
        for one in held:
            one.close()


def test_a_missing_package_is_explained(
    capsys: pytest.CaptureFixture[str], config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, PACKAGE.name, None)
    assert cli.main(["preview", "--web", str(config)]) == 1
    error = capsys.readouterr().err
    assert "the pages are not installed" in error
    # Until the package is published, only its wheel can be installed.
    is_published = (
        'repository = ""' not in (Path(__file__).parents[2] / "pyproject.toml").read_text()
    )
    assert is_published or ("'make web'" in error and "pip install --no-index" in error)


def test_a_package_without_pages_is_explained(installed: Path) -> None:
    (installed / "index.html").unlink()
    with pytest.raises(LumenError, match="has no pages"):
        preview_server.PreviewServer(None)


def test_a_file_that_cannot_be_read_is_explained(installed: Path, tmp_path: Path) -> None:
    with pytest.raises(LumenError, match=r"cannot read .*printer\.cfg.: No such file"):
        preview_server.PreviewServer(tmp_path / "printer.cfg")


def test_a_used_port_is_explained(
    installed: Path, server: preview_server.PreviewServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["preview", "--web", "--port", str(server.server_port)]) == 1
    assert "cannot listen on port %d" % server.server_port in capsys.readouterr().err


def test_a_config_is_needed_without_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["preview"]) == 1
    assert "klipper-lumen preview PRINTER.CFG" in capsys.readouterr().err
    assert cli.main(["preview", "--web", "no.cfg"]) == 1
    assert "'no.cfg' is not a file" in capsys.readouterr().err


def test_without_a_file_no_config_is_served(installed: Path) -> None:
    with preview_server.PreviewServer(None) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        assert server.url == "http://127.0.0.1:%d/" % server.server_port
        assert get(server, config_path(server))[0] == 404
        server.shutdown()
        thread.join()
