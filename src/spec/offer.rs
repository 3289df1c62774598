//! The parts of a config that the caller of the engine uses: pins for Klipper's own LED sections,
//! lights and effects for web interfaces, and settings of the log and of the LEDs on an MCU.

use super::catalog::PaletteEntry;
use crate::color::Palette;
use crate::layout::ColorOrder;
use crate::plan::LightChannels;
use serde::{Serialize, Serializer};

/// Prefix of a Lumen pin.
pub(crate) const CHIP: &str = "lumen:";

/// What of a config the caller of the engine needs.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Offer {
    /// The pins that Klipper's LED sections use.
    pub pins: Vec<PinOffer>,
    /// The groups that web interfaces show as lights.
    #[serde(serialize_with = "lights")]
    pub lights: Vec<LightOffer>,
    /// The effects that the config adds or changes.
    pub effects: Vec<EffectOffer>,
    /// The palettes that the config defines.
    pub palettes: Vec<PaletteOffer>,
    /// The changes that are written to the log.
    pub debug: DebugLog,
    /// Bandwidth limit for LED updates to each MCU, in bytes per second, if the config sets one.
    #[serde(rename = "mcu_bytes_per_second")]
    pub mcu_bytes_per_s: Option<f32>,
}

/// Which changes are logged (option `debug`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DebugLog {
    /// None.
    #[default]
    Off,
    /// Changes of the state and the effects, and temperatures.
    Log,
    /// As `Log`; changes of the state and the effects are also printed to the console.
    Console,
}

/// A Lumen pin that a Klipper section uses, with its strip.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PinOffer {
    /// Full name of the section.
    pub section: String,
    /// The pin, without the prefix.
    pub pin: String,
    /// Name of the strip.
    pub strip: String,
    /// Number of pixels that the section sets, from the first.
    pub pixels: usize,
    /// Order of the channels in the data from Klipper.
    #[serde(rename = "color_order", serialize_with = "order")]
    pub order: ColorOrder,
}

/// An effect of a config.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EffectOffer {
    /// Name of the effect.
    pub name: String,
    /// The built-in effect that it is, or is a variant of; `layers` if it is several effects.
    pub effect: &'static str,
    /// The names and values of the options that the config sets.
    #[serde(serialize_with = "options")]
    pub options: Vec<(String, String)>,
    /// Whether web interfaces show it.
    #[serde(rename = "show")]
    pub is_shown: bool,
    /// The groups that it is shown on; empty means all groups.
    pub groups: Vec<String>,
}

/// A palette of a config.
#[derive(Clone, Debug, PartialEq)]
pub struct PaletteOffer {
    /// Its name.
    pub name: String,
    /// Its colors.
    pub palette: Palette,
}

/// A group as a light.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LightOffer {
    /// Name of the group.
    pub group: String,
    /// The color channels that can be set.
    pub channels: LightChannels,
}

impl Serialize for PaletteOffer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        PaletteEntry::new(&self.name, &self.palette).serialize(serializer)
    }
}

fn lights<S: Serializer>(lights: &[LightOffer], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(lights.iter().map(|it| (&it.group, it.channels.name())))
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn order<S: Serializer>(order: &ColorOrder, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(order)
}

fn options<S: Serializer>(options: &[(String, String)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(options.iter().map(|(name, value)| (name, value)))
}
