"""Adapters for Klipper's LED objects and output pins, chosen by what the object supports.

Klipper sometimes renames internals of its LED objects, so no code here depends on a version. An LED
object is driven through its LED helper, by the helper's current or older names. If it also has the
parts of Klipper's `[neopixel]`, only pieces of the chain's data are sent. An object without a
helper is driven with the command SET_LED. An output pin is written as template updates write it,
without the queue of moves. Any other object raises `UnsupportedObjectError`. Nothing here waits,
and the engine decides what is shown when.
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any, Callable, Optional

from .guard import should_catch
from .pin_schedule import PinSchedule, PinSchedules

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .klipper_api import GCode, Printer

# Red, green, blue and white from 0.0 to 1.0.
Color = tuple[float, float, float, float]
# An LED, counted from 0, and its color.
Colors = list[tuple[int, Color]]
# Data of a chain, with its position.
Pieces = list[tuple[int, bytes]]

log = logging.getLogger(__name__)

# How often Klipper makes an MCU repeat a chain whose timing was disturbed.
SEND_TRIES = 8


class UnsupportedObjectError(Exception):
    """Why an object is not supported, as text for the user."""


class NotSentError(Exception):
    """An update was not sent, through no fault of the object."""


class Adapter:
    """A Klipper object that shows some pixels of a strip."""

    def __init__(self, name: str, obj: Any, kind: str, count: int, owned: Sequence[int]) -> None:
        """``kind`` is the engine's name for the kind of object."""
        self.name, self.kind, self.count, self.owned = name, kind, count, owned
        # None if unknown.
        self.mcu: Any = mcu_of(obj)
        # The LED and the channel of each byte of the chain, and whether it takes pieces of it.
        self.color_map: list[tuple[int, int]] = []
        self.takes_pieces = False
        # For pins, whose writes have a time; None for LEDs that are written immediately.
        self.schedule: Optional[PinSchedule] = None
        # The exception that a callback of the last update caught.
        self._fault: Optional[BaseException] = None

    def is_busy(self) -> bool:
        """Returns whether the last update is still in progress."""
        return False

    def take_fault(self) -> Optional[BaseException]:
        """Returns and clears what went wrong after the last ``show``."""
        fault, self._fault = self._fault, None
        return fault

    def show(self, colors: Colors, pieces: Pieces) -> None:
        """Sends new colors of some LEDs. Exceptions of the object pass."""
        raise NotImplementedError


class LedHelperAdapter(Adapter):
    """An object with an LED helper, called directly."""

    def __init__(
        self, printer: Printer, name: str, obj: Any, owned: Sequence[int], schedules: PinSchedules
    ) -> None:
        kind = kind_of(name)
        super().__init__(name, obj, kind, led_count(obj), owned)
        self._printer = printer
        self._reactor = printer.get_reactor()
        self._helper = helper = obj.led_helper
        self._set_color = _method(helper, "_set_color", "set_color")
        self._check_transmit = _method(helper, "_check_transmit", "check_transmit")
        # Since October 2025 the helper sends in its own callback, under its own mutex. Before, the
        # object sent immediately, and some objects blocked.
        self._sends_at_once = not hasattr(helper, "mutex")
        self._mutex: Any = getattr(helper, "mutex", None) or getattr(obj, "mutex", None)
        self._is_locked: Callable[[], bool] = getattr(self._mutex, "test", None) or (lambda: False)
        self._is_sending = False
        if kind == "led":
            busy_until = lambda: float(getattr(obj, "last_print_time", 0.0))  # noqa: E731
            self.schedule = schedules.of(name, self.mcu, busy_until)
        elif kind == "neopixel":
            self.color_map = _color_map(obj, self.count)
            self._chain = _chain(printer, obj, self._mutex) if self.color_map else None
            self.takes_pieces = self._chain is not None

    def is_busy(self) -> bool:
        return self._is_sending or self._is_locked()

    def show(self, colors: Colors, pieces: Pieces) -> None:
        if len(colors) == self.count and all(color == colors[0][1] for _, color in colors):
            self._set_color(None, colors[0][1])
        else:
            self._set_colors(dict(colors))
        if self.schedule is not None:
            self.schedule.write(self._set_pins)
            return
        self._is_sending = True
        if pieces:
            self._reactor.register_callback(lambda _: self._send_pieces(pieces))
        elif self._sends_at_once:
            self._reactor.register_callback(self._send)
        else:
            self._send(0.0)

    def _set_colors(self, colors: dict[int, Color]) -> None:
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
            self._fault = error
        finally:
            # Runs after the callback that the object may have just registered; from then on its
            # mutex shows whether it is busy.
            self._reactor.register_callback(self._on_sent)

    def _on_sent(self, _: float) -> None:
        self._is_sending = False

    def _send_pieces(self, pieces: Pieces) -> None:
        try:
            with self._mutex:
                if self._chain is not None and is_ready(self._printer):
                    self._chain.send(pieces)
        except BaseException as error:
            if not should_catch(error):
                raise
            # After a shutdown, which the health reports.
            self._fault = error if is_ready(self._printer) else None
        finally:
            self._is_sending = False


