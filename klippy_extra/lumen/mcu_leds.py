"""Adapters for Klipper's LED objects and output pins, chosen by what the object supports.

Klipper sometimes renames internals of its LED objects, so no code here depends on a version. An LED
object is driven through its LED helper, by the helper's current or older names. If it also has the
parts of Klipper's `[neopixel]`, only pieces of the chain's data are sent. An object without a
helper is driven with the command SET_LED. An output pin is written as template updates write it,
without the queue of moves. Any other object raises `UnsupportedObjectError`. Nothing here waits,
and the engine decides what is shown when, and for pins also the time of each write.
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any, Callable, Optional

from klipper_lumen import set_led_script

from .guard import should_catch

if TYPE_CHECKING:
    from klipper_lumen.klipper_api import GCode, Printer

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

    # The LED and the channel of each byte of the chain, as Klipper has it; None if there is none.
    color_map: Any = None
    takes_pieces = False
    # The value of a lamp's pin at full brightness.
    gain = 1.0

    def __init__(self, printer: Printer, name: str, obj: Any, kind: str, count: int) -> None:
        """``kind`` is the engine's name for the kind of object."""
        self.name, self.kind, self.count = name, kind, count
        # None if unknown.
        self.mcu: Any = mcu_of(obj)
        self._printer = printer
        self._reactor = printer.get_reactor()
        self._is_sending = False
        # The exception that a callback of the last update caught.
        self._fault: Optional[BaseException] = None

    def is_busy(self) -> bool:
        """Returns whether the last update is still in progress."""
        return self._is_sending

    def take_fault(self) -> Optional[BaseException]:
        """Returns and clears what went wrong after the last ``show``."""
        fault, self._fault = self._fault, None
        return fault

    def pin_clock(self) -> Optional[tuple[float, float]]:
        """Returns the print time of a pin, and that of its last write by anyone, as far as known;
        None for LEDs that are written immediately.
        """
        return None

    def show(self, colors: Colors, pieces: Pieces, print_time: Optional[float] = None) -> None:
        """Sends new colors of LEDs, to pins for a print time. Exceptions of the object pass."""
        raise NotImplementedError

    def _print_time(self) -> float:
        return float(self.mcu.estimated_print_time(self._reactor.monotonic()))

    def _send_soon(self, send: Callable[[], None], on_end: Callable[[], object]) -> None:
        """Calls ``send``, which may wait, in a callback of its own."""
        self._is_sending = True
        self._reactor.register_callback(lambda _: self._try(send, on_end))

    def _try(self, send: Callable[[], None], on_end: Callable[[], object]) -> None:
        try:
            if is_ready(self._printer):
                send()
        except BaseException as error:
            if not should_catch(error):
                raise
            # A fault after a shutdown is reported by the health.
            self._fault = error if is_ready(self._printer) else None
        finally:
            on_end()

    def _end(self, _: float = 0.0) -> None:
        self._is_sending = False


