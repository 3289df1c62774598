"""Tests that events and samples of the printer lead to each state."""

from __future__ import annotations

import pytest

from klipper_lumen.sim import QUICK, Printer, play, until_state, whole_job
from tests.klippy.lights import BASE, MakePrinter, Recorder, active, shown


def test_startup_shows_before_klipper_is_ready(make: MakePrinter) -> None:
    printer = make().advance(0.5)
    assert printer.get_state_message()[1] == "startup"
    assert shown(printer) == "startup"


def test_a_ready_printer_is_idle(printer: Printer) -> None:
    printer.advance(1.0)
    assert shown(printer) == "idle"


@pytest.mark.parametrize(
    ("script", "state"),
    [
        ("G28", "homing"),
        ("BED_MESH_CALIBRATE", "meshing"),
        ("QUAD_GANTRY_LEVEL", "leveling"),
        ("Z_TILT_ADJUST", "leveling"),
        ("SCREWS_TILT_CALCULATE", "leveling"),
        ("PROBE_ACCURACY", "probing"),
        ("PROBE", "probing"),
    ],
)
def test_a_command_shows_while_it_runs(printer: Printer, script: str, state: str) -> None:
    recorder = Recorder(printer)
    printer.run(script).advance(1.0)
    assert recorder.states == ["idle", state, "idle"]


def test_a_manual_probe_shows_until_it_is_accepted(printer: Printer) -> None:
    printer.run("PROBE_CALIBRATE").advance(5.0)
    assert shown(printer) == "probing"
    printer.run("ACCEPT").advance(1.5)
    assert shown(printer) == "idle"


def test_heating_ends_near_the_target(printer: Printer) -> None:
    printer.run("M104 S60").advance(1.5)
    assert shown(printer) == "heating"
    printer.advance(20.0)
    assert shown(printer) == "idle"


def test_a_job_prints_when_it_extrudes(printer: Printer) -> None:
    recorder = Recorder(printer)
    lines = ["M109 S100", "G28", "G4 P2000"] + ["G1 X%d E1 F6000" % x for x in (20, 180) * 10]
    printer.virtual_sdcard.start("job.gcode", lines)
    printer.advance(60.0)
    assert recorder.states[:5] == ["idle", "heating", "homing", "heating", "printing"]
    assert "complete" in recorder.states


def printing(printer: Printer) -> Printer:
    printer.virtual_sdcard.start("job.gcode", ["G1 X%d E1 F3000" % x for x in (20, 180) * 50])
    return printer.advance(3.0)


def test_pause_shows_until_resume(printer: Printer) -> None:
    printing(printer).run("PAUSE").advance(5.0)
    assert shown(printer) == "paused"
    printer.run("RESUME").advance(1.0)
    assert shown(printer) == "printing"


def test_a_cancelled_job_shows_for_its_duration(printer: Printer) -> None:
    printing(printer).run("CANCEL_PRINT").advance(1.0)
    assert shown(printer) == "cancelled"
    printer.advance(30.0)
    assert shown(printer) == "idle"


def test_a_runout_shows_instead_of_the_pause(printer: Printer) -> None:
    printing(printer).filament.set(False)
    printer.advance(4.0)
    assert shown(printer) == "filament"
    assert "paused" in active(printer)
    printer.filament.set(True)
    printer.advance(1.5)
    assert shown(printer) == "paused"


def test_a_disabled_sensor_does_not_count(printer: Printer) -> None:
    printer.filament.enabled = False
    printer.filament.filament_detected = False
    printing(printer)
    assert shown(printer) == "printing"


def test_a_streamed_job_pauses_without_print_stats(printer: Printer) -> None:
    printer.run("PAUSE").advance(1.5)
    assert printer.print_stats.state == "standby"
    assert shown(printer) == "paused"


def test_an_idle_printer_gets_bored_then_sleeps_and_wakes_on_motion(printer: Printer) -> None:
    printer.advance(45.0)
    assert shown(printer) == "bored"
    printer.advance(25.0)
    assert shown(printer) == "sleep"
    printer.run("G1 X10").advance(0.5)
    assert shown(printer) == "idle"


def test_cooldown_shows_after_a_hot_heater_is_switched_off(printer: Printer) -> None:
    printer.run("M109 S120").run("M104 S0").advance(2.0)
    assert shown(printer) == "cooldown"


