//! The catalog: all sections, options, states and effects of a config, as serializable data.
//!
//! It is built from the tables of effects and sections, and holds no data of its own.
//! Documentation, help texts and programs read it.

mod sections;

use crate::color::name::hex;
use crate::color::palette_names::BUILT_IN;
use crate::color::{Palette, PaletteNames, PaletteStop};
use crate::effect::options::{OptionKind, OptionSpec};
use crate::effect::{EFFECTS, EffectSpec, transform};
use crate::layer::blend::{BLENDS, BlendSpec};
use crate::spec::parse::{LAYER_OPTIONS, STACK_OPTIONS};
use crate::text::{serialize_maybe_rounded, serialize_rounded};
pub use sections::SectionOptionEntry;
pub(crate) use sections::{SectionEntry, StateEntry};
pub(crate) use sections::{sections, states};
use serde::Serialize;
use std::borrow::Cow;

/// All sections, states and effects.
#[derive(Clone, Debug, Serialize)]
pub struct Catalog {
    /// The section types, in the order of the documentation.
    pub sections: Vec<SectionEntry>,
    /// The states, highest priority first.
    pub states: Vec<StateEntry>,
    /// The effects, in the order of the documentation.
    pub effects: Vec<EffectEntry>,
    /// The options that every effect takes.
    pub effect_options: Vec<OptionEntry>,
    /// The options that every layer takes, and those of all layers together.
    pub layer_options: Vec<OptionEntry>,
    /// The pictures of the effects in the documentation, in the same order.
    pub pictures: Vec<PictureEntry>,
    /// The built-in palettes, in the order of the documentation.
    pub palettes: Vec<PaletteEntry>,
    /// The blend modes of layers, in the order of the documentation.
    pub blends: Vec<BlendEntry>,
}

/// One blend mode.
#[derive(Clone, Debug, Serialize)]
pub struct BlendEntry {
    /// Name in a config.
    pub name: &'static str,
    /// What it shows, in one sentence.
    pub help: &'static str,
    /// Its formula: `t` is the layer, `b` what is below it.
    pub formula: &'static str,
    /// What `led_effect` does differently, if anything.
    pub led_effect: Option<&'static str>,
}

/// One palette.
#[derive(Clone, Debug, Serialize)]
pub struct PaletteEntry {
    /// Name in a config.
    pub name: String,
    /// Its colors in order.
    pub colors: Vec<PaletteColorEntry>,
}

/// One color of a palette.
#[derive(Clone, Debug, Serialize)]
pub struct PaletteColorEntry {
    /// The color as `RRGGBB`, without its white channel.
    pub color: String,
    /// Its place in the gradient, 0.0-1.0.
    #[serde(serialize_with = "serialize_rounded")]
    pub place: f32,
}

/// The picture of one effect.
#[derive(Clone, Debug, Serialize)]
pub struct PictureEntry {
    /// Name of the effect.
    pub effect: &'static str,
    /// The effect as it is drawn, as in a config.
    pub text: &'static str,
    /// Length of the animation in seconds.
    pub length_s: f32,
}

/// One effect.
#[derive(Clone, Debug, Serialize)]
pub struct EffectEntry {
    /// Name in a config.
    pub name: &'static str,
    /// What it shows, in one sentence.
    pub help: &'static str,
    /// Names of similar effects in other programs; a config cannot use them.
    pub synonyms: &'static [&'static str],
    /// The values that are written without the name of an option.
    pub arguments: ArgumentsEntry,
    /// The color that represents it with its defaults, as `RRGGBB`.
    pub color: String,
    /// Usage of its effect spec: `pulse [COLOR ...] [OPTION=VALUE ...]`.
    pub usage: String,
    /// The options that it uses, in the order of the documentation.
    pub options: Vec<OptionEntry>,
}

/// The values of an effect that are written without the name of an option, in this order.
#[derive(Clone, Debug, Serialize)]
pub struct ArgumentsEntry {
    /// Whether the position of the group in a ring of groups comes first.
    pub ring: bool,
    /// The option that a heater or sensor sets.
    pub source: Option<&'static str>,
    /// The options that colors set: one that takes all of them, or one for each color.
    pub colors: &'static [&'static str],
    /// The options that numbers set, for each possible count of numbers.
    pub numbers: &'static [&'static [&'static str]],
    /// The option that an axis sets.
    pub axis: Option<&'static str>,
}

/// One option of one effect.
#[derive(Clone, Debug, Serialize)]
pub struct OptionEntry {
    /// Name in `[lumen_effect]` and in a spec.
    pub name: &'static str,
    /// Shorter name in a spec, if it has one.
    pub short: Option<&'static str>,
    /// Kind of value: number, count, color, colors, palette, axis, source, endstops, bool, choice
    /// or pixels.
    pub kind: &'static str,
    /// Unit, if it has one.
    pub unit: Option<&'static str>,
    /// Default for this effect, as written in a config; `None` if the option is unset by default.
    pub default: Option<Cow<'static, str>>,
    /// The value must be above this.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "serialize_maybe_rounded"
    )]
    pub above: Option<f32>,
    /// The lowest value.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "serialize_maybe_rounded"
    )]
    pub min: Option<f32>,
    /// The highest value.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "serialize_maybe_rounded"
    )]
    pub max: Option<f32>,
    /// The allowed words.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub choices: &'static [&'static str],
    /// What it does, in one sentence.
    pub help: &'static str,
}

