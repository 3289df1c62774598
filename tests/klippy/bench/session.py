"""One klippy on one simulated machine, from its start to its end."""

from __future__ import annotations

import itertools
import os
import re
import shutil
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Callable, Optional

from .api import Api
from .devices import Devices
from .environment import HERE, BenchError, Environment, build_sim
from .job import make_job

# The path of a Unix socket has at most 108 bytes.
MAX_SOCKET_PATH = 100
# The heating rate in sim.cfg of each heater, in degrees Celsius per second.
# The clock of Klipper's Linux-process micro-controller.
MCU_HZ = 50_000_000
# Several sessions may run at once.
NUMBERS = itertools.count()
RATE = re.compile(r"rate=([\d.]+)")


@dataclass(frozen=True)
class Plan:
    """The settings of a session."""

    minutes: float = 0.2
    # Text to add to printer.cfg.
    config: str = ""
    # Folders that klippy's Python imports from.
    site: tuple[Path, ...] = ()
    # Installs the plug-in into the copied tree before klippy starts.
    install: Optional[Callable[[Path], None]] = None
    # A second micro-controller, `[mcu led]`, with a ws2812 strip on led:gpio40. The first cannot
    # have one: it does not run its step timers while it sends a strip.
    led_mcu: bool = False
    # Additional environment variables of klippy.
    variables: dict[str, str] = field(default_factory=dict)
    # Heating rate of the heaters, as a factor of those in sim.cfg.
    heating: float = 1.0
    # Runs the micro-controller program with -r (real-time priority), which needs root.
    realtime: bool = hasattr(os, "geteuid") and os.geteuid() == 0


