"""Groups as lights and effects as buttons of web interfaces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.klippy.lights import MakePrinter, refused

if TYPE_CHECKING:
    from klipper_lumen.sim import Printer

CONFIG = """
[lumen]

[lumen_strip case]
driver: memory
count: 4

[lumen_group Chamber]
strip: case
on_idle: solid red

[lumen_effect party]
effect: disco
show: True

[lumen_effect calm]
effect: pulse
"""


def light(printer: Printer, name: str = "neopixel Chamber") -> Any:
    printer.advance(1.1)
    return printer.query(name)[name]


def group(printer: Printer, name: str = "lumen_group Chamber") -> Any:
    printer.advance(1.1)
    return printer.query(name)[name]


def test_a_group_is_a_light_with_its_color_and_channels(make: MakePrinter) -> None:
    printer = make(CONFIG).start()
    assert light(printer) == {"color_data": [[1.0, 0.0, 0.0, 0.0]]}
    settings = printer.query("configfile")["configfile"]["settings"]["neopixel chamber"]
    assert settings == {"color_order": ["RGB"], "chain_count": 1}


def test_a_picked_color_lasts_until_it_is_cleared(make: MakePrinter) -> None:
    printer = make(CONFIG).start()
    printer.run('SET_LED LED="Chamber" RED=0.2 GREEN=0.4 BLUE=1 SYNC=0 TRANSMIT=1')
    assert group(printer)["effect"] == "solid 3366ff"
    assert light(printer) == {"color_data": [[0.2, 0.4, 1.0, 0.0]]}
    printer.advance(1000.0)
    assert group(printer)["source"] == "command"
    printer.run("LUMEN_CLEAR GROUP=Chamber")
    assert light(printer) == {"color_data": [[1.0, 0.0, 0.0, 0.0]]}


def test_black_is_off(make: MakePrinter) -> None:
    printer = make(CONFIG).start()
    printer.run("SET_LED LED=Chamber RED=0 GREEN=0 BLUE=0 WHITE=0")
    assert (group(printer)["effect"], group(printer)["source"]) == ("off", "command")
    assert light(printer) == {"color_data": [[0.0, 0.0, 0.0, 0.0]]}


def test_a_lamp_is_a_white_light(make: MakePrinter) -> None:
    config = "[lumen]\n[lumen_group Lamp]\ndriver: pwm\npin_name: caselight\non_idle: on\n"
    printer = make(config + "[output_pin caselight]\npin: PA1\npwm: True").start()
    assert light(printer, "neopixel Lamp") == {"color_data": [[0.0, 0.0, 0.0, 1.0]]}
    printer.run("SET_LED LED=Lamp WHITE=0.5 SYNC=0")
    assert light(printer, "neopixel Lamp")["color_data"][0][3] == pytest.approx(0.5, abs=0.005)
    pin = printer.lookup_object("output_pin caselight")
    assert pin.last_value == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("SET_LED LED=Chamber RED=2", "SET_LED: RED must be from 0 to 1, got '2'"),
        (
            "SET_LED LED=Chamber INDEX=2",
            "SET_LED: INDEX must be 1, got '2'",
        ),
        ("SET_LED LED=chamber RED=1", "SET_LED: unknown LED 'chamber' (known: Chamber)"),
        ("SET_LED RED=1", "SET_LED: LED is missing"),
        (
            "SET_LED_EFFECT EFFECT=calm",
            "SET_LED_EFFECT: unknown EFFECT 'calm' (known: party, follow printer)",
        ),
        ("SET_LED_EFFECT", "SET_LED_EFFECT: EFFECT is missing"),
        (
            "STOP_LED_EFFECTS LEDS=neopixel:bar",
            "STOP_LED_EFFECTS: unknown LEDS 'neopixel:bar' (known: neopixel:Chamber)",
        ),
        (
            "STOP_LED_EFFECTS LEDS=neopixel:a(0)",
            (
                "STOP_LED_EFFECTS: LEDS must have the form 'neopixel:NAME (1-3,5)', "
                "got 'neopixel:a(0)'"
            ),
        ),
        ("SET_LED_EFFECT EFFECT=party STOP=x", "SET_LED_EFFECT: STOP must be from 0 to 1, got 'x'"),
    ],
)
def test_mistakes_are_reported(make: MakePrinter, script: str, words: str) -> None:
    assert refused(make(CONFIG).start(), script) == words


def test_set_led_for_klippers_sections_is_handled_by_klipper(
    make: MakePrinter,
) -> None:
    printer = make(CONFIG)
    # As a section of Klipper does when it is loaded.
    printer.gcode.register_mux_command("SET_LED", "LED", "bar", lambda gcmd: None)
    printer.start()
    assert printer.try_run("SET_LED LED=baar RED=1") == "The value 'baar' is not valid for LED"
    assert refused(printer, "SET_LED LED=Chamber RED=2").startswith("SET_LED: RED must be")


def test_a_plugin_loaded_later_keeps_its_names_and_errors(make: MakePrinter) -> None:
    printer = make(CONFIG).start()
    assert refused(printer, "SET_LED_EFFECT EFFECT=other").startswith("SET_LED_EFFECT: unknown")
    pressed: list[str] = []
    printer.gcode.register_mux_command(
        "SET_LED_EFFECT", "EFFECT", "other", lambda gcmd: pressed.append(gcmd.get_command())
    )
    printer.run("SET_LED_EFFECT EFFECT=other\nSET_LED_EFFECT EFFECT=party")
    assert pressed == ["SET_LED_EFFECT"]
    assert group(printer)["effect"] == "party"
    words = printer.try_run("SET_LED_EFFECT EFFECT=calm")
    assert words == "The value 'calm' is not valid for EFFECT"


def test_a_command_of_another_plugin_is_not_taken(make: MakePrinter) -> None:
    printer = make(CONFIG)
    pressed: list[str] = []
    printer.gcode.register_command("SET_LED_EFFECT", lambda gcmd: pressed.append("theirs"))
    printer.gcode.register_mux_command(
        "SET_LED", "STRIP", "top", lambda gcmd: pressed.append("shared")
    )
    printer.start().run("SET_LED_EFFECT EFFECT=nosuch\nSET_LED STRIP=top")
    assert pressed == ["theirs", "shared"]
    assert printer.lookup_object("led_effect party", None) is None
    assert printer.lookup_object("neopixel Chamber", None) is None


def test_no_light_without_web_ui(make: MakePrinter) -> None:
    printer = make(CONFIG.replace("on_idle", "web_ui: False\non_idle")).start()
    assert printer.lookup_object("neopixel Chamber", None) is None
    assert "SET_LED" not in printer.gcode.ready_gcode_handlers


@pytest.mark.parametrize("kind", ["neopixel", "led", "dotstar"])
def test_a_name_of_a_klipper_section_is_not_taken(make: MakePrinter, kind: str) -> None:
    printer = make(CONFIG + "\n[%s Chamber]\npin: PA1\nchain_count: 3\n" % kind).start()
    assert printer.is_ready()
    found = printer.lookup_object("%s Chamber" % kind)
    assert found.led_helper.led_count == (1 if kind == "led" else 3)
    others = [name for name, _ in printer.lookup_objects() if name.endswith(" Chamber")]
    assert sorted(others) == sorted(["lumen_group Chamber", "%s Chamber" % kind])


def test_a_name_of_another_plugin_is_not_taken(make: MakePrinter) -> None:
    printer = make(CONFIG)
    pressed: list[str] = []
    mux = printer.gcode.register_mux_command
    for command, key, name in [
        ("SET_LED", "LED", "Chamber"),
        ("SET_LED_EFFECT", "EFFECT", "party"),
        ("SET_LED_EFFECT", "EFFECT", "other"),
    ]:
        mux(command, key, name, lambda gcmd: pressed.append(gcmd.get_command()))
    printer.gcode.register_command("STOP_LED_EFFECTS", lambda gcmd: pressed.append("stop"))
    printer.start()
    assert printer.is_ready()
    printer.run("SET_LED LED=Chamber\nSET_LED_EFFECT EFFECT=party\nSTOP_LED_EFFECTS")
    assert pressed == ["SET_LED", "SET_LED_EFFECT", "stop"]


def test_an_effect_with_show_is_a_button(make: MakePrinter) -> None:
    printer = make(CONFIG).start()
    assert light(printer, "led_effect party") == {"enabled": False}
    assert printer.lookup_object("led_effect calm", None) is None
    printer.run('SET_LED_EFFECT EFFECT="party"')
    assert group(printer)["effect"] == "party"
    assert light(printer, "led_effect party") == {"enabled": True}
    printer.run('SET_LED_EFFECT EFFECT="party" STOP=1')
    assert group(printer)["source"] == "state"
    assert light(printer, "led_effect party") == {"enabled": False}


def test_stop_does_not_clear_effects_that_were_not_picked(make: MakePrinter) -> None:
    printer = make(CONFIG + "\n[lumen_group Top]\ndriver: memory\nindex_end: 2\n").start()
    printer.run("SET_LED_EFFECT EFFECT=party\nLUMEN_SET GROUP=Top EFFECT=rainbow")
    printer.advance(1.1)
    printer.run("STOP_LED_EFFECTS")
    assert group(printer)["source"] == "state"
    assert group(printer, "lumen_group Top")["effect"] == "rainbow"


def test_picking_never_wakes_the_idle_timeout(make: MakePrinter) -> None:
    printer = make(CONFIG).start()
    state = printer.query("idle_timeout")
    printer.run("SET_LED LED=Chamber RED=1\nSET_LED_EFFECT EFFECT=party")
    printer.advance(1.0)
    assert printer.query("idle_timeout") == state


TWO = (
    CONFIG
    + """
