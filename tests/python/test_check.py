"""`klipper-lumen check` compares Lumen's sections with the rest of the files."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from klipper_lumen.cli import check, main
from klipper_lumen.install import Tree

DISAGREES = Path(__file__).parents[1] / "fixtures" / "wrong" / "check-disagrees.cfg"
PRINTER = "[printer]\nkinematics: none\n"
GROUP = PRINTER + "[lumen]\n[lumen_group a]\ndriver: memory\nindex_end: 3\n"


def levels(path: Path) -> list[tuple[str, int, str]]:
    """All findings: the level, the line and the message."""
    problems, remarks = check.check(path)
    return [(it.level, it.line or 0, it.message) for it in [*problems, *remarks]]


def written(folder: Path, text: str) -> Path:
    path = folder / "printer.cfg"
    path.write_text(text)
    return path


def test_all_conflicts_with_klippers_sections_are_reported() -> None:
    in_section = "Option '%s' in section 'lumen_group %s'"
    assert levels(DISAGREES) == [
        (
            "problem",
            13,
            in_section % ("neopixel", "logo")
            + ": there is no section 'neopixel sb_led' (did you mean 'sb_leds'?)",
        ),
        (
            "problem",
            19,
            in_section % ("index_end", "nozzle")
            + " must not be above 3, the length of [neopixel sb_leds], got 10",
        ),
        (
            "problem",
            22,
            in_section % ("pin_name", "room")
            + ": there is no section 'case_light' (did you mean 'caselight'?)",
        ),
    ]


def test_a_part_of_a_config_may_name_hardware_of_another_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, DISAGREES.read_text().partition("[lumen]")[2])
    assert main(["check", str(path)]) == 0
    lines = [line.partition(": ")[2] for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == "note: there is no section [lumen] in this file; printer.cfg must have it"
    missing = "note: Option '%s' in section 'lumen_group %s': there is no section '%s' in this file"
    wanted = [
        ("neopixel", "logo", "neopixel sb_led"),
        ("neopixel", "nozzle", "neopixel sb_leds"),
        ("pin_name", "room", "case_light"),
        ("pin_name", "room2", "pwm_tool lamp2"),
    ]
    assert lines[1:-1] == [missing % it + "; printer.cfg must have it" for it in wanted]


def test_klippers_sections_are_read_with_includes_and_saved_values(tmp_path: Path) -> None:
    (tmp_path / "leds.cfg").write_text("[neopixel bar]\npin: PA1\nchain_count: 4\n")
    text = PRINTER + "[include leds.cfg]\n[lumen]\n[lumen_group a]\ndriver: klipper\n"
    assert levels(written(tmp_path, text + "neopixel: bar\nindex_end: 4\n")) == []


@pytest.mark.parametrize(
    ("device", "count"),
    [
        ("[adxl345]\ncs_pin: rpi:None\n", 1),
        ("[adxl345]\ncs_pin: rpi:None\nspi_bus: spidev0.0\n", 1),
        ("[adxl345]\ncs_pin: rpi:None\nspi_bus: spidev1.0\n", 0),
        ("[adxl345]\ncs_pin: rpi:gpio25\nspi_software_sclk_pin: rpi:gpio1\n", 0),
        # Klipper ignores the bus then.
        (
            "[adxl345]\ncs_pin: rpi:gpio25\nspi_bus: spidev0.0\nspi_software_sclk_pin: rpi:gpio1\n",
            0,
        ),
        ("[adxl345]\ncs_pin: PA4\n", 0),
        ("[adxl345]\ncs_pin: toolhead:PA4\nspi_bus: spi1\n", 0),
        ("[display]\nlcd_type: uc1701\ncs_pin: rpi:None\na0_pin: rpi:gpio24\n", 1),
        ("[display]\nlcd_type: hd44780_spi\nlatch_pin: rpi:None\n", 1),
        # Klipper sends the signals of these displays itself.
        ("[display]\nlcd_type: st7920\ncs_pin: rpi:gpio8\nsclk_pin: rpi:gpio11\n", 0),
        ("[display]\nlcd_type: emulated_st7920\nspi_software_sclk_pin: rpi:gpio11\n", 0),
        ("[extruder]\nsensor_type: MAX31865\nsensor_pin: rpi:None\n", 1),
        ("[extruder]\nsensor_type: PT1000\nsensor_pin: rpi:analog0\n", 0),
        ("[dac084S085 a]\nenable_pin: rpi:None\n", 1),
        ("[stepper_x]\nenable_pin: rpi:gpio5\n", 0),
    ],
)
def test_a_device_on_the_spi_bus_of_a_strip_is_a_warning(
    tmp_path: Path, device: str, count: int
) -> None:
    text = PRINTER + "[mcu]\nserial: /dev/ttyUSB0\n[mcu rpi]\nserial: /tmp/klipper_host_mcu\n"
    text += device + "[lumen]\n[lumen_group a]\ndriver: spi\nindex_end: 3\n"
    problems, others = check.check(written(tmp_path, text))
    assert problems == []
    assert len([it for it in others if it.level == "warning" and "both use" in it.message]) == count


def test_objects_that_a_plug_in_may_create_are_warnings(tmp_path: Path) -> None:
    text = PRINTER + "[extruder]\n[my_sensor oven]\n[filament_switch_sensor runout]\n"
    text += "[lumen]\nfilament_sensors: mmu_gate\n[lumen_group a]\ndriver: memory\n"
    path = written(tmp_path, text + "on_heating: thermal oven\n")
    assert levels(path) == [
        (
            "warning",
            4,
            (
                "Section 'my_sensor oven' is used as a temperature sensor; this needs a Klipper "
                "plug-in that measures a temperature there"
            ),
        ),
        (
            "warning",
            7,
            (
                "Option 'filament_sensors' in section 'lumen': there is no filament sensor "
                "'mmu_gate'; this needs a Klipper plug-in that creates it"
            ),
        ),
    ]
    # As `beacon_coil` of a probe.
    sensor = text.replace("my_sensor oven", "beacon").replace("mmu_gate", "runout")
    for name in ("beacon_coil", "temperature_sensor Beacon_Coil"):
        path = written(tmp_path, sensor + "on_heating: temperature %s\n" % name)
        assert [level for level, _, _ in levels(path)] == ["warning"]
    for name in ("beacons_coil", "oil_beacon_coil", "beaconcoil"):
        path = written(tmp_path, sensor + "on_heating: temperature %s\n" % name)
        assert [level for level, _, _ in levels(path)] == ["problem"]
    # A misspelled name is an error.
    path = written(tmp_path, text.replace("mmu_gate", "runot") + "on_heating: thermal oven\n")
    assert [level for level, _, _ in levels(path)] == ["problem"]
    path = written(tmp_path, text + "on_heating: thermal ovn\n")
    assert [level for level, _, _ in levels(path)] == ["problem"]


def test_objects_that_nothing_can_create_are_problems(tmp_path: Path) -> None:
    text = PRINTER + "[extruder]\n[bed_mesh]\n[tmc2209 extruder]\n[fan_generic sb_leds]\n"
    text += "[lumen]\nfilament_sensors: mmu_gate\n"
    text += "[lumen_group sb_leds]\ndriver: klipper\nneopixel: sb_leds\nindex_end: 3\n"
    text += "[neopixel sb_led]\npin: PB0\nchain_count: 3\n"
    path = written(tmp_path, text)
    missing = [
        (
            "problem",
            8,
            "Option 'filament_sensors' in section 'lumen': unknown filament sensor 'mmu_gate'",
        ),
        (
            "problem",
            11,
            (
                "Option 'neopixel' in section 'lumen_group sb_leds': there is no section 'neopixel "
                "sb_leds' (did you mean 'sb_led'?)"
            ),
        ),
    ]
    assert levels(path) == missing
    # A plug-in may create the sensor, also one without a name.
    path = written(tmp_path, text.replace("[bed_mesh]", "[mmu]"))
    assert [level for level, _, _ in levels(path)] == ["problem"]


def test_limits_of_klipper_are_problems(tmp_path: Path) -> None:
    text = PRINTER + "[neopixel long]\npin: PA1\nchain_count: 167\n[lumen]\n"
    text += "[neopixel bar]\npin: lumen:gpio18\nchain_count: 126\ncolor_order: GRBW\n"
    text += "[neopixel low]\npin: lumen:gpio10\nchain_count: 0\n"
    most = "Option 'chain_count' in section 'neopixel %s' must not be above %d, the most that "
    most += "Klipper supports with %s LEDs, got %d"
    assert levels(written(tmp_path, text)) == [
        ("problem", 5, most % ("long", 166, "GRB", 167)),
        ("problem", 9, most % ("bar", 125, "GRBW", 126) + "; [lumen_group] has no such limit"),
        (
            "problem",
            13,
            (
                "Option 'chain_count' in section 'neopixel low' must be a whole number from 1 to "
                "10000, got 0"
            ),
        ),
    ]


def test_a_command_of_a_macro_list_that_does_not_exist_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "macros.cfg").write_text(
        "[gcode_macro Start_Print]\ngcode:\n"
        "[gcode_macro G28]\nrename_existing: G28.1\ngcode:\n  G28.1\n"
        "[gcode_macro wipe]\nrename_existing: BASE_WIPE\ngcode:\n"
    )
    text = PRINTER + "[include macros.cfg]\n[lumen]\nstates: work\n"
    text += "macro_homing: g28, G28.1, START_PRIN, G1, M600, QUAD_GANTRY_LEVL\n"
    text += "macro_cleaning: wipe,\n  base_wipe,\n  ZEBRA\n"
    # Commands of Klipper, of Kalico, of Lumen, and with numbers.
    text += (
        "macro_work: BED_MESH_CALIBRATE, Z_TILT_CALIBRATE, MPC_CALIBRATE, M109, M24, M28, O25,\n"
    )
    text += "  HELP, SAVE_GCODE_STATE, LUMEN_STATE, LUMEN, SET_LED_EFFECT, STOP_LED_EFFECTS\n"
    text += "[lumen_group a]\ndriver: memory\n"
    of = "Option 'macro_%s' in section 'lumen': "
    needs = (
        "there is no command '%s'; this needs a [gcode_macro %s] or a Klipper plug-in that adds it"
    )
    near = "there is no command '%s' (did you mean '%s'?)"
    assert levels(written(tmp_path, text)) == [
        ("warning", 6, of % "homing" + near % ("START_PRIN", "START_PRINT")),
        ("warning", 6, of % "homing" + "'G1' cannot show a state; moves are not tracked"),
        ("warning", 6, of % "homing" + needs % ("M600", "M600")),
        ("warning", 6, of % "homing" + near % ("QUAD_GANTRY_LEVL", "QUAD_GANTRY_LEVEL")),
        ("warning", 7, of % "cleaning" + needs % ("ZEBRA", "ZEBRA")),
    ]
    # The macros of a part of a config may be in other files.
    assert [
        it for it in levels(written(tmp_path, text.replace(PRINTER, ""))) if "macro_" in it[2]
    ] == []


@pytest.mark.parametrize(
    ("section", "commands"),
    [
        ("[trad_rack]", "T0, T12, TR_LOAD_LANE"),
        ("[mmu]", "T0, MMU_LOAD, MMU_CHANGE_TOOL"),
        ("[ercf_servo]", "T3, ERCF_LOAD"),
        ("[box_stepper slot0]", "T1, BOX_TEMP_SET"),
        ("[AFC_stepper lane1]", "T1, AFC_CUT"),
        ("[tool T0]", "T0"),
    ],
)
def test_commands_of_a_plug_in_need_its_section(
    tmp_path: Path, section: str, commands: str
) -> None:
    text = PRINTER + "%s\n[lumen]\nmacro_filament: " + commands
    text += "\n[lumen_group a]\ndriver: memory\n"
    assert levels(written(tmp_path, text % section)) == []
    unknown = [it for it in commands.split(", ") if not it.startswith("TR_")]
    assert len(levels(written(tmp_path, text % "[bed_mesh]"))) == len(unknown)
    others = text.replace(commands, "T, TX, ZEBRA_LOAD") % section
    assert len(levels(written(tmp_path, others))) == 3


def test_devices_are_checked_on_a_single_board_computer_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = tmp_path / "spidev0.0"
    text = PRINTER + "[lumen]\n[lumen_group a]\ndriver: spi\nindex_end: 3\ndevice: %s\n" % device
    path = written(tmp_path, text)
    monkeypatch.setattr(check, "BOARD", tmp_path / "none")
    assert levels(path) == []
    monkeypatch.setattr(check, "BOARD", tmp_path)
    text = "Section 'lumen_group a': %s does not exist on this computer, so the strip stays dark"
    assert levels(path) == [("warning", 7, text % device)]
    device.touch()
    assert levels(path) == []


def test_includes_follow_the_rules_of_the_installed_klipper(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "a.cfg").write_text("[lumen_group a]\n")
    path = written(tmp_path, PRINTER + "[lumen]\n[include parts/**/*.cfg]\n")
    monkeypatch.setattr("klipper_lumen.install.find", lambda *_: Tree(tmp_path))
    assert [level for level, _, _ in levels(path)] == ["warning"]
    (tmp_path / "klippy" / "plugins").mkdir(parents=True)
    ((level, _, message),) = levels(path)
    assert level == "problem"
    assert "'lumen_group a' has no pixels" in message


def test_a_preview_reports_the_line_of_a_mistake(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, "[lumen]\n[lumen_group a]\ndriver: memory\non_idle: puls\n")
    assert main(["preview", str(path)]) == 1
    assert capsys.readouterr().err.startswith("preview: %s:4: Option 'on_idle'" % path)


@pytest.mark.parametrize(("count", "counted"), [(0, "no problems found"), (1, "1 warning")])
def test_warnings_are_counted(
    tmp_path: Path, count: int, counted: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, PRINTER + "[lumen]\nprofiling_enabled: 1\n" * count + GROUP)
    assert main(["check", str(path)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "%s: %s" % (path, counted)
    main(["doctor", str(path)])
    lines = capsys.readouterr().out.splitlines()
    assert any(line.endswith("%s: %s" % (path, counted)) for line in lines)


def test_without_any_section_of_lumen_only_that_is_reported(tmp_path: Path) -> None:
    path = written(tmp_path, PRINTER)
    assert levels(path) == [("problem", 0, "no section [lumen]; Lumen is not loaded")]


def test_an_indented_option_is_explained(tmp_path: Path) -> None:
    path = written(tmp_path, GROUP + "on_printing: progress\n on_paused: solid blue\n")
    text = (
        "Option 'on_printing' in section 'lumen_group a': the line 'on_paused: ...' below begins "
        "with a space, so it belongs to 'on_printing'; remove the space"
    )
    assert levels(path) == [("problem", 7, text)]


def test_effects_of_led_effect_on_leds_of_lumen_are_named(tmp_path: Path) -> None:
    leds = "[neopixel a]\npin: PA1\nchain_count: 9\n[neopixel b]\npin: PA2\n[dotstar c]\n"
    leds += "data_pin: PA3\nclock_pin: PA4\n"
    group = "[lumen]\n[lumen_group a]\ndriver: klipper\nindex_end: 1\n%s\n"
    text = "Section 'led_effect x' lights [%s] too, which belongs to a group of Lumen, so the "
    text += "LEDs flicker; remove the section, see docs/Moving.md"
    for chains, own, expected in [
        ("neopixel:a", "neopixel: a", "neopixel a"),
        ("\n  neopixel:b\n  neopixel:a (1-3,5)", "neopixel: a", "neopixel a"),
        ("dotstar:c (3)", "led: dotstar c", "dotstar c"),
        ("neopixel:b", "neopixel: a", None),
        ("a", "neopixel: a", None),
        ("(((,:\n : (\n neopixel", "neopixel: a", None),
        ("", "neopixel: a", None),
    ]:
        effect = "[led_effect x]\nleds: %s\nlayers: static 0 0 top (1,0,0)\n" % chains
        path = written(tmp_path, effect + PRINTER + leds + group % own)
        found = [("warning", 1, text % expected)] if expected else []
        assert levels(path) == found, chains


def test_many_effects_of_led_effect_are_checked_quickly(tmp_path: Path) -> None:
    chains = "".join("  neopixel:x%d\n" % number for number in range(800))
    effect = "[led_effect e%d]\nleds:\n" + chains + "  neopixel:a\n"
    effects = "".join(effect % number for number in range(100))
    group = "[lumen]\n[lumen_group a]\ndriver: klipper\nneopixel: a\nindex_end: 1\n"
    path = written(tmp_path, PRINTER + "[neopixel a]\npin: PA1\n" + effects + group)
    start = time.monotonic()
    assert len(levels(path)) == 20
    assert time.monotonic() - start < 5.0
