//! What a config offers to others: pins to Klipper's own LED sections, lights and effects to web
//! interfaces.

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
    /// Names of the effects that web interfaces may show.
    pub effects: Vec<String>,
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

/// A group as a light.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LightOffer {
    /// Name of the group.
    pub group: String,
    /// What can be picked.
    pub channels: LightChannels,
}
