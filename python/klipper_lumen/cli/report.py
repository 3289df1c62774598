"""`klipper-lumen report`: what an owner can send about strips on real hardware.

It has no personal data: no names of users, computers, files, sections and hosts, and no addresses.
"""

from __future__ import annotations

import getpass
import platform
import re
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import ConfigError, Engine, LumenError, __version__, config, install
from .._engine import board_model
from ..setup.printers import home_folder
from . import doctor
from .argument_types import seconds
from .config_path import add_argument, config_path

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

MAX_TEST_S = 600.0
# Time to open the devices.
SETTLE_S = 1.0
HEARTBEAT_S = 0.5
# An effect that changes every pixel in every frame.
PATTERN = "rainbow"
BUFFER_LIMIT = "sys/module/spidev/parameters/bufsiz"

ADDRESS = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b|\b(?:[0-9a-fA-F]{0,4}:){2,}[0-9a-fA-F]{0,4}\b")
# A name in quotes. What the messages quote of Lumen itself has a space, an equal sign or a colon.
QUOTED = re.compile(r"'[\w.-]+'")
FILE = re.compile(r"(?<![\w/])/(?:[\w.@+-]+/)*[\w.@+-]+\.(?:cfg|conf|log|py|gcode)\b")
HOME = re.compile(r"/home/[^/\s]+")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the options of `report`."""
    add_argument(parser)
    parser.add_argument(
        "--seconds",
        type=seconds(MAX_TEST_S),
        default=10.0,
        metavar="S",
        help="how long to show the test pattern (default: 10)",
    )
    parser.add_argument(
        "--no-test", action="store_true", help="do not show a test pattern on the strips"
    )


def run(args: argparse.Namespace) -> int:
    """Prints the report; returns 1 if a strip was dark in the test."""
    path = config_path(args.config, "report")
    private = Private(path)
    lines = [*_computer(Path("/")), *_checks(path)]
    is_lit = True
    if not args.no_test:
        tested, is_lit = _test(path, args.seconds)
        lines += tested
    for line in lines:
        print(private.removed(line))
    print("\nRead it before you send it: it should say nothing about you.", file=sys.stderr)
    return 0 if is_lit else 1


class Private:
    """What identifies the owner, and its removal from lines."""

    def __init__(self, path: Path) -> None:
        self._words = {_user(): "USER", socket.gethostname(): "COMPUTER"}
        self._words.update(_names(path))
        # Not personal, and part of other texts.
        for word in ("", "root", "localhost"):
            self._words.pop(word, None)
        self._home = str(home_folder())

    def removed(self, line: str) -> str:
        """Returns the line without personal data."""
        line = FILE.sub("FILE", line)
        if self._home not in ("/", "~"):
            line = line.replace(self._home, "HOME")
        line = HOME.sub("HOME", line)
        line = QUOTED.sub("'NAME'", ADDRESS.sub("ADDRESS", line))
        for word in sorted(self._words, key=len, reverse=True):
            line = re.sub(r"(?<![\w.-])%s(?![\w-])" % re.escape(word), self._words[word], line)
        return line


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A user without a name, as in a container.
        return ""


def _names(path: Path) -> Iterator[tuple[str, str]]:
    """The hosts and the names of sections in the config, and what to write instead."""
    try:
        sections = config.read(path).sections
    except config.ConfigFileError:
        return
    for title, section in sections.items():
        kind, _, name = title.partition(" ")
        if name:
            yield title, kind + " NAME"
        if "host" in section.options:
            yield section.options["host"].value, "HOST"


def _computer(root: Path) -> Iterator[str]:
    yield "Lumen %s" % __version__
    yield "model: %s" % (board_model(root) or "not a known board")
    yield "kernel: %s %s" % (platform.release(), platform.machine())
    yield "system: %s, Python %s, %d bits" % (
        _system(root),
        platform.python_version(),
        64 if sys.maxsize > 2**32 else 32,
    )
    limit = _text(root / BUFFER_LIMIT)
    if limit:
        yield "SPI buffer: %s bytes" % limit


def _system(root: Path) -> str:
    text = _text(root / "etc/os-release")
    name = re.search(r'^PRETTY_NAME="?([^"\n]*)', text, re.M)
    return name[1] if name else "unknown"


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip("\0\n ")
    except OSError:
        return ""


def _checks(path: Path) -> Iterator[str]:
    # Without the advice, which has commands with names in them.
    yield ""
    yield "checks:"
    for finding in doctor.report(path)["findings"]:
        yield "  %(level)s: %(check)s: %(text)s" % finding


def _test(path: Path, seconds: float) -> tuple[list[str], bool]:
    """Shows a pattern on all strips; returns lines about it, and whether all strips were lit."""
    lines = ["", "test pattern, %g s:" % seconds]
    try:
        read = config.read(path, install.is_kalico())
        engine = Engine(read.lumen_json(), read.facts_json())
    except (config.ConfigFileError, ConfigError):
        return [*lines, "  not shown: the config has mistakes"], False
    try:
        engine.set("all", PATTERN, {})
        _wait(engine, SETTLE_S)
        before = _counters(engine)
        _wait(engine, seconds)
        after = _counters(engine)
        status, metrics = engine.status(), engine.metrics()
    except LumenError as error:
        return [*lines, "  not shown: %s" % error], False
    finally:
        engine.close(1.0)
    # Only Klipper can light these.
    strips = {name: it for name, it in status["strips"].items() if it["output"] != "klipper"}
    if not strips:
        return [*lines, "  not shown: no strip is driven by this computer"], True
    span = after["uptime_s"] - before["uptime_s"]
    for number, (name, strip) in enumerate(strips.items(), 1):
        fps = (after[name][0] - before[name][0]) / span
        dropped = after[name][1] - before[name][1]
        lines.append(
            "  strip %d: %s, %d pixels, %s, %.1f frames per second, %d dropped"
            % (number, strip["output"], strip["pixels"], strip["health"], fps, dropped)
        )
        if strip["error"]:
            lines.append("    %s" % strip["error"])
    lines.append(_delays(metrics))
    cpu = 100.0 * (after["cpu_seconds"] - before["cpu_seconds"]) / span
    lines.append("  processor: %.1f %% of one core" % cpu)
    return lines, all(strip["health"] in ("ok", "degraded") for strip in strips.values())


def _delays(metrics: dict[str, Any]) -> str:
    window = metrics["windows"]["10"]
    late, render = window["late_ms"], window["render_ms"]
    return "  late by (ms): median %.2f, 99 %% %.2f, most %.2f; drawing (ms): median %.3f" % (
        late["p50"],
        late["p99"],
        late["max"],
        render["p50"],
    )


def _wait(engine: Engine, duration: float) -> None:
    end = time.monotonic() + duration
    while time.monotonic() < end:
        engine.heartbeat()
        time.sleep(max(0.0, min(HEARTBEAT_S, end - time.monotonic())))


def _counters(engine: Engine) -> dict[str, Any]:
    metrics = engine.metrics()
    found: dict[str, Any] = {name: metrics[name] for name in ("uptime_s", "cpu_seconds")}
    for name, strip in engine.status()["strips"].items():
        found[name] = (strip["frames"], strip["dropped"])
    return found
