"""`klipper-lumen bench --output`: measures one moving strip on an output.

The device is real, or a test double that takes as long as the real wire. The frame rate is compared
with the maximum of the wire.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import socket
import threading
import time
from typing import Any, Callable, Optional

from .. import Engine, counted

LENGTHS = (300, 530, 1000)
# More than each wire can carry at these lengths, so the wire is the limit.
FPS = 240
SETTLE_S = 1.0
HEARTBEAT_S = 0.5
APA102_HZ = 4_000_000

# The time of one frame on the wire in µs, by the pixel count; 0 means no limit.
WIRE_US: dict[str, Callable[[int], float]] = {
    # WS281x: 30 µs per pixel, then a reset of 300 µs.
    "spi": lambda pixels: 30.0 * pixels + 300.0,
    "pio": lambda pixels: 30.0 * pixels + 300.0,
    # rs_ws281x always sends 32 bits per pixel.
    "gpio": lambda pixels: 40.0 * pixels + 380.0,
    "apa102": lambda pixels: 8e6 / APA102_HZ * (4 + 4 * pixels + 4 + (pixels + 15) // 16),
    "ddp": lambda _: 0.0,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the options for outputs."""
    parser.add_argument(
        "--output", choices=sorted(WIRE_US), help="measure this output instead of the engine"
    )
    parser.add_argument(
        "--pixels", type=_lengths, default=LENGTHS, metavar="N,...", help="with --output"
    )
    parser.add_argument("--device", help="with --output: the device")


def _lengths(text: str) -> tuple[int, ...]:
    lengths = tuple(int(word) for word in text.split(","))
    if not all(1 <= length <= 10_000 for length in lengths):
        raise argparse.ArgumentTypeError("must be from 1 to 10000 pixels")
    return lengths


def run(args: argparse.Namespace) -> int:
    """Measures the output with each length; returns 1 if the strip was dark."""
    results = {}
    if not args.json:
        print("output  pixels      fps     wire       %  dropped    cpu %  cpu us/1000 px")
    for pixels in args.pixels:
        found = measure(args.output, pixels, args.device, args.seconds)
        results[str(pixels)] = found
        if found["error"]:
            print("%s, %s: %s" % (args.output, counted(pixels, "pixel"), found["error"]))
        elif not args.json:
            print(_row(args.output, pixels, found), flush=True)
    if args.json:
        print(json.dumps(results, indent=2))
    return 1 if any(found["error"] for found in results.values()) else 0


def measure(output: str, pixels: int, device: Optional[str], seconds: float) -> dict[str, Any]:
    """Returns the figures of one length."""
    with _Receiver() as port:
        engine = Engine(_config(output, pixels, device, port))
        try:
            _run_for(engine, SETTLE_S)
            before = _counters(engine)
            _run_for(engine, seconds)
            after = _counters(engine)
            error = engine.status()["strips"]["bench"]["error"]
        finally:
            engine.close(1.0)
    return _figures(output, pixels, [after[at] - before[at] for at in range(4)], error)


def _run_for(engine: Engine, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        engine.heartbeat()
        time.sleep(max(0.0, min(HEARTBEAT_S, end - time.monotonic())))


def _counters(engine: Engine) -> list[float]:
    strip, metrics = engine.status()["strips"]["bench"], engine.metrics()
    return [metrics["uptime_s"], strip["frames"], strip["dropped"], metrics["cpu_seconds"]]


def _figures(output: str, pixels: int, passed: list[float], error: Optional[str]) -> dict[str, Any]:
    span, frames, dropped, cpu = passed
    fps = frames / span
    wire_us = WIRE_US[output](pixels)
    wire = min(1e6 / wire_us, FPS) if wire_us else FPS
    return {
        "fps": round(fps, 2),
        "wire_fps": round(wire, 2),
        "percent_of_wire": round(100.0 * fps / wire, 2),
        "dropped": round(dropped),
        "cpu_percent": round(100.0 * cpu / span, 3),
        # The cost of all drawn frames, for each pixel that was sent.
        "cpu_us_per_1000_pixels": round(1e9 * cpu / max(frames * pixels, 1.0), 1),
        "error": error,
    }


def _row(output: str, pixels: int, found: dict[str, Any]) -> str:
    return "%-7s %6d %8.2f %8.2f %7.2f %8d %8.3f %15.1f" % (
        output,
        pixels,
        found["fps"],
        found["wire_fps"],
        found["percent_of_wire"],
        found["dropped"],
        found["cpu_percent"],
        found["cpu_us_per_1000_pixels"],
    )


def _config(output: str, pixels: int, device: Optional[str], port: int) -> str:
    strip = {"driver": output, "count": str(pixels)}
    if output == "ddp":
        strip.update({"host": "127.0.0.1", "port": str(port)})
    elif output == "gpio":
        strip["pin"] = "18"
    elif device:
        strip["device"] = device
    group = {"strip": "bench", "on_startup": "rainbow", "on_error": "rainbow"}
    sections = [
        ("lumen", {"gpio_fps": str(FPS)}),
        ("lumen_strip bench", strip),
        ("lumen_group bench", group),
    ]
    return json.dumps({"sections": sections})


class _Receiver:
    """A controller on this host that receives and discards packets."""

    def __enter__(self) -> int:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(0.2)
        self._open = True
        self._thread = threading.Thread(target=self._receive)
        self._thread.start()
        port: int = self._socket.getsockname()[1]
        return port

    def __exit__(self, *_: object) -> None:
        self._open = False
        self._thread.join()
        self._socket.close()

    def _receive(self) -> None:
        while self._open:
            # In Python 3.9 this is not a TimeoutError.
            with contextlib.suppress(socket.timeout):
                self._socket.recv(2048)