[lumen_group Top]
driver: memory
index_end: 2
on_idle: solid green
"""
)


def shown(printer: Printer) -> list[str]:
    """Returns what the two groups show."""
    printer.advance(1.1)
    groups = [printer.query(it)[it] for it in ("lumen_group Chamber", "lumen_group Top")]
    return [it["effect"] for it in groups]


def test_sending_back_the_reported_color_changes_nothing(make: MakePrinter) -> None:
    config = "[lumen]\n[lumen_group Lamp]\ndriver: pwm\npin_name: caselight\non_idle: dim\n"
    printer = make(config + "[output_pin caselight]\npin: PA1\npwm: True").start()
    ((red, green, blue, white),) = light(printer, "neopixel Lamp")["color_data"]
    assert white > 0.0
    printer.run(
        'SET_LED LED="Lamp" RED=%.2f GREEN=%.2f BLUE=%.2f WHITE=%.2f SYNC=0 TRANSMIT=1'
        % (red, green, blue, white)
    )
    assert group(printer, "lumen_group Lamp")["source"] == "state"


def test_a_picked_color_or_effect_shows_after_lumen_off(make: MakePrinter) -> None:
    printer = make(TWO).start()
    printer.run("LUMEN_OFF\nSET_LED LED=Top BLUE=1")
    assert shown(printer) == ["off", "solid 0000ff"]
    printer.run("LUMEN_OFF\nSET_LED_EFFECT EFFECT=party")
    assert shown(printer) == ["party", "party"]


def test_follow_printer_is_a_button(make: MakePrinter) -> None:
    printer = make(TWO).start()
    assert light(printer, "led_effect follow printer") == {"enabled": True}
    printer.run("SET_LED LED=Top BLUE=1\nLUMEN_SET GROUP=Chamber EFFECT=rainbow")
    assert light(printer, "led_effect follow printer") == {"enabled": False}
    printer.run('SET_LED_EFFECT EFFECT="follow printer"')
    assert light(printer, "led_effect follow printer") == {"enabled": True}
    assert shown(printer) == ["solid red", "solid green"]
    printer.run("LUMEN_OFF")
    assert light(printer, "led_effect follow printer") == {"enabled": False}
    printer.run('SET_LED_EFFECT EFFECT="follow printer"')
    assert shown(printer) == ["solid red", "solid green"]
    for script in ("LUMEN_STATE STATE=paused", "LUMEN_TEST STATE=printing"):
        printer.run(script).advance(0.2)
        assert light(printer, "led_effect follow printer") == {"enabled": False}, script
        printer.run('SET_LED_EFFECT EFFECT="follow printer"').advance(0.2)
        assert light(printer, "led_effect follow printer") == {"enabled": True}, script


def test_follow_printer_exists_only_if_something_can_be_picked(make: MakePrinter) -> None:
    config = CONFIG.replace("on_idle", "web_ui: False\non_idle").replace("show: True", "")
    printer = make(config).start()
    assert printer.lookup_object("led_effect follow printer", None) is None
    assert "STOP_LED_EFFECTS" not in printer.gcode.ready_gcode_handlers


def test_stop_clears_picked_colors_and_no_command(make: MakePrinter) -> None:
    printer = make(TWO).start()
    printer.run("SET_LED LED=Top BLUE=1\nLUMEN_SET GROUP=Chamber EFFECT=rainbow")
    assert shown(printer) == ["rainbow", "solid 0000ff"]
    printer.run("STOP_LED_EFFECTS")
    assert shown(printer) == ["rainbow", "solid green"]


def test_stop_with_leds_clears_the_effects_there(make: MakePrinter) -> None:
    printer = make(TWO).start()
    printer.run("SET_LED_EFFECT EFFECT=party")
    assert shown(printer) == ["party", "party"]
    printer.run('STOP_LED_EFFECTS LEDS="neopixel:Top"')
    assert shown(printer) == ["party", "solid green"]


def test_stop_with_leds_of_klippers_sections_finds_the_groups_on_them(make: MakePrinter) -> None:
    config = """
