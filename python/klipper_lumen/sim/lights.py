"""The lights of the klippy double: LED sections and output pins, with the insides of Klipper's.

An LED chain sends in a callback of its own, under its helper's mutex, and is busy for as long as
its MCU takes: 1.25 us a bit and a few milliseconds of the line. Nothing is queued while it sends
but what a caller sends without asking, as in Klipper.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Optional

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .config import ConfigFile, ConfigWrapper
    from .printer import Printer

Color = tuple[float, ...]

# What an update takes on the line and in the MCU's queue; measured on a pipe, 7-11 ms.
LINE_S = 0.006
BIT_S = 1.25e-6
# When a pin has its first value, after the MCU is configured.
FIRST_VALUE_S = 0.2
# Klipper's lead for a change of a pin.
MIN_SCHEDULE_S = 0.1

# The longest chain of RGB LEDs that Klipper takes is shorter.
MOST_LEDS = 500.0

LED_KINDS = ("neopixel", "dotstar", "led", "pca9533", "pca9632")


class Mutex:
    """A lock of the reactor's; callbacks that wait for it queue up."""

    def __init__(self) -> None:
        self.is_locked = False
        self.waiting: list[Callable[[], None]] = []

    def test(self) -> bool:
        return self.is_locked


class Mcu:
    """A micro-controller, as far as lights see it."""

    def __init__(self, printer: Printer, name: str, constants: dict[str, Any]) -> None:
        self._printer = printer
        self._name = name
        self.constants = constants
        # Kalico's, for an MCU that may be unplugged.
        self.non_critical_disconnected = False
        # How far its clock is behind what Klipper thinks.
        self.behind_s = 0.0
        # Commands without an effect, by their time.
        self.nops: list[float] = []

    def get_name(self) -> str:
        return self._name

    def get_status(self, eventtime: float) -> dict[str, Any]:
        return {"mcu_constants": self.constants}

    def estimated_print_time(self, eventtime: float) -> float:
        return eventtime - self.behind_s

    def lookup_command(self, msgformat: str) -> Mcu:
        """The one command that lights use by themselves."""
        if msgformat != "debug_nop":
            raise ValueError("Unknown command: " + msgformat)
        return self

    def send(self) -> None:
        self.nops.append(self._printer.reactor.monotonic())

    def min_schedule_time(self) -> float:
        return MIN_SCHEDULE_S


class LedHelper:
    """What each LED section has as ``led_helper``."""

    def __init__(self, printer: Printer, chain: LedChain, led_count: int) -> None:
        self._printer = printer
        self._chain = chain
        self.mutex = Mutex()
        self.led_count = led_count
        self.need_transmit = False
        self.led_state: list[Color] = [(0.0, 0.0, 0.0, 0.0)] * led_count
        self.update_func = chain.update_leds

    def get_status(self, eventtime: Optional[float] = None) -> dict[str, Any]:
        return {"color_data": self.led_state}

    def _set_color(self, index: Optional[int], color: Color) -> None:
        state = list(self.led_state)
        for led in range(self.led_count) if index is None else [index - 1]:
            state[led] = color
        if state != self.led_state:
            self.led_state = state
            self.need_transmit = True

    def _check_transmit(self, print_time: Optional[float] = None) -> None:
        if not self.need_transmit:
            return
        self.need_transmit = False
        state = self.led_state
        self._printer.reactor.register_callback(lambda _: self._enter(state, print_time))

    def _enter(self, state: list[Color], print_time: Optional[float]) -> None:
        if self.mutex.is_locked:
            self.mutex.waiting.append(lambda: self._enter(state, print_time))
            self._chain.most_waiting = max(self._chain.most_waiting, len(self.mutex.waiting))
            return
        self.mutex.is_locked = True
        wait_s = self.update_func(state, print_time)
        reactor = self._printer.reactor
        reactor.register_callback(lambda _: self._leave(), reactor.monotonic() + wait_s)

    def _leave(self) -> None:
        self.mutex.is_locked = False
        if self.mutex.waiting:
            self.mutex.waiting.pop(0)()


class LedChain:
    """An LED section: neopixel, dotstar, led, pca9533 or pca9632."""

    def __init__(self, printer: Printer, mcu: Mcu, count: int, channels: Sequence[str]) -> None:
        """``channels`` are those of each LED of a neopixel."""
        self._printer = printer
        self.mcu = mcu
        if channels:
            # Each byte of the chain with its LED and its channel.
            each = [(led, "RGBW".index(it)) for led, text in enumerate(channels) for it in text]
            self.color_map = list(enumerate(each))
        self.led_helper = LedHelper(printer, self, count)
        # Of an [led]: each channel that has a pin.
        self.pins: list[tuple[int, Mcu]] = []
        # What was sent, with its time.
        self.sent: list[tuple[float, list[Color]]] = []
        # The most callbacks that waited for the mutex at once; each is a parked greenlet.
        self.most_waiting = 0
        # The MCU does not answer.
        self.hangs = False

    def update_leds(self, state: list[Color], print_time: Optional[float]) -> float:
        """What the helper calls; returns how long sending takes."""
        return self.transmit(state)

    def transmit(self, state: list[Color]) -> float:
        """Sends; returns how long that takes."""
        self.sent.append((self._printer.reactor.monotonic(), state))
        if self.hangs:
            return self._printer.reactor.NEVER
        return LINE_S + 24.0 * len(state) * BIT_S

    def get_status(self, eventtime: float) -> dict[str, Any]:
        return self.led_helper.get_status(eventtime)


