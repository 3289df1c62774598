//! Parses the text of an effect, as in `on_heating: thermal bed ice lava 2.0` and `LUMEN_SET`.
//!
//! ```text
//! text   := word [":"] [ring] [source] colors numbers { key "=" value }
//! word   := the name of an effect, or a variant of [lumen_effect NAME]
//! ring   := whole number, chase only: the position of the group in a ring of groups
//! source := heater or sensor, thermal only
//! ```
//!
//! [`Arguments`](crate::effect::Arguments) defines which of these parts an effect takes. Unlike
//! LUMEN, the parser does not ignore anything: a message names every invalid token.
//!
//! A [`ParsedEffect`] has the values of all options, and those of the text as they are written. It
//! resolves no names of sources. Its text parses to the same effect. A [`ParsedStack`] has one or
//! more of them.

mod lamp;
mod layer_options;
mod reader;
mod stack;
mod token;
mod unknown;

use super::effect_names::EffectNames;
use crate::color::{Color, PaletteNames};
use crate::effect::solid::SolidSettings;
use crate::effect::{AnySettings, EffectSpec};
use crate::text::shown;
use crate::time::Span;
pub(super) use layer_options::{LayerOptions, OPTIONS as LAYER_OPTIONS};
use reader::EffectReader;
pub(super) use reader::STACK_OPTIONS;
pub use stack::ParsedStack;
pub(super) use stack::Problems;
use std::fmt;
use unknown::unknown_effect;

/// A parsed effect.
///
/// ```
/// use lumen::{EffectNames, ParsedEffect};
///
/// let effect = ParsedEffect::parse("pulse: orange speed = 2", &EffectNames::default())?;
/// assert_eq!(effect.to_string(), "pulse orange speed=2");
///
/// let wrong = ParsedEffect::parse("pulse oragne", &EffectNames::default());
/// assert_eq!(wrong, Err(vec!["unknown color 'oragne' (did you mean 'orange'?)".to_owned()]));
/// # Ok::<(), Vec<String>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ParsedEffect {
    word: String,
    settings: AnySettings,
    ring: Option<u32>,
    fade: Option<Span>,
    duration: Option<Span>,
    layer: LayerOptions,
    /// The layers, if it is the name of several.
    look: Option<Look>,
    values: Vec<WrittenValue>,
}

/// Layers with a name, from a `[lumen_effect NAME]` section.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Look {
    /// The layers as written: the highest first.
    pub(super) layers: Vec<ParsedEffect>,
}

/// One value of the text, with the option that it sets.
#[derive(Clone, Debug, PartialEq, Eq)]
struct WrittenValue {
    /// The name of the option as written; `None` for a positional value.
    key: Option<String>,
    option: &'static str,
    text: String,
}

impl ParsedEffect {
    /// Parses a text.
    ///
    /// # Errors
    /// Returns a message for every invalid token.
    pub fn parse(text: &str, names: &EffectNames) -> Result<Self, Vec<String>> {
        let (word, rest) = token::head(text);
        if word.is_empty() {
            return Err(vec![
                "empty effect; '#' starts a comment; write 'off' for no light".into(),
            ]);
        }
        let (word, settings) = names
            .find(word)
            .ok_or_else(|| vec![unknown_effect(word, text, names)])?;
        let effect = Self {
            look: names.look(word).cloned(),
            ..Self::new(word, settings.into_owned())
        };
        let mut reader = EffectReader::new(effect, names.palettes());
        reader.read(rest);
        reader.finish()
    }

    /// Parses the short form of a lamp, whose first word means a `solid` white of this brightness.
    fn lamp(text: &str, level: f32, palettes: &PaletteNames) -> Result<Self, Vec<String>> {
        let (word, rest) = token::head(text);
        let white = SolidSettings::from(Color::rgb(level, level, level));
        let effect = Self::new(word, AnySettings::new(white));
        let mut reader = EffectReader::new(effect, palettes);
        reader.read(rest);
        let effect = reader.finish()?;
        let mut options = effect.values.iter().map(|value| value.option);
        if options.any(|option| matches!(option, "base_color" | "palette")) {
            return Err(vec![format!(
                "'{}' is white already; only options such as fade=2 can follow",
                shown(word)
            )]);
        }
        Ok(effect)
    }

    fn new(word: &str, settings: AnySettings) -> Self {
        Self {
            word: word.to_owned(),
            settings,
            ring: None,
            fade: None,
            duration: None,
            layer: LayerOptions::default(),
            look: None,
            values: Vec::new(),
        }
    }

    /// Adds `key=value`, as if it were at the end of the text. An option that takes colors also
    /// takes a list with spaces.
    ///
    /// # Errors
    /// Returns what is wrong with the key or the value.
    pub fn add(self, key: &str, value: &str, palettes: &PaletteNames) -> Result<Self, Vec<String>> {
        let takes_list = self.spec().option(key).is_some_and(|it| it.kind.is_list());
        let mut reader = EffectReader::new(self, palettes);
        match token::split(value).as_slice() {
            [] => reader.read_option(key, ""),
            [value] => reader.read_option(key, value),
            _ if takes_list => reader.read_option(key, value),
            _ => reader.add_problem(format!(
                "'{}' takes one value, got '{}'",
                shown(key),
                shown(value)
            )),
        }
        reader.finish()
    }

    /// Returns the effect.
    pub fn spec(&self) -> &'static EffectSpec {
        self.settings.spec()
    }

    /// Returns the values of all options.
    pub fn settings(&self) -> &AnySettings {
        &self.settings
    }

    /// Returns the position of the group in a ring of groups.
    pub fn ring(&self) -> Option<u32> {
        self.ring
    }

    /// Returns the cross-fade, if it is set.
    pub fn fade(&self) -> Option<Span> {
        self.fade
    }

    /// Returns how the effect is combined with the layers below it.
    pub(super) fn layer(&self) -> &LayerOptions {
        &self.layer
    }

    /// Whether it is the name of several layers.
    pub(super) fn is_look(&self) -> bool {
        self.look.is_some()
    }

    /// Returns how long the effect is shown, if it is set.
    pub fn duration(&self) -> Option<Span> {
        self.duration
    }
}

impl fmt::Display for ParsedEffect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.word)?;
        if let Some(ring) = self.ring {
            write!(f, " {ring}")?;
        }
        for part in &self.values {
            match &part.key {
                Some(key) => write!(f, " {key}={}", part.text)?,
                None => write!(f, " {}", part.text)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod test;