[neopixel sb]
pin: PA1
chain_count: 3
[lumen]
[lumen_group Chamber]
driver: klipper
neopixel: sb
index_end: 1
on_idle: solid red
[lumen_group Top]
driver: klipper
neopixel: sb
index_start: 2
index_end: 3
on_idle: solid green
[lumen_effect party]
effect: disco
show: True
"""
    printer = make(config).start()
    printer.run('SET_LED_EFFECT EFFECT=party\nSTOP_LED_EFFECTS LEDS="neopixel:sb (2-3)"')
    printer.run('STOP_LED_EFFECTS LEDS="neopixel:sb (2-3)"')
    assert shown(printer) == ["party", "solid green"]
    printer.run('STOP_LED_EFFECTS LEDS="neopixel:sb"')
    assert shown(printer) == ["solid red", "solid green"]


def test_a_button_may_be_for_some_groups_only(make: MakePrinter) -> None:
    printer = make(TWO.replace("show: True", "show: Top")).start()
    printer.run("SET_LED_EFFECT EFFECT=party")
    assert shown(printer) == ["solid red", "party"]
    assert light(printer, "led_effect party") == {"enabled": True}
    printer.run("SET_LED_EFFECT EFFECT=party STOP=1")
    assert shown(printer) == ["solid red", "solid green"]
