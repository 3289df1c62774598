//! Compiles a config from its raw text to a checked [`Plan`].
//!
//! [`compile()`] reads every section and does not stop at the first error. It returns a plan, or
//! all errors: the first [`PROBLEMS`](crate::limits::PROBLEMS) as messages, the rest as a count.
//! Each message names the section, the option, the value and the correction, in Klipper's terms.
//! Invalid values are never corrected silently. Nothing here opens a file or a device.
//!
//! Pixel numbers are 1-based in configs and messages. They become 0-based here.

pub(crate) mod catalog;
mod compile;
mod diagnostics;
pub(crate) mod effect_names;
mod effect_resolver;
pub(crate) mod klipper;
mod led_effect;
pub(crate) mod offer;
pub(crate) mod options;
pub(crate) mod parse;
mod section;
mod synonyms;
mod temperature_sources;

use crate::plan::Plan;
use klipper::Klipper;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

pub use compile::compile;
pub use effect_names::EffectNames;
pub use effect_resolver::EffectResolver;
pub(crate) use offer::CHIP;
pub use offer::{DebugLog, EffectOffer, LightOffer, Offer, PaletteOffer, PinOffer};
pub use options::{GROUP, LUMEN, STRIP, SectionOption, ValueKind};
pub use parse::{ParsedEffect, ParsedStack};
pub(crate) use synonyms::meant_state;

/// The text of a config: `[lumen]`, all `lumen_...` sections, and Klipper's `[neopixel]` sections
/// on Lumen pins.
///
/// As JSON: `{"sections": [["lumen", {"gpio_fps": "60"}], ["lumen_group case", {...}]]}`, and
/// `"leds": {"neopixel case": ["GRB", "GRBW"]}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawConfig {
    /// Full names of the sections, in file order, with the text of their options.
    pub sections: Vec<(String, BTreeMap<String, String>)>,
    /// The channels of each LED in Klipper's own LED sections, such as `GRBW`, by the full name of
    /// the section. Empty text if Klipper does not know the channels.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub leds: BTreeMap<String, Vec<String>>,
    /// Klipper's sections. `None` disables the checks against them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub klipper: Option<Klipper>,
}

/// Known objects of the printer. Without them, names of heaters and sensors are not checked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// Full object names of all heaters, for example `extruder` and `heater_generic chamber`.
    pub heaters: Vec<String>,
    /// Full object names of all other temperature sources.
    pub sensors: Vec<String>,
    /// Full object names of all filament sensors; `None` if unknown.
    pub filament_sensors: Option<Vec<String>>,
    /// Lowest and highest position of x, y and z in mm, if the kinematics has such a range.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub travel: Option<[[f32; 2]; 3]>,
    /// Full names of the sections that may belong to plug-ins, if the facts are from config files.
    /// `None` if they are from a connected printer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plug_ins: Option<Vec<String>>,
}

/// One error in a config. Its text is the complete message, in Klipper's style.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SpecError {
    /// Full name of the section; empty for the count of further errors.
    pub section: String,
    /// The option, if the error concerns one option.
    pub option: Option<String>,
    /// The complete message: section, option, error and correction.
    pub problem: String,
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem)
    }
}

impl std::error::Error for SpecError {}

/// One warning about a config. Its text is the complete message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SpecWarning {
    /// Full name of the section; empty if it concerns no section.
    pub section: String,
    /// The option, if it concerns one option.
    pub option: Option<String>,
    /// The complete message.
    pub text: String,
    /// Whether it is only a note: it may be correct in a file that is one part of a config.
    pub is_note: bool,
}

impl fmt::Display for SpecWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A compiled config.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// Strips, groups, and the effects of each state.
    pub plan: Plan,
    /// The warnings for the user.
    pub warnings: Vec<SpecWarning>,
    /// The device files that strips use, each with the section that declares it.
    pub devices: Vec<(String, String)>,
    /// The user's G-code commands that show a state (`macro_...`), by the name of the state.
    pub commands: BTreeMap<String, Vec<String>>,
    /// Full names of the filament sensors that are followed.
    pub filament_sensors: Vec<String>,
    /// Pins, lights and effects for Klipper's own LED sections and for web interfaces.
    pub offer: Offer,
    /// Resolves effects from commands with the names and sources of this config.
    pub effect_resolver: EffectResolver,
}
