"""The virtual machine, with a shell of root on its serial console."""

from __future__ import annotations

import base64
import os
import re
import select
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from .build import BUILD, USER, BuildError
from .table import CheckError

EMULATOR = "qemu-system-aarch64"
# One core, as the emulation has one thread. The drivers left out do not work in QEMU.
KERNEL = (
    "root=LABEL=pi rw console=ttyAMA0,115200 maxcpus=1 quiet loglevel=3 "
    "modprobe.blacklist=vc4,bcm2835_v4l2,bcm2835_mmal_vchiq,snd_bcm2835,dwc2,i2c_bcm2835,drm"
)
BOOT_S = 300.0
# A line for the terminal has at most 4095 characters.
MAX_LINE = 4000
READY = "READY-FOR-COMMANDS"


@dataclass(frozen=True)
class Result:
    """Exit status and output of a command."""

    code: int
    output: str

    def must(self) -> str:
        """Returns the output of a command that must succeed."""
        if self.code:
            raise CheckError("exit status %d:\n%s" % (self.code, self.output.strip()))
        return self.output


class Machine:
    """A running virtual Pi."""

    def __init__(self, disk: Path, kernel: list[str], log: str, parameters: str = "") -> None:
        command = [EMULATOR, "-M", "raspi3b", "-m", "1024", "-accel", "tcg,thread=single"]
        command += ["-nic", "none", "-nographic", "-no-reboot", *kernel]
        command += ["-append", ("%s %s" % (KERNEL, parameters)).strip()]
        command += ["-drive", "file=%s,format=raw,if=sd" % disk]
        self._log = (BUILD / log).open("wb", buffering=0)
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        self._text = b""
        self._count = 0

    def __enter__(self) -> Machine:
        return self

    def __exit__(self, *_: object) -> None:
        self.cut_power()
        self._log.close()

    def boot(self) -> None:
        """Waits for the shell of root."""
        begun = time.monotonic()
        self._wait(rb"# $", BOOT_S)
        # A shell without a line editor. The quotes keep the echo of a line from being its answer.
        half = "echo '%s'%s" % (READY[:5], READY[5:])
        self._send('exec env PS1= sh -c "%s; exec sh"' % half)
        self._wait(READY.encode(), 60.0)
        self._text = b""
        self._send("stty -echo; dmesg -n 1; date -s @%d; %s" % (time.time(), half))
        self._wait(READY.encode(), 60.0)
        self.boot_s = time.monotonic() - begun

    def run(self, command: str, timeout: float = 60.0, user: str = "root") -> Result:
        """Runs a command in bash, as a user with a login shell."""
        encoded = base64.b64encode(command.encode()).decode()
        self._count += 1
        mark = "END-%d" % self._count
        shell = 'runuser -l %s -c "$(echo %s | base64 -d)" </dev/null 2>&1' % (user, encoded)
        line = "%s; code=$?; echo; echo %s $code" % (shell, mark)
        if len(line) > MAX_LINE:
            raise ValueError("the command is too long for the console: %s" % command)
        self._text = b""
        self._send(line)
        end = self._wait(re.escape(mark).encode() + rb" (\d+)\r?\n", timeout, command)
        output = self._text[: end.start()].decode(errors="replace").replace("\r", "")
        return Result(int(end[1]), output.strip("\n") + "\n")

    def as_user(self, command: str, timeout: float = 60.0) -> Result:
        return self.run(command, timeout, USER)

    def power_off(self) -> None:
        """Shuts down as a user does."""
        self._send("poweroff")
        try:
            self._process.wait(120)
        except subprocess.TimeoutExpired:
            self.cut_power()

    def cut_power(self) -> None:
        """Ends the machine at once."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()

    def _send(self, line: str) -> None:
        if self._process.stdin is None or self._process.poll() is not None:
            raise CheckError("the virtual machine has ended, see %s" % self._log.name)
        self._process.stdin.write(line.encode() + b"\n")
        self._process.stdin.flush()

    def _wait(self, pattern: bytes, timeout: float, what: str = "boot") -> re.Match[bytes]:
        stdout = self._process.stdout
        if stdout is None:
            raise BuildError("no console")
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            ready, _, _ = select.select([stdout], [], [], 0.5)
            if ready:
                data = os.read(stdout.fileno(), 65536)
                if not data:
                    raise CheckError("the virtual machine has ended, see %s" % self._log.name)
                self._log.write(data)
                self._text += data
            found = re.search(pattern, self._text)
            if found:
                return found
        tail = self._text[-600:].decode(errors="replace")
        raise CheckError("no answer in %.0f s: %s\n%s" % (timeout, what, tail))