class Chain:
    """The data of Klipper's `[neopixel]`, of which pieces are sent as Klipper sends them.

    Klipper compares its newest data with what the MCU holds. Both get each piece, so Klipper's own
    updates, after a SET_LED for other LEDs of the chain, send only what they changed.
    """

    def __init__(self, obj: Any, background: int) -> None:
        """``background`` is the clock of commands that let others pass. Missing parts raise."""
        self._obj = obj
        self._data: list[bytearray] = [obj.color_data, obj.old_color_data]
        if any(len(data) != len(obj.color_map) for data in self._data):
            raise AttributeError("the data has another length")
        self._oid = obj.oid
        self._update = obj.neopixel_update_cmd.send
        self._send = obj.neopixel_send_cmd.send
        self._background = background

    def send(self, pieces: Pieces) -> None:
        """Sends pieces, and shows the chain. Waits for the MCU; exceptions pass."""
        if getattr(self._obj.mcu, "non_critical_disconnected", False):
            return
        for position, data in pieces:
            self._update([self._oid, position, data], reqclock=self._background)
            for known in self._data:
                known[position : position + len(data)] = data
        for _ in range(SEND_TRIES):
            if self._send([self._oid], minclock=0, reqclock=self._background)["success"]:
                return
        log.info("lumen: the MCU did not show an update of a chain")


class SetLedAdapter(Adapter):
    """LEDs that can only be set with the command SET_LED."""

    def __init__(self, printer: Printer, name: str, obj: Any, owned: Sequence[int]) -> None:
        super().__init__(name, obj, "command", led_count(obj), owned)
        self._gcode: GCode = printer.lookup_object("gcode")
        if "SET_LED" not in self._gcode.ready_gcode_handlers:
            raise UnsupportedObjectError(
                "it has no LED helper, and the command SET_LED does not exist"
            )
        self._printer = printer
        self._is_sending = False

    def is_busy(self) -> bool:
        # A script waits for the running command, which may take minutes.
        return self._is_sending or self._gcode.get_mutex().test()

    def show(self, colors: Colors, _: Pieces) -> None:
        last = colors[-1][0]
        script = "\n".join(self._line(led, color, led == last) for led, color in colors)
        self._is_sending = True
        self._printer.get_reactor().register_callback(lambda _: self._run(script))

    def _line(self, led: int, color: Color, is_last: bool) -> str:
        text = "SET_LED LED=%s RED=%.4f GREEN=%.4f BLUE=%.4f WHITE=%.4f INDEX=%d TRANSMIT=%d SYNC=0"
        return text % (self.name.split()[-1], *color, led + 1, is_last)

    def _run(self, script: str) -> None:
        try:
            if self._gcode.get_mutex().test() or not is_ready(self._printer):
                # Another command has started; the next frame tries again.
                self._fault = NotSentError()
            else:
                self._gcode.run_script(script)
        except BaseException as error:
            if not should_catch(error):
                raise
            self._fault = error
        finally:
            self._is_sending = False


