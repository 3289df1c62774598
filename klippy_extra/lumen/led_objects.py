"""Finds Klipper's LED objects and output pins, and what is known about them."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Callable, TypeVar

from klipper_lumen import (
    RequestError,
    check_leds,
    find_leds,
    led_channels,
    led_kinds,
    mcu_bytes_per_second,
)

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
    from klipper_lumen.klipper_api import Printer

T = TypeVar("T")

log = logging.getLogger(__name__)

# Klipper's sections with an LED helper.
LED_KINDS = led_kinds()


def find_adapters(printer: Printer, strip_info: dict[str, Any]) -> list[Adapter]:
    """Returns the adapters of a strip, in the order of its pixels.

    ``strip_info`` is the engine's description of the strip. Raises config_error for objects that do
    not exist or are too short, and UnsupportedObjectError for unsupported ones.
    """
    label, pixels = strip_info["label"], strip_info["pixels"]
    is_lamp = strip_info["kind"] == "lamp"
    adapters: list[Adapter] = []
    try:
        for name in find_leds(label, strip_info["objects"], is_lamp, names(printer)):
            obj = printer.lookup_object(name)
            if is_lamp and not hasattr(obj, "led_helper"):
                scale = strip_info["scale"]
                adapters.append(_fit(name, LampAdapter, printer, name, obj, pixels, scale))
            else:
                adapters.append(_fit(name, make_adapter, printer, name, obj))
        check_leds(label, pixels, [(adapter.name, adapter.count) for adapter in adapters])
    except RequestError as problem:
        raise printer.config_error(str(problem)) from None
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


def channels_of(name: str, obj: Any) -> list[str]:
    """Returns the channels of each LED, such as GRBW; empty if unknown.

    Raises UnsupportedObjectError if the number of LEDs is unknown.
    """
    color_map, pins = getattr(obj, "color_map", None), getattr(obj, "pins", None)
    return led_channels(kind_of(name), led_count(obj), color_map, pins)


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
    return mcu_bytes_per_second(section, constants)
