"""How a program is built for a processor, and how its instructions are counted."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "benches" / "instructions"
TARGET = ROOT / "target" / "instructions"
PROGRAM = "klipper-lumen-instructions"
NATIVE = platform.machine().replace("armv7l", "armv7")

# Frames of the shorter run, which fills caches and warms effects up, and of the longer one.
FRAMES = (60, 260)

# Rust's name of the target, the linker, the emulator, and the libraries.
EMULATED = {
    "aarch64": (
        "aarch64-unknown-linux-gnu",
        "aarch64-linux-gnu-gcc",
        "qemu-aarch64",
        "/usr/aarch64-linux-gnu",
    ),
    "armv7": (
        "armv7-unknown-linux-gnueabihf",
        "arm-linux-gnueabihf-gcc",
        "qemu-arm",
        "/usr/arm-linux-gnueabihf",
    ),
}


class MissingError(Exception):
    """Something that is needed is not installed."""


def available() -> list[str]:
    """Returns the names of all processors, this one first."""
    return [NATIVE, *(name for name in EMULATED if name != NATIVE)]


class Processor:
    """A processor whose instructions can be counted on this computer."""

    def __init__(self, name: str) -> None:
        """Builds the program."""
        if name == NATIVE:
            _require("valgrind")
            self._counter = [
                "valgrind",
                "--tool=callgrind",
                "--callgrind-out-file=/dev/null",
            ]
            self._run: list[str] = []
            self._pattern = re.compile(r"Collected : (\d+)")
            self._program = _build(None, None)
            return
        target, linker, emulator, libraries = EMULATED[name]
        _require(linker, emulator)
        self._run = [emulator, "-L", libraries]
        self._counter = [*self._run, "-plugin", str(_plugin()), "-d", "plugin"]
        self._pattern = re.compile(r"instructions: (\d+)")
        self._program = _build(target, linker)

    def cases(self) -> list[str]:
        """Returns the names of all cases."""
        return _output([*self._run, self._program]).splitlines()

    def count(self, case: str) -> int:
        """Returns the instructions of a frame."""
        first, last = (self._count(case, frames) for frames in FRAMES)
        return round((last - first) / (FRAMES[1] - FRAMES[0]))

    def _count(self, case: str, frames: int) -> int:
        text = _output([*self._counter, self._program, case, str(frames)])
        found = self._pattern.search(text)
        if found is None:
            raise MissingError("no count in the output of %s: %s" % (self._counter[0], text[-500:]))
        return int(found[1])


def _build(target: str | None, linker: str | None) -> str:
    command = ["cargo", "build", "--release", "--locked", "--quiet"]
    command += ["--manifest-path", str(PACKAGE / "Cargo.toml"), "--target-dir", str(TARGET)]
    environment = dict(os.environ)
    folder = TARGET
    if target is not None and linker is not None:
        command += ["--target", target]
        variable = "CARGO_TARGET_%s_LINKER" % target.upper().replace("-", "_")
        environment[variable] = linker
        folder /= target
    if subprocess.run(command, env=environment, check=False).returncode:
        raise MissingError("%s does not build" % (target or "the program"))
    return str(folder / "release" / PROGRAM)


def _plugin() -> Path:
    _require("cc")
    plugin = TARGET / "count.so"
    source = Path(__file__).with_name("count.c")
    command = ["cc", "-shared", "-fPIC", "-O2", "-Wall", "-o", str(plugin), str(source)]
    subprocess.run(command, check=True)
    return plugin


def _require(*programs: str) -> None:
    for program in programs:
        if shutil.which(program) is None:
            raise MissingError("%s is not installed" % program)


def _output(command: list[str]) -> str:
    return subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True
    ).stdout