class LampAdapter(Adapter):
    """An output pin as a lamp, written without the toolhead's queue.

    SET_PIN always uses the queue of moves and resets the idle timeout. Template updates do not:
    they use `gcrq.send_async_request` in Klipper since 2024 and in Kalico, and the pin's `_set_pin`
    with a time before that.
    """

    def __init__(
        self, name: str, obj: Any, strip_info: dict[str, Any], schedules: PinSchedules
    ) -> None:
        """``strip_info`` is the engine's description of the strip."""
        self._set_pin = _pin_setter(name, obj)
        is_switch = not getattr(obj, "is_pwm", True)
        super().__init__(name, obj, "switch" if is_switch else "lamp", strip_info["pixels"], [])
        # Klipper's pins take 0-1, independent of the scale of SET_PIN.
        scale = strip_info["scale"]
        self._gain = 1.0 if scale is None else scale / float(getattr(obj, "scale", 1.0))
        self._schedule = self.schedule = schedules.of(name, self.mcu, lambda: _busy_until(obj))

    def show(self, colors: Colors, _: Pieces) -> None:
        level = min(colors[0][1][0] * self._gain, 1.0)
        self._schedule.write(lambda print_time: self._set_pin(print_time, level))


def _has(helper: Any, name: str) -> bool:
    return hasattr(helper, "_" + name) or hasattr(helper, name)


def _method(helper: Any, *names: str) -> Callable[..., object]:
    methods: list[Callable[..., object]] = [
        getattr(helper, name) for name in names if hasattr(helper, name)
    ]
    return methods[0]


def _color_map(obj: Any, count: int) -> list[tuple[int, int]]:
    """Returns the LED and the channel of each byte of a chain; empty if unknown."""
    try:
        found = [(int(led), int(channel)) for _, (led, channel) in obj.color_map]
    except (AttributeError, TypeError, ValueError):
        return []
    return found if all(0 <= led < count and 0 <= it < 4 for led, it in found) else []


def _chain(printer: Printer, obj: Any, mutex: Any) -> Optional[Chain]:
    """Returns the data of a chain that takes pieces; None if it lacks a part."""
    if not hasattr(mutex, "__enter__") or printer.get_start_args().get("debugoutput") is not None:
        return None
    try:
        return Chain(obj, sys.modules[type(obj).__module__].__dict__["BACKGROUND_PRIORITY_CLOCK"])
    except (AttributeError, KeyError, TypeError):
        return None


def _pin_setter(name: str, obj: Any) -> Callable[[float, float], object]:
    kind = kind_of(name)
    request: Any = getattr(getattr(obj, "gcrq", None), "send_async_request", None)
    set_pin: Any = getattr(obj, "_set_pin", None)
    if kind not in ("output_pin", "pwm_cycle_time") or not (request or set_pin):
        raise UnsupportedObjectError(
            "its value is synchronized with moves; a lamp must be an [output_pin]"
        )
    if request is not None:
        return lambda print_time, value: request(value, print_time)
    if hasattr(obj, "last_cycle_time"):
        # A [pwm_cycle_time], and every pin of Klipper until January 2024.
        return lambda print_time, value: set_pin(print_time, value, obj.last_cycle_time)
    setter: Callable[[float, float], object] = set_pin
    return setter


def _busy_until(obj: Any) -> float:
    """Returns the print time of the pin's last write by anyone, as far as known."""
    queue = getattr(obj, "gcrq", None)
    times = (getattr(queue, "next_min_flush_time", 0.0), getattr(obj, "last_print_time", 0.0))
    return max(times)


def make_adapter(
    printer: Printer, name: str, obj: Any, owned: Sequence[int], schedules: PinSchedules
) -> Adapter:
    """Returns the adapter of an LED object; raises UnsupportedObjectError."""
    helper = getattr(obj, "led_helper", None)
    if helper is not None and _has(helper, "set_color") and _has(helper, "check_transmit"):
        return LedHelperAdapter(printer, name, obj, owned, schedules)
    if kind_of(name) == "led":
        raise UnsupportedObjectError("it has no LED helper, and SET_LED cannot schedule pins")
    return SetLedAdapter(printer, name, obj, owned)


def is_ready(printer: Printer) -> bool:
    """Returns whether Klipper is ready: after a shutdown, commands to an MCU are lost."""
    return printer.get_state_message()[1] == "ready"


def kind_of(name: str) -> str:
    """Returns the first word of a section name."""
    return name.split(maxsplit=1)[0]


def mcu_of(obj: Any) -> Any:
    """Returns the MCU of an object; None if unknown."""
    if hasattr(obj, "mcu"):
        return obj.mcu
    for part in ("spi", "i2c", "mcu_pin"):
        if hasattr(obj, part):
            return getattr(obj, part).get_mcu()
    pins = getattr(obj, "pins", None)
    return pins[0][1].get_mcu() if pins else None


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
