"""``klipper-lumen live``: puts the pages of Lumen beside Mainsail or Fluidd.

The live page shows the lights as they are now. It becomes a webcam of the web interface, of the
type iframe. The files are in one folder, `lumen`, inside the folder of the web interface.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import LumenError
from .preview_server import pages_folder

if TYPE_CHECKING:
    import argparse

# The folders of the web interfaces in the home folder.
INTERFACES = ("mainsail", "fluidd")
FOLDER = "lumen"
PAGE = "live.html"
MOONRAKER = "http://127.0.0.1:7125"
TIMEOUT_S = 10.0
WEBCAM = "Lumen"

PERSISTENT = """An update of the web interface removes the pages unless moonraker.conf keeps them.
Add this line to [update_manager %s]:
  persistent_files: %s"""

NO_ANSWER = """no answer of Moonraker at %s (%s)
Start Moonraker, or write its address with --moonraker URL, then run this again."""
OTHER_SERVER = """the answer of %s is not one of Moonraker
Write the address of Moonraker with --moonraker URL, then run this again."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's options."""
    parser.add_argument("action", choices=("install", "uninstall"), help="what to do")
    parser.add_argument(
        "--folder",
        type=Path,
        action="append",
        metavar="DIR",
        help="folder of a web interface (default: ~/mainsail and ~/fluidd, if they exist)",
    )
    parser.add_argument(
        "--webcam", action="store_true", help="add the page as a webcam by Moonraker, or remove it"
    )
    parser.add_argument(
        "--moonraker", default=MOONRAKER, metavar="URL", help="default: %s" % MOONRAKER
    )


def run(args: argparse.Namespace) -> int:
    """Copies or removes the pages; with ``--webcam`` also the webcam."""
    folders = args.folder or [Path.home() / it for it in INTERFACES]
    found = [it for it in folders if (it / "index.html").is_file()]
    if not found:
        names = ", ".join(map(str, folders))
        raise LumenError("no web interface in %s; name its folder with --folder" % names)
    for folder in found:
        if args.action == "install":
            _install(folder)
        else:
            _uninstall(folder)
    if args.webcam:
        _change_webcam(args.moonraker, args.action == "install")
    elif args.action == "install":
        print("Add --webcam to show the lights on the dashboard, beside the webcams.")
    return 0


def installed(home: Path) -> list[Path]:
    """Returns the folders of the pages in the usual web interfaces of a home folder."""
    folders = [home / name / FOLDER for name in INTERFACES]
    return [folder for folder in folders if (folder / PAGE).is_file()]


def _install(folder: Path) -> None:
    """Replaces the pages at once, so that no mixture of versions is ever served."""
    target = folder / FOLDER
    _check_is_ours(target)
    try:
        with tempfile.TemporaryDirectory(prefix=".lumen-", dir=folder) as temporary:
            new = Path(temporary) / "new"
            shutil.copytree(pages_folder(), new)
            # The web server has another user.
            for path in [new, *new.rglob("*")]:
                path.chmod(0o755 if path.is_dir() else 0o644)
            if target.exists():
                target.rename(Path(temporary) / "old")
            new.rename(target)
    except OSError as error:
        raise LumenError("cannot write '%s': %s" % (target, error.strerror)) from None
    print("The pages are in %s. Open http://<printer>/%s/%s" % (target, FOLDER, PAGE))
    print(PERSISTENT % (folder.name, FOLDER))


def _uninstall(folder: Path) -> None:
    target = folder / FOLDER
    if not target.exists():
        print("%s does not exist" % target)
        return
    _check_is_ours(target)
    try:
        shutil.rmtree(target)
    except OSError as error:
        raise LumenError("cannot remove '%s': %s" % (target, error.strerror)) from None
    print("%s is removed" % target)


def _check_is_ours(target: Path) -> None:
    """Refuses to replace or remove a folder with other content."""
    if target.is_symlink() or (target.exists() and not (target / PAGE).is_file()):
        raise LumenError("'%s' is not a folder of Lumen; move it away" % target)


def _change_webcam(moonraker: str, is_wanted: bool) -> None:
    webcams = _request(moonraker, "GET", "/server/webcams/list")["webcams"]
    known = [it for it in webcams if it["name"] == WEBCAM]
    if is_wanted:
        data = {
            "name": WEBCAM,
            "service": "iframe",
            "stream_url": "/%s/%s" % (FOLDER, PAGE),
            "snapshot_url": "",
            "aspect_ratio": "4:3",
        }
        if known:
            data["uid"] = known[0]["uid"]
        _request(moonraker, "POST", "/server/webcams/item", data)
        print("The webcam '%s' shows the lights." % WEBCAM)
    elif known:
        _request(moonraker, "DELETE", "/server/webcams/item?uid=%s" % known[0]["uid"])
        print("The webcam '%s' is removed." % WEBCAM)


def _request(moonraker: str, method: str, path: str, data: Any = None) -> Any:
    if not moonraker.startswith(("http://", "https://")):
        raise LumenError("--moonraker must begin with http:// or https://, got '%s'" % moonraker)
    request = urllib.request.Request(  # noqa: S310 - the scheme is checked above
        moonraker.rstrip("/") + path,
        data=None if data is None else json.dumps(data).encode(),
        headers={"Content-Type": "application/json"},
        method=method,
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310
            return json.load(answer)["result"]
    except urllib.error.HTTPError as error:
        text = "Moonraker refuses %s: %d %s" % (path, error.code, error.reason)
        raise LumenError(text) from None
    except OSError as error:
        raise LumenError(NO_ANSWER % (moonraker, _reason(error))) from None
    except (ValueError, KeyError, TypeError):
        raise LumenError(OTHER_SERVER % moonraker) from None


def _reason(error: OSError) -> str:
    """Returns what went wrong in words, without the numbers and brackets of Python."""
    inner = error.reason if isinstance(error, urllib.error.URLError) else error
    return (inner.strerror if isinstance(inner, OSError) else None) or str(inner)
