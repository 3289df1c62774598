//! The catalogue: all that a config may say, for documents, help texts and programs.
//!
//! It only tells what the tables of effects, of sections and of the grammar hold, in a form that
//! serializes.

mod sections;

use super::parse::EffectSyntax;
use crate::effect::EffectKind;
use crate::effect::options::{self, OptionKind, OptionSpec};
pub use sections::{SectionEntry, SectionOptionEntry, StateEntry, sections, states};
use serde::Serialize;

/// All that a config may say.
#[derive(Clone, Debug, Serialize)]
pub struct Catalog {
    /// The kinds of sections, in the order of the documentation.
    pub sections: Vec<SectionEntry>,
    /// The states, highest priority first.
    pub states: Vec<StateEntry>,
    /// The effects, in the order of the documentation.
    pub effects: Vec<EffectEntry>,
}

/// One effect as the catalogue tells it.
#[derive(Clone, Debug, Serialize)]
pub struct EffectEntry {
    /// The word that names it in a config.
    pub name: &'static str,
    /// What it shows, one sentence.
    pub help: &'static str,
    /// How a spec of it is written: `pulse [COLOR] [OPTION=VALUE ...]`.
    pub usage: String,
    /// The options that it reads, in the order of the documentation.
    pub options: Vec<OptionEntry>,
}

/// One option of one effect.
#[derive(Clone, Debug, Serialize)]
pub struct OptionEntry {
    /// Name in `[lumen_effect]` and in a spec.
    pub name: &'static str,
    /// Shorter name in a spec; `None` where there is none.
    pub short: Option<&'static str>,
    /// What it takes: number, count, color, axis or source.
    pub kind: &'static str,
    /// Unit; `None` where it has none.
    pub unit: Option<&'static str>,
    /// Default for this effect as a config would have it; `None` where unset is the default.
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
    /// What it does, one sentence.
    pub help: &'static str,
}

/// The whole catalogue.
pub fn catalog() -> Catalog {
    Catalog {
        sections: sections(),
        states: states(),
        effects: effects(),
    }
}

/// The whole catalogue as JSON.
pub fn catalog_json() -> String {
    // Text, numbers and lists: nothing here can fail to serialize.
    serde_json::to_string(&catalog()).unwrap_or_default()
}

/// All effects with their options.
pub fn effects() -> Vec<EffectEntry> {
    let entry = |kind| EffectEntry {
        name: EffectKind::name(kind),
        help: help(kind),
        usage: EffectSyntax::of(kind).usage(kind.name()),
        options: options::for_effect(kind)
            .map(|option| OptionEntry::new(option, kind))
            .collect(),
    };
    EffectKind::ALL.into_iter().map(entry).collect()
}

impl OptionEntry {
    fn new(option: &OptionSpec, effect: EffectKind) -> Self {
        let (above, limits) = range(option.kind);
        Self {
            name: option.name,
            short: given(option.short),
            kind: word(option.kind),
            unit: given(option.unit),
            default: given(option.default_for(effect)),
            above,
            min: limits.map(|(low, _)| low),
            max: limits.map(|(_, high)| high),
            help: option.help,
        }
    }
}

fn word(kind: OptionKind) -> &'static str {
    match kind {
        OptionKind::Above(_) | OptionKind::Within(..) | OptionKind::Number => "number",
        OptionKind::Count(..) => "count",
        OptionKind::Color => "color",
        OptionKind::Axis => "axis",
        OptionKind::Source => "source",
    }
}

/// The limit that a value must be above, or the lowest and the highest value.
type Range = (Option<f32>, Option<(f32, f32)>);

fn range(kind: OptionKind) -> Range {
    match kind {
        OptionKind::Above(limit) => (Some(limit), None),
        OptionKind::Within(low, high) => (None, Some((low, high))),
        OptionKind::Count(low, high) => (None, Some((low as f32, high as f32))),
        _ => (None, None),
    }
}

fn given(text: &'static str) -> Option<&'static str> {
    (!text.is_empty()).then_some(text)
}

fn help(kind: EffectKind) -> &'static str {
    match kind {
        EffectKind::Off => "All pixels dark",
        EffectKind::Solid => "One color",
        EffectKind::Pulse => "The whole group brightens and dims evenly",
        EffectKind::Heartbeat => "Two beats and a rest",
        EffectKind::Disco => "Random sparkles",
        EffectKind::Rainbow => "The color circle travels along the group",
        EffectKind::Fire => "Flickering embers",
        EffectKind::Comet => "A head with a fading tail",
        EffectKind::Chase => "Two segments hunt each other, on one group or round a ring of groups",
        EffectKind::Kitt => "An eye sweeps to and fro, or follows an axis of the tool head",
        EffectKind::Thermal => "A bar that fills from cold to hot",
        EffectKind::Progress => "A bar that fills with the print",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn option(effect: &str, name: &str) -> OptionEntry {
        let effect = effects()
            .into_iter()
            .find(|entry| entry.name == effect)
            .unwrap();
        let mut options = effect.options.into_iter();
        options.find(|option| option.name == name).unwrap()
    }

    #[test]
    fn every_effect_is_told_with_the_default_that_is_its_own() {
        assert_eq!(effects().len(), EffectKind::ALL.len());
        assert_eq!(option("comet", "speed").default, Some("15.0"));
        assert_eq!(option("pulse", "speed").default, Some("0.5"));
        assert_eq!(option("thermal", "range_max").default, None);
    }

    #[test]
    fn every_effect_says_how_it_is_written() {
        let written: Vec<String> = effects().into_iter().map(|entry| entry.usage).collect();
        assert!(written.contains(&"pulse [COLOR] [OPTION=VALUE ...]".to_owned()));
    }

    #[test]
    fn limits_are_told_as_far_as_there_are_any() {
        assert_eq!(option("pulse", "speed").above, Some(0.0));
        let brightness = option("pulse", "min_brightness");
        assert_eq!((brightness.min, brightness.max), (Some(0.0), Some(1.0)));
        let color = option("pulse", "base_color");
        assert_eq!((color.above, color.min, color.max), (None, None, None));
    }
}
