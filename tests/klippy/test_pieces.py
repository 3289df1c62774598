"""Pieces of a chain's data, sent with the commands of Klipper's [neopixel]."""

from __future__ import annotations

from typing import Any, Callable, Optional

import pytest

from klipper_lumen.sim import Printer, lights
from klipper_lumen.sim.lights import Color, LedChain, Mutex
from tests.klippy.lights import MakePrinter
from tests.klippy.test_lights import CONFIG, chain, strip

PRIORITY = 0x7FFFFFFF00000000


class ContextMutex(Mutex):
    """A mutex that is free when it is asked for."""

    def __enter__(self) -> None:
        assert not self.is_locked
        self.is_locked = True

    def __exit__(self, *_: object) -> None:
        self.is_locked = False


class Command:
    """A command of Klipper's connection."""

    def __init__(self, send: Callable[..., Any]) -> None:
        self.send = send


class Neopixel:
    """Gives a chain the parts of Klipper's [neopixel], and decodes what the MCU receives."""

    def __init__(self, printer: Printer, found: LedChain) -> None:
        self._found: Any = found
        self._now = printer.reactor.monotonic
        size = len(found.color_map)
        # What the MCU holds, and what the chain has shown, with the times.
        self.held = bytearray(size)
        self.lit: list[tuple[float, bytes]] = []
        self.pieces: list[tuple[int, int]] = []
        self.fault: Optional[Exception] = None
        # Called after the chain has shown what the MCU holds.
        self.on_shown: Callable[[], None] = lambda: None
        found.led_helper.mutex = ContextMutex()
        found.led_helper.update_func = self._update_leds
        parts = {
            "oid": 7,
            "color_data": bytearray(size),
            # Klipper has sent everything when it is ready.
            "old_color_data": bytearray(size),
            "neopixel_update_cmd": Command(self._update),
            "neopixel_send_cmd": Command(self._send),
        }
        for name, part in parts.items():
            setattr(found, name, part)

    def _update(self, data: list[Any], reqclock: int = 0) -> None:
        if self.fault is not None:
            raise self.fault
        oid, position, piece = data
        assert (oid, reqclock) == (7, PRIORITY)
        assert 0 < len(piece) <= 52
        self.pieces.append((position, len(piece)))
        self.held[position : position + len(piece)] = piece

    def _send(self, data: list[int], minclock: int = 0, reqclock: int = 0) -> dict[str, int]:
        assert (data, minclock, reqclock) == ([7], 0, PRIORITY)
        self.lit.append((self._now(), bytes(self.held)))
        self.on_shown()
        return {"success": 1}

    def _update_leds(self, state: list[Color], print_time: Optional[float]) -> float:
        """As Klipper does it: sends the bytes that differ from what the MCU holds."""
        assert print_time is None
        found = self._found
        for place, (led, channel) in found.color_map:
            found.color_data[place] = int(state[led][channel] * 255.0 + 0.5)
        for place, (new, old) in enumerate(zip(found.color_data, found.old_color_data)):
            if new != old:
                self._update([7, place, bytes([new])], reqclock=PRIORITY)
        found.old_color_data[:] = found.color_data
        self._send([7], reqclock=PRIORITY)
        return 0.0

    def check(self) -> None:
        """Checks that what Klipper knows is what the MCU holds and the chain shows."""
        found = self._found
        assert bytes(found.old_color_data) == bytes(found.color_data) == bytes(self.held)
        assert self.lit[-1][1] == bytes(self.held)
        state = found.led_helper.led_state
        shown = [int(state[led][it] * 255.0 + 0.5) for _, (led, it) in found.color_map]
        assert shown == list(self.held)


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lights, "BACKGROUND_PRIORITY_CLOCK", PRIORITY, raising=False)


def with_pieces(make: MakePrinter, effect: str, pixels: str = "1-60") -> tuple[Printer, Neopixel]:
    printer = make((CONFIG % (effect, "off")).replace("strip 1-60", "strip " + pixels))
    made: list[Neopixel] = []
    printer.register_event_handler(
        "klippy:mcu_identify", lambda: made.append(Neopixel(printer, chain(printer)))
    )
    printer.start().advance(1.0)
    return printer, made[0]


def test_what_klipper_knows_is_what_the_chain_shows(make: MakePrinter) -> None:
    printer, mcu = with_pieces(make, "solid ff8000")
    assert bytes(mcu.held) == bytes([128, 255, 0]) * 60
    assert mcu.pieces[-4:] == [(0, 52), (52, 52), (104, 52), (156, 24)]
    assert chain(printer).sent == []
    mcu.check()
    printer.run("LUMEN_SET GROUP=chain EFFECT=rainbow").advance(5.0)
    mcu.check()
    assert strip(printer)["health"] == "ok"


def test_set_led_for_another_led_sends_only_this_led(make: MakePrinter) -> None:
    printer, mcu = with_pieces(make, "rainbow", "11-60")
    helper = chain(printer).led_helper
    for turn in range(40):
        mcu.pieces.clear()
        level = (turn % 5) / 255.0
        helper._set_color(2, (level, 0.0, 0.0, 0.0))
        helper._check_transmit()
        printer.advance(0.037)
        assert {piece for piece in mcu.pieces if piece[0] < 30} <= {(4, 1)}
        assert mcu.held[4] == turn % 5
        mcu.check()


def test_a_failed_piece_is_repeated_with_everything(make: MakePrinter) -> None:
    printer, mcu = with_pieces(make, "solid red")
    mcu.fault = RuntimeError("no answer")
    printer.run("LUMEN_SET GROUP=chain EFFECT=solid COLOR=blue").advance(3.0)
    assert strip(printer)["health"] == "dark"
    mcu.fault = None
    mcu.held[:] = bytes(180)
    printer.advance(20.0)
    assert bytes(mcu.held) == bytes([0, 0, 255]) * 60
    mcu.check()
    assert strip(printer)["health"] == "degraded"


@pytest.mark.parametrize("name", ["oid", "old_color_data", "neopixel_send_cmd", "color_map"])
def test_an_object_without_a_part_is_updated_by_klipper(make: MakePrinter, name: str) -> None:
    printer = make(CONFIG % ("solid red", "off"))

    def take_part_away() -> None:
        Neopixel(printer, chain(printer))
        delattr(chain(printer), name)
        chain(printer).led_helper.update_func = chain(printer).update_leds

    printer.register_event_handler("klippy:mcu_identify", take_part_away)
    printer.start().advance(1.0)
    assert chain(printer).sent[-1][1] == [(1.0, 0.0, 0.0, 0.0)] * 60
    assert strip(printer)["health"] == "ok"


def test_a_fast_rainbow_is_right_within_a_tenth_of_a_second(make: MakePrinter) -> None:
    printer, mcu = with_pieces(make, "rainbow speed=1")
    printer.advance(1.0)
    mcu.lit.clear()
    since: dict[int, float] = {}
    longest = [0.0]

    def compare() -> None:
        frame = printer.engine.frame("strip")
        for place, (led, channel) in chain(printer).color_map:
            if place in since:
                longest[0] = max(longest[0], printer.now - since[place])
            if abs(frame[4 * led + channel] - mcu.held[place]) <= 2:
                since.pop(place, None)
            else:
                since.setdefault(place, printer.now)

    mcu.on_shown = compare
    for _ in range(1000):
        printer.advance(0.003)
        compare()
    assert 0.0 < longest[0] <= 0.1
    assert len(mcu.lit) <= 27 * 3
