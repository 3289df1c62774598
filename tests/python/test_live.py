"""`klipper-lumen live`: the pages beside a web interface."""

from __future__ import annotations

import json
import shutil
import stat
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from klipper_lumen import cli

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(__file__).parents[2] / "web" / "python" / "klipper_lumen_web"


@pytest.fixture
def pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Installs the package with small pages, and returns their folder."""
    package = tmp_path / "site" / PACKAGE.name
    package.mkdir(parents=True)
    shutil.copy(PACKAGE / "__init__.py", package)
    pages = package / "pages"
    (pages / "assets").mkdir(parents=True)
    for name in ("index.html", "live.html", "assets/live.js"):
        (pages / name).write_text(name)
    monkeypatch.delitem(sys.modules, PACKAGE.name, raising=False)
    monkeypatch.syspath_prepend(package.parent)
    return pages


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    (home / "mainsail").mkdir(parents=True)
    (home / "mainsail" / "index.html").write_text("Mainsail")
    monkeypatch.setenv("HOME", str(home))
    return home


def test_the_pages_are_beside_the_web_interface(
    pages: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (pages / "live.html").chmod(0o600)
    assert cli.main(["live", "install"]) == 0
    installed = home / "mainsail" / "lumen"
    assert (installed / "live.html").read_text() == "live.html"
    assert (installed / "assets" / "live.js").is_file()
    # The web server must be able to read them.
    assert stat.S_IMODE((installed / "live.html").stat().st_mode) == 0o644
    assert (home / "mainsail" / "index.html").read_text() == "Mainsail"
    out = capsys.readouterr().out
    assert "[update_manager mainsail]" in out
    assert "persistent_files: lumen" in out


def test_an_update_replaces_the_pages(pages: Path, home: Path) -> None:
    assert cli.main(["live", "install"]) == 0
    (pages / "assets" / "live.js").rename(pages / "assets" / "new.js")
    assert cli.main(["live", "install"]) == 0
    names = [it.name for it in (home / "mainsail" / "lumen" / "assets").iterdir()]
    assert names == ["new.js"]
    assert sorted(it.name for it in (home / "mainsail").iterdir()) == ["index.html", "lumen"]


def test_uninstall_removes_only_the_pages(pages: Path, home: Path) -> None:
    assert cli.main(["live", "install"]) == 0
    assert cli.main(["live", "uninstall"]) == 0
    assert [it.name for it in (home / "mainsail").iterdir()] == ["index.html"]
    assert cli.main(["live", "uninstall"]) == 0


@pytest.mark.parametrize("action", ["install", "uninstall"])
def test_a_folder_of_others_is_not_touched(
    pages: Path, home: Path, action: str, capsys: pytest.CaptureFixture[str]
) -> None:
    other = home / "mainsail" / "lumen"
    other.mkdir()
    (other / "mine.txt").write_text("mine")
    assert cli.main(["live", action]) == 1
    assert "is not a folder of Lumen" in capsys.readouterr().err
    assert (other / "mine.txt").read_text() == "mine"


def test_a_link_is_not_followed(pages: Path, home: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "live.html").write_text("mine")
    (home / "mainsail" / "lumen").symlink_to(other)
    assert cli.main(["live", "uninstall"]) == 1
    assert (other / "live.html").read_text() == "mine"


def test_a_missing_web_interface_is_explained(
    pages: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["live", "install", "--folder", str(tmp_path / "no")]) == 1
    assert "name its folder with --folder" in capsys.readouterr().err


class _Moonraker(HTTPServer):
    """Moonraker's list of webcams."""

    def __init__(self) -> None:
        self.webcams: dict[str, dict[str, Any]] = {}
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        return "http://127.0.0.1:%d" % self.server_port


class _Handler(BaseHTTPRequestHandler):
    server: _Moonraker

    def do_GET(self) -> None:
        self._answer({"webcams": list(self.server.webcams.values())})

    def do_POST(self) -> None:
        webcam = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        uid = webcam.setdefault("uid", "uid-%d" % len(self.server.webcams))
        self.server.webcams[uid] = webcam
        self._answer({"webcam": webcam})

    def do_DELETE(self) -> None:
        webcam = self.server.webcams.pop(self.path.partition("uid=")[2])
        self._answer({"webcam": webcam})

    def _answer(self, result: Any) -> None:
        body = json.dumps({"result": result}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def moonraker() -> Iterator[_Moonraker]:
    with _Moonraker() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_the_webcam_is_added_once_and_removed(
    pages: Path, home: Path, moonraker: _Moonraker
) -> None:
    moonraker.webcams["other"] = {"uid": "other", "name": "Chamber"}
    args = ["--webcam", "--moonraker", moonraker.url]
    for _ in range(2):
        assert cli.main(["live", "install", *args]) == 0
    added = [it for it in moonraker.webcams.values() if it["name"] == "Lumen"]
    assert len(added) == 1
    assert added[0]["service"] == "iframe"
    assert added[0]["stream_url"] == "/lumen/live.html"
    assert cli.main(["live", "uninstall", *args]) == 0
    assert list(moonraker.webcams) == ["other"]


def test_moonraker_that_is_not_there_is_explained(
    pages: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    args = ["--webcam", "--moonraker", "http://127.0.0.1:9"]
    assert cli.main(["live", "install", *args]) == 1
    error = capsys.readouterr().err
    assert "no answer of Moonraker at http://127.0.0.1:9 (Connection refused)\n" in error
    assert "Start Moonraker, or write its address with --moonraker URL" in error
    assert cli.main(["live", "install", "--webcam", "--moonraker", "file:///etc"]) == 1
    assert "must begin with http://" in capsys.readouterr().err