/// Returns the catalog.
pub fn catalog() -> Catalog {
    Catalog {
        sections: sections(),
        states: states(),
        effects: effects(),
        effect_options: effect_options(),
        layer_options: layer_options(),
        pictures: EFFECTS.iter().map(|effect| picture(effect)).collect(),
        palettes: palettes(),
        blends: BLENDS.iter().map(blend).collect(),
    }
}

/// Returns the catalog as JSON.
pub fn catalog_json() -> String {
    // Text, numbers and lists always serialize.
    serde_json::to_string(&catalog()).unwrap_or_default()
}

/// Returns all effects with their options.
pub(crate) fn effects() -> Vec<EffectEntry> {
    let entry = |effect: &&EffectSpec| EffectEntry {
        name: effect.name,
        help: effect.help,
        synonyms: effect.synonyms,
        arguments: ArgumentsEntry {
            ring: effect.arguments.has_ring,
            source: effect.arguments.source,
            colors: effect.arguments.colors,
            numbers: effect.arguments.numbers,
            axis: effect.arguments.axis,
        },
        color: hex((effect.defaults)().tint()),
        usage: effect.usage(effect.name),
        options: effect.options.iter().map(OptionEntry::new).collect(),
    };
    EFFECTS.iter().map(entry).collect()
}

/// Returns the options that every effect takes.
pub(crate) fn effect_options() -> Vec<OptionEntry> {
    transform::OPTIONS.iter().map(OptionEntry::new).collect()
}

/// Returns the options that every layer takes, and those of all layers together.
pub(crate) fn layer_options() -> Vec<OptionEntry> {
    let options = LAYER_OPTIONS.iter().chain(&STACK_OPTIONS);
    options.map(OptionEntry::new).collect()
}

/// Returns the built-in palettes.
pub(crate) fn palettes() -> Vec<PaletteEntry> {
    let names = PaletteNames::default();
    let entry = |(name, _): &(&str, &str)| Some(PaletteEntry::new(name, &names.find(name)?));
    BUILT_IN.iter().filter_map(entry).collect()
}

impl PaletteEntry {
    /// Creates the entry of a palette.
    pub fn new(name: &str, palette: &Palette) -> Self {
        let color = |stop: &PaletteStop| PaletteColorEntry {
            color: hex(stop.color),
            place: stop.place,
        };
        Self {
            name: name.to_owned(),
            colors: palette.stops().iter().map(color).collect(),
        }
    }
}

fn blend(spec: &BlendSpec) -> BlendEntry {
    BlendEntry {
        name: spec.name,
        help: spec.help,
        formula: spec.formula,
        led_effect: non_empty(spec.led_effect),
    }
}

fn picture(effect: &EffectSpec) -> PictureEntry {
    PictureEntry {
        effect: effect.name,
        text: effect.example.text,
        length_s: effect.example.length_s,
    }
}

impl OptionEntry {
    fn new(option: &OptionSpec) -> Self {
        let (above, limits) = range(option.kind);
        Self {
            name: option.name,
            short: non_empty(option.short),
            kind: kind_name(option.kind),
            unit: non_empty(option.unit),
            default: non_empty(option.default).map(Cow::Borrowed),
            above,
            min: limits.map(|(low, _)| low),
            max: limits.map(|(_, high)| high),
            choices: match option.kind {
                OptionKind::Choice(words) => words,
                _ => &[],
            },
            help: option.help,
        }
    }
}

fn kind_name(kind: OptionKind) -> &'static str {
    match kind {
        OptionKind::Above(_) | OptionKind::Within(..) | OptionKind::Number => "number",
        OptionKind::Count(..) => "count",
        OptionKind::Color => "color",
        OptionKind::Colors => "colors",
        OptionKind::Palette => "palette",
        OptionKind::Axis | OptionKind::OneAxis => "axis",
        OptionKind::Source => "source",
        OptionKind::Endstops => "endstops",
        OptionKind::Bool => "bool",
        OptionKind::Choice(_) => "choice",
        OptionKind::Pixels => "pixels",
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

fn non_empty(text: &'static str) -> Option<&'static str> {
    (!text.is_empty()).then_some(text)
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
    fn every_effect_is_listed_with_its_own_defaults() {
        assert_eq!(effects().len(), EFFECTS.len());
        assert_eq!(option("theater", "speed").default.as_deref(), Some("3.0"));
        assert_eq!(option("pulse", "speed").default.as_deref(), Some("0.5"));
        assert_eq!(option("thermal", "range_max").default, None);
    }

    #[test]
    fn every_effect_has_a_usage_line() {
        let written: Vec<String> = effects().into_iter().map(|entry| entry.usage).collect();
        assert!(written.contains(&"pulse [COLOR ...] [OPTION=VALUE ...]".to_owned()));
    }

    #[test]
    fn limits_are_listed_if_an_option_has_any() {
        assert_eq!(option("pulse", "speed").above, Some(0.0));
        let brightness = option("pulse", "min_brightness");
        assert_eq!((brightness.min, brightness.max), (Some(0.0), Some(1.0)));
        let color = option("pulse", "base_color");
        assert_eq!((color.above, color.min, color.max), (None, None, None));
    }
}
