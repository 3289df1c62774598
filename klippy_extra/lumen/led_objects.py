"""Finds Klipper's LED objects and output pins, and what is known about them."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Callable, TypeVar

import klipper_lumen
from klipper_lumen import counted, mcu_bytes_per_second

from .guard import should_catch
from .mcu_leds import (
    Adapter,
    LampAdapter,
    UnsupportedObjectError,
    kind_of,
    led_count,
    make_adapter,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .klipper_api import Printer
    from .pin_schedule import PinSchedules

T = TypeVar("T")

log = logging.getLogger(__name__)

# Klipper's sections with an LED helper.
LED_KINDS = ("neopixel", "dotstar", "led", "pca9533", "pca9632")
LAMP_KINDS = ("output_pin", "pwm_cycle_time", "pwm_tool", "led")
# Names of the channel numbers in Klipper's LED objects.
CHANNELS = "RGBW"


def find_adapters(
    printer: Printer, strip_info: dict[str, Any], schedules: PinSchedules
) -> list[tuple[int, Adapter]]:
    """Returns the adapters of a strip, each with the first pixel that it shows.

    ``strip_info`` is the engine's description of the strip. Raises config_error for objects that do
    not exist or are too short, and UnsupportedObjectError for unsupported ones.
    """
    strip, pixels, drawn = strip_info["label"], strip_info["pixels"], strip_info["drawn"]
    if strip_info["kind"] == "lamp":
        name, obj = _look_up(printer, strip, strip_info["objects"][0], LAMP_KINDS)
        if not hasattr(obj, "led_helper"):
            return [(0, _fit(name, LampAdapter, name, obj, strip_info, schedules))]
    adapters: list[tuple[int, Adapter]] = []
    first = 0
    for text in strip_info["objects"]:
        name, obj = _look_up(printer, strip, text, (*LED_KINDS, *LAMP_KINDS))
        count = _fit(name, led_count, obj)
        mine = [pixel - first for pixel in drawn if first <= pixel < first + count]
        adapters.append((first, _fit(name, make_adapter, printer, name, obj, mine, schedules)))
        first += count
    if first < pixels:
        names = " and ".join("[%s]" % adapter.name for _, adapter in adapters)
        raise printer.config_error(
            "strip %s has %s, but %s only %d" % (strip, counted(pixels, "pixel"), names, first)
        )
    return adapters


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


def channels_of(name: str, obj: Any) -> list[str]:
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


def channels(printer: Printer) -> dict[str, list[str]]:
    """Returns the channels of each LED of Klipper's LED objects, by full name."""
    by_name: dict[str, list[str]] = {}
    for name, obj in printer.lookup_objects():
        if name.split()[0] in LED_KINDS or hasattr(obj, "led_helper"):
            try:
                by_name[name] = channels_of(name, obj)
            except BaseException as error:
                if not should_catch(error):
                    raise
                # The strip that names the object stays dark and reports why.
                log.info("lumen: the channels of [%s] are not known: %s", name, error)
    return by_name


def names(printer: Printer) -> list[str]:
    """Returns the full names of Klipper's objects."""
    return [name for name, _ in printer.lookup_objects()]


def name_of(mcu: Any) -> str:
    """Returns Klipper's name of an MCU; empty if unknown."""
    get_name = getattr(mcu, "get_name", None)
    return str(get_name()) if get_name is not None else ""


def default_bytes_per_s(printer: Printer, mcu: Any) -> float:
    """Returns the bytes per second for light on the connection to an MCU, by its kind."""
    now = printer.get_reactor().monotonic()
    name = name_of(mcu)
    config = printer.lookup_object("configfile", None)
    settings = config.get_status(now).get("settings", {}) if config is not None else {}
    section = settings.get("mcu" if name == "mcu" else "mcu %s" % name.lower(), {})
    get_status = getattr(mcu, "get_status", None)
    constants = get_status(now).get("mcu_constants", {}) if get_status is not None else {}
    found = (constants.get("CANBUS_FREQUENCY"), constants.get("SERIAL_BAUD"), section.get("baud"))
    numbers = [None if value is None else float(value) for value in found]
    return mcu_bytes_per_second("canbus_uuid" in section, bool(constants), *numbers)