def test_each_tool_has_its_own_source_and_the_active_tool_has_another(make: MakePrinter) -> None:
    tools = "[printer]\n[extruder]\n[extruder1]\n[heater_bed]\n"
    scenes = "on_idle: thermal extruder\non_heating: thermal tool"
    printer = make(tools + BASE.replace("pixels: case 1-10", "pixels: case 1-10\n" + scenes))
    printer.start().run("M109 S100").run("T1").advance(1.0)
    sampler = printer.lookup_object("lumen")._sample_timer._sampler
    heat = dict(sampler._objects.temperatures())
    assert heat["extruder"][1] == 100.0
    assert heat["tool"] == heat["extruder1"] == (22.0, 0.0)


def test_a_request_during_startup_does_not_hide_a_failed_start(make: MakePrinter) -> None:
    printer = make()
    printer.fail_mcu("Protocol error")
    printer.advance(0.1)
    printer.ask("lumen/set", group="chamber", effect="solid red")
    printer.start().advance(1.0)
    assert shown(printer) == "error"


def test_a_failed_start_that_raises_no_event_shows_after_a_request(make: MakePrinter) -> None:
    printer = make()

    def fail() -> None:
        raise printer.config_error("Option 'pin' in section 'fan' must be specified")

    printer.register_event_handler("klippy:mcu_identify", fail)
    printer.advance(0.1)
    printer.ask("lumen/set", group="chamber", effect="solid red")
    printer.start().advance(1.0)
    assert shown(printer) == "error"


def test_heating_shows_for_the_second_tool(make: MakePrinter) -> None:
    tools = "[printer]\n[extruder]\n[extruder1]\n[heater_bed]\n"
    printer = make(
        tools + BASE.replace("pixels: case 1-10", "pixels: case 1-10\non_heating: thermal")
    )
    printer.start().run("T1").run("M104 S200").advance(1.5)
    assert printer.heaters.heater("extruder1").target == 200.0
    assert shown(printer) == "heating"


def test_an_emergency_stop_is_an_error(printer: Printer) -> None:
    printer.emergency_stop()
    printer.advance(1.0)
    assert shown(printer) == "error"


def test_a_failed_mcu_is_an_error_even_if_klipper_never_connects(make: MakePrinter) -> None:
    printer = make()
    printer.fail_mcu("MCU error during connect")
    printer.start().advance(1.0)
    assert printer.get_state_message()[1] == "error"
    assert shown(printer) == "error"


def test_a_config_error_in_another_section_is_an_error(make: MakePrinter) -> None:
    printer = make()

    def fail() -> None:
        raise printer.config_error("Option 'pin' in section 'fan' must be specified")

    printer.register_event_handler("klippy:mcu_identify", fail)
    printer.start().advance(1.0)
    assert shown(printer) == "error"


def test_a_failed_command_shows_briefly_as_an_error(printer: Printer) -> None:
    recorder = Recorder(printer)
    printer.machine.fail_homing = "No trigger on stepper_x after full movement"
    assert printer.try_run("G28 X") == "No trigger on stepper_x after full movement"
    printer.advance(30.0)
    assert recorder.states == ["idle", "homing", "error", "idle"]


def test_a_blocked_reactor_is_a_lost_link(printer: Printer) -> None:
    # Advance only the engine's clock.
    printer.engine.advance(4.0)
    assert shown(printer) == "disconnected"
    printer.advance(1.5)
    assert shown(printer) == "idle"


def test_a_whole_job_shows_its_states_in_order(make: MakePrinter) -> None:
    config = BASE.replace("40", "8").replace("sleep_timeout: 20", "sleep_timeout: 2")
    printer = make(
        config.replace("[lumen]", "[lumen]\ncomplete_timeout: 2\npause_delay: 0"), hardware=QUICK
    )
    states = ["startup"]

    def record_state(printer: Printer, label: str) -> None:
        if printer.get_state_message()[1] == "startup":
            return
        state = shown(printer)
        if states[-1] != state:
            states.append(state)

    play(printer, whole_job(), record_state)
    order = (
        "startup idle heating homing heating meshing heating printing paused printing complete "
        "cooldown idle bored sleep error"
    )
    assert " ".join(states).replace("homing meshing", "homing heating meshing") == order
    assert printer.now < 35.0


def test_until_state_gives_up_after_its_timeout(printer: Printer) -> None:
    start = printer.now
    assert not until_state(printer, "printing", 2.0)
    assert printer.now == pytest.approx(start + 2.0, abs=0.1)
