"""``python -m tests.klippy.preview_cost``: the time of klippy's reactor for ``lumen/preview``.

It prints the time of the handler, and that of writing the answer as JSON, which Klipper does too.
The lights run on the simulated printer, three groups on one strip.
"""

from __future__ import annotations

import json
import sys
import time
from functools import partial
from typing import Callable

from klipper_lumen.sim import Printer
from klipper_lumen.sim.webhooks import WebRequest

PIXELS = (150, 300, 1_000, 10_000)
CALLS = 500
# The least of several runs counts: the others were disturbed.
RUNS = 7


def config(pixels: int) -> str:
    """Three groups, each a third of the strip."""
    part = pixels // 3
    text = "[printer]\nkinematics: none\n[lumen]\n"
    text += "[lumen_strip case]\ndriver: memory\ncount: %d\n" % pixels
    for group in range(3):
        text += "[lumen_group g%d]\nstrip: case\nindex_start: %d\nindex_end: %d\n" % (
            group,
            group * part + 1,
            (group + 1) * part,
        )
        text += "on_idle: rainbow\n"
    return text


def fastest(call: Callable[[], object]) -> float:
    """Returns the time of a call in us."""
    best = float("inf")
    for _ in range(RUNS):
        start = time.perf_counter()
        for _ in range(CALLS):
            call()
        best = min(best, (time.perf_counter() - start) / CALLS)
    return best * 1e6


def ask(callback: Callable[[WebRequest], object]) -> None:
    """Calls the handler as Klipper does."""
    callback(WebRequest("lumen/preview", {}))


def main() -> None:
    """Prints a row for each number of pixels."""
    sys.stdout.write("pixels   handler us   JSON us   answer bytes\n")
    for pixels in PIXELS:
        printer = Printer(config(pixels)).start()
        printer.advance(1.0)
        callback = printer.webhooks.callback("lumen/preview")
        handler_us = fastest(partial(ask, callback))
        answer = printer.ask("lumen/preview")
        json_us = fastest(partial(json.dumps, answer))
        row = (pixels, handler_us, json_us, len(json.dumps(answer)))
        sys.stdout.write("%6d %12.1f %9.1f %14d\n" % row)
        printer.close()


if __name__ == "__main__":
    main()
