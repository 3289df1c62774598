//! What a config offers to others: pins to Klipper's own LED sections, lights and effects to web
//! interfaces.

use crate::effect::EffectKind;
use crate::layout::ColorOrder;
use crate::plan::LightChannels;

/// How a pin of Lumen's begins.
pub const CHIP: &str = "lumen:";

/// All that a config offers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// The pins that LED sections of Klipper's use.
    pub pins: Vec<PinOffer>,
    /// The groups that web interfaces may show.
    pub lights: Vec<LightOffer>,
    /// The effects that the config defines or changes.
    pub effects: Vec<EffectOffer>,
}

/// A pin that a section of Klipper's uses, and the strip behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinOffer {
    /// Full name of the section.
    pub section: String,
    /// The pin, without the chip.
    pub pin: String,
    /// Name of the strip.
    pub strip: String,
    /// How many pixels it paints, from the first.
    pub pixels: usize,
    /// The order of the channels in what Klipper sends.
    pub order: ColorOrder,
}

/// An effect of the config.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EffectOffer {
    /// Its name.
    pub name: String,
    /// The effect that it is, or is a variant of.
    pub kind: EffectKind,
    /// The options that the config gives it, by their names.
    pub options: Vec<(String, String)>,
    /// Whether web interfaces may show it.
    pub is_shown: bool,
    /// The groups that it then shows on; none stands for all.
    pub groups: Vec<String>,
}

/// A group as a light.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LightOffer {
    /// Name of the group.
    pub group: String,
    /// What can be picked.
    pub channels: LightChannels,
}
