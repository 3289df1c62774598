"""Installs the helper below a temporary root, and unpacks wheels."""

from __future__ import annotations

import os
import pwd
import sys
from pathlib import Path

from klipper_lumen.cli import main
from klipper_lumen.helper import source, wheel_record

PRINTER = """
[lumen]

[lumen_strip case]
driver: gpio
pin: 18
count: 2

[lumen_strip head]
driver: proxy
pin: 13
count: 1
color_order: GRBW

[lumen_strip table]
driver: spi
count: 9
"""


def user() -> str:
    return pwd.getpwuid(os.geteuid()).pw_name


def install(root: Path, printer: Path, *arguments: str) -> int:
    options = ["--root", str(root), "--config", str(printer), "--user", user()]
    return main(["helper", "install", *options, "--python", sys.executable, *arguments])


def check(root: Path, printer: Path) -> int:
    options = ["--root", str(root), "--config", str(printer), "--user", user()]
    return main(["helper", "check", *options, "--python", sys.executable])


def uninstall(root: Path) -> int:
    return main(["helper", "uninstall", "--root", str(root)])


def unpack(folder: Path) -> Path:
    """Writes the files of an unpacked wheel; returns the folder of the package."""
    package = folder / "klipper_lumen"
    for name, content in source._package_files().items():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_bytes(content)
    write_record(folder)
    return package


def write_record(folder: Path) -> None:
    lines = []
    for path in sorted((folder / "klipper_lumen").rglob("*")):
        if path.is_file():
            name = path.relative_to(folder).as_posix()
            lines.append("%s,%s,\n" % (name, wheel_record._digest(path.read_bytes())))
    info = folder / "klipper_lumen-1.dist-info"
    info.mkdir(exist_ok=True)
    (info / "RECORD").write_text("".join(lines))