class PwmLed(LedChain):
    """A [led]: pins, whose changes carry a time."""

    def __init__(self, printer: Printer, mcu: Mcu) -> None:
        super().__init__(printer, mcu, 1, [])
        self.pin = OutputPin(printer, mcu, 1.0, is_pwm=True)

    @property
    def last_print_time(self) -> float:
        return self.pin.gcrq.next_min_flush_time

    def update_leds(self, state: list[Color], print_time: Optional[float]) -> float:
        if print_time is None:
            print_time = self.mcu.estimated_print_time(self.pin.clock()) + MIN_SCHEDULE_S
        self.pin.gcrq.send_async_request(max(state[0]), print_time)
        self.sent.append((self.pin.clock(), state))
        return 0.0


class RequestQueue:
    """What an output pin has as ``gcrq``."""

    def __init__(self, mcu: Mcu, pin: OutputPin) -> None:
        self._mcu = mcu
        self._pin = pin
        self.next_min_flush_time = 0.0

    def send_async_request(self, value: float, print_time: Optional[float] = None) -> None:
        now = self._pin.clock()
        if print_time is None:
            print_time = self._mcu.estimated_print_time(now + MIN_SCHEDULE_S)
        if value == self._pin.last_value:
            return
        due = max(print_time, self.next_min_flush_time)
        self._pin.set_pin(due, value)
        self.next_min_flush_time = due + MIN_SCHEDULE_S


class OutputPin:
    """An [output_pin]."""

    def __init__(self, printer: Printer, mcu: Mcu, scale: float, is_pwm: bool) -> None:
        self.clock = printer.reactor.monotonic
        self.mcu = mcu
        self.is_pwm = is_pwm
        self.scale = scale
        self.last_value = 0.0
        self.gcrq = RequestQueue(mcu, self)
        # What was set, with the time that it is scheduled for and the time that it was asked at.
        self.sent: list[tuple[float, float, float]] = []
        self._printer = printer
        # When the last change is due; nothing is sent before that.
        self._last_due = 0.0
        printer.register_event_handler("klippy:mcu_identify", self._configure)

    def _configure(self) -> None:
        self._last_due = self.clock() + FIRST_VALUE_S

    def set_pin(self, print_time: float, value: float) -> None:
        # A write leaves when the MCU's clock has passed the one before, and must be there in time.
        clock = self.mcu.estimated_print_time(self.clock())
        if print_time < self._last_due or print_time < clock:
            self._printer.invoke_shutdown("MCU 'mcu' shutdown: Timer too close")
        self._last_due = print_time
        self.last_value = value
        self.sent.append((print_time, self.clock(), value))

    def get_status(self, eventtime: float) -> dict[str, float]:
        return {"value": self.last_value}


def build_lights(printer: Printer, file: ConfigFile) -> None:
    """Adds the lights of the config, and the MCUs that they are on.

    A config without a printer is part of one, whose other part has what Lumen's sections name.
    """
    mcus: dict[str, Mcu] = {}
    for name in file.parser.sections():
        if name.split()[0] in (*LED_KINDS, "output_pin"):
            _add_light(printer, file, name, mcus)
    if not file.parser.has_section("printer"):
        for name in _named(file):
            if printer.lookup_object(name, None) is None:
                _add_light(printer, file, name, mcus)


def _add_light(printer: Printer, file: ConfigFile, name: str, mcus: dict[str, Mcu]) -> None:
    section = file.section(printer, name)
    pin = str(section.get("pin", "") or section.get("red_pin", ""))
    if pin.startswith("lumen:"):
        # It needs the chip, which is not there yet.
        return
    mcu_name = pin.lstrip("!^~ ").partition(":")[0] if ":" in pin else "mcu"
    mcu = mcus.setdefault(mcu_name, Mcu(printer, mcu_name, {}))
    if name.split(maxsplit=1)[0] == "output_pin":
        is_pwm = str(section.get("pwm", "no")).lower() in ("yes", "true", "1", "on")
        printer.add_object(name, OutputPin(printer, mcu, section.getfloat("scale", 1.0), is_pwm))
    else:
        is_there = file.parser.has_section(name)
        count = section.getfloat("chain_count", 1.0 if is_there else MOST_LEDS)
        channels = _orders(section, int(count)) if name.startswith("neopixel ") else []
        if is_there and name.startswith("led "):
            chain: LedChain = PwmLed(printer, mcu)
        else:
            chain = LedChain(printer, mcu, int(count), channels)
        if name.startswith("led "):
            pins = enumerate(("red_pin", "green_pin", "blue_pin", "white_pin"))
            chain.pins = [(channel, mcu) for channel, pin in pins if section.get(pin, "")]
        printer.add_object(name, chain)


def _orders(section: ConfigWrapper, count: int) -> Sequence[str]:
    """The channels of each LED of a neopixel, read as Klipper does."""
    orders = section.getlist("color_order", ["GRB"])
    if len(orders) == 1:
        orders = [orders[0]] * count
    if len(orders) != count:
        raise section.error("color_order does not match chain_count")
    for order in orders:
        if sorted(order) not in (sorted("RGB"), sorted("RGBW")):
            raise section.error("Invalid color_order '%s'" % order)
    return orders


def _named(file: ConfigFile) -> Iterator[str]:
    """The sections that Lumen's own name, in full."""
    for section in file.parser.sections():
        if not section.startswith("lumen"):
            continue
        options = file.parser[section]
        for option, kind in (("neopixel", "neopixel"), ("led", "led"), ("pin_name", "output_pin")):
            for name in options.get(option, "").split(","):
                words = name.split()
                if words:
                    yield " ".join(words if len(words) > 1 else [kind, *words])