class Session:
    """klippy, its micro-controller program and its API, in their own folder."""

    def __init__(self, environment: Environment, work: Path, plan: Plan) -> None:
        self._environment = environment
        self.plan = plan
        self.folder = work
        self.tree = work / "klipper"
        self.log = work / "klippy.log"
        self.socket = work / "klippy.sock"
        if len(str(self.socket)) > MAX_SOCKET_PATH:
            raise BenchError("%s is too long a path for a Unix socket" % self.socket)
        # klippy opens a path with this prefix as a plain pipe, without a baud rate.
        self._serial = Path("/tmp/klipper_host_bench_%d_%d" % (os.getpid(), next(NUMBERS)))
        self._led_serial = self._serial.with_name(self._serial.name + "_led")
        self._programs: dict[str, subprocess.Popen[bytes]] = {}
        self._files: list[IO[bytes]] = []
        self.api: Api
        self.devices: Devices
        # Those of the second micro-controller, if there is one.
        self.led_devices: Devices

    def __enter__(self) -> Session:
        try:
            self._prepare()
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def klippy_pid(self) -> int:
        """klippy's process."""
        return self._programs["klippy"].pid

    @property
    def mcu_pid(self) -> int:
        """The micro-controller program's process."""
        return self._programs["mcu"].pid

    @property
    def led_mcu_pid(self) -> int:
        """The process of the second micro-controller program."""
        return self._programs["led"].pid

    def gcode(self, script: str, timeout: float = 300.0) -> None:
        """Runs a script and waits for its end."""
        self.api.call("gcode/script", {"script": script}, timeout)

    def query(self, *names: str) -> dict[str, Any]:
        """The status of objects, all fields."""
        asked = dict.fromkeys(names)
        status: dict[str, Any] = self.api.call("objects/query", {"objects": asked})["status"]
        return status

    def restart(self, command: str) -> None:
        """Runs RESTART or FIRMWARE_RESTART, and waits until the same klippy is ready again."""
        pid = self.klippy_pid
        # klippy closes the connection.
        with suppress(BenchError):
            self.gcode(command, timeout=20.0)
        self.api.close()
        time.sleep(0.3)
        self._connect()
        self._wait_ready()
        if self._programs["klippy"].poll() is not None or self.klippy_pid != pid:
            raise BenchError("klippy has not survived %s" % command)

    def stop(self) -> None:
        """Stops all programs."""
        for program in self._programs.values():
            if program.poll() is None:
                program.terminate()
                try:
                    program.wait(5.0)
                except subprocess.TimeoutExpired:
                    program.kill()
                    program.wait(5.0)
        for file in self._files:
            file.close()
        if hasattr(self, "api"):
            self.api.close()
        for serial in (self._serial, self._led_serial):
            if os.path.lexists(serial):
                serial.unlink()

    def _prepare(self) -> None:
        shutil.copytree(self._environment.tree / "klippy", self.tree / "klippy", symlinks=True)
        shutil.copy(HERE / "kbench_probe.py", self.tree / "klippy" / "extras")
        if self.plan.install is not None:
            self.plan.install(self.tree)
        gcodes = self.folder / "gcodes"
        gcodes.mkdir()
        (gcodes / "job.gcode").write_text(make_job(self.plan.minutes))
        config = (HERE / "cfg" / "printer.cfg.in").read_text()
        config = config.replace("@SERIAL@", str(self._serial)).replace("@GCODES@", str(gcodes))
        if self.plan.led_mcu:
            config += "\n[mcu led]\nserial: %s\n" % self._led_serial
            (self.folder / "led.cfg").write_text("ws2812 strip pin=40\n")
        (self.folder / "printer.cfg").write_text(config + "\n" + self.plan.config)
        simulated = (HERE / "cfg" / "sim.cfg").read_text()
        (self.folder / "sim.cfg").write_text(RATE.sub(self._rate, simulated))

    def _rate(self, heater: re.Match[str]) -> str:
        return "rate=%g" % (float(heater.group(1)) * self.plan.heating)

    def _start(self) -> None:
        self.devices = self._start_mcu("mcu", self._serial, self.folder / "sim.cfg")
        if self.plan.led_mcu:
            self.led_devices = self._start_mcu("led", self._led_serial, self.folder / "led.cfg")
        command = [str(self._environment.python), str(self.tree / "klippy" / "klippy.py")]
        command += [str(self.folder / "printer.cfg"), "-I", str(self.folder / "printer")]
        command += ["-l", str(self.log), "-a", str(self.socket)]
        site = {"PYTHONPATH": os.pathsep.join(str(path) for path in self.plan.site)}
        self._run("klippy", command, {**site, **self.plan.variables})
        self._wait(self.socket.exists, 30.0, "klippy opens no API socket")
        self._connect()
        self._wait_ready()

    def _start_mcu(self, name: str, serial: Path, simulated: Path) -> Devices:
        state = self.folder / (name + ".bin")
        command = [str(self._environment.mcu), "-I", str(serial)]
        if self.plan.realtime:
            command.insert(1, "-r")
        devices = {
            "LD_PRELOAD": str(build_sim(self.folder.parent)),
            "KBENCH_SIM_CONFIG": str(simulated),
            "KBENCH_SIM_STATE": str(state),
        }
        self._run(name, command, devices)
        self._wait(lambda: serial.exists() and state.exists(), 5.0, "no micro-controller")
        return Devices(state)

    def _run(self, name: str, command: list[str], more: dict[str, str]) -> None:
        out = (self.folder / (name + ".err")).open("wb")
        self._files.append(out)
        self._programs[name] = subprocess.Popen(
            command, env={**os.environ, **more}, stdin=subprocess.DEVNULL, stdout=out, stderr=out
        )

    def _connect(self) -> None:
        def connects() -> bool:
            try:
                self.api = Api(self.socket)
            except OSError:
                return False
            return True

        self._wait(connects, 10.0, "klippy's API socket takes no connection")
        template = {"response_template": {"bench": "console"}}
        self.api.call("gcode/subscribe_output", template)

    def _wait_ready(self) -> None:
        def is_ready() -> bool:
            info = self.api.call("info", timeout=10.0)
            if info["state"] in ("error", "shutdown"):
                raise BenchError("klippy is '%s': %s" % (info["state"], info["state_message"]))
            return bool(info["state"] == "ready")

        self._wait(is_ready, 40.0, "klippy is not ready")
        self._wait(self._knows_clocks, 90.0, "klippy does not know the clock of its MCU")

    def _knows_clocks(self) -> bool:
        """Returns whether klippy knows the clock rates of the MCUs.

        If the computer delayed an MCU while it connected, the first moves would be too late.
        """
        names = ["mcu", "mcu led"] if self.plan.led_mcu else ["mcu"]
        found = self.query(*names)
        speeds = [found[name]["last_stats"].get("freq", 0) for name in names]
        return all(abs(speed / MCU_HZ - 1.0) < 0.002 for speed in speeds)

    def _wait(self, test: Callable[[], bool], timeout: float, problem: str) -> None:
        end = time.monotonic() + timeout
        while not test():
            for name, program in self._programs.items():
                if program.poll() is not None:
                    raise BenchError("%s: %s has ended\n%s" % (problem, name, self._tail(name)))
            if time.monotonic() > end:
                raise BenchError("%s in %.0f s\n%s" % (problem, timeout, self._tail("klippy")))
            time.sleep(0.02)

    def _tail(self, name: str) -> str:
        path = self.log if name == "klippy" and self.log.exists() else self.folder / (name + ".err")
        return "\n".join(path.read_text(errors="replace").splitlines()[-15:])
