"""Pins of the simulated klippy: chips by name, and a [neopixel] on a chip of a plug-in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Optional

from .lights import Color, LedChain

if TYPE_CHECKING:
    from .config import ConfigFile
    from .core import PrinterCore


class PinError(Exception):
    """An error of a pin; it stops the start like a config error."""


class Pins:
    """The printer object ``pins``."""

    error = PinError

    def __init__(self) -> None:
        self.chips: dict[str, Any] = {}

    def register_chip(self, chip_name: str, chip: object) -> None:
        if chip_name in self.chips:
            raise PinError("Duplicate chip name '%s'" % chip_name)
        self.chips[chip_name] = chip

    def lookup_pin(self, pin_desc: str) -> dict[str, Any]:
        chip_name, _, pin = pin_desc.rpartition(":")
        if chip_name not in self.chips:
            raise PinError("Unknown pin chip name '%s'" % chip_name)
        return {"chip": self.chips[chip_name], "chip_name": chip_name, "pin": pin}

    def setup_pin(self, pin_type: str, pin_desc: str) -> Any:
        params = self.lookup_pin(pin_desc)
        return params["chip"].setup_pin(pin_type, params)


class ChipChain(LedChain):
    """A [neopixel] that sends to the chip of its pin with the protocol of an MCU."""

    def __init__(self, printer: PrinterCore, pins: Pins, pin: str, orders: list[str]) -> None:
        params = pins.lookup_pin(pin)
        self._chip = params["chip"]
        super().__init__(printer, self._chip, len(orders), orders)
        self._pin = params["pin"]
        self._orders = orders
        self._oid = self._chip.create_oid()
        self._update: Any = None
        self._send: Any = None
        self._chip.register_config_callback(self._build)
        printer.register_event_handler("klippy:connect", lambda: self._transfer(None))

    def paint(self, colors: list[Color], print_time: Optional[float] = None) -> None:
        """Shows colors, at once or at the time of a move."""
        self.led_helper.led_state = colors
        self._transfer(print_time)

    def transmit(self, state: list[Color]) -> float:
        self._transfer(None)
        return super().transmit(state)

    def _build(self) -> None:
        chip, size = self._chip, sum(map(len, self._orders))
        ticks = (chip.seconds_to_clock(4e-6), chip.seconds_to_clock(5e-5))
        chip.add_config_cmd(
            "config_neopixel oid=%d pin=%s data_size=%d bit_max_ticks=%d reset_min_ticks=%d"
            % (self._oid, self._pin, size, *ticks)
        )
        queue = chip.alloc_command_queue()
        self._update = chip.lookup_command("neopixel_update oid=%c pos=%hu data=%*s", cq=queue)
        self._send = chip.lookup_query_command(
            "neopixel_send oid=%c",
            "neopixel_result oid=%c success=%c",
            oid=self._oid,
            cq=queue,
        )

    def _transfer(self, print_time: Optional[float]) -> None:
        colors = zip(self._orders, self.led_helper.led_state)
        levels = [color["RGBW".index(letter)] for order, color in colors for letter in order]
        data = bytearray(round(255 * level) for level in levels)
        self._update.send([self._oid, 0, data], reqclock=0)
        minclock = 0 if print_time is None else self._chip.print_time_to_clock(print_time)
        answer = self._send.send([self._oid], minclock=minclock, reqclock=0)
        if not answer["success"]:
            raise RuntimeError("the chip did not accept the colors")


def build_klipper_neopixels(printer: PrinterCore, pins: Pins, file: ConfigFile) -> None:
    """Adds the [neopixel] sections with a pin of Lumen's chip."""
    for name in file.parser.sections():
        section = file.section(printer, name)
        pin = section.get("pin", "", note_valid=False)
        if not pin.startswith("lumen:"):
            continue
        if not name.startswith("neopixel "):
            pins.setup_pin("digital_out", pin)
        count = section.getint("chain_count", 1)
        orders = list(section.getlist("color_order", ["GRB"]))
        orders = orders * count if len(orders) == 1 else orders
        printer.add_object(name, ChipChain(printer, pins, pin, orders))
