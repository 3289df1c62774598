"""LEDs on an MCU and lamps: the updates of Klipper's objects, their rate and their faults."""

from __future__ import annotations

from typing import Any

import pytest

from klipper_lumen.sim import Printer
from klipper_lumen.sim.lights import LedChain, Mcu, OutputPin
from klippy_extra.lumen.led_objects import default_bytes_per_s
from tests.klippy.lights import MakePrinter, adapter, refused

CONFIG = """
[printer]

[extruder]

[mcu]
baud: 250000

[neopixel strip]
pin: gpio1
chain_count: 60

[output_pin lamp]
pin: gpio2
pwm: yes
scale: 10

[lumen]
fade: 0
unmapped: keep

[lumen_strip strip]
driver: klipper
neopixel: strip
count: 60

[lumen_strip lamp]
driver: pwm
pin_name: lamp

[lumen_group chain]
pixels: strip 1-60
on_idle: %s

[lumen_group room]
pixels: lamp 1-1
on_idle: %s
"""


def lit(make: MakePrinter, effect: str = "solid red", lamp: str = "off", more: str = "") -> Printer:
    """A printer that is ready, with a chain and a lamp."""
    config = CONFIG % (effect, lamp)
    return make(config.replace("[lumen]", "[lumen]\n" + more)).start().advance(1.0)


def chain(printer: Printer, name: str = "neopixel strip") -> LedChain:
    found: LedChain = printer.lookup_object(name)
    return found


def pin(printer: Printer) -> OutputPin:
    found: OutputPin = printer.lookup_object("output_pin lamp")
    return found


def strip(printer: Printer, name: str = "strip") -> dict[str, Any]:
    status: dict[str, Any] = printer.engine.status()["strips"][name]
    return status


def test_a_color_reaches_the_chain_without_gcode_or_toolhead(make: MakePrinter) -> None:
    printer = lit(make)
    assert chain(printer).sent[-1][1] == [(1.0, 0.0, 0.0, 0.0)] * 60
    assert printer.idle_timeout.state == "Idle"
    assert printer.gcode.output == []


def test_a_still_scene_is_sent_once(make: MakePrinter) -> None:
    printer = lit(make)
    sent = len(chain(printer).sent)
    printer.advance(20.0)
    assert len(chain(printer).sent) == sent


def test_a_serial_line_gets_its_share_and_the_rate_is_reported(make: MakePrinter) -> None:
    printer = lit(make, "rainbow").advance(20.0)
    start = len(chain(printer).sent)
    printer.advance(10.0)
    # 25 kB/s, 15 % of it, 282 bytes per update of 60 LEDs.
    assert 125 <= len(chain(printer).sent) - start <= 135
    status = printer.query("lumen_strip strip")["lumen_strip strip"]
    assert 12.5 <= status["rate_hz"] <= 13.5
    assert 3600 <= status["bytes_per_second"] <= 3800
    assert status["health"] == "ok"
    printer.run("LUMEN_STATUS")
    assert "Hz, " in printer.gcode.output[-1]


@pytest.mark.parametrize(
    ("section", "constants", "bytes_per_s"),
    [
        ("serial: /dev/ttyAMA0", {"SERIAL_BAUD": 250_000}, 3750.0),
        # A USB-to-serial chip is still a serial line.
        ("serial: /dev/serial/by-id/usb-1a86", {"SERIAL_BAUD": 115_200}, 1728.0),
        ("serial: /dev/serial/by-id/usb-Klipper", {"CLOCK_FREQ": 1}, 20_000.0),
        ("canbus_uuid: 1234", {"CANBUS_FREQUENCY": 500_000}, 2500.0),
        # Without constants.
        ("baud: 115200", {}, 1728.0),
    ],
)
def test_the_default_budget_depends_on_the_connection(
    make: MakePrinter, section: str, constants: dict[str, int], bytes_per_s: float
) -> None:
    printer = make("[mcu toolhead]\n%s\n[lumen]\n" % section).start()
    assert default_bytes_per_s(printer, Mcu(printer, "toolhead", constants)) == bytes_per_s


