//! Specs: what a config says, from its raw text to a checked [`Plan`], with messages that teach.
//!
//! [`compile`] reads every section, opens nothing and stops at nothing: it returns a plan, or
//! **all** that is wrong with the config, the first [`PROBLEMS`](crate::limits::PROBLEMS) in words. Each message names the thing, the value and what would
//! be right, in Klipper's words. Numbers of pixels are 1-based in configs and messages and become
//! 0-based here, once. Nothing is mended in silence.

pub mod catalog;
mod diagnostics;
pub mod effect_names;
mod effect_resolver;
pub mod klipper;
mod led_effect;
pub mod offer;
pub mod options;
pub mod parse;
mod section;
mod synonyms;
mod temperature_sources;
mod validate;

use crate::plan::Plan;
use klipper::Klipper;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

pub use catalog::catalog_json;
pub use effect_resolver::EffectResolver;
pub use offer::{EffectOffer, LightOffer, Offer, PinOffer};
pub(crate) use synonyms::meant_state;
pub use validate::compile;

/// A config as it stands in the file: `[lumen]`, all `lumen_...` sections, and of Klipper's own those
/// whose `pin` is one of Lumen's.
///
/// As JSON: `{"sections": [["lumen", {"gpio_fps": "60"}], ["lumen_group case", {...}]]}`, and
/// `"leds": {"neopixel case": ["GRB", "GRBW"]}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawConfig {
    /// Full names of the sections, in file order, with the text of their options.
    pub sections: Vec<(String, BTreeMap<String, String>)>,
    /// The channels of each LED of Klipper's own LED sections, by their full names: such as `GRBW`,
    /// or empty where Klipper does not know them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub leds: BTreeMap<String, Vec<String>>,
    /// What Klipper has besides the lights; without it, names of its sections are taken on trust.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub klipper: Option<Klipper>,
}

/// What is known of the printer; without it names of heaters and sensors are taken on trust.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// Full object names of all heaters, for example `extruder` and `heater_generic chamber`.
    pub heaters: Vec<String>,
    /// Full object names of everything else that tells a temperature.
    pub sensors: Vec<String>,
    /// Full object names of all filament sensors; `None` where they are not known.
    pub filament_sensors: Option<Vec<String>>,
    /// Lowest and highest position of x, y and z in mm, where the kinematics has such a range.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub travel: Option<[[f32; 2]; 3]>,
    /// Full names of the sections that plug-ins may read, if this is what config files say; `None`
    /// if it is a connected printer that says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plug_ins: Option<Vec<String>>,
}

/// One thing that is wrong with a config. Its text is the whole message, as Klipper prints it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SpecError {
    /// Full name of the section; empty for the count of all other problems.
    pub section: String,
    /// The option, where it is one option that is wrong.
    pub option: Option<String>,
    /// The whole message: section, option, what is wrong, what would be right.
    pub problem: String,
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem)
    }
}

impl std::error::Error for SpecError {}

/// What the user should know although it stops nothing. Its text is the whole message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SpecWarning {
    /// Full name of the section; empty if it concerns none.
    pub section: String,
    /// The option, where it is one option.
    pub option: Option<String>,
    /// The whole message.
    pub text: String,
    /// It is no more than a remark: what it is about may be right in a part of a config.
    pub is_note: bool,
}

impl fmt::Display for SpecWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// What a config was compiled to.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// What is to be shown where and when.
    pub plan: Plan,
    /// What the user should know although it stops nothing.
    pub warnings: Vec<SpecWarning>,
    /// The devices of this computer that strips are on, each with the section that says so.
    pub devices: Vec<(String, String)>,
    /// What looks different than in an earlier version; to be reported once.
    pub changes: Vec<String>,
    /// The user's G-code commands that show as a state, by its name (`macro_...`).
    pub commands: BTreeMap<String, Vec<String>>,
    /// The filament sensors that count, by their full names.
    pub filament_sensors: Vec<String>,
    /// What it offers to Klipper's own LED sections and to web interfaces.
    pub offer: Offer,
    /// The words of this config, for effects that come by command.
    pub effect_resolver: EffectResolver,
}
