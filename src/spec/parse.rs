//! The grammar of effect specs, as in `on_heating: thermal bed ice lava 2.0` and `LUMEN_SET`.
//!
//! ```text
//! spec   := word [":"] [ring] [source] colors numbers { key "=" value }
//! word   := one of the twelve effects, or a variant of [lumen_effect NAME]
//! ring   := whole number, chase only: the place of the group in a ring of groups
//! source := heater or sensor, thermal only
//! ```
//!
//! Which of them an effect takes, [`Form`] says. LUMEN ignored what it did not understand; here
//! every token counts, and one that is wrong is named in the message. An [`EffectSpec`] keeps what
//! was written: nothing is looked up or resolved, and its text reads back as the same spec.

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

/// What a user wrote about one running effect.
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

/// One value of a spec with the option that it sets.
#[derive(Clone, Debug, PartialEq, Eq)]
struct SpecValue {
    /// How the option was named; a value without a name has its meaning from its place.
    key: Option<String>,
    option: &'static str,
    text: String,
}

impl EffectSpec {
    /// Reads a spec.
    ///
    /// # Errors
    /// Every token that is wrong, in words.
    pub fn parse(text: &str, words: &EffectNames) -> Result<Self, Vec<String>> {
        let (word, rest) = token::head(text);
        if word.is_empty() {
            return Err(vec![
                "empty effect; '#' starts a comment, write off for darkness".into(),
            ]);
        }
        let (word, kind) = words
            .find(word)
            .ok_or_else(|| vec![unknown_effect(word, text, words)])?;
        let mut reader = SpecReader::of(Self {
            word: word.to_owned(),
            kind,
            ring: None,
            values: Vec::new(),
        });
        let (named, placed): (Vec<String>, Vec<String>) = token::split(rest)
            .into_iter()
            .partition(|t| t.contains('='));
        reader.places(&placed);
        for pair in &named {
            reader.pair(pair);
        }
        reader.finish()
    }

    /// Adds `key=value`, as if it stood at the end of the text.
    ///
    /// # Errors
    /// What is wrong with the key or the value.
    pub fn add(self, key: &str, value: &str) -> Result<Self, Vec<String>> {
        let mut reader = SpecReader::of(self);
        let pair = format!("{key}={value}");
        match token::split(&pair).as_slice() {
            [pair] => reader.pair(pair),
            _ => reader.wrong(format!(
                "'{}' takes one value, got '{}'",
                shown(key),
                shown(value)
            )),
        }
        reader.finish()
    }

    /// Which effect it is.
    pub fn kind(&self) -> EffectKind {
        self.kind
    }

    /// The word that it begins with: an effect or a variant.
    pub fn word(&self) -> &str {
        &self.word
    }

    /// The place of the group in a ring of groups.
    pub fn ring(&self) -> Option<u32> {
        self.ring
    }

    /// The cross-fade that was asked for.
    pub fn fade(&self) -> Option<Span> {
        self.seconds("fade")
    }

    /// How long it is to be shown.
    pub fn duration(&self) -> Option<Span> {
        self.seconds("duration")
    }

    /// Writes all options that the spec names into `settings`.
    pub fn apply(&self, settings: &mut Settings) {
        for part in &self.values {
            if let Some(option) = options::find(self.kind, part.option) {
                // It was read into other settings when the spec was parsed.
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
