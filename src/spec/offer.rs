//! The parts of a config that others use: pins for Klipper's own LED sections, and lights and
//! effects for web interfaces.

use crate::effect::EffectKind;
use crate::layout::ColorOrder;
use crate::plan::LightChannels;

/// Prefix of a Lumen pin.
pub const CHIP: &str = "lumen:";

/// All pins, lights and effects that a config offers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// The pins that Klipper's LED sections use.
    pub pins: Vec<PinOffer>,
    /// The groups that web interfaces show as lights.
    pub lights: Vec<LightOffer>,
    /// The effects that the config adds or changes.
    pub effects: Vec<EffectOffer>,
}

/// A Lumen pin that a Klipper section uses, with its strip.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    pub order: ColorOrder,
}

/// An effect of a config.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EffectOffer {
    /// Name of the effect.
    pub name: String,
    /// The built-in effect that it is, or is a variant of.
    pub kind: EffectKind,
    /// The names and values of the options that the config sets.
    pub options: Vec<(String, String)>,
    /// Whether web interfaces show it.
    pub is_shown: bool,
    /// The groups that it is shown on; empty means all groups.
    pub groups: Vec<String>,
}

/// A group as a light.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LightOffer {
    /// Name of the group.
    pub group: String,
    /// The color channels that can be set.
    pub channels: LightChannels,
}
