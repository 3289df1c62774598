"""LED sections and output pins of the simulated klippy, with the private parts of Klipper's.

An LED chain sends in a reactor callback, under the mutex of its helper. It is busy as long as its
MCU: 1.25 us per bit and a few milliseconds for the serial line. As in Klipper, callers that do not
check the mutex queue up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Optional

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .config import ConfigFile, ConfigWrapper
    from .core import PrinterCore

Color = tuple[float, ...]

# The time of an update on the line and in the MCU's queue. Measured on a pipe: 7-11 ms.
LINE_S = 0.006
BIT_S = 1.25e-6
# The time from the configuration of the MCU to the first value of a pin.
FIRST_VALUE_S = 0.2
# Klipper's lead time for a change of a pin.
MIN_SCHEDULE_S = 0.1

# More than the longest chain of RGB LEDs in Klipper.
MAX_LEDS = 500.0

LED_KINDS = ("neopixel", "dotstar", "led", "pca9533", "pca9632")


class Mutex:
    """A mutex of the reactor with a queue of waiting callbacks."""

    def __init__(self) -> None:
        self.is_locked = False
        self.waiting: list[Callable[[], None]] = []

    def test(self) -> bool:
        return self.is_locked


class Mcu:
    """The part of a micro-controller that lights use."""

    def __init__(self, printer: PrinterCore, name: str, constants: dict[str, Any]) -> None:
        self._printer = printer
        self._name = name
        self.constants = constants
        # Kalico has this for an MCU that can be unplugged.
        self.non_critical_disconnected = False
        # The delay of its clock to Klipper's estimate.
        self.behind_s = 0.0
        # The times of commands without an effect.
        self.nops: list[float] = []

    def get_name(self) -> str:
        return self._name

    def get_status(self, eventtime: float) -> dict[str, Any]:
        return {"mcu_constants": self.constants}

    def estimated_print_time(self, eventtime: float) -> float:
        return eventtime - self.behind_s

    def lookup_command(self, msgformat: str) -> Mcu:
        """Returns the only command that lights use directly."""
        if msgformat != "debug_nop":
            raise ValueError("Unknown command: " + msgformat)
        return self

    def send(self) -> None:
        self.nops.append(self._printer.reactor.monotonic())

    def min_schedule_time(self) -> float:
        return MIN_SCHEDULE_S


class LedHelper:
    """The ``led_helper`` of an LED section."""

    def __init__(self, printer: PrinterCore, chain: LedChain, led_count: int) -> None:
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

    def __init__(self, printer: PrinterCore, mcu: Mcu, count: int, channels: Sequence[str]) -> None:
        """``channels`` has the color order of each LED of a neopixel."""
        self._printer = printer
        self.mcu = mcu
        if channels:
            # The LED and the channel of each byte of the chain.
            each = [(led, "RGBW".index(it)) for led, text in enumerate(channels) for it in text]
            self.color_map = list(enumerate(each))
        self.led_helper = LedHelper(printer, self, count)
        # The channels of an [led] that have a pin.
        self.pins: list[tuple[int, Mcu]] = []
        # The sent colors, with their times.
        self.sent: list[tuple[float, list[Color]]] = []
        # The maximum number of callbacks that waited for the mutex; each is a waiting greenlet.
        self.most_waiting = 0
        # Whether the MCU does not answer.
        self.is_hanging = False

    def update_leds(self, state: list[Color], print_time: Optional[float]) -> float:
        """Called by the helper; returns the duration of the transmission."""
        return self.transmit(state)

    def transmit(self, state: list[Color]) -> float:
        """Sends the colors; returns the duration of the transmission."""
        self.sent.append((self._printer.reactor.monotonic(), state))
        if self.is_hanging:
            return self._printer.reactor.NEVER
        return LINE_S + 24.0 * len(state) * BIT_S

    def get_status(self, eventtime: float) -> dict[str, Any]:
        return self.led_helper.get_status(eventtime)


class PwmLed(LedChain):
    """An [led]: pins whose changes have a time."""

    def __init__(self, printer: PrinterCore, mcu: Mcu) -> None:
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
    """The ``gcrq`` of an output pin."""

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

    def __init__(self, printer: PrinterCore, mcu: Mcu, scale: float, is_pwm: bool) -> None:
        self.clock = printer.reactor.monotonic
        self.mcu = mcu
        self.is_pwm = is_pwm
        self.scale = scale
        self.last_value = 0.0
        self.gcrq = RequestQueue(mcu, self)
        # Each change: its scheduled time, the time of the request, and the value.
        self.sent: list[tuple[float, float, float]] = []
        self._printer = printer
        # The time of the last change; the next one is sent after it.
        self._last_due = 0.0
        printer.register_event_handler("klippy:mcu_identify", self._configure)

    def _configure(self) -> None:
        self._last_due = self.clock() + FIRST_VALUE_S

    def set_pin(self, print_time: float, value: float) -> None:
        # A change is sent after the previous one took effect, and must reach the MCU in time.
        clock = self.mcu.estimated_print_time(self.clock())
        if print_time < self._last_due or print_time < clock:
            self._printer.invoke_shutdown("MCU 'mcu' shutdown: Timer too close")
        self._last_due = print_time
        self.last_value = value
        self.sent.append((print_time, self.clock(), value))

    def get_status(self, eventtime: float) -> dict[str, float]:
        return {"value": self.last_value}


def build_lights(printer: PrinterCore, file: ConfigFile) -> None:
    """Adds the lights of the config and their MCUs.

    A config without [printer] is a part of a config: the lights that Lumen's sections name are
    added.
    """
    mcus: dict[str, Mcu] = {}
    for name in file.parser.sections():
        if name.split()[0] in (*LED_KINDS, "output_pin"):
            _add_light(printer, file, name, mcus)
    if not file.parser.has_section("printer"):
        for name in _named_lights(file):
            if printer.lookup_object(name, None) is None:
                _add_light(printer, file, name, mcus)


def _add_light(printer: PrinterCore, file: ConfigFile, name: str, mcus: dict[str, Mcu]) -> None:
    section = file.section(printer, name)
    pin = str(section.get("pin", "") or section.get("red_pin", ""))
    if pin.startswith("lumen:"):
        # Its chip does not exist yet.
        return
    mcu_name = pin.lstrip("!^~ ").partition(":")[0] if ":" in pin else "mcu"
    mcu = mcus.setdefault(mcu_name, Mcu(printer, mcu_name, {}))
    if name.split(maxsplit=1)[0] == "output_pin":
        is_pwm = str(section.get("pwm", "no")).lower() in ("yes", "true", "1", "on")
        printer.add_object(name, OutputPin(printer, mcu, section.getfloat("scale", 1.0), is_pwm))
    else:
        exists = file.parser.has_section(name)
        count = section.getfloat("chain_count", 1.0 if exists else MAX_LEDS)
        channels = _orders(section, int(count)) if name.startswith("neopixel ") else []
        if exists and name.startswith("led "):
            chain: LedChain = PwmLed(printer, mcu)
        else:
            chain = LedChain(printer, mcu, int(count), channels)
        if name.startswith("led "):
            pins = enumerate(("red_pin", "green_pin", "blue_pin", "white_pin"))
            chain.pins = [(channel, mcu) for channel, pin in pins if section.get(pin, "")]
        printer.add_object(name, chain)


def _orders(section: ConfigWrapper, count: int) -> Sequence[str]:
    """Returns the channels of each LED of a neopixel, as Klipper reads them."""
    orders = section.getlist("color_order", ["GRB"])
    if len(orders) == 1:
        orders = [orders[0]] * count
    if len(orders) != count:
        raise section.error("color_order does not match chain_count")
    for order in orders:
        if sorted(order) not in (sorted("RGB"), sorted("RGBW")):
            raise section.error("Invalid color_order '%s'" % order)
    return orders


def _named_lights(file: ConfigFile) -> Iterator[str]:
    """Yields the full names of the light sections that Lumen's sections name."""
    for section in file.parser.sections():
        if not section.startswith("lumen"):
            continue
        options = file.parser[section]
        for option, kind in (("neopixel", "neopixel"), ("led", "led"), ("pin_name", "output_pin")):
            for name in options.get(option, "").split(","):
                parts = name.split()
                if parts:
                    yield " ".join(parts if len(parts) > 1 else [kind, *parts])
