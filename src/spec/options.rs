//! The options of the sections: names, kinds, units, defaults, limits and help, once.
//!
//! `spec` reads configs against these tables; documents, `klipper-lumen effects` and the endpoints
//! read them too. Options of effects are in [`crate::effect::options`].

mod finish;
mod hardware;
mod table;

use crate::effect::options::{self as effects, OptionKind};
pub use hardware::{DRIVERS, HARDWARE, STRIP_TYPES};
pub use table::{EFFECT, GROUP, KLIPPER_NEOPIXEL, LUMEN, MAX_PIXELS, STRIP};

/// One option of a section.
#[derive(Clone, Copy, Debug)]
pub struct SectionOption {
    /// Name in the config; `STATE` in it stands for the name of a state.
    pub name: &'static str,
    /// What it takes, with its limits.
    pub kind: ValueKind,
    /// Unit, for people; empty where it has none.
    pub unit: &'static str,
    /// Default, as it would be written in a config; empty where there is none.
    pub default: &'static str,
    /// What it does, one sentence without its default.
    pub help: &'static str,
    /// For an option of LUMEN that does nothing here: what to know instead, in words that follow
    /// its name. Empty for all others.
    pub obsolete: &'static str,
    /// The drivers that read it; empty for an option that does not depend on the driver.
    pub drivers: &'static [&'static str],
}

/// What an option of a section takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ValueKind {
    /// A number within limits.
    Number(OptionKind),
    /// A whole number within limits.
    Count(OptionKind),
    /// One of these words.
    Choice(&'static [&'static str]),
    /// Yes or no.
    Bool,
    /// Words, separated by commas.
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

/// Where an option belongs, in words that follow `it belongs`; `None` if no section has it.
pub(super) fn place_of(option: &str) -> Option<String> {
    let tables = [
        (LUMEN, "[lumen]"),
        (GROUP, "[lumen_group NAME]"),
        (STRIP, "[lumen_strip NAME]"),
        (EFFECT, "[lumen_effect NAME]"),
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
    let effect = effects::OPTIONS.iter().find(|it| it.name == option)?;
    let word = effect.effects.first()?.name();
    Some(format!(
        "after the effect, as in 'on_idle: {word} {option}=VALUE', or in [lumen_effect NAME]"
    ))
}
