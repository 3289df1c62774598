"""Wrapped commands: they show as states, and keep their original behavior."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.klippy.lights import BASE, MakePrinter, Recorder, active, shown

if TYPE_CHECKING:
    from klipper_lumen.sim import Printer


def test_nested_commands_show_the_innermost(make: MakePrinter) -> None:
    printer = make(BASE.replace("[lumen]", "[lumen]\nmacro_leveling: START"))
    printer.add_macro("START", "BED_MESH_CALIBRATE\nPROBE_ACCURACY")
    recorder = Recorder(printer.start())
    printer.run("START").advance(1.0)
    assert recorder.states == ["idle", "meshing", "probing", "idle"]


def test_an_outer_command_shows_between_its_inner_ones(make: MakePrinter) -> None:
    printer = make(BASE.replace("[lumen]", "[lumen]\nmacro_leveling: START"))
    printer.add_macro("START", "G28\nG4 P2000\nM400\nBED_MESH_CALIBRATE")
    recorder = Recorder(printer.start())
    printer.run("START").advance(1.0)
    assert recorder.states == ["idle", "homing", "leveling", "meshing", "idle"]


def test_a_failing_command_ends_its_state_and_its_error_passes(printer: Printer) -> None:
    printer.machine.fail_homing = "No trigger on stepper_x after full movement"
    with pytest.raises(printer.command_error, match="No trigger on stepper_x"):
        printer.run("G28")
    assert "homing" not in active(printer.advance(0.05))


def test_the_exception_of_a_command_passes_unchanged(make: MakePrinter) -> None:
    printer = make()
    own = KeyboardInterrupt()

    def interrupted(_: object) -> None:
        raise own

    printer.start()
    printer.gcode.register_command("BED_TILT_CALIBRATE", interrupted)
    printer.lookup_object("lumen")._operations.wrap({"BED_TILT_CALIBRATE": "leveling"})
    with pytest.raises(KeyboardInterrupt) as caught:
        printer.run("BED_TILT_CALIBRATE")
    assert caught.value is own
    assert shown(printer) == "idle"


def test_a_missing_command_is_skipped(printer: Printer) -> None:
    assert "M600" not in printer.gcode.ready_gcode_handlers
    printer.run("M600")
    assert printer.gcode.output[-1] == '// Unknown command:"M600"'


def test_the_users_list_takes_priority_over_the_common_one(make: MakePrinter) -> None:
    printer = make(BASE.replace("[lumen]", "[lumen]\nmacro_filament: probe_accuracy, my_load"))
    printer.add_macro("MY_LOAD", "G4 P1000\nM400")
    recorder = Recorder(printer.start())
    printer.run("PROBE_ACCURACY").run("MY_LOAD").advance(1.0)
    assert recorder.states == ["idle", "filament", "idle"]


def test_a_macro_that_renames_a_command_still_finds_it(make: MakePrinter) -> None:
    printer = make()
    printer.add_macro("PAUSE", "BASE_PAUSE\nM104 S0", rename_existing="BASE_PAUSE")
    recorder = Recorder(printer.start())
    printer.run("PAUSE").advance(1.5)
    assert printer.pause_resume.is_paused
    assert recorder.states == ["idle", "paused"]


def test_help_texts_are_kept(make: MakePrinter) -> None:
    printer = make()
    printer.add_macro("LOAD_FILAMENT", "G4 P100")
    assert printer.start().gcode.gcode_help["LOAD_FILAMENT"] == "G-Code macro"


def test_a_command_that_works_while_not_ready_still_does(make: MakePrinter) -> None:
    printer = make(BASE.replace("[lumen]", "[lumen]\nmacro_probing: LOOK"))
    printer.gcode.register_command("LOOK", lambda gcmd: None, when_not_ready=True)
    printer.start().emergency_stop()
    assert printer.try_run("LOOK") is None
    assert printer.try_run("G28") == "Shutdown due to M112 command"


def test_homing_without_a_command_is_detected_by_its_events(printer: Printer) -> None:
    recorder = Recorder(printer)
    printer.machine.home_rail("x")
    printer.machine.home_rail("y")
    printer.advance(3.0)
    assert recorder.states == ["idle", "homing", "idle"]


def test_probing_without_a_command_does_not_flicker_between_samples(printer: Printer) -> None:
    recorder = Recorder(printer)
    for x in (20, 40, 60):
        printer.run("G1 X%d F3000" % x)
        printer.toolhead.wait()
        printer.machine.probe()
    printer.advance(3.0)
    assert recorder.states == ["idle", "probing", "idle"]


def test_failed_homing_ends_with_the_error(printer: Printer) -> None:
    printer.machine.fail_homing = "No trigger"
    printer.add_macro("HOME_X", "")
    printer.gcode.register_command("HOME_X", None)
    printer.gcode.register_command("HOME_X", lambda gcmd: printer.machine.home_rail("x"))
    assert printer.try_run("HOME_X") == "No trigger"
    assert "homing" not in active(printer.advance(0.05))


def test_a_command_after_unwrapped_probing_does_not_end_with_it(printer: Printer) -> None:
    printer.machine.probe()
    recorder = Recorder(printer)
    printer.run("BED_MESH_CALIBRATE").advance(1.0)
    assert recorder.states[-2:] == ["meshing", "idle"]


def test_an_unknown_command_in_a_list_is_a_warning(make: MakePrinter) -> None:
    printer = make(BASE.replace("[lumen]", "[lumen]\nmacro_homing: HOME_ALLL, G28, G1")).start()
    warnings = printer.query("lumen")["lumen"]["warnings"]
    assert [text[:40] for text in warnings] == [
        "lumen: command 'HOME_ALLL' of a macro_..",
        "lumen: command 'G1' of a macro_... list ",
    ]


def replace(printer: Printer, name: str, before: str) -> None:
    """Replaces a command with one that calls the original, as AFC does."""
    gcode = printer.gcode
    replaced = gcode.register_command(name, None)
    assert replaced is not None

    def run(gcmd: Any) -> None:
        gcode.run_script_from_command(before)
        replaced(gcmd)

    gcode.register_command(name, run)


def test_a_command_replaced_after_the_start_is_wrapped_again(printer: Printer) -> None:
    for turn in range(3):
        replace(printer, "BED_MESH_CALIBRATE", "G4 P1000\nM400")
        printer.advance(0.5)
        recorder = Recorder(printer)
        printer.run("BED_MESH_CALIBRATE").advance(1.0)
        assert recorder.states == ["idle", "meshing", "idle"], turn
        # No command runs, so homing without one is detected.
        printer.machine.home_rail("x")
        assert shown(printer.advance(0.05)) == "homing"
        printer.advance(3.0)
    assert printer.query("lumen")["lumen"]["warnings"] == []


def test_a_repeatedly_replaced_command_is_a_warning(printer: Printer) -> None:
    for _ in range(6):
        replace(printer, "BED_MESH_CALIBRATE", "M400")
        printer.advance(0.5)
    warnings = printer.query("lumen")["lumen"]["warnings"]
    assert [text[:58] for text in warnings] == [
        "lumen: command 'BED_MESH_CALIBRATE' is replaced again and "
    ]


def test_a_running_command_is_not_wrapped_again(printer: Printer) -> None:
    printer.reactor.register_callback(
        lambda _: replace(printer, "BED_MESH_CALIBRATE", "M400"), printer.now + 1.0
    )
    recorder = Recorder(printer)
    printer.run("BED_MESH_CALIBRATE").advance(1.0)
    printer.run("BED_MESH_CALIBRATE").advance(1.0)
    assert recorder.states == ["idle", "meshing", "idle", "meshing", "idle"]
