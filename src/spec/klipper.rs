//! Known facts about Klipper's own sections. Lumen's sections are checked against them.

pub(super) mod gcode_names;

use serde::{Deserialize, Serialize};

/// Klipper's section types with a name, such as `[fan_generic NAME]`, as far as they matter here.
/// Any other type may be that of a plug-in.
pub(crate) const KINDS: [&str; 40] = [
    "adc_scaled",
    "adc_temperature",
    "board_pins",
    "controller_fan",
    "delayed_gcode",
    "display",
    "display_data",
    "display_glyph",
    "display_template",
    "dotstar",
    "duplicate_pin_override",
    "extruder_stepper",
    "fan_generic",
    "filament_motion_sensor",
    "filament_switch_sensor",
    "gcode_button",
    "gcode_macro",
    "hall_filament_width_sensor",
    "heater_fan",
    "heater_generic",
    "led",
    "manual_stepper",
    "mcu",
    "menu",
    "multi_pin",
    "neopixel",
    "output_pin",
    "pca9533",
    "pca9632",
    "pwm_cycle_time",
    "pwm_tool",
    "servo",
    "static_digital_output",
    "static_pwm_clock",
    "sx1509",
    "temperature_fan",
    "temperature_probe",
    "temperature_sensor",
    "thermistor",
    "verify_heater",
];

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
