"""The pin chip ``lumen``: lets Klipper's own [neopixel] sections draw on Lumen strips.

``pin: lumen:gpio18`` makes Klipper use this object as the micro-controller of the LEDs. It
implements what ``extras/neopixel.py`` calls and passes the bytes to the engine, so everything that
controls a [neopixel] can also control a strip of the Raspberry Pi. Each method has the name and
signature of Klipper's or Kalico's ``mcu.py``. Errors of Lumen never reach Klipper.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Callable, Optional

from klipper_lumen import NeopixelChains, RequestError, neopixel_command, pin_refused

if TYPE_CHECKING:
    from klipper_lumen import Engine
    from klipper_lumen.klipper_api import Pins, Printer

    from .guard import Guard

log = logging.getLogger(__name__)

CHIP = "lumen"
# The clock of the chip counts microseconds, which is precise enough for colors.
CLOCK_HZ = 1_000_000
# Klipper plans moves about two seconds ahead; no color waits longer than this for its move.
MAX_WAIT_S = 5.0


class Command:
    """A command, as returned to Klipper by lookup_command()."""

    def __init__(self, send: Callable[[Any, int], Any]) -> None:
        self._send = send

    def send(self, data: Any = (), minclock: int = 0, reqclock: int = 0) -> Any:
        """Sends values, not before ``minclock``; ``reqclock`` is ignored, because there is no
        queue.
        """
        return self._send(data, minclock)


class PinChip:
    """The micro-controller that Klipper sees behind Lumen's pins."""

    # Kalico reads this attribute of each micro-controller.
    non_critical_disconnected = False

    def __init__(self, printer: Printer, guard: Guard) -> None:
        self._printer = printer
        self._reactor = printer.get_reactor()
        self._guard = guard
        self._engine: Optional[Engine] = None
        self._oids = 0
        self._config_callbacks: list[Callable[[], None]] = []
        # The bytes that Klipper has sent, by object number (oid).
        self._chains = NeopixelChains()
        # The strips that the config assigns to pins, by pin.
        self._pins_by_name: dict[str, dict[str, Any]] = {}
        self._pins: Pins = printer.lookup_object("pins")
        try:
            self._pins.register_chip(CHIP, self)
        except self._pins.error:
            # The user has an [mcu lumen], which keeps the name.
            log.info("lumen: [mcu %s] exists, so [neopixel] cannot use pins of Lumen", CHIP)
        printer.register_event_handler("klippy:mcu_identify", self._configure)

    def start(self, engine: Engine) -> None:
        """Starts to draw on the strips of this engine."""
        self._engine = engine
        self.refresh()

    def refresh(self) -> bool:
        """Reads again which strip each pin belongs to; returns whether nothing has changed."""
        before = self._pins_by_name
        if self._engine is not None:
            self._pins_by_name = {pin["pin"]: pin for pin in self._engine.offer()["pins"]}
        return self._pins_by_name == before

    def stop(self) -> None:
        """Stops drawing."""
        self._engine = None

    # Methods that Klipper's sections call on a micro-controller.

    def setup_pin(self, pin_type: str, pin_params: dict[str, Any]) -> Any:
        """Rejects all pins: a [neopixel] does not call this."""
        raise self._pins.error(pin_refused(pin_type, pin_params["pin"]))

    def get_name(self) -> str:
        """Returns the name of the chip."""
        return CHIP

    def create_oid(self) -> int:
        """Allocates an object number."""
        self._oids += 1
        return self._oids - 1

    def register_config_callback(self, callback: Callable[[], None]) -> None:
        """Stores a callback that a section wants after its micro-controller is identified."""
        self._config_callbacks.append(callback)

    def seconds_to_clock(self, seconds: float) -> int:
        """Converts a duration to clock ticks."""
        return int(seconds * CLOCK_HZ)

    def print_time_to_clock(self, print_time: float) -> int:
        """Converts a print time to clock ticks."""
        return int(print_time * CLOCK_HZ)

    def alloc_command_queue(self) -> object:
        """Returns a command queue; this chip has none."""
        return None

    def get_non_critical_reconnect_event_name(self) -> str:
        """Kalico: returns the name of the reconnect event, which is never sent."""
        return "lumen:reconnect"

    def add_config_cmd(self, cmd: str, is_init: bool = False, on_restart: bool = False) -> None:
        """Registers the LEDs of a section; ``cmd`` is ``config_neopixel oid=0 pin=gpio18 ...``."""
        try:
            self._chains.add(cmd)
        except RequestError as problem:
            raise self._pins.error(str(problem)) from None

    def lookup_command(self, msgformat: str, cq: object = None) -> Command:
        """Returns the command with this format."""
        return self._command(msgformat)

    def lookup_query_command(
        self,
        msgformat: str,
        respformat: str,
        oid: Optional[int] = None,
        cq: object = None,
        is_async: bool = False,
    ) -> Command:
        """Returns the command with this format, whose response is a dict."""
        return self._command(msgformat)

    def _command(self, form: str) -> Command:
        try:
            if neopixel_command(form) == "update":
                return Command(self._guard.entry("[neopixel] bytes", self._update, lambda: None))
        except RequestError as problem:
            raise self._pins.error(str(problem)) from None
        done = {"success": 1}
        return Command(self._guard.entry("[neopixel] frame", self._send, lambda: done))

    def _configure(self) -> None:
        """Calls the stored callbacks of the sections; their errors are reported by the sections."""
        for callback in self._config_callbacks:
            callback()

    def _update(self, data: Any, _: int) -> None:
        oid, position, changed = data
        self._chains.update(oid, position, changed)

    def _send(self, data: Any, minclock: int) -> dict[str, int]:
        pin, colors = self._chains.chain(data[0]) or ("", b"")
        self._wait_for(minclock / CLOCK_HZ)
        offer = self._pins_by_name.get(pin)
        if offer is not None and self._engine is not None:
            self._engine.paint(offer["strip"], colors, offer["color_order"])
        return {"success": 1}

    def _wait_for(self, print_time: float) -> None:
        """Waits until the moves before a color are done, as an MCU does; the reactor runs on."""
        mcu = self._printer.lookup_object("mcu", None)
        if not print_time or mcu is None:
            return
        now = self._reactor.monotonic()
        wait_s = print_time - mcu.estimated_print_time(now)
        if wait_s > 0.0:
            self._guard.pause(self._reactor, now + min(wait_s, MAX_WAIT_S))
