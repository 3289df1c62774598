"""LEDs on an MCU: adapters for Klipper's LED objects, chosen by what the object supports.

Klipper sometimes renames internals of its LED objects, so no code here depends on a version.
`LedHelperAdapter` uses `_set_color` and `_check_transmit` or their older names, and the mutex at
its current or its former place. `SetLedAdapter` uses the command SET_LED. An object that supports
neither raises `UnsupportedObjectError`. Nothing here waits or synchronizes with the toolhead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Optional

from .guard import should_catch
from .led_adapter import (
    MIN_PERIOD_S,
    SETTLE_S,
    Cost,
    LedAdapter,
    UnsupportedObjectError,
    is_ready,
    kind_of,
    mcu_of,
)
from .pin_schedule import LEAD_S, PinSchedule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .klipper_api import GCode, Printer

# Klipper shuts down after a failed transfer, and one change is up to five transfers, so a bus with
# a bad connection is used less often than LEDs could change.
I2C_PERIOD_S = 1.0
# A SET_LED script may pause a running job's stream of moves for 50 ms.
COMMAND_PERIOD_S = 0.5

# Names of the channel numbers in Klipper's LED objects.
CHANNELS = "RGBW"

# The shortest float that Klipper converts back to each byte: Klipper sends the color of every LED
# to web interfaces as text, four times a second.
LEVELS = tuple(round(value / 255.0, 3) for value in range(256))


class PixelAdapter(LedAdapter):
    """An adapter with single pixels; writes the changed pixels that belong to a group."""

    def __init__(self, name: str, mcu: Any, count: int, owned: Sequence[int]) -> None:
        super().__init__(name, mcu, count)
        # The other LEDs of the chain remain available for SET_LED.
        self.owned = owned
        self._shown = b""

    def invalidate(self) -> None:
        self._shown = b""

    def release(self, successor: Optional[LedAdapter]) -> bool:
        released = set(successor.owned) if isinstance(successor, PixelAdapter) else set()
        self.owned = [led for led in self.owned if led not in released]
        return bool(self.owned)

    def show(self, frame: bytes) -> Optional[Cost]:
        old = self._shown
        if frame == old:
            return None
        leds = [led for led in self.owned if _pixel(frame, led) != _pixel(old, led)]
        cost = self._write(frame, leds) if leds else None
        self._shown = frame
        return cost

    def _write(self, frame: bytes, leds: list[int]) -> Cost:
        raise NotImplementedError


class LedHelperAdapter(PixelAdapter):
    """An object with an LED helper, called directly."""

    def __init__(self, printer: Printer, name: str, obj: Any, owned: Sequence[int]) -> None:
        super().__init__(name, mcu_of(obj), led_count(obj), owned)
        self._printer = printer
        self._helper = helper = obj.led_helper
        self._set_color = _method(helper, "_set_color", "set_color")
        self._check_transmit = _method(helper, "_check_transmit", "check_transmit")
        # Since October 2025 the helper sends in its own callback, under its own mutex. Before, the
        # object sent immediately, and some objects blocked.
        self._sends_at_once = not hasattr(helper, "mutex")
        mutex = getattr(helper, "mutex", None) or getattr(obj, "mutex", None)
        self._is_locked: Callable[[], bool] = getattr(mutex, "test", None) or (lambda: False)
        self._reactor = printer.get_reactor()
        self._is_sending = False
        if kind_of(name) == "led":
            self.settle_s = SETTLE_S
            busy_until = lambda: float(getattr(obj, "last_print_time", 0.0))  # noqa: E731
            self.schedule = PinSchedule(printer, self.mcu, busy_until)
        self._cost = _cost_model(kind_of(name), obj, self.count)
        self.period_s = PERIODS_S.get(kind_of(name), MIN_PERIOD_S)

    def is_busy(self) -> bool:
        return self._is_sending or self._is_locked()

    def _write(self, frame: bytes, leds: list[int]) -> Cost:
        colors = {led: _color(frame, led) for led in leds}
        if len(leds) == self.count and len(set(colors.values())) == 1:
            self._set_color(None, colors[0])
        else:
            self._set_colors(colors)
        if self.schedule is not None:
            self.schedule.write(self._set_pins)
            return self._cost(leds)
        self._is_sending = True
        if self._sends_at_once:
            self._reactor.register_callback(self._send)
        else:
            self._send(0.0)
        return self._cost(leds)

    def _set_colors(self, colors: dict[int, tuple[float, ...]]) -> None:
        """Sets single LEDs.

        Klipper's method copies the list of all colors for each LED. All LEDs but the last are
        written into one copy; the last call makes Klipper notice the change.
        """
        state = getattr(self._helper, "led_state", None)
        if isinstance(state, list) and len(state) == self.count:
            colors = {led: color for led, color in colors.items() if state[led] != color}
            if len(colors) > 1:
                last, last_color = colors.popitem()
                # A new list, as Klipper creates one, because others may hold the old one.
                self._helper.led_state = state = list(state)
                for led, color in colors.items():
                    state[led] = color
                colors = {last: last_color}
        for led, color in colors.items():
            self._set_color(led + 1, color)

    def _set_pins(self, print_time: float) -> None:
        """Writes pins immediately: a callback would run late and reduce the lead time."""
        update = getattr(self._helper, "update_func", None)
        if update is None or self._sends_at_once:
            self._check_transmit(print_time)
        elif self._helper.need_transmit:
            self._helper.need_transmit = False
            try:
                update(self._helper.led_state, print_time)
            except BaseException:
                # Otherwise the next attempt would find the same colors and send nothing.
                self._helper.need_transmit = True
                raise

    def _send(self, _: float) -> None:
        try:
            if is_ready(self._printer):
                # Without a print time: everything except pins is sent immediately.
                self._check_transmit(None)
        except BaseException as error:
            if not should_catch(error):
                raise
            self.fault = error
        finally:
            # Runs after the callback that the object may have just registered; from then on its
            # mutex shows whether it is busy.
            self._reactor.register_callback(self._on_sent)

    def _on_sent(self, _: float) -> None:
        self._is_sending = False


class SetLedAdapter(PixelAdapter):
    """LEDs that can only be set with the command SET_LED."""

    def __init__(self, printer: Printer, name: str, obj: Any, owned: Sequence[int]) -> None:
        super().__init__(name, mcu_of(obj), led_count(obj), owned)
        self._gcode: GCode = printer.lookup_object("gcode")
        if "SET_LED" not in self._gcode.ready_gcode_handlers:
            raise UnsupportedObjectError(
                "it has no LED helper, and the command SET_LED does not exist"
            )
        self._printer = printer
        self._is_sending = False
        self.period_s = COMMAND_PERIOD_S

    def is_busy(self) -> bool:
        # A script waits for the running command, which may take minutes.
        return self._is_sending or self._gcode.get_mutex().test()

    def _write(self, frame: bytes, leds: list[int]) -> Cost:
        script = "\n".join(self._line(frame, led, led == leds[-1]) for led in leds)
        self._is_sending = True
        self._printer.get_reactor().register_callback(lambda _: self._run(script))
        return Cost(12.0 + 10.0 * len(leds), _bit_banged_s(3, self.count))

    def _line(self, frame: bytes, led: int, is_last: bool) -> str:
        text = "SET_LED LED=%s RED=%.4f GREEN=%.4f BLUE=%.4f WHITE=%.4f INDEX=%d TRANSMIT=%d SYNC=0"
        return text % (self.name.split()[-1], *_color(frame, led), led + 1, is_last)

    def _run(self, script: str) -> None:
        try:
            if self._gcode.get_mutex().test() or not is_ready(self._printer):
                # Another command has started; the next frame tries again.
                self.invalidate()
            else:
                self._gcode.run_script(script)
        except BaseException as error:
            if not should_catch(error):
                raise
            self.fault = error
        finally:
            self._is_sending = False


def make_adapter(printer: Printer, name: str, obj: Any, owned: Sequence[int]) -> LedAdapter:
    """Creates the adapter of an LED object; raises UnsupportedObjectError."""
    helper = getattr(obj, "led_helper", None)
    if helper is not None and _has(helper, "set_color") and _has(helper, "check_transmit"):
        return LedHelperAdapter(printer, name, obj, owned)
    if kind_of(name) == "led":
        raise UnsupportedObjectError("it has no LED helper, and SET_LED cannot schedule pins")
    return SetLedAdapter(printer, name, obj, owned)


def _has(helper: Any, name: str) -> bool:
    return hasattr(helper, "_" + name) or hasattr(helper, name)


def _method(helper: Any, *names: str) -> Callable[..., object]:
    methods: list[Callable[..., object]] = [
        getattr(helper, name) for name in names if hasattr(helper, name)
    ]
    return methods[0]


def led_count(obj: Any) -> int:
    """Returns the number of LEDs of an object; raises UnsupportedObjectError if it is unknown."""
    helper: Any = getattr(obj, "led_helper", None)
    if hasattr(helper, "led_count"):
        return int(helper.led_count)
    if hasattr(helper, "get_led_count"):
        return int(helper.get_led_count())
    try:
        return len(obj.get_status(0.0)["color_data"])
    except (AttributeError, KeyError, TypeError):
        raise UnsupportedObjectError("its number of LEDs is unknown") from None


def channels(name: str, obj: Any) -> list[str]:
    """Returns the channels of each LED, such as GRBW; empty if unknown.

    Raises UnsupportedObjectError if the number of LEDs is unknown.
    """
    count = led_count(obj)
    kind = kind_of(name)
    if kind == "dotstar":
        return ["RGB"] * count
    texts = [""] * count
    try:
        if kind == "led":
            return ["".join(CHANNELS[channel] for channel, _ in obj.pins)]
        # Each byte of the chain belongs to an LED and a channel.
        for _, (led, channel) in obj.color_map:
            texts[led] += CHANNELS[channel]
    except (AttributeError, IndexError, TypeError, ValueError):
        # A pca9632 has a map of its four outputs, independent of the LEDs connected to them.
        return [""] * count
    return texts


def _pixel(frame: bytes, led: int) -> bytes:
    return frame[4 * led : 4 * led + 4]


def _color(frame: bytes, led: int) -> tuple[float, ...]:
    return tuple(LEVELS[value] for value in _pixel(frame, led))


# The cost of updates. Bytes were measured on the connection of a neopixel: 18 for one LED, 267 for
# 60, 662 for 150. A message has 5 bytes of framing, and a command 3 to 5 before its data.

CostModel = Callable[["list[int]"], Cost]

PERIODS_S = {"led": LEAD_S, "pca9533": I2C_PERIOD_S, "pca9632": I2C_PERIOD_S}


def _cost_model(kind: str, obj: Any, count: int) -> CostModel:
    if kind == "dotstar":
        # The whole chain each time, by software SPI at 500 kHz: 64 us per LED.
        whole = Cost(1.4 * 4.0 * (count + 2), 64e-6 * (count + 2))
        return lambda leds: whole
    if kind == "led":
        return lambda leds: Cost(48.0, 0.0002)
    if kind in ("pca9533", "pca9632"):
        return lambda leds: Cost(48.0, 0.0015)
    channels = max(3, len(getattr(obj, "color_map", ())) // max(count, 1))
    # The MCU sends the whole chain at every change.
    mcu_s = _bit_banged_s(channels, count)
    return lambda leds: Cost(12.0 + 5.0 * _runs(leds) + 1.47 * channels * len(leds), mcu_s)


def _bit_banged_s(channels: int, count: int) -> float:
    """1.25 us per bit, during which the MCU handles no other command."""
    return 10e-6 * channels * count


def _runs(leds: list[int]) -> int:
    """Counts the stretches without a gap in ascending numbers."""
    return sum(1 for before, led in zip([-2, *leds], leds) if led != before + 1)
