"""A Klippy extra of the bench: when klippy sends the writes of a pin.

[kbench_leave]
pin: PIN, an [output_pin] by its full name

The endpoint "kbench/leave" writes {"count": N} times, {"lead": SECONDS} ahead. It returns for each
write how many milliseconds before its time klippy sent it to the MCU. {"push": 1} sends a command
without a time after each write.
"""

from __future__ import annotations

import re
from typing import Any

SENT = re.compile(r"^Sent \d+ \S+ (\S+) \d+: (.*)$", re.MULTILINE)
CLOCK = re.compile(r"queue_(?:pwm|digital)_out oid=\d+ clock=(\d+)")


class Leave:
    """The endpoint."""

    def __init__(self, config: Any) -> None:
        self._printer = config.get_printer()
        self._reactor = self._printer.get_reactor()
        self._name = config.get("pin")
        self._printer.lookup_object("webhooks").register_endpoint("kbench/leave", self._answer)

    def _answer(self, web_request: Any) -> None:
        lead_s, push = web_request.get_float("lead"), web_request.get_int("push", 0)
        margins = []
        for number in range(web_request.get_int("count")):
            margins += self._write(0.25 + 0.5 * (number % 2), lead_s, push)
        web_request.send({"margins_ms": margins})

    def _write(self, value: float, lead_s: float, push: int) -> list[float]:
        pin = self._printer.lookup_object(self._name)
        mcu = pin.mcu_pin.get_mcu()
        now = self._reactor.monotonic()
        print_time = mcu.estimated_print_time(now) + lead_s
        pin.gcrq.send_async_request(value, print_time)
        if push:
            mcu.lookup_command("debug_nop").send()
        self._reactor.pause(now + lead_s + 0.15)
        clock = mcu.print_time_to_clock(print_time) & 0xFFFFFFFF
        for sent, commands in SENT.findall(mcu._serial.dump_debug()):
            if str(clock) in CLOCK.findall(commands):
                return [round(1000.0 * (now + lead_s - float(sent)), 1)]
        return []


def load_config(config: Any) -> Leave:
    """Creates the printer object of [kbench_leave]."""
    return Leave(config)
