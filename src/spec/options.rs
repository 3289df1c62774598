//! The options of all sections: names, kinds, units, defaults, limits and help.
//!
//! One row and one typed field of a struct define an option. A section is read once, into its
//! struct; the generated documentation, `klipper-lumen effects` and the web endpoints read the
//! rows. The options of effects are in [`crate::effect::options`].

mod finish;
mod hardware;
mod table;
mod values;

use crate::effect::EFFECTS;
use crate::effect::options::{OptionKind, OptionSpec};
pub(super) use finish::FinishOptions;
pub(super) use hardware::{DRIVERS, HardwareOptions};
pub(super) use table::{EFFECT, HARDWARE, KLIPPER_NEOPIXEL, MAX_PIXELS, PALETTE};
pub(super) use table::{
    EffectOptions, GroupOptions, LumenOptions, NeopixelOptions, PaletteOptions, StripOptions,
};
pub use table::{GROUP, LUMEN, STRIP};
pub(super) use values::{Direction, OfStates, SectionValues, WhiteMode};

/// One option of a section.
#[derive(Clone, Copy, Debug)]
pub struct SectionOption {
    /// Name in the config; `STATE` in it stands for the name of a state.
    pub name: &'static str,
    /// Kind of value, with its limits.
    pub kind: ValueKind,
    /// Unit for display; empty if it has none.
    pub unit: &'static str,
    /// Default as written in a config; empty if there is none.
    pub default: &'static str,
    /// What it does: one sentence, without the default.
    pub help: &'static str,
    /// For a LUMEN option without effect: the message that follows the name of the option. Empty
    /// for all other options.
    pub obsolete: &'static str,
    /// The drivers that use it; empty if it does not depend on the driver.
    pub drivers: &'static [&'static str],
}

/// The kind of value of an option.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ValueKind {
    /// A number within limits.
    Number(OptionKind),
    /// A whole number within limits.
    Count(OptionKind),
    /// One of a list of words.
    Choice(&'static [&'static str]),
    /// True or False.
    Bool,
    /// Words separated by commas.
    List,
    /// Free text.
    Text,
    /// An effect spec.
    Effect,
}

/// Any number above 0.
const DELAY: ValueKind = ValueKind::Number(OptionKind::Above(0.0));

const fn option(
    name: &'static str,
    kind: ValueKind,
    default: &'static str,
    help: &'static str,
) -> SectionOption {
    SectionOption {
        name,
        kind,
        unit: "",
        default,
        help,
        obsolete: "",
        drivers: &[],
    }
}

impl SectionOption {
    /// Returns the name of the state in the name of an option, or an empty text if this option has
    /// none; `None` if it is another option.
    fn state_in<'n>(&self, name: &'n str) -> Option<&'n str> {
        match self.name.strip_suffix("STATE") {
            Some(prefix) => name.strip_prefix(prefix),
            None => (self.name == name).then_some(""),
        }
    }

    const fn unit(mut self, unit: &'static str) -> Self {
        self.unit = unit;
        self
    }

    const fn obsolete(mut self, instead: &'static str) -> Self {
        self.obsolete = instead;
        self
    }

    const fn of(mut self, drivers: &'static [&'static str]) -> Self {
        self.drivers = drivers;
        self
    }
}

/// Returns where an option belongs, as text that follows `it belongs`; `None` if no section has it.
pub(super) fn place_of(option: &str) -> Option<String> {
    let tables = [
        (LUMEN, "[lumen]"),
        (GROUP, "[lumen_group NAME]"),
        (STRIP, "[lumen_strip NAME]"),
        (EFFECT, "[lumen_effect NAME]"),
        (PALETTE, "[lumen_palette NAME]"),
    ];
    let has = |table: &[SectionOption]| table.iter().any(|entry| entry.name == option);
    let places: Vec<&str> = tables
        .into_iter()
        .filter(|(table, _)| has(table))
        .map(|(_, place)| place)
        .collect();
    if !places.is_empty() {
        return Some(format!("in {}", places.join(" or ")));
    }
    let has = |options: &[OptionSpec]| options.iter().any(|it| it.name == option);
    let word = EFFECTS.iter().find(|effect| has(effect.options))?.name;
    Some(format!(
        "after the effect, as in 'on_idle: {word} {option}=VALUE', or in [lumen_effect NAME]"
    ))
}
