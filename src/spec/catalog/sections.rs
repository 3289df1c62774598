//! The sections and the states, as the catalogue tells them.

use super::{given, range};
use crate::scene;
use crate::spec::options::{self, SectionOption, ValueKind};
use crate::state::State;
use serde::Serialize;

/// One kind of section.
#[derive(Clone, Debug, Serialize)]
pub struct SectionEntry {
    /// How it begins in a config, without the brackets.
    pub name: &'static str,
    /// What it is for, one sentence.
    pub help: &'static str,
    /// Its options, in the order of the documentation; those of effects are told with them.
    pub options: Vec<SectionOptionEntry>,
}

/// One option of a section.
#[derive(Clone, Debug, Serialize)]
pub struct SectionOptionEntry {
    /// Name in the config; `STATE` in it stands for the name of a state.
    pub name: &'static str,
    /// What it takes: number, count, choice, bool, list, text or effect.
    pub kind: &'static str,
    /// Unit; `None` where it has none.
    pub unit: Option<&'static str>,
    /// Default as a config would have it; `None` where unset is the default.
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
    /// The words that it takes.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub choices: &'static [&'static str],
    /// The drivers that read it; empty where all do.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub drivers: &'static [&'static str],
    /// What it does, one sentence.
    pub help: &'static str,
    /// For an option that does nothing: what to know instead, in words that follow its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub obsolete: Option<&'static str>,
}

/// One state.
#[derive(Clone, Debug, Serialize)]
pub struct StateEntry {
    /// The word in `on_WORD`.
    pub name: &'static str,
    /// What a group without lines shows, as a spec.
    pub default: &'static str,
}

/// All kinds of sections.
pub fn sections() -> Vec<SectionEntry> {
    vec![
        section("lumen", "What concerns everything", options::LUMEN),
        section(
            "lumen_strip NAME",
            "One chain of LEDs on one output",
            options::STRIP,
        ),
        section(
            "lumen_group NAME",
            "Pixels that are drawn as one",
            options::GROUP,
        ),
        section(
            "lumen_effect NAME",
            "Other defaults of an effect, or a variant of it; takes the effect's options too",
            options::EFFECT,
        ),
        section(
            "neopixel NAME",
            "LEDs of Klipper's own on a pin of Lumen's; stands below [lumen]",
            options::KLIPPER_NEOPIXEL,
        ),
    ]
}

/// All states that Lumen knows by itself, highest priority first.
pub fn states() -> Vec<StateEntry> {
    State::ALL.iter().copied().map(state).collect()
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

fn state(state: State) -> StateEntry {
    let default = scene::DEFAULTS.iter().find(|(known, _)| *known == state);
    StateEntry {
        name: state.name(),
        default: default.map_or("", |(_, text)| text),
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
            kind: word(option.kind),
            unit: given(option.unit),
            default: given(option.default),
            above,
            min: limits.map(|(low, _)| low),
            max: limits.map(|(_, high)| high),
            choices: match option.kind {
                ValueKind::Choice(words) => words,
                _ => &[],
            },
            drivers: option.drivers,
            help: option.help,
            obsolete: given(option.obsolete),
        }
    }
}

fn word(kind: ValueKind) -> &'static str {
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
