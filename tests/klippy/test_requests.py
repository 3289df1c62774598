"""The requests for brightness, power, flashes and test mode, by command and by endpoint."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest

from klipper_lumen.sim.gcode import CommandError
from tests.klippy.lights import BASE, OLD_REQUESTS, REQUESTS, MakePrinter, refused, shown

if TYPE_CHECKING:
    from klipper_lumen.sim import Printer

COMMANDS = [request for request in (*REQUESTS, *OLD_REQUESTS) if request.command]


def lumen(printer: Printer) -> dict[str, Any]:
    printer.advance(1.1)
    status: dict[str, Any] = printer.query("lumen")["lumen"]
    return status


def chamber(printer: Printer) -> dict[str, Any]:
    printer.advance(1.1)
    status: dict[str, Any] = printer.query("lumen_group chamber")["lumen_group chamber"]
    return status


def test_brightness_applies_to_all_lights_or_a_group(printer: Printer) -> None:
    printer.run("LUMEN_BRIGHTNESS VALUE=0.5 FADE=0")
    assert lumen(printer)["brightness"] == 0.5
    printer.run("LUMEN_BRIGHTNESS GROUP=chamber VALUE=.25")
    assert chamber(printer)["brightness"] == 0.25
    assert lumen(printer)["brightness"] == 0.5


def test_off_lasts_until_on(printer: Printer) -> None:
    printer.run("LUMEN_OFF")
    assert (chamber(printer)["effect"], chamber(printer)["source"]) == ("off", "command")
    assert set(printer.engine.frame("case")) == {0}
    printer.run("LUMEN_ON GROUP=chamber")
    assert chamber(printer)["source"] == "state"


def test_a_flash_ends(printer: Printer) -> None:
    before = chamber(printer)
    printer.run("LUMEN_FLASH COLOR=red COUNT=4")
    assert chamber(printer)["effect"].startswith("pulse red")
    printer.advance(2.0)
    assert chamber(printer) == before


def test_wake_leaves_sleep(make: MakePrinter) -> None:
    config = BASE.replace("timeout: 40", "timeout: 1").replace("timeout: 20", "timeout: 1")
    printer = make(config).start().advance(10.0)
    assert shown(printer) == "sleep"
    printer.run("LUMEN_WAKE").advance(0.5)
    assert shown(printer) == "idle"


def test_test_mode_steps_through_states_and_returns_to_the_printer(
    printer: Printer,
) -> None:
    printer.run("LUMEN_TEST_START")
    first = lumen(printer)
    assert (first["test"], first["forced"]) == (True, first["state"])
    printer.run("LUMEN_TEST_NEXT_STATE")
    second = lumen(printer)["state"]
    assert second != first["state"]
    printer.run("LUMEN_TEST_PREV_STATE\nLUMEN_TEST_PREV_STATE")
    assert lumen(printer)["state"] not in (first["state"], second)
    # The printer's state at the end of test mode shows.
    printer.run("M104 S210")
    assert lumen(printer)["state"] != "heating"
    printer.run("LUMEN_TEST_STOP")
    after = lumen(printer)
    assert (after["state"], after["test"], after["forced"]) == ("heating", False, None)


def test_test_mode_times_out(printer: Printer) -> None:
    printer.run("LUMEN_TEST_START DURATION=5")
    printer.run("LUMEN_TEST_NEXT_EFFECT GROUP=chamber")
    assert chamber(printer)["source"] == "command"
    printer.advance(5.0)
    assert (lumen(printer)["test"], lumen(printer)["forced"]) == (False, None)
    assert chamber(printer)["source"] == "state"
    assert refused(printer, "LUMEN_TEST_NEXT_STATE") == (
        "LUMEN_TEST_NEXT_STATE: test mode is not active; start it with LUMEN_TEST_START"
    )


def test_test_mode_steps_through_effects_in_both_directions(printer: Printer) -> None:
    printer.run("LUMEN_TEST_START")
    shown_effects = []
    for step in ("NEXT", "NEXT", "PREV"):
        printer.run("LUMEN_TEST_%s_EFFECT" % step)
        shown_effects.append(chamber(printer)["effect"].split()[0])
    assert shown_effects[0] == shown_effects[2] != shown_effects[1]


def test_a_single_state_of_the_user_can_be_tested(make: MakePrinter) -> None:
    config = BASE.replace("[lumen]\n", "[lumen]\nstates: purge\n") + "on_purge: solid red\n"
    printer = make(config).start()
    printer.run("LUMEN_TEST STATE=Purge")
    assert (lumen(printer)["state"], lumen(printer)["test"]) == ("purge", True)


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("LUMEN_BRIGHTNESS", "LUMEN_BRIGHTNESS: VALUE is missing"),
        ("LUMEN_BRIGHTNESS VALU=1", "LUMEN_BRIGHTNESS: VALUE is missing (got 'VALU')"),
        ("LUMEN_BRIGHTNESS VALUE=2", "LUMEN_BRIGHTNESS: VALUE must be from 0 to 1, got '2'"),
        ("LUMEN_BRIGHTNESS VALUE=nan", "LUMEN_BRIGHTNESS: VALUE must be from 0 to 1, got 'nan'"),
        (
            "LUMEN_OFF GRUOP=chamber",
            "LUMEN_OFF: unknown parameter 'GRUOP' (did you mean 'GROUP'?)",
        ),
        ("LUMEN_OFF GROUP=chambr", "LUMEN_OFF: unknown group 'chambr' (groups: chamber)"),
        (
            "LUMEN_FLASH COLOR=red COUNT=0",
            "LUMEN_FLASH: COUNT must be a whole number from 1 to 100, got '0'",
        ),
        ("LUMEN_WAKE NOW=1", "LUMEN_WAKE: unknown parameter 'NOW' (parameters: none)"),
        (
            "LUMEN_TEST STATE=sleap",
            "LUMEN_TEST: unknown state 'sleap' (did you mean 'sleep'?)",
        ),
    ],
)
def test_mistakes_are_reported(printer: Printer, script: str, words: str) -> None:
    assert refused(printer, script) == words
    assert printer.is_ready()


def test_the_commands_of_lumen_1_work(printer: Printer) -> None:
    printer.run("LUMEN STATE=printing")
    assert lumen(printer)["state"] == "printing"
    printer.run("LUMEN_CLEAR\nLUMEN_HOMING_START")
    assert lumen(printer)["state"] == "homing"
    printer.run("LUMEN_HOMING_START\nLUMEN_HOMING_END")
    assert lumen(printer)["state"] == "idle"
    printer.run("LUMEN_HOMING_END")


def test_an_operation_of_a_macro_continues_after_the_command(make: MakePrinter) -> None:
    printer = make(BASE)
    printer.advance(0.001).add_macro("M600", "LUMEN_FILAMENT_START")
    printer.start().run("M600")
    assert lumen(printer)["state"] == "filament"
    printer.run("LUMEN_HOMING_START")
    assert lumen(printer)["state"] == "homing"
    printer.run("LUMEN_FILAMENT_END")
    assert lumen(printer)["state"] == "homing"
    printer.run("LUMEN_HOMING_END")
    assert lumen(printer)["state"] == "idle"


def test_an_operation_of_a_macro_ends_if_the_command_fails(make: MakePrinter) -> None:
    printer = make(BASE)
    printer.advance(0.001).add_macro("M600", "LUMEN_FILAMENT_START\nLUMEN_SET GROUP")
    printer.start()
    assert printer.try_run("M600") is not None
    assert "filament" not in lumen(printer)["states"]
    printer.run("G28").advance(5.0)
    assert "filament" not in lumen(printer)["states"]


@pytest.mark.parametrize("name", [request.gcode for request in COMMANDS])
def test_every_command_has_a_help_line_and_lists_its_parameters(
    printer: Printer, name: str
) -> None:
    request = next(it for it in COMMANDS if it.gcode == name)
    text = printer.gcode.gcode_help[name]
    assert text == request.help
    for parameter in request.parameters:
        assert "%s=" % parameter in text


def test_help_lists_every_command(printer: Printer) -> None:
    printer.run("LUMEN_HELP")
    output = printer.gcode.output[-1]
    for request in REQUESTS:
        assert ("LUMEN_%s: " % request.name.upper() in output) == request.command


def test_effects_and_colors_are_listed(printer: Printer) -> None:
    printer.run("LUMEN_EFFECTS")
    assert "comet: " in printer.gcode.output[-1]
    printer.run("LUMEN_COLORS")
    assert "azure" in printer.gcode.output[-1]


def test_status_and_help_work_before_ready_and_after_a_shutdown(printer: Printer) -> None:
    printer.run("M112").advance(1.0)
    assert not printer.is_ready()
    for name in ("STATUS", "HELP", "EFFECTS", "COLORS"):
        printer.run("LUMEN_" + name)
    assert printer.ask("lumen/status")["state"] == "error"


def test_every_request_has_its_endpoint(printer: Printer) -> None:
    ours = {path for path in printer.webhooks.paths() if path.startswith("lumen/")}
    assert ours == {"lumen/" + request.name for request in REQUESTS if request.endpoint}


def test_endpoints_accept_strings_and_numbers(printer: Printer) -> None:
    for value in (0.5, "0.5"):
        assert printer.ask("lumen/brightness", value=value, fade=0) == {}
        assert lumen(printer)["brightness"] == 0.5
        printer.ask("lumen/brightness", value=1)
    printer.ask("lumen/set", group="chamber", effect="comet", color="red", speed=30, DURATION="9")
    assert chamber(printer)["effect"].startswith("comet")
    printer.ask("lumen/clear")
    assert chamber(printer)["source"] == "state"


def test_endpoints_answer_while_a_command_runs(printer: Printer) -> None:
    answers = []
    reactor = printer.reactor
    reactor.register_callback(
        lambda _: answers.append(printer.ask("lumen/state", state="printing")),
        reactor.monotonic() + 1.0,
    )
    states: list[str] = []
    reactor.register_callback(
        lambda _: states.append(printer.engine.status()["state"]), reactor.monotonic() + 3.0
    )
    printer.run("M109 S210")
    assert (answers, states) == ([{}], ["printing"])


@pytest.mark.parametrize(
    ("path", "params", "words"),
    [
        ("set", {"group": "chamber"}, "EFFECT is missing"),
        ("set", {"group": "chamber", "effect": "comt"}, "unknown effect 'comt' (did you mean"),
        ("state", {"state": ["idle"]}, "STATE must be a text or a number, got a list"),
        ("brightness", {"value": None}, "VALUE must be a text or a number, got null"),
        ("preview", {"strip": "cas"}, "unknown strip 'cas'"),
    ],
)
def test_an_invalid_request_is_a_request_error(
    printer: Printer, path: str, params: dict[str, Any], words: str
) -> None:
    with pytest.raises(CommandError) as caught:
        printer.ask("lumen/" + path, **params)
    assert str(caught.value).startswith(words)
    assert printer.is_ready()


def test_a_preview_is_the_strips_last_frame(printer: Printer) -> None:
    printer.advance(2.0)
    answer = printer.ask("lumen/preview", strip="case")
    assert base64.b64decode(answer["rgbw"]) == printer.engine.frame("case")
    pixels = len(printer.engine.frame("case")) // 4
    assert (answer["pixels"], answer["first"], answer["next"]) == (pixels, 0, None)
    part = printer.ask("lumen/preview", strip="case", first=pixels - 1)
    assert base64.b64decode(part["rgbw"]) == printer.engine.frame("case")[-4:]


def test_a_preview_without_a_strip_has_the_pixels_of_all_groups(printer: Printer) -> None:
    printer.advance(2.0)
    answer = printer.ask("lumen/preview")
    assert answer["now"] >= answer["drawn"] > 0
    assert answer["next"] is None
    strips = {name: printer.engine.frame(name) for name, _ in printer.engine.strips()}
    groups = {it["name"]: base64.b64decode(it["rgbw"]) for it in answer["groups"]}
    assert list(groups) == [name for name, _ in printer.engine.groups()]
    for name, pixels in printer.engine.groups():
        expected = [strips[strip][4 * pixel : 4 * pixel + 4] for strip, pixel in pixels]
        assert groups[name] == b"".join(expected)
    for it in answer["groups"]:
        assert it["pixels"] == len(base64.b64decode(it["rgbw"])) // 4 > 0
        assert it["first"] == 0


def test_a_long_preview_comes_in_several_answers(make: MakePrinter) -> None:
    strip = "[lumen_strip long]\ndriver: memory\ncount: 4500\n"
    printer = make(BASE + strip + "[lumen_group long]\nstrip: long\n").start()
    counts = []
    first: int | None = 0
    while first is not None:
        answer = printer.ask("lumen/preview", first=first)
        pixels = sum(len(base64.b64decode(it["rgbw"])) // 4 for it in answer["groups"])
        counts.append(pixels)
        first = answer["next"]
    total = sum(len(pixels) for _, pixels in printer.engine.groups())
    assert sum(counts) == total
    assert max(counts) <= 2000
    parts = [printer.ask("lumen/preview", strip="long", first=it) for it in (0, 2000, 4000)]
    assert [len(base64.b64decode(it["rgbw"])) // 4 for it in parts] == [2000, 2000, 500]
    assert [it["next"] for it in parts] == [2000, 4000, None]


def test_the_status_has_what_another_renderer_needs(printer: Printer) -> None:
    printer.ask("lumen/set", group="chamber", effect="rainbow")
    printer.advance(0.1)
    assert printer.ask("lumen/status")["groups"]["chamber"]["run"] is None
    printer.advance(3.0)
    run = printer.ask("lumen/status")["groups"]["chamber"]["run"]
    assert 0.0 < run["start"] < printer.ask("lumen/preview")["now"] - 2.0
    assert int(run["seed"]) >= 0


def test_effects_are_returned_as_data(printer: Printer) -> None:
    effects = {effect["name"]: effect for effect in printer.ask("lumen/effects")["effects"]}
    assert len(effects) == 32
    assert {"name", "help", "default"} <= set(effects["comet"]["options"][0])
    assert printer.ask("lumen/colors")["colors"]["red"].startswith("ff0000")


def test_effects_of_the_config_have_their_defaults(make: MakePrinter) -> None:
    alert, comet = "[lumen_effect alert]\neffect: pulse\nspeed: 3\n", "[lumen_effect comet]\n"
    printer = make(BASE + alert + comet + "comet_tail_length: 7\n").start()
    effects = {effect["name"]: effect for effect in printer.ask("lumen/effects")["effects"]}
    assert len(effects) == 33
    assert (effects["alert"]["effect"], effects["comet"]["effect"]) == ("pulse", "comet")
    assert effects["alert"]["usage"].startswith("alert ")
    defaults = {option["name"]: option["default"] for option in effects["alert"]["options"]}
    assert (defaults["speed"], defaults["max_brightness"]) == ("3", "0.8")
    defaults = {option["name"]: option["default"] for option in effects["comet"]["options"]}
    assert defaults["comet_tail_length"] == "7"
    printer.run("LUMEN_EFFECTS")
    assert "alert: a variant of pulse (base_color, " in printer.gcode.output[-1]


def test_the_list_of_effects_is_cached(printer: Printer) -> None:
    first = printer.engine.request("effects", {}, 0.0)[0]
    assert printer.engine.request("effects", {}, 0.0)[0] is first


def test_the_duration_of_a_test_is_rounded_up(printer: Printer) -> None:
    printer.run("LUMEN_TEST STATE=heating DURATION=2")
    assert "The lights show heating for up to 2 s;" in printer.gcode.output[-1]


def test_test_mode_by_endpoint_returns_its_position(printer: Printer) -> None:
    answer = printer.ask("lumen/test_start")
    assert answer["state"] == answer["states"][0]
    assert answer["ends_in"] == 600
    assert printer.ask("lumen/test_next_state")["state"] == answer["states"][1]
    assert printer.ask("lumen/test_stop") == {}
