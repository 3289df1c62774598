"""LUMEN_RELOAD: a new config while the printer runs."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any

import pytest

from klipper_lumen.sim.gcode import CommandError
from klippy_extra.lumen import lumen
from tests.klippy.lights import BASE, MakePrinter
from tests.klippy.test_lights import CONFIG as LIGHTS
from tests.klippy.test_lights import chain, pin

if TYPE_CHECKING:
    from pathlib import Path

    from klipper_lumen.sim import Printer

MACHINE = "[extruder]\n[heater_bed]\n"


def reloaded(printer: Printer) -> str:
    """Runs LUMEN_RELOAD and returns the last line on the console."""
    printer.run("LUMEN_RELOAD")
    assert printer.gcode.output[-1] == "// Reading the config files"
    count = len(printer.gcode.output)
    settle(printer)
    assert len(printer.gcode.output) == count + 1
    return printer.gcode.output[-1]


def settle(printer: Printer) -> None:
    """Waits until a reload has ended: its thread runs in real time, the printer does not."""
    reloader = printer.lookup_object("lumen")._reload
    for _ in range(6000):
        reload = reloader._reload
        if reload is None:
            # The last steps take some rounds of the reactor.
            printer.advance(0.01)
            assert not reloader.is_busy()
            return
        if reload.outcome() is not None or reload.host_strips() is not None:
            printer.advance(0.05)
        else:
            pause()
    raise AssertionError("it has not ended")


def pause() -> None:
    threading.Event().wait(0.01)


@pytest.fixture
def printer(make: MakePrinter, tmp_path: Path) -> Printer:
    return reloadable(make, tmp_path)


def reloadable(make: MakePrinter, tmp_path: Path) -> Printer:
    """Returns a printer with its own config file, which is not written yet."""
    printer = make(MACHINE + BASE).start().advance(2.0)
    printer.config_file = str(tmp_path / "printer.cfg")
    return printer


def write(printer: Printer, text: str) -> None:
    from pathlib import Path

    Path(printer.config_file).write_text(text)


def chamber(printer: Printer) -> dict[str, Any]:
    status: dict[str, Any] = printer.query("lumen_group chamber")["lumen_group chamber"]
    return status


def test_a_new_config_is_applied_without_a_restart(printer: Printer) -> None:
    lines = "on_idle: solid red\non_error: solid red\n"
    write(printer, MACHINE + BASE + lines + "group_brightness: 0.5\n")
    assert reloaded(printer) == "// LUMEN_RELOAD: the config was reloaded"
    printer.advance(2.0)
    assert chamber(printer)["effect"] == "solid red"
    assert printer.engine.frame("case")[:3] == bytes((128, 0, 0))
    # Removed options return to their defaults.
    write(printer, MACHINE + BASE + lines)
    reloaded(printer)
    printer.advance(2.0)
    assert printer.engine.frame("case")[:3] == bytes((255, 0, 0))


def test_timers_are_reloaded(printer: Printer) -> None:
    config = BASE.replace("timeout: 40", "timeout: 3").replace("timeout: 20", "timeout: 2")
    write(printer, MACHINE + config)
    reloaded(printer)
    printer.advance(10.0)
    assert printer.engine.status()["state"] == "sleep"


def test_the_debug_log_is_reloaded(printer: Printer, caplog: pytest.LogCaptureFixture) -> None:
    def lines() -> list[str]:
        found = [record for record in caplog.records if record.name.endswith(".debug_log")]
        return [record.getMessage() for record in found]

    caplog.set_level(logging.INFO)
    write(printer, MACHINE + BASE.replace("[lumen]\n", "[lumen]\ndebug: log\n"))
    reloaded(printer)
    printer.run("G28").advance(1.0)
    assert any("state homing" in line for line in lines())
    write(printer, MACHINE + BASE)
    reloaded(printer)
    caplog.clear()
    printer.run("G28").advance(1.0)
    assert lines() == []


def test_a_reload_discards_the_profile(printer: Printer) -> None:
    printer.ask("lumen/profile")
    printer.advance(6.0)
    assert printer.ask("lumen/profile")["found"] is not None
    write(printer, MACHINE + BASE + "on_idle: solid red\n")
    reloaded(printer)
    answer = printer.ask("lumen/profile")
    assert (answer["measuring"], answer["found"]) == (True, None)
    printer.advance(6.0)
    assert printer.ask("lumen/profile")["found"]["outputs"][0]["strips"] == ["case"]


def test_mistakes_are_listed_with_their_lines_and_the_old_config_stays(
    printer: Printer, tmp_path: Path
) -> None:
    (tmp_path / "lights.cfg").write_text(BASE + "on_idle: pulze\n")
    write(printer, MACHINE + "[include lights.cfg]\n[lumen_strip top]\ndriver: spy\n")
    before = chamber(printer)
    output = reloaded(printer)
    assert output.startswith("// LUMEN_RELOAD: the config was not changed\n")
    assert "lights.cfg:12: Option 'on_idle' in section 'lumen_group chamber'" in output
    assert "printer.cfg:5: Option 'driver' in section 'lumen_strip top'" in output
    assert chamber(printer) == before
    assert printer.is_ready()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "printer.cfg"),
        ("[printer]\n", "no section [lumen]"),
        ("[lumen\n", "printer.cfg:1"),
    ],
)
def test_an_invalid_file_is_reported(printer: Printer, text: Any, words: str) -> None:
    if text is not None:
        write(printer, text)
    assert words in reloaded(printer)
    assert printer.engine.status()["state"] == "idle"


def test_new_groups_and_strips_are_printer_objects(printer: Printer) -> None:
    more = "\n[lumen_strip top]\ndriver: memory\ncount: 3\n[lumen_group lid]\nstrip: top\n"
    write(printer, MACHINE + BASE + more)
    reloaded(printer)
    printer.advance(1.5)
    assert printer.query("lumen_group lid")["lumen_group lid"]["pixels"] == 3
    assert printer.query("lumen_strip top")["lumen_strip top"]["health"] == "ok"
    assert printer.query("lumen")["lumen"]["groups"] == ["chamber", "lid"]


def test_sources_of_commands_are_sampled_until_cleared(printer: Printer) -> None:
    timer = printer.lookup_object("lumen")._sample_timer
    before = timer._sampler.names()
    printer.run("LUMEN_SET GROUP=chamber EFFECT=kitt AXIS=x").advance(2.0)
    assert "motion_report" in timer._sampler.names()
    printer.run("LUMEN_CLEAR").advance(2.0)
    assert timer._sampler.names() == before


def test_a_config_with_missing_objects_is_not_committed(make: MakePrinter, tmp_path: Path) -> None:
    text = LIGHTS % ("solid blue", "off")
    printer = make(text).start().advance(2.0)
    printer.config_file = str(tmp_path / "printer.cfg")
    write(printer, text.replace("neopixel: strip", "neopixel: strp").replace("blue", "red"))
    assert "there is no section" in reloaded(printer)
    printer.advance(2.0)
    assert {group["effect"] for group in printer.engine.status()["groups"].values()} == {
        "solid blue",
        "off",
    }


DARK = (0.0, 0.0, 0.0, 0.0)
RED = (1.0, 0.0, 0.0, 0.0)


@pytest.fixture
def lit(make: MakePrinter, tmp_path: Path) -> Printer:
    """A printer with a red chain on its MCU and a lamp."""
    printer = make(LIGHTS % ("solid red", "on")).start().advance(2.0)
    printer.config_file = str(tmp_path / "printer.cfg")
    assert chain(printer).sent[-1][1] == [RED] * 60
    assert pin(printer).sent[-1][2] == pytest.approx(1.0)
    return printer


def test_mcu_leds_removed_from_a_group_go_dark(lit: Printer) -> None:
    write(lit, (LIGHTS % ("solid red", "on")).replace("strip 1-60", "strip 11-20"))
    assert reloaded(lit).startswith("// LUMEN_RELOAD: the config was reloaded")
    lit.advance(2.0)
    assert chain(lit).sent[-1][1] == [DARK] * 10 + [RED] * 10 + [DARK] * 40
    # From now on the user controls them.
    chain(lit).led_helper._set_color(1, RED)
    lit.run("LUMEN_SET GROUP=chain EFFECT=solid COLOR=blue").advance(1.0)
    assert chain(lit).sent[-1][1][0] == RED


def test_removed_mcu_strips_go_dark(lit: Printer) -> None:
    text = LIGHTS % ("solid red", "on")
    write(lit, text[: text.index("[lumen_strip strip]")])
    assert reloaded(lit).startswith("// LUMEN_RELOAD: the config was reloaded")
    lit.advance(2.0)
    assert chain(lit).sent[-1][1] == [DARK] * 60
    assert pin(lit).sent[-1][2] == 0.0
    sent = len(chain(lit).sent)
    lit.advance(5.0)
    assert len(chain(lit).sent) == sent


def test_leds_that_keep_their_frame_keep_their_current(lit: Printer) -> None:
    def strips() -> list[tuple[str, int, float]]:
        found = lit.advance(2.0).ask("lumen/status")["strips"]
        return [(name, it["frames"], it["current_ma"]) for name, it in found.items()]

    before = strips()
    assert min(frames for _, frames, _ in before) > 0
    assert max(current_ma for _, _, current_ma in before) > 0
    write(lit, LIGHTS % ("solid red", "on"))
    assert reloaded(lit).startswith("// LUMEN_RELOAD: the config was reloaded")
    assert strips() == before


def test_changes_that_need_a_restart_are_reported(printer: Printer) -> None:
    config = BASE.replace("[lumen]\n", "[lumen]\nmacro_homing: MY_HOME\n")
    write(printer, MACHINE + config)
    assert "changes to the macro_... lists take effect after a RESTART" in reloaded(printer)


def test_the_endpoint_answers_when_it_is_done(make: MakePrinter, tmp_path: Path) -> None:
    printer = make(MACHINE + BASE, clock="real").start()
    printer.config_file = str(tmp_path / "printer.cfg")
    write(printer, MACHINE + BASE)
    assert printer.ask("lumen/reload") == {"warnings": []}
    write(printer, MACHINE + BASE + "on_idle: pulze\n")
    with pytest.raises(CommandError, match=r"printer\.cfg:14: Option 'on_idle'"):
        printer.ask("lumen/reload")


def test_a_reload_before_klipper_has_connected_is_refused(make: MakePrinter) -> None:
    printer = make(MACHINE + BASE).advance(0.001)
    assert not printer.is_ready()
    with pytest.raises(CommandError, match="Klipper has not started yet"):
        printer.ask("lumen/reload")
    printer.start()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("neopixel: strip", "neopixel: strp", "(did you mean 'strip'?)"),
        (
            "count: 60\n\n[lumen_strip lamp]",
            "count: 90\n\n[lumen_strip lamp]",
            "Option 'count' in section 'lumen_strip strip' must not be above 60",
        ),
        ("pin_name: lamp", "pin_name: lanp", "(did you mean 'lamp'?)"),
    ],
)
def test_a_missing_object_keeps_the_old_config(
    lit: Printer, old: str, new: str, words: str
) -> None:
    text = LIGHTS % ("solid blue", "off")
    write(lit, text.replace(old, new))
    output = reloaded(lit)
    assert output.startswith("// LUMEN_RELOAD: the config was not changed")
    assert words in output
    lit.advance(2.0)
    assert chain(lit).sent[-1][1] == [RED] * 60
    assert pin(lit).sent[-1][2] == pytest.approx(1.0)
    assert lit.query("lumen")["lumen"]["dark"] == []
    # They stay lit, and the next config is applied.
    write(lit, text)
    assert reloaded(lit).startswith("// LUMEN_RELOAD: the config was reloaded")
    lit.advance(2.0)
    assert chain(lit).sent[-1][1] == [(0.0, 0.0, 1.0, 0.0)] * 60
    assert pin(lit).sent[-1][2] == pytest.approx(0.0)


def test_a_shutdown_while_the_files_are_read_is_reported(lit: Printer) -> None:
    write(lit, LIGHTS % ("solid red", "on"))
    lit.run("LUMEN_RELOAD").emergency_stop()
    settle(lit)
    lit.advance(1.0)
    assert lit.query("lumen")["lumen"]["dark"] == ["strip", "lamp"]


def test_nothing_references_the_engine_after_the_printer_is_closed(lit: Printer) -> None:
    held = lit.lookup_object("lumen")._lights
    lit.close()
    assert (held._strips, held._parts, held._before, held._engine) == ([], [], (None, []), None)


def test_a_strip_with_a_waiting_frame_continues_after_a_reload(
    make: MakePrinter, tmp_path: Path
) -> None:
    text = LIGHTS % ("pulse red", "off")
    printer = make(text).start().advance(1.0)
    printer.config_file = str(tmp_path / "printer.cfg")
    write(printer, text)
    for _ in range(5):
        printer.advance(0.31)
        reloaded(printer)
        before = len(chain(printer).sent)
        printer.advance(2.0)
        assert len(chain(printer).sent) > before + 5


def test_the_number_of_printer_objects_is_bounded(
    printer: Printer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lumen, "MAX_OBJECTS", 5)
    for turn in range(4):
        groups = "".join(
            "\n[lumen_group g%d_%d]\ndriver: memory\nindex_end: 3\n" % (turn, index)
            for index in range(3)
        )
        write(printer, MACHINE + "[lumen]\n" + groups)
        assert "was reloaded" in reloaded(printer)
    names = [name for name, _ in printer.lookup_objects("lumen_group") if " g" in name]
    assert len(names) <= 5


def test_a_reload_replaces_the_warnings_about_the_config(printer: Printer) -> None:
    def warnings() -> list[str]:
        warnings: list[str] = printer.query("lumen")["lumen"]["warnings"]
        return [text for text in warnings if "has no effect without" in text]

    write(printer, MACHINE + "[lumen]\n")
    reloaded(printer)
    printer.advance(1.0)
    assert len(warnings()) == 1
    write(printer, MACHINE + BASE)
    reloaded(printer)
    printer.advance(1.0)
    assert warnings() == []