def test_the_budget_is_an_option(make: MakePrinter) -> None:
    printer = lit(make, "rainbow", more="mcu_bytes_per_second: 1000").advance(5.0)
    start = len(chain(printer).sent)
    printer.advance(10.0)
    assert 33 <= len(chain(printer).sent) - start <= 37


def test_a_fast_line_is_limited_to_30_updates_a_second(make: MakePrinter) -> None:
    printer = lit(make, "rainbow", more="mcu_bytes_per_second: 1000000").advance(5.0)
    start = len(chain(printer).sent)
    printer.advance(10.0)
    assert 240 <= len(chain(printer).sent) - start <= 301


def test_homing_reduces_updates_to_a_quarter(make: MakePrinter) -> None:
    printer = lit(make, "rainbow").advance(5.0)
    printer.send_event("homing:homing_move_begin", type("Move", (), {"endstops": []})())
    start = len(chain(printer).sent)
    printer.advance(10.0)
    assert 30 <= len(chain(printer).sent) - start <= 35
    printer.send_event("homing:homing_move_end", None)
    start = len(chain(printer).sent)
    printer.advance(10.0)
    assert 125 <= len(chain(printer).sent) - start <= 135


def test_lights_continue_during_homing(make: MakePrinter) -> None:
    printer = lit(make, "rainbow", "pulse white")
    leds, lamp = len(chain(printer).sent), len(pin(printer).sent)
    printer.run("G28")
    assert len(chain(printer).sent) > leds + 10
    assert len(pin(printer).sent) > lamp + 2


def test_no_updates_queue_up_for_an_unresponsive_mcu(make: MakePrinter) -> None:
    printer = lit(make, "rainbow")
    chain(printer).is_hanging = True
    printer.advance(1.0)
    sent = len(chain(printer).sent)
    printer.advance(60.0)
    assert len(chain(printer).sent) == sent
    assert chain(printer).most_waiting == 0
    status = strip(printer)
    assert status["health"] == "dark"
    assert status["error"].startswith("[neopixel strip] has not finished an update")
    assert printer.engine.status()["moving"] is True
    assert pin(printer).sent == []


