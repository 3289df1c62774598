"""`klipper-lumen doctor`: finds what keeps a strip dark, and says what to do."""

from __future__ import annotations

import json
import os
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional

from .. import install
from .._engine import examine
from ..setup import printers
from .config_path import add_argument, usual_printer

if TYPE_CHECKING:
    import argparse

    from ..setup.printers import Printer

# How long klippy may take to answer.
ASK_S = 2.0
MAX_BYTES = 1024 * 1024


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the options of `doctor`."""
    add_argument(parser)
    parser.add_argument("--klipper", metavar="DIR", help="folder of Klipper or Kalico")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Runs `doctor`; returns 0 without problems, else 1."""
    found = report(args.config, args.klipper)
    lines = found.pop("lines")
    if args.json:
        print(json.dumps(found, indent=2))
    else:
        print("\n".join(lines))
    return 0 if found["ok"] else 1


def report(
    path: Optional[Path], tree: Optional[str] = None, root: Path = Path("/")
) -> dict[str, Any]:
    """Returns the result of all checks. ``root`` is the root of the computer's files."""
    if path is None:
        printer = usual_printer("doctor")
        path = printer.config if printer is not None else None
    else:
        printer = _printer_of(path)
    given: dict[str, Any] = {
        "root": str(root),
        "user": {"uid": os.geteuid(), "groups": os.getgroups()},
        "package": _package(printer),
        "loader": {"tree": ""},
        "config": str(path) if path is not None else None,
    }
    try:
        found = install.find(tree or (str(printer.tree) if printer is not None else None))
    except install.InstallError:
        if tree is not None:
            given["loader"] = {"tree": tree}
    else:
        given["loader"] = install.loader_facts(found.root)
        given["is_kalico"] = found.is_kalico
    if path is not None:
        given["objects"] = _objects(path.parent.parent / "comms" / "klippy.sock")
    return examine(given)


def _printer_of(path: Path) -> Optional[Printer]:
    """Returns the printer with a config, else the first one of the home folder."""
    found = printers.find(printers.home_folder())
    return next((it for it in found if it.config == path), found[0] if found else None)


def _package(printer: Optional[Printer]) -> dict[str, str]:
    facts = install.package_facts()
    # Klippy may run with the Python of another environment.
    if printer is not None and printer.python.parent.parent != Path(sys.prefix):
        facts["klippy"] = str(printer.python)
    return facts


def _objects(path: Path) -> Optional[dict[str, Any]]:
    """Asks a running klippy for the status of its strips and MCUs; None if it does not answer."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(ASK_S)
            connection.connect(str(path))
            names = _ask(connection, "objects/list", {})["objects"]
            wanted = {
                name: None
                for name in names
                if name in ("lumen", "mcu") or name.startswith(("lumen_strip ", "mcu "))
            }
            status = _ask(connection, "objects/query", {"objects": wanted})["status"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return status if isinstance(status, dict) else None


def _ask(connection: socket.socket, method: str, params: dict[str, Any]) -> dict[str, Any]:
    """Returns klippy's answer to one request; requests and answers end with ETX."""
    request = {"id": 1, "method": method, "params": params}
    connection.sendall(json.dumps(request).encode() + b"\x03")
    answer = b""
    while not answer.endswith(b"\x03") and len(answer) < MAX_BYTES:
        part = connection.recv(64 * 1024)
        if not part:
            break
        answer += part
    result: dict[str, Any] = json.loads(answer.rstrip(b"\x03"))["result"]
    return result
