//! The sections and states of the catalog.

use super::{non_empty, range};
use crate::spec::options::{self, SectionOption, ValueKind};
use crate::state::{STATES, StateSpec};
use serde::Serialize;

/// One section type.
#[derive(Clone, Debug, Serialize)]
pub struct SectionEntry {
    /// Its header in a config, without the brackets.
    pub name: &'static str,
    /// What it is for, in one sentence.
    pub help: &'static str,
    /// Its options, in the order of the documentation; options of effects are listed with the
    /// effects.
    pub options: Vec<SectionOptionEntry>,
}

/// One option of a section.
#[derive(Clone, Debug, Serialize)]
pub struct SectionOptionEntry {
    /// Name in the config; `STATE` in it stands for the name of a state.
    pub name: &'static str,
    /// Kind of value: number, count, choice, bool, list, text or effect.
    pub kind: &'static str,
    /// Unit, if it has one.
    pub unit: Option<&'static str>,
    /// Default as written in a config; `None` if the option is unset by default.
    pub default: Option<&'static str>,
    /// The value must be above this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub above: Option<f32>,
    /// The lowest value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<f32>,
    /// The highest value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<f32>,
    /// The allowed words.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub choices: &'static [&'static str],
    /// The drivers that use it; empty if all drivers do.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub drivers: &'static [&'static str],
    /// What it does, in one sentence.
    pub help: &'static str,
    /// For an option without effect: the message that follows its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub obsolete: Option<&'static str>,
}

/// One state.
#[derive(Clone, Debug, Serialize)]
pub struct StateEntry {
    /// Name, as in `on_NAME`.
    pub name: &'static str,
    /// When the state is active.
    pub help: &'static str,
    /// Effect spec that a group without `on_...` options shows.
    pub default: &'static str,
}

/// Returns all section types.
pub(crate) fn sections() -> Vec<SectionEntry> {
    vec![
        section(
            "lumen",
            "Settings for all strips, groups and states",
            options::LUMEN,
        ),
        section(
            "lumen_strip NAME",
            "One chain of LEDs on one output",
            options::STRIP,
        ),
        section(
            "lumen_group NAME",
            "Pixels that show an effect together",
            options::GROUP,
        ),
        section(
            "lumen_effect NAME",
            "Changed defaults of an effect, or a variant of it; also takes the effect's options",
            options::EFFECT,
        ),
        section(
            "lumen_palette NAME",
            "Colors that effects use by the name of the palette",
            options::PALETTE,
        ),
        section(
            "neopixel NAME",
            "Klipper's own LED section on a Lumen pin; must be below [lumen]",
            options::KLIPPER_NEOPIXEL,
        ),
    ]
}

/// Returns all built-in states, highest priority first.
pub(crate) fn states() -> Vec<StateEntry> {
    STATES.iter().map(state).collect()
}

fn section(
    name: &'static str,
    help: &'static str,
    table: &'static [SectionOption],
) -> SectionEntry {
    SectionEntry {
        name,
        help,
        options: table.iter().map(SectionOptionEntry::new).collect(),
    }
}

fn state(spec: &StateSpec) -> StateEntry {
    StateEntry {
        name: spec.name,
        help: spec.help,
        default: spec.effect,
    }
}

impl SectionOptionEntry {
    fn new(option: &SectionOption) -> Self {
        let (above, limits) = match option.kind {
            ValueKind::Number(limits) | ValueKind::Count(limits) => range(limits),
            _ => (None, None),
        };
        Self {
            name: option.name,
            kind: kind_name(option.kind),
            unit: non_empty(option.unit),
            default: non_empty(option.default),
            above,
            min: limits.map(|(low, _)| low),
            max: limits.map(|(_, high)| high),
            choices: match option.kind {
                ValueKind::Choice(words) => words,
                _ => &[],
            },
            drivers: option.drivers,
            help: option.help,
            obsolete: non_empty(option.obsolete),
        }
    }
}

fn kind_name(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Number(_) => "number",
        ValueKind::Count(_) => "count",
        ValueKind::Choice(_) => "choice",
        ValueKind::Bool => "bool",
        ValueKind::List => "list",
        ValueKind::Text => "text",
        ValueKind::Effect => "effect",
    }
}