def test_a_frame_is_one_change_of_klippers_list_of_colors(
    make: MakePrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    printer = lit(make)
    helper = chain(printer).led_helper
    copies: list[object] = []

    def level(led: int) -> tuple[float, ...]:
        return tuple(value / 1000.0 for value in range(4 * led, 4 * led + 4))

    set_color = helper._set_color

    def counted(index: Any, color: Any) -> None:
        copies.append(index)
        set_color(index, color)

    leds = adapter(printer)
    monkeypatch.setattr(leds, "_set_color", counted)
    before = helper.led_state
    leds.show([(led, level(led)) for led in range(60)], [])
    assert copies == [60]
    assert before[0] == (1.0, 0.0, 0.0, 0.0)
    assert helper.led_state[1] == level(1)
    printer.advance(0.5)
    sent = chain(printer).sent
    assert any(colors[59] == level(59) for _, colors in sent)


def test_leds_without_a_group_stay_available_for_set_led(make: MakePrinter) -> None:
    config = (CONFIG % ("solid red", "off")).replace("strip 1-60", "strip 11-20")
    printer = make(config).start().advance(1.0)
    chain(printer).led_helper._set_color(1, (0.0, 1.0, 0.0, 0.0))
    printer.run("LUMEN_SET GROUP=chain EFFECT=solid COLOR=blue").advance(1.0)
    sent = chain(printer).sent[-1][1]
    assert sent[0] == (0.0, 1.0, 0.0, 0.0)
    assert sent[10] == (0.0, 0.0, 1.0, 0.0)
    assert sent[20] == (0.0, 0.0, 0.0, 0.0)


def test_a_strip_may_consist_of_several_objects(make: MakePrinter) -> None:
    config = (CONFIG % ("solid red", "off")).replace("neopixel: strip", "led: strip, dotstar bed")
    config = config.replace("\ncount: 60", "\ncount: 65").replace("strip 1-60", "strip 60-62")
    printer = make(config + "\n[dotstar bed]\nchain_count: 5\n").start().advance(1.0)
    assert chain(printer).sent[-1][1][58:] == [(0.0, 0.0, 0.0, 0.0), (1.0, 0.0, 0.0, 0.0)]
    bed = chain(printer, "dotstar bed").sent[-1][1]
    assert bed == [(1.0, 0.0, 0.0, 0.0)] * 2 + [(0.0, 0.0, 0.0, 0.0)] * 3


def test_strips_on_one_mcu_share_its_budget(make: MakePrinter) -> None:
    config = CONFIG % ("rainbow", "off")
    config += """
[neopixel other]
pin: gpio3
chain_count: 60

[lumen_group twin]
driver: klipper
neopixel: other
index_end: 60
on_idle: rainbow
"""
    printer = make(config).start().advance(5.0)
    starts = [len(chain(printer, "neopixel " + name).sent) for name in ("strip", "other")]
    printer.advance(10.0)
    ends = [len(chain(printer, "neopixel " + name).sent) for name in ("strip", "other")]
    counts = [end - start for start, end in zip(starts, ends)]
    assert 125 <= sum(counts) <= 135
    assert abs(counts[0] - counts[1]) <= 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            ("neopixel: strip", "neopixel: strp"),
            "no section 'neopixel strp' (did you mean 'strip'?)",
        ),
        (("neopixel: strip", "led: strp"), "(did you mean 'strip'?)"),
        (("count: 60", "count: 61"), "not be above 60, the length of [neopixel strip], got 61"),
        (("pin_name: lamp", "pin_name: lmp"), "(did you mean 'lamp'?)"),
    ],
)
def test_a_mistyped_object_stops_the_start(
    make: MakePrinter, change: tuple[str, str], words: str
) -> None:
    config = (CONFIG % ("solid red", "off")).replace(*change)
    printer = make(config.replace("chain_count: 61", "chain_count: 60")).start()
    assert words in printer.get_state_message()[0]
    assert printer.get_state_message()[1] == "error"


def test_a_shutdown_is_reported_and_nothing_is_sent(make: MakePrinter) -> None:
    printer = lit(make, "rainbow", "pulse white")
    printer.emergency_stop()
    leds, lamp = len(chain(printer).sent), len(pin(printer).sent)
    printer.advance(10.0)
    assert (len(chain(printer).sent), len(pin(printer).sent)) == (leds, lamp)
    assert strip(printer)["health"] == "dark"
    assert "Klipper is shut down" in strip(printer, "lamp")["error"]
    assert printer.engine.status()["moving"] is True


def test_lights_work_after_a_restart(make: MakePrinter) -> None:
    printer = lit(make)
    printer.emergency_stop()
    printer.advance(5.0)
    again = printer.restart().start().advance(1.0)
    assert chain(again).sent[-1][1] == [(1.0, 0.0, 0.0, 0.0)] * 60
    assert strip(again)["health"] == "ok"
    again.close()


@pytest.mark.parametrize("name", ["_set_color", "_check_transmit"])
def test_a_fault_of_an_object_is_caught_and_recovers(make: MakePrinter, name: str) -> None:
    printer = lit(make)
    helper = chain(printer).led_helper
    original = getattr(helper, name)

    def fail(*_: object) -> None:
        raise TypeError("something changed")

    setattr(helper, name, fail)
    leds = adapter(printer)
    setattr(leds, name, fail)
    printer.run("LUMEN_SET GROUP=chain EFFECT=solid COLOR=blue").advance(5.0)
    assert strip(printer)["health"] == "dark"
    assert "something changed" in strip(printer)["error"]
    setattr(leds, name, original)
    printer.advance(20.0)
    assert chain(printer).sent[-1][1] == [(0.0, 0.0, 1.0, 0.0)] * 60
    assert strip(printer)["health"] == "degraded"
    printer.advance(70.0)
    assert strip(printer)["health"] == "ok"


