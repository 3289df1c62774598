"""Writes of pins have a time: how far ahead they are made, and when none may be made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Optional

import pytest

from klipper_lumen.sim import Printer
from klipper_lumen.sim.lights import Color, OutputPin, PwmLed
from tests.klippy.lights import MakePrinter
from tests.klippy.test_lights import CONFIG, lit, pin, strip
from tests.klippy.test_reload import reloaded

if TYPE_CHECKING:
    from pathlib import Path

# As in the engine: how far ahead pins are written, and when the reactor counts as late.
LEAD_S = 1.0
LATE_S = 0.1

PULSE = "pulse white speed=0.3"
LED = CONFIG.replace("[neopixel strip]\npin: gpio1\nchain_count: 60", "[led strip]\nred_pin: gpio1")
LED = LED.replace("neopixel: strip\ncount: 60", "led: strip\ncount: 1").replace("1-60", "1-1")

Sent = list[tuple[float, float, float]]


def lamp(make: MakePrinter, effect: str) -> tuple[Printer, OutputPin]:
    printer = lit(make, lamp=effect)
    return printer, pin(printer)


def led(make: MakePrinter, effect: str) -> tuple[Printer, OutputPin]:
    printer = make(LED % (effect, "off")).start().advance(1.0)
    found: PwmLed = printer.lookup_object("led strip")
    return printer, found.pin


BOTH = pytest.mark.parametrize("start", [lamp, led])
Start = Callable[[MakePrinter, str], tuple[Printer, OutputPin]]


def holds(sent: Sent) -> None:
    """Each write is made LEAD_S ahead, and after the previous one has taken effect."""
    assert all(due - asked >= LEAD_S - 1e-6 for due, asked, _ in sent)
    assert all(asked > due for (due, _, _), (_, asked, _) in zip(sent, sent[1:]))


@BOTH
def test_writes_are_made_a_second_ahead_and_one_is_pending(make: MakePrinter, start: Start) -> None:
    printer, found = start(make, PULSE)
    printer.advance(20.0)
    assert 15 <= len(found.sent) <= 21
    holds(found.sent)
    assert len({value for _, _, value in found.sent}) > 5
    assert printer.is_ready()


@BOTH
def test_each_write_is_sent_immediately(make: MakePrinter, start: Start) -> None:
    printer, found = start(make, PULSE)
    printer.advance(10.0)
    assert {asked for _, asked, _ in found.sent} <= set(found.mcu.nops)
    # The other strip is on the same MCU and does not change.
    assert len(found.mcu.nops) <= len(found.sent) + 1


@BOTH
def test_an_mcu_without_debug_nop_is_still_written(
    make: MakePrinter, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("klipper_lumen.sim.lights.Mcu.lookup_command")
    printer, found = start(make, PULSE)
    printer.advance(10.0)
    assert len(found.sent) > 5
    assert strip(printer, "lamp")["health"] == "ok"


@BOTH
@pytest.mark.parametrize("stall_s", [0.25, 0.9, 30.0])
def test_after_a_stall_the_newest_level_is_written(
    make: MakePrinter, start: Start, stall_s: float
) -> None:
    printer, found = start(make, "solid white")
    printer.advance(5.0)
    group = "room" if start is lamp else "chain"

    def stall(_: float) -> None:
        printer.run("LUMEN_SET GROUP=%s EFFECT=solid COLOR=300000" % group)
        printer.reactor.stall(stall_s)
        printer.run("LUMEN_SET GROUP=%s EFFECT=solid COLOR=600000" % group)

    before, begun = len(found.sent), printer.now
    printer.reactor.register_callback(stall)
    printer.advance(stall_s + 10.0)
    after = found.sent[before:]
    assert after[0][1] >= begun + stall_s + LEAD_S - 1e-6
    assert [round(value * 255) for _, _, value in after] == [0x60]
    holds(found.sent)
    assert printer.is_ready()


@BOTH
def test_nothing_is_written_while_the_reactor_is_late(make: MakePrinter, start: Start) -> None:
    printer, found = start(make, PULSE)
    printer.advance(5.0)
    end = printer.now + 20.0

    def busy(eventtime: float) -> float:
        printer.reactor.stall(2.0 * LATE_S)
        return eventtime + 2.5 * LATE_S if printer.now < end else printer.reactor.NEVER

    before = len(found.sent)
    printer.reactor.register_timer(busy, printer.reactor.NOW)
    printer.advance(20.0)
    # One may have been requested before anything was late.
    assert len(found.sent) <= before + 1
    printer.advance(5.0)
    assert len(found.sent) > before + 1
    assert printer.is_ready()


@BOTH
def test_the_next_write_waits_for_the_mcus_clock(make: MakePrinter, start: Start) -> None:
    printer, found = start(make, PULSE)
    printer.advance(5.0)
    found.mcu.behind_s = 3.0
    before = len(found.sent)
    printer.advance(2.5)
    assert len(found.sent) <= before + 1
    printer.advance(10.0)
    assert len(found.sent) >= before + 7
    assert printer.is_ready()


@BOTH
def test_the_wait_is_bounded_if_an_mcus_clock_restarts(make: MakePrinter, start: Start) -> None:
    printer, found = start(make, PULSE)
    printer.advance(30.0)
    found._last_due = 0.0
    found.gcrq.next_min_flush_time = 0.0
    found.mcu.behind_s = printer.now
    before = len(found.sent)
    printer.advance(20.0)
    assert len(found.sent) > before + 5


@BOTH
def test_a_reload_keeps_a_pending_write(make: MakePrinter, start: Start, tmp_path: Path) -> None:
    printer, found = start(make, PULSE)
    config = CONFIG % ("solid red", PULSE) if start is lamp else LED % (PULSE, "off")
    printer.config_file = str(tmp_path / "printer.cfg")
    (tmp_path / "printer.cfg").write_text(config)
    for _ in range(4):
        written = len(found.sent)
        while len(found.sent) == written:
            printer.advance(0.02)
        assert reloaded(printer).startswith("// LUMEN_RELOAD: the config was reloaded")
    printer.advance(3.0)
    assert len(found.sent) > 5
    holds(found.sent)


@BOTH
def test_a_write_waits_for_the_users_set_pin(make: MakePrinter, start: Start) -> None:
    printer, found = start(make, PULSE)
    printer.advance(5.0)
    # It uses the queue of moves planned far ahead, directly after one of our writes took effect.
    due = printer.now + 4.0
    found.gcrq.send_async_request(0.5, due)
    before = len(found.sent)
    printer.advance(3.9)
    assert len(found.sent) <= before + 1
    printer.advance(5.0)
    assert len(found.sent) > before + 1
    assert printer.is_ready()


@BOTH
def test_nothing_is_written_after_a_shutdown(make: MakePrinter, start: Start) -> None:
    printer, found = start(make, PULSE)
    printer.advance(5.0)
    before = len(found.sent)
    printer.invoke_shutdown("a test")
    printer.advance(20.0)
    assert len(found.sent) == before
    assert found.mcu.nops[-1] <= found.sent[-1][1] + LEAD_S


class OldPin:
    """An [output_pin] or [pwm_cycle_time] without a queue: `_set_pin` takes the print time."""

    def __init__(self, printer: Printer, new: OutputPin) -> None:
        self.mcu_pin = self
        self.is_pwm = True
        self.scale = 1.0
        self.calls: list[tuple[Any, ...]] = []
        self.last_print_time = 0.0
        self.printer, self.new = printer, new

    def get_mcu(self) -> Any:
        return self.new.mcu

    def _set_pin(self, print_time: float, value: float) -> None:
        self._note(print_time, value, None)

    def _note(self, print_time: float, value: float, cycle_time: Optional[float]) -> None:
        self.calls.append((print_time, self.printer.now, value, cycle_time))
        self.new.set_pin(print_time, value)
        self.last_print_time = print_time


class CyclePin(OldPin):
    """A [pwm_cycle_time], or an [output_pin] until January 2024, which takes the cycle time too."""

    last_cycle_time = 0.1

    def _set_pin(  # type: ignore[override]
        self, print_time: float, value: float, cycle_time: float, is_resend: bool = False
    ) -> None:
        self._note(print_time, value, cycle_time)


@pytest.mark.parametrize(
    ("kind", "make_pin"),
    [("output_pin", OldPin), ("output_pin", CyclePin), ("pwm_cycle_time", CyclePin)],
)
def test_older_pins_are_written_as_far_ahead(
    make: MakePrinter, kind: str, make_pin: type[OldPin]
) -> None:
    config = (CONFIG % ("off", PULSE)).replace("pin_name: lamp", "pin_name: %s old" % kind)
    printer = make(config)
    made: list[OldPin] = []

    def add() -> None:
        made.append(make_pin(printer, pin(printer)))
        printer.add_object(kind + " old", made[0])

    printer.register_event_handler("klippy:mcu_identify", add)
    printer.start().advance(20.0)
    old = made[0]
    assert len(old.calls) > 12
    holds([(due, asked, value) for due, asked, value, _ in old.calls])
    assert {cycle for *_, cycle in old.calls} == {getattr(old, "last_cycle_time", None)}
    assert printer.is_ready()


class OldHelper:
    """The helper of a [led] before October 2025, which sets the pins immediately."""

    def __init__(self, found: PwmLed) -> None:
        self.led_count = 1
        self.led_state: list[Color] = [(0.0, 0.0, 0.0, 0.0)]
        self._found = found

    def get_status(self, eventtime: Optional[float] = None) -> dict[str, Any]:
        return {"color_data": self.led_state}

    def set_color(self, index: Optional[int], color: Color) -> None:
        self.led_state = [color]

    def check_transmit(self, print_time: Optional[float]) -> None:
        assert print_time is not None
        self._found.update_leds(self.led_state, print_time)


def _take(*_: object) -> None:
    pass


def with_helper(make: MakePrinter, helper: Callable[[PwmLed], object]) -> Printer:
    """Returns a printer whose [led] has another helper."""
    printer = make(LED % (PULSE, "off"))

    def exchange() -> None:
        found: PwmLed = printer.lookup_object("led strip")
        found.led_helper = helper(found)  # type: ignore[assignment]

    printer.register_event_handler("klippy:mcu_identify", exchange)
    return printer.start()


def test_older_leds_on_pins_are_written_as_far_ahead(make: MakePrinter) -> None:
    printer = with_helper(make, OldHelper).advance(20.0)
    found: PwmLed = printer.lookup_object("led strip")
    assert len(found.pin.sent) > 12
    holds(found.pin.sent)


def test_a_led_without_a_helper_stays_dark(make: MakePrinter) -> None:
    printer = with_helper(make, type("Helper", (), {"led_count": 1, "__init__": _take})).advance(
        5.0
    )
    assert strip(printer)["health"] == "dark"
    assert "SET_LED cannot schedule pins" in strip(printer)["error"]
    assert printer.is_ready()


def test_a_failed_write_of_a_led_is_retried(
    make: MakePrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    printer, found = led(make, "solid white")
    printer.advance(3.0)
    helper = printer.lookup_object("led strip").led_helper
    update, calls = helper.update_func, []

    def fail_once(state: list[Color], print_time: Optional[float]) -> float:
        calls.append(state)
        if len(calls) == 1:
            raise OSError("the bus is busy")
        return float(update(state, print_time))

    monkeypatch.setattr(helper, "update_func", fail_once)
    printer.run("LUMEN_SET GROUP=chain EFFECT=solid COLOR=400000").advance(10.0)
    assert round(found.sent[-1][2] * 255) == 0x40
    assert len(calls) == 2


def test_a_failing_schedule_does_not_block_other_parts(
    make: MakePrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    printer = lit(make, lamp=PULSE)
    printer.advance(3.0)
    chain = printer.lookup_object("neopixel strip")

    def fail(_: object) -> float:
        raise OSError("no such pin")

    monkeypatch.setattr("klippy_extra.lumen.mcu_leds.LampAdapter.pin_clock", fail)
    before = len(chain.sent)
    printer.run("LUMEN_SET GROUP=chain EFFECT=rainbow").advance(5.0)
    assert len(chain.sent) > before + 10
    assert strip(printer, "lamp")["health"] == "dark"
    assert strip(printer, "strip")["health"] == "ok"
