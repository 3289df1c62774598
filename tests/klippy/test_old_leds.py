"""LED objects of Klipper before October 2025 and before August 2024, and the command alone."""

from __future__ import annotations

from typing import Any, Callable, Optional

import pytest

from klipper_lumen.sim import Printer
from klipper_lumen.sim.lights import Color, LedChain, Mutex
from tests.klippy.lights import MakePrinter
from tests.klippy.test_lights import CONFIG, chain, strip

RED = (1.0, 0.0, 0.0, 0.0)
BLUE = (0.0, 0.0, 1.0, 0.0)


class HelperOf2025:
    """Calls the object immediately; the object sends in a callback, under its own mutex."""

    def __init__(self, printer: Printer, chain: LedChain) -> None:
        self._printer = printer
        self._chain = chain
        self.led_count = chain.led_helper.led_count
        self.led_state: list[Color] = [(0.0,) * 4] * self.led_count
        self.need_transmit = False
        chain.mutex = Mutex()  # type: ignore[attr-defined]

    def get_status(self, eventtime: Optional[float] = None) -> dict[str, Any]:
        return {"color_data": self.led_state}

    def _set_color(self, index: Optional[int], color: Color) -> None:
        state = list(self.led_state)
        for led in range(len(state)) if index is None else [index - 1]:
            state[led] = color
        self.need_transmit |= state != self.led_state
        self.led_state = state

    def _check_transmit(self, print_time: Optional[float] = None) -> None:
        if self.need_transmit:
            self.need_transmit = False
            state = self.led_state
            self._printer.reactor.register_callback(lambda _: self._send(state))

    def _send(self, state: list[Color]) -> None:
        mutex = self._chain.mutex  # type: ignore[attr-defined]
        assert not mutex.is_locked
        mutex.is_locked = True
        end = self._printer.now + self._chain.transmit(state)
        self._printer.reactor.register_callback(lambda _: setattr(mutex, "is_locked", False), end)


class HelperOf2022(HelperOf2025):
    """The same with different names."""

    def __init__(self, printer: Printer, chain: LedChain) -> None:
        super().__init__(printer, chain)
        del self.led_count

    def get_led_count(self) -> int:
        return len(self.led_state)

    def set_color(self, index: Optional[int], color: Color) -> None:
        HelperOf2025._set_color(self, index, color)

    def check_transmit(self, print_time: Optional[float]) -> None:
        HelperOf2025._check_transmit(self, print_time)

    def __getattribute__(self, name: str) -> Any:
        if name in ("_set_color", "_check_transmit"):
            raise AttributeError(name)
        return super().__getattribute__(name)


class SlowHelper(HelperOf2025):
    """An I2C object before October 2025: it blocks until the answer."""

    def _check_transmit(self, print_time: Optional[float] = None) -> None:
        if self.need_transmit:
            self.need_transmit = False
            self._chain.transmit(self.led_state)
            self._printer.reactor.pause(self._printer.now + 0.05)


def with_helper(
    make: MakePrinter, helper: Callable[[Printer, LedChain], object], effect: str
) -> Printer:
    """Returns a printer whose chain has another helper."""
    printer = make(CONFIG % (effect, "off"))

    def exchange() -> None:
        chain(printer).led_helper = helper(printer, chain(printer))  # type: ignore[assignment]

    printer.register_event_handler("klippy:mcu_identify", exchange)
    return printer.start().advance(1.0)


@pytest.mark.parametrize("helper", [HelperOf2025, HelperOf2022, SlowHelper])
def test_older_led_objects_work(make: MakePrinter, helper: Any) -> None:
    printer = with_helper(make, helper, "solid red")
    assert chain(printer).sent[-1][1] == [RED] * 60
    printer.run("LUMEN_SET GROUP=chain EFFECT=solid COLOR=blue").advance(1.0)
    assert chain(printer).sent[-1][1] == [BLUE] * 60
    assert strip(printer)["health"] == "ok"


@pytest.mark.parametrize("helper", [HelperOf2025, HelperOf2022, SlowHelper])
def test_older_led_objects_stay_within_the_budget(make: MakePrinter, helper: Any) -> None:
    printer = with_helper(make, helper, "rainbow").advance(2.0)
    start = len(chain(printer).sent)
    printer.advance(10.0)
    assert 120 <= len(chain(printer).sent) - start <= 135


def test_a_fault_of_an_older_object_is_caught(make: MakePrinter) -> None:
    class Broken(HelperOf2025):
        def _check_transmit(self, print_time: Optional[float] = None) -> None:
            raise AttributeError("'NoneType' object has no attribute 'send'")

    printer = with_helper(make, Broken, "solid red").advance(5.0)
    assert strip(printer)["health"] == "dark"
    assert "has no attribute 'send'" in strip(printer)["error"]
    assert printer.is_ready()


class NoHelper:
    """An LED object of a third party that only reports its colors."""

    def __init__(self, count: int) -> None:
        self.count = count

    def get_status(self, eventtime: float) -> dict[str, Any]:
        return {"color_data": [(0.0,) * 4] * self.count}


def by_command(
    make: MakePrinter, effect: str, command: str
) -> tuple[Printer, list[dict[str, str]]]:
    config = (CONFIG % (effect, "off")).replace("neopixel: strip", "led: their_leds strip")
    config = config.replace("\ncount: 60", "\ncount: 3").replace("strip 1-60", "strip 1-3")
    printer = make(config)
    printer.add_object("their_leds strip", NoHelper(3))
    commands: list[dict[str, str]] = []
    printer.gcode.register_command(
        command, lambda gcmd: commands.append(dict(gcmd.get_command_parameters()))
    )
    return printer.start().advance(2.0), commands


def test_set_led_is_used_without_the_toolhead_if_there_is_no_helper(make: MakePrinter) -> None:
    printer, commands = by_command(make, "solid red", "SET_LED")
    commands = commands[-3:]
    assert [line["INDEX"] for line in commands] == ["1", "2", "3"]
    assert [line["TRANSMIT"] for line in commands] == ["0", "0", "1"]
    assert {line["SYNC"] for line in commands} == {"0"}
    assert {line["LED"] for line in commands} == {"strip"}
    assert {line["RED"] for line in commands} == {"1.0000"}
    assert printer.idle_timeout.state == "Idle"


def test_set_led_runs_twice_a_second_and_does_not_wait_for_commands(make: MakePrinter) -> None:
    printer, commands = by_command(make, "rainbow", "SET_LED")
    start = len(commands)
    printer.advance(10.0)
    assert 3 * 18 <= len(commands) - start <= 3 * 21
    start = len(commands)
    printer.run("G28")
    assert len(commands) == start
    printer.advance(2.0)
    assert len(commands) > start


def test_without_set_led_the_strip_is_dark_and_the_start_succeeds(make: MakePrinter) -> None:
    printer, commands = by_command(make, "solid red", "SET_SOMETHING")
    assert commands == []
    assert strip(printer)["health"] == "dark"
    assert "the command SET_LED does not exist" in strip(printer)["error"]
    warnings = printer.query("lumen")["lumen"]["warnings"]
    assert sum("SET_LED" in text or "their_leds" in text for text in warnings) == 1
