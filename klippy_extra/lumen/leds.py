"""LEDs on an MCU: Klipper's LED objects, behind one adapter that asks what the object can do.

Klipper renames the insides of its LED objects now and then, so nothing here goes by a version:
`LedHelperAdapter` takes `_set_color` and `_check_transmit` or their older names, and the mutex where it
is today or where it was before; `SetLedAdapter` is left with SET_LED. What fits neither
raises `UnsupportedObjectError`. Nothing here syncs with the toolhead or waits.
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
from .schedule import LEAD_S, PinSchedule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .klipper import GCode, Printer

# Klipper shuts down when a transfer fails, and a change is up to five: a bus with a loose wire must
# not be asked as often as LEDs could change.
I2C_PERIOD_S = 1.0
# Each SET_LED script may cost a running job a pause of 50 ms in its feeding.
COMMAND_PERIOD_S = 0.5

# What Klipper's LED objects count.
CHANNELS = "RGBW"

# The shortest float that Klipper turns back into each byte: it tells web interfaces the color of
# every LED four times a second, digit by digit.
LEVELS = tuple(round(value / 255.0, 3) for value in range(256))


class PixelAdapter(LedAdapter):
    """A adapter of single pixels; writes those which changed and which a group owns."""

    def __init__(self, name: str, mcu: Any, count: int, owned: Sequence[int]) -> None:
        super().__init__(name, mcu, count)
        # The other LEDs of the chain stay the user's, for SET_LED.
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
    """An object with an LED helper, written in process."""

    def __init__(self, printer: Printer, name: str, obj: Any, owned: Sequence[int]) -> None:
        super().__init__(name, mcu_of(obj), led_count(obj), owned)
        self._printer = printer
        self._helper = helper = obj.led_helper
        self._set_color = _method(helper, "_set_color", "set_color")
        self._check_transmit = _method(helper, "_check_transmit", "check_transmit")
        # Since October 2025 the helper sends in a callback of its own, under its own mutex. Before,
        # the object sent, some of them at once and waiting.
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
        """Sets single LEDs. Klipper's method copies the list of all colors for each of them, so all
        but the last go into one copy; the last makes Klipper note that there is something to send.
        """
        state = getattr(self._helper, "led_state", None)
        if isinstance(state, list) and len(state) == self.count:
            colors = {led: color for led, color in colors.items() if state[led] != color}
            if len(colors) > 1:
                last, last_color = colors.popitem()
                # A new list, as Klipper makes one: others may hold the old.
                self._helper.led_state = state = list(state)
                for led, color in colors.items():
                    state[led] = color
                colors = {last: last_color}
        for led, color in colors.items():
            self._set_color(led + 1, color)

    def _set_pins(self, print_time: float) -> None:
        """Writes pins here and now: in a callback, part of the lead would be gone already."""
        update = getattr(self._helper, "update_func", None)
        if update is None or self._sends_at_once:
            self._check_transmit(print_time)
        elif self._helper.need_transmit:
            self._helper.need_transmit = False
            try:
                update(self._helper.led_state, print_time)
            except BaseException:
                # The next try has the same colors, which would count as sent.
                self._helper.need_transmit = True
                raise

    def _send(self, _: float) -> None:
        try:
            if is_ready(self._printer):
                # Without a time: what is no pin is sent at once.
                self._check_transmit(None)
        except BaseException as error:
            if not should_catch(error):
                raise
            self.fault = error
        finally:
            # Runs after the callback that the object itself may just have registered: from then
            # on its mutex tells.
            self._reactor.register_callback(self._on_sent)

    def _on_sent(self, _: float) -> None:
        self._is_sending = False


class SetLedAdapter(PixelAdapter):
    """An LED that only the command SET_LED reaches."""

    def __init__(self, printer: Printer, name: str, obj: Any, owned: Sequence[int]) -> None:
        super().__init__(name, mcu_of(obj), led_count(obj), owned)
        self._gcode: GCode = printer.lookup_object("gcode")
        if "SET_LED" not in self._gcode.ready_gcode_handlers:
            raise UnsupportedObjectError("it has no LED helper, and there is no command SET_LED")
        self._printer = printer
        self._is_sending = False
        self.period_s = COMMAND_PERIOD_S

    def is_busy(self) -> bool:
        # A script waits for the command that runs, which may take minutes.
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
                # Something got in between; the next frame is not far.
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
    """The adapter that fits an LED object; raises UnsupportedObjectError."""
    helper = getattr(obj, "led_helper", None)
    if helper is not None and _has(helper, "set_color") and _has(helper, "check_transmit"):
        return LedHelperAdapter(printer, name, obj, owned)
    if kind_of(name) == "led":
        raise UnsupportedObjectError(
            "it has no LED helper, and SET_LED does not say when a pin changes"
        )
    return SetLedAdapter(printer, name, obj, owned)


def _has(helper: Any, name: str) -> bool:
    return hasattr(helper, "_" + name) or hasattr(helper, name)


def _method(helper: Any, *names: str) -> Callable[..., object]:
    methods: list[Callable[..., object]] = [
        getattr(helper, name) for name in names if hasattr(helper, name)
    ]
    return methods[0]


def led_count(obj: Any) -> int:
    """How many LEDs an object has; raises UnsupportedObjectError where it does not tell."""
    helper: Any = getattr(obj, "led_helper", None)
    if hasattr(helper, "led_count"):
        return int(helper.led_count)
    if hasattr(helper, "get_led_count"):
        return int(helper.get_led_count())
    try:
        return len(obj.get_status(0.0)["color_data"])
    except (AttributeError, KeyError, TypeError):
        raise UnsupportedObjectError("it does not tell how many LEDs it has") from None


def channels(name: str, obj: Any) -> list[str]:
    """The channels of each LED, such as GRBW; empty if the object does not say.

    Raises UnsupportedObjectError if the object does not say how many LEDs it has.
    """
    count = led_count(obj)
    kind = kind_of(name)
    if kind == "dotstar":
        return ["RGB"] * count
    texts = [""] * count
    try:
        if kind == "led":
            return ["".join(CHANNELS[channel] for channel, _ in obj.pins)]
        # A byte of the chain, and the LED and the channel that it is.
        for _, (led, channel) in obj.color_map:
            texts[led] += CHANNELS[channel]
    except (AttributeError, IndexError, TypeError, ValueError):
        # A pca9632 has a map of its four outputs, whatever hangs on them.
        return [""] * count
    return texts


def _pixel(frame: bytes, led: int) -> bytes:
    return frame[4 * led : 4 * led + 4]


def _color(frame: bytes, led: int) -> tuple[float, ...]:
    return tuple(LEVELS[value] for value in _pixel(frame, led))


# What updates cost. Bytes were measured on the line of a neopixel: 18 for one LED, 267 for all 60,
# 662 for all 150. A message has 5 bytes round it, and a command 3 to 5 before its data.

CostModel = Callable[["list[int]"], Cost]

PERIODS_S = {"led": LEAD_S, "pca9533": I2C_PERIOD_S, "pca9632": I2C_PERIOD_S}


def _cost_model(kind: str, obj: Any, count: int) -> CostModel:
    if kind == "dotstar":
        # The whole chain every time, by software SPI at 500 kHz: 64 us an LED.
        whole = Cost(1.4 * 4.0 * (count + 2), 64e-6 * (count + 2))
        return lambda leds: whole
    if kind == "led":
        return lambda leds: Cost(48.0, 0.0002)
    if kind in ("pca9533", "pca9632"):
        return lambda leds: Cost(48.0, 0.0015)
    channels = max(3, len(getattr(obj, "color_map", ())) // max(count, 1))
    # The MCU sends the whole chain, whatever changed.
    mcu_s = _bit_banged_s(channels, count)
    return lambda leds: Cost(12.0 + 5.0 * _runs(leds) + 1.47 * channels * len(leds), mcu_s)


def _bit_banged_s(channels: int, count: int) -> float:
    """1.25 us a bit, in which the MCU handles no other command."""
    return 10e-6 * channels * count


def _runs(leds: list[int]) -> int:
    """How many stretches without a gap there are among rising numbers."""
    return sum(1 for before, led in zip([-2, *leds], leds) if led != before + 1)
