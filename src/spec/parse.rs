//! Parses effect specs, as in `on_heating: thermal bed ice lava 2.0` and `LUMEN_SET`.
//!
//! ```text
//! spec   := word [":"] [ring] [source] colors numbers { key "=" value }
//! word   := one of the twelve effects, or a variant of [lumen_effect NAME]
//! ring   := whole number, chase only: the position of the group in a ring of groups
//! source := heater or sensor, thermal only
//! ```
//!
//! [`EffectSyntax`] defines which of these parts an effect takes. Unlike LUMEN, the parser does not
//! ignore anything: a message names every invalid token.
//!
//! An [`EffectSpec`] keeps the values as written and resolves no names. Its text parses to the same
//! spec.

mod lamp;
mod reader;
mod syntax;
mod token;
mod unknown;

use super::effect_names::EffectNames;
use crate::effect::EffectKind;
use crate::effect::options::{self, Settings};
use crate::text::shown;
use crate::time::Span;
pub use lamp::lamp_spec;
use reader::SpecReader;
use std::fmt;
pub use syntax::EffectSyntax;
use unknown::unknown_effect;

/// A parsed effect spec.
///
/// ```
/// use lumen::spec::{effect_names::EffectNames, parse::EffectSpec};
///
/// let spec = EffectSpec::parse("pulse: orange speed = 2", &EffectNames::default())?;
/// assert_eq!(spec.to_string(), "pulse orange speed=2");
///
/// let wrong = EffectSpec::parse("pulse oragne", &EffectNames::default());
/// assert_eq!(wrong, Err(vec!["unknown color 'oragne' (did you mean 'orange'?)".to_owned()]));
/// # Ok::<(), Vec<String>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EffectSpec {
    word: String,
    kind: EffectKind,
    ring: Option<u32>,
    values: Vec<SpecValue>,
}

/// One value of a spec, with the option that it sets.
#[derive(Clone, Debug, PartialEq, Eq)]
struct SpecValue {
    /// The name of the option as written; `None` for a positional value.
    key: Option<String>,
    option: &'static str,
    text: String,
}

impl EffectSpec {
    /// Parses a spec.
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
        let (word, kind) = names
            .find(word)
            .ok_or_else(|| vec![unknown_effect(word, text, names)])?;
        let mut reader = SpecReader::of(Self {
            word: word.to_owned(),
            kind,
            ring: None,
            values: Vec::new(),
        });
        let (named, positional): (Vec<String>, Vec<String>) = token::split(rest)
            .into_iter()
            .partition(|t| t.contains('='));
        reader.read_positional(&positional);
        for pair in &named {
            reader.read_pair(pair);
        }
        reader.finish()
    }

    /// Adds `key=value`, as if it were at the end of the text.
    ///
    /// # Errors
    /// Returns what is wrong with the key or the value.
    pub fn add(self, key: &str, value: &str) -> Result<Self, Vec<String>> {
        let mut reader = SpecReader::of(self);
        let pair = format!("{key}={value}");
        match token::split(&pair).as_slice() {
            [pair] => reader.read_pair(pair),
            _ => reader.add_problem(format!(
                "'{}' takes one value, got '{}'",
                shown(key),
                shown(value)
            )),
        }
        reader.finish()
    }

    /// Returns the built-in effect.
    pub fn kind(&self) -> EffectKind {
        self.kind
    }

    /// Returns the name at the start: an effect or a variant.
    pub fn word(&self) -> &str {
        &self.word
    }

    /// Returns the position of the group in a ring of groups.
    pub fn ring(&self) -> Option<u32> {
        self.ring
    }

    /// Returns the cross-fade, if it is set.
    pub fn fade(&self) -> Option<Span> {
        self.seconds("fade")
    }

    /// Returns how long the effect is shown, if it is set.
    pub fn duration(&self) -> Option<Span> {
        self.seconds("duration")
    }

    /// Stores all options of the spec in `settings`.
    pub fn apply(&self, settings: &mut Settings) {
        for part in &self.values {
            if let Some(option) = options::find(self.kind, part.option) {
                // The value was checked when the spec was parsed.
                let _ = option.store(settings, &part.text);
            }
        }
    }

    fn seconds(&self, option: &str) -> Option<Span> {
        let part = self.values.iter().find(|part| part.option == option)?;
        part.text.parse().ok().map(Span::from_secs)
    }
}

impl fmt::Display for EffectSpec {
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