def test_a_fault_with_varying_text_is_one_warning(make: MakePrinter) -> None:
    printer = lit(make, "rainbow")
    leds = adapter(printer)
    faults = iter(range(10_000))

    def fail(*_: object) -> None:
        raise RuntimeError("no answer to message %d" % next(faults))

    leds._check_transmit = fail
    printer.advance(120.0)
    assert next(faults) > 3
    warnings = printer.query("configfile")["configfile"]["warnings"]
    assert [warning["message"] for warning in warnings if "strip" in warning["message"]] == [
        (
            "lumen: strip 'strip': [neopixel strip] refuses updates "
            "(Lumen keeps retrying; see klippy.log)"
        )
    ]


def test_a_disconnected_non_critical_mcu_is_dark_until_it_reconnects(make: MakePrinter) -> None:
    printer = lit(make, "rainbow")
    chain(printer).mcu.non_critical_disconnected = True
    printer.advance(2.0)
    sent = len(chain(printer).sent)
    printer.advance(10.0)
    assert len(chain(printer).sent) == sent
    assert strip(printer)["error"].startswith("MCU 'mcu' is not connected")
    chain(printer).mcu.non_critical_disconnected = False
    printer.advance(3.0)
    assert len(chain(printer).sent) > sent
    assert strip(printer)["health"] == "ok"


def test_a_lamp_has_the_right_brightness_at_any_scale(make: MakePrinter) -> None:
    printer = lit(make, lamp="on")
    assert pin(printer).sent[-1][2] == pytest.approx(1.0)
    printer.run("LUMEN_SET GROUP=room EFFECT=off").advance(1.0)
    assert pin(printer).sent[-1][2] == 0.0


def test_a_lamp_has_its_own_values_in_the_config_and_in_commands(make: MakePrinter) -> None:
    printer = lit(make, lamp="dim")
    assert pin(printer).sent[-1][2] == pytest.approx(0.3, abs=0.003)
    printer.run("LUMEN_SET GROUP=room EFFECT=0.6 FADE=0").advance(2.0)
    assert pin(printer).sent[-1][2] == pytest.approx(0.6, abs=0.003)
    printer.run("LUMEN_SET GROUP=room EFFECT=on FADE=0").advance(2.0)
    assert pin(printer).sent[-1][2] == pytest.approx(1.0)
    assert "brightness of a lamp must be" in refused(printer, "LUMEN_SET GROUP=room EFFECT=10")


def test_a_lamp_waits_for_the_first_value_of_its_pin(make: MakePrinter) -> None:
    printer = make(CONFIG % ("solid red", "on")).start().advance(0.4)
    assert pin(printer).sent == []
    printer.advance(0.3)
    assert len(pin(printer).sent) == 1
    assert printer.is_ready()


def test_a_switched_lamp_is_on_for_any_brightness(make: MakePrinter) -> None:
    config = (CONFIG % ("solid red", "dim")).replace("pwm: yes\nscale: 10", "pwm: no")
    printer = make(config).start().advance(1.0)
    assert [value for _, _, value in pin(printer).sent] == [1.0]


def test_a_pin_synchronized_with_moves_is_rejected_as_a_lamp(make: MakePrinter) -> None:
    config = (CONFIG % ("solid red", "on")).replace("pin_name: lamp", "pin_name: tool")
    printer = make(config)

    class Tool:
        mcu_pin = None

    printer.add_object("pwm_tool tool", Tool())
    printer.start().advance(2.0)
    assert strip(printer, "lamp")["health"] == "dark"
    assert "a lamp must be an [output_pin]" in strip(printer, "lamp")["error"]
    assert chain(printer).sent[-1][1] == [(1.0, 0.0, 0.0, 0.0)] * 60
    assert (
        sum(
            "no lamp" in w or "lamp must be" in w
            for w in printer.query("lumen")["lumen"]["warnings"]
        )
        == 1
    )
