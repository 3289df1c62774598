"""One strip that Klipper drives: its newest frame, and the Klipper objects that show it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Callable, NamedTuple, Optional, TypeVar

import klipper_lumen
from klipper_lumen import counted

from . import lamps, leds
from .guard import should_catch
from .led_adapter import LedAdapter, UnsupportedObjectError
from .mcu_link import StripPart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from klipper_lumen import Engine

    from .klipper_api import Printer
    from .mcu_link import McuLink

T = TypeVar("T")

log = logging.getLogger(__name__)

# Klipper's sections with an LED helper.
LED_KINDS = ("neopixel", "dotstar", "led", "pca9533", "pca9632")
LAMP_KINDS = ("output_pin", "pwm_cycle_time", "pwm_tool", "led")

# Rates are averages over this time.
WINDOW_S = 4.0


class Rate(NamedTuple):
    """The recent update rate of a strip."""

    rate_hz: float
    bytes_per_second: float


class Strip:
    """A strip with its parts, in order."""

    def __init__(self, engine: Engine, name: str, label: str) -> None:
        """``label`` is the strip's name in messages: `'sb' of group 'toolhead'`."""
        self.name = name
        self.label = "strip " + label
        self.fd = engine.host_fd(name)
        self._engine = engine
        self.parts: list[StripPart] = []
        self.links: list[McuLink] = []
        # Why the strip cannot be driven; empty if it can.
        self.unsupported = ""
        self.handler: Any = None
        self._frame = b""
        self._number = 0
        # The slot was empty; the descriptor signals the next frame.
        self._drained = False
        self.rate = Rate(0.0, 0.0)
        self._window = (0.0, 0, 0.0)

    def wake(self) -> None:
        """Takes the frame that the descriptor has signaled and wakes the links."""
        self._drained = False
        self._refresh()
        for link in self.links:
            link.wake()

    def fetcher(self, first: int, count: int) -> Callable[[StripPart], Optional[bytes]]:
        """Returns a function that returns a part's share of the newest frame, or None if it was
        shown.
        """

        def fetch(part: StripPart) -> Optional[bytes]:
            self._refresh()
            if part.shown_number == self._number:
                return None
            part.shown_number = self._number
            return self._frame[4 * first : 4 * (first + count)]

        return fetch

    def frames(self) -> int:
        """Returns the number of frames shown by the slowest part."""
        return min((part.frames for part in self.parts), default=0)

    def roll(self, now: float) -> None:
        """Ends a window of the rates when its time is over."""
        start, frames, wire = self._window
        span = now - start
        if span < WINDOW_S:
            return
        shown_number, sent = self.frames(), sum(part.wire_bytes for part in self.parts)
        if start:
            self.rate = Rate((shown_number - frames) / span, (sent - wire) / span)
        self._window = (now, shown_number, sent)

    def _refresh(self) -> None:
        if self._drained:
            return
        frame = self._engine.take_host(self.name)
        if frame is None:
            self._drained = True
        else:
            self._frame = frame
            self._number += 1


def find_adapters(printer: Printer, strip_info: dict[str, Any]) -> list[tuple[int, LedAdapter]]:
    """Returns the adapters of a strip, each with the first pixel that it shows.

    ``strip_info`` is the engine's description of the strip. Raises config_error for objects that do
    not exist or are too short, and UnsupportedObjectError for unsupported ones.
    """
    strip, pixels, drawn = strip_info["label"], strip_info["pixels"], strip_info["drawn"]
    if strip_info["kind"] == "lamp":
        name, obj = _look_up(printer, strip, strip_info["objects"][0], LAMP_KINDS)
        if not hasattr(obj, "led_helper"):
            return [(0, _fit(name, lamps.make_adapter, printer, name, obj, strip_info))]
    adapters: list[tuple[int, LedAdapter]] = []
    first = 0
    for text in strip_info["objects"]:
        name, obj = _look_up(printer, strip, text, (*LED_KINDS, *LAMP_KINDS))
        count = _fit(name, leds.led_count, obj)
        mine = [pixel - first for pixel in drawn if first <= pixel < first + count]
        adapters.append((first, _fit(name, leds.make_adapter, printer, name, obj, mine)))
        first += count
    if first < pixels:
        raise printer.config_error(_too_short(strip, pixels, adapters, first))
    return adapters


def channels(printer: Printer) -> dict[str, list[str]]:
    """Returns the channels of each LED of Klipper's LED objects, by full name."""
    by_name: dict[str, list[str]] = {}
    for name, obj in printer.lookup_objects():
        if name.split()[0] in LED_KINDS or hasattr(obj, "led_helper"):
            try:
                by_name[name] = leds.channels(name, obj)
            except BaseException as error:
                if not should_catch(error):
                    raise
                # The strip that names the object stays dark and reports why.
                log.info("lumen: the channels of [%s] are not known: %s", name, error)
    return by_name


def names(printer: Printer) -> list[str]:
    """Returns the full names of Klipper's objects."""
    return [name for name, _ in printer.lookup_objects()]


def blanking_parts(old: Sequence[StripPart], new: Sequence[StripPart]) -> list[StripPart]:
    """Returns parts that turn off, once, what old parts lit and no new part drives."""
    successors = {part.adapter.name: part.adapter for part in new}
    adapters = [part.adapter for part in old]
    left = [adapter for adapter in adapters if adapter.release(successors.get(adapter.name))]
    for adapter in left:
        adapter.invalidate()
    return [StripPart(adapter, _black_frame) for adapter in left]


def _black_frame(part: StripPart) -> Optional[bytes]:
    """Returns a black frame once."""
    if part.shown_number == 1:
        return None
    part.shown_number = 1
    return bytes(4 * part.adapter.count)


def _fit(name: str, make: Callable[..., T], *args: Any) -> T:
    try:
        return make(*args)
    except UnsupportedObjectError as problem:
        raise UnsupportedObjectError("[%s]: %s" % (name, problem)) from None
    except Exception as error:
        # Unexpected internals of the object: only this object is unsupported.
        words = "it does not fit (%s: %s)" % (type(error).__name__, error)
        raise UnsupportedObjectError("[%s]: %s" % (name, words)) from error


def _look_up(printer: Printer, strip: str, text: str, kinds: Sequence[str]) -> tuple[str, Any]:
    """Finds an object by its section name or the last word of it; returns it with its full name."""
    for name in [text] if " " in text else ["%s %s" % (kind, text) for kind in kinds]:
        obj = printer.lookup_object(name, None)
        if obj is not None:
            return name, obj
    known = [name for name, _ in printer.lookup_objects() if name.split()[0] in kinds]
    words = known if " " in text else [name.split()[-1] for name in known]
    near = klipper_lumen.nearest(text, words)
    hint = " (did you mean '%s'?)" % near if near else ""
    if not near and known:
        hint = " (known: %s)" % ", ".join(known)
    raise printer.config_error("strip %s: there is no section '%s'%s" % (strip, text, hint))


def _too_short(
    strip: str, pixels: int, adapters: Sequence[tuple[int, LedAdapter]], count: int
) -> str:
    names = " and ".join("[%s]" % adapter.name for _, adapter in adapters)
    return "strip %s has %s, but %s only %d" % (strip, counted(pixels, "pixel"), names, count)
