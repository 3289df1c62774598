//! Known facts about Klipper's own sections. Lumen's sections are checked against them.

pub(super) mod gcode_names;

use serde::{Deserialize, Serialize};

/// The types of Klipper's and Kalico's sections with a name, such as `[fan_generic NAME]`. Any
/// other type may be that of a plug-in.
pub(crate) const KINDS: [&str; 70] = [
    "ad5206",
    "adc_scaled",
    "adc_temperature",
    "ads1x1x",
    "adxl345",
    "angle",
    "belay",
    "bmi160",
    "board_pins",
    "canbus_stats",
    "carriage",
    "controller_fan",
    "dac084S085",
    "delayed_gcode",
    "display",
    "display_data",
    "display_glyph",
    "display_template",
    "dotstar",
    "dual_carriage",
    "duplicate_pin_override",
    "endstop_phase",
    "extra_carriage",
    "extruder_stepper",
    "fan_generic",
    "filament_motion_sensor",
    "filament_switch_sensor",
    "gcode_button",
    "gcode_macro",
    "gcode_shell_command",
    "hall_filament_width_sensor",
    "heater_fan",
    "heater_generic",
    "icm20948",
    "led",
    "lis2dw",
    "lis3dh",
    "load_cell",
    "manual_stepper",
    "mcp4018",
    "mcp4451",
    "mcp4728",
    "mcu",
    "menu",
    "mpu9250",
    "multi_pin",
    "neopixel",
    "output_pin",
    "pca9533",
    "pca9632",
    "probe_eddy_current",
    "pwm_cycle_time",
    "pwm_tool",
    "samd_sercom",
    "servo",
    "static_digital_output",
    "static_pwm_clock",
    "stepper",
    "sx1509",
    "temperature_fan",
    "temperature_probe",
    "temperature_sensor",
    "thermistor",
    "tmc2130",
    "tmc2208",
    "tmc2209",
    "tmc2240",
    "tmc2660",
    "tmc5160",
    "verify_heater",
];

/// The types of their sections without a name, beside heaters and steppers.
const SINGLE_KINDS: &str = "
    adxl345 axis_twist_compensation bed_mesh bed_screws bed_tilt bltouch bmi160 board_pins
    canbus_ids constants danger_options delta_calibrate display display_status dockable_probe
    dual_carriage endstop_phase exclude_object fan firmware_retraction force_move gcode_arcs
    hall_filament_width_sensor heated_fan heater_bed homing_heaters homing_override icm20948
    idle_timeout indx input_shaper lis2dw lis3dh load_cell load_cell_probe mcu mixing_extruder
    mpu9250 nozzle_cleanup palette2 pause_resume printer probe quad_gantry_level replicape
    resonance_tester respond safe_z_home save_variables screws_tilt_adjust sdcard_loop
    skew_correction smart_effector stepper_enable telemetry tools_calibrate
    tsl1401cl_filament_width_sensor virtual_sdcard z_calibration z_thermal_adjust z_tilt z_tilt_ng
";

/// Whether a section may be that of a plug-in, which can create objects of any name.
pub(crate) fn may_be_of_plug_in(section: &str) -> bool {
    let Some((kind, _)) = section.split_once(' ') else {
        let is_numbered = |prefix| section.starts_with(prefix);
        let is_known = SINGLE_KINDS
            .split_ascii_whitespace()
            .any(|it| it == section);
        return !is_known
            && !["extruder", "stepper_", "lumen"]
                .into_iter()
                .any(is_numbered);
    };
    !KINDS.contains(&kind) && !kind.starts_with("lumen")
}

/// The origin of the facts, which decides how certain they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KnownFrom {
    /// A file without `[printer]`: the rest of the config is in other files.
    #[default]
    Part,
    /// The files of a complete config. Plug-ins may still create objects without a section.
    Files,
    /// The objects of a connected printer.
    Printer,
}

/// Klipper's sections or objects.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Klipper {
    /// The origin of the facts.
    pub known_from: KnownFrom,
    /// Full names of all sections or objects.
    pub names: Vec<String>,
    /// The G-code commands that the macros of the files define, and the names that they give to the
    /// commands that they replace; in uppercase.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub macros: Vec<String>,
    /// Errors in Klipper's own LED sections that make Klipper refuse the config. Klippy reports
    /// them itself, and its limits may differ, so they are empty there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<LedFault>,
    /// Sections with a device on an SPI bus of the host computer, and the bus: `spidev0.0`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub spi_buses: Vec<(String, String)>,
}

/// An error in one of Klipper's LED sections.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedFault {
    /// Full name of the section.
    pub section: String,
    /// The option; empty if the error concerns the whole section.
    pub option: String,
    /// The error, as text that follows the name of the option.
    pub problem: String,
}