class LedHelperAdapter(Adapter):
    """An object with an LED helper, called directly."""

    def __init__(self, printer: Printer, name: str, obj: Any) -> None:
        super().__init__(printer, name, obj, kind_of(name), led_count(obj))
        self._obj = obj
        self._helper = helper = obj.led_helper
        self._set_color = _method(helper, "set_color")
        self._check_transmit = _method(helper, "check_transmit")
        # Since October 2025 the helper sends in its own callback, under its own mutex. Before, the
        # object sent immediately, and some objects blocked.
        self._sends_at_once = not hasattr(helper, "mutex")
        self._mutex: Any = getattr(helper, "mutex", None) or getattr(obj, "mutex", None)
        self._is_locked: Callable[[], bool] = getattr(self._mutex, "test", None) or (lambda: False)
        if self.kind == "neopixel":
            self.color_map = getattr(obj, "color_map", None)
            self._chain = _chain(printer, obj, self._mutex)
            self.takes_pieces = self._chain is not None

    def is_busy(self) -> bool:
        return self._is_sending or self._is_locked()

    def pin_clock(self) -> Optional[tuple[float, float]]:
        if self.kind != "led":
            return None
        return self._print_time(), float(getattr(self._obj, "last_print_time", 0.0))

    def show(self, colors: Colors, pieces: Pieces, print_time: Optional[float] = None) -> None:
        if len(colors) == self.count and all(color == colors[0][1] for _, color in colors):
            self._set_color(None, colors[0][1])
        else:
            self._set_colors(dict(colors))
        if print_time is not None:
            self._set_pins(print_time)
            flush(self.mcu)
        elif pieces:
            self._send_soon(lambda: self._send_pieces(pieces), self._end)
        elif self._sends_at_once:
            self._send_soon(self._send, self._end_later)
        else:
            self._is_sending = True
            self._try(self._send, self._end_later)

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

    def _send(self) -> None:
        # Without a print time: everything except pins is sent immediately.
        self._check_transmit(None)

    def _end_later(self) -> None:
        # Runs after the callback that the object may have just registered; from then on its mutex
        # shows whether it is busy.
        self._reactor.register_callback(self._end)

    def _send_pieces(self, pieces: Pieces) -> None:
        with self._mutex:
            if self._chain is not None and is_ready(self._printer):
                self._chain.send(pieces)


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

    def __init__(self, printer: Printer, name: str, obj: Any) -> None:
        super().__init__(printer, name, obj, "command", led_count(obj))
        self._gcode: GCode = printer.lookup_object("gcode")
        if "SET_LED" not in self._gcode.ready_gcode_handlers:
            raise UnsupportedObjectError(
                "it has no LED helper, and the command SET_LED does not exist"
            )

    def is_busy(self) -> bool:
        # A script waits for the running command, which may take minutes.
        return self._is_sending or self._gcode.get_mutex().test()

    def show(self, colors: Colors, *_: object) -> None:
        script = set_led_script(self.name, colors)
        self._send_soon(lambda: self._run(script), self._end)

    def _run(self, script: str) -> None:
        if self._gcode.get_mutex().test():
            # Another command has started; the next frame tries again.
            raise NotSentError
        self._gcode.run_script(script)


class LampAdapter(Adapter):
    """An output pin as a lamp, written without the toolhead's queue.

    SET_PIN always uses the queue of moves and resets the idle timeout. Template updates do not:
    they use `gcrq.send_async_request` in Klipper since 2024 and in Kalico, and the pin's `_set_pin`
    with a time before that.
    """

    def __init__(
        self, printer: Printer, name: str, obj: Any, pixels: int, scale: Optional[float]
    ) -> None:
        """``scale`` is the value of SET_PIN at full brightness; None is the pin's own."""
        self._set_pin = _pin_setter(name, obj)
        self._obj = obj
        kind = "lamp" if getattr(obj, "is_pwm", True) else "switch"
        super().__init__(printer, name, obj, kind, pixels)
        # Klipper's pins take 0-1, independent of the scale of SET_PIN.
        self.gain = 1.0 if scale is None else scale / float(getattr(obj, "scale", 1.0))

    def pin_clock(self) -> Optional[tuple[float, float]]:
        queue = getattr(self._obj, "gcrq", None)
        flushed = getattr(queue, "next_min_flush_time", 0.0)
        return self._print_time(), max(flushed, getattr(self._obj, "last_print_time", 0.0))

    def show(self, colors: Colors, _: Pieces, print_time: Optional[float] = None) -> None:
        if print_time is not None:
            self._set_pin(print_time, colors[0][1][0])
            flush(self.mcu)


def flush(mcu: Any) -> None:
    """Makes Klipper send pending writes to an MCU now.

    `debug_nop` exists in every Klipper firmware. A command without a time is sent immediately,
    together with pending ones. Another kind of MCU sends the write at its own time.
    """
    try:
        send = mcu.lookup_command("debug_nop").send
    except Exception:  # noqa: BLE001 - what a missing command raises is Klipper's own
        return
    send()


def _method(helper: Any, name: str) -> Any:
    """Returns a method of a helper by its current or its older name; None if it is missing."""
    return getattr(helper, "_" + name, None) or getattr(helper, name, None)


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


def make_adapter(printer: Printer, name: str, obj: Any) -> Adapter:
    """Returns the adapter of an LED object; raises UnsupportedObjectError."""
    helper = getattr(obj, "led_helper", None)
    if _method(helper, "set_color") and _method(helper, "check_transmit"):
        return LedHelperAdapter(printer, name, obj)
    if kind_of(name) == "led":
        raise UnsupportedObjectError("it has no LED helper, and SET_LED cannot schedule pins")
    return SetLedAdapter(printer, name, obj)


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
