//! The words that begin an effect spec: the twelve effects, and the variants that a config
//! declares with `[lumen_effect NAME]`, each with its options.

use crate::effect::EffectKind;
use crate::effect::options::Settings;
use std::collections::BTreeMap;

/// What a word stands for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct EffectDefaults {
    pub(super) kind: EffectKind,
    pub(super) settings: Settings,
}

/// The words of one config.
#[derive(Clone, Debug, PartialEq)]
pub struct EffectNames {
    meanings: BTreeMap<String, EffectDefaults>,
}

impl Default for EffectNames {
    /// The twelve effects with the defaults of the table.
    fn default() -> Self {
        let meaning = |kind: EffectKind| {
            let settings = Settings::defaults(kind);
            (kind.name().to_owned(), EffectDefaults { kind, settings })
        };
        Self {
            meanings: EffectKind::ALL.into_iter().map(meaning).collect(),
        }
    }
}

impl EffectNames {
    /// The effect that a word stands for.
    pub fn kind(&self, word: &str) -> Option<EffectKind> {
        self.meanings.get(word).map(|meaning| meaning.kind)
    }

    /// A word as it was declared, and the effect that it stands for; case counts only between
    /// words that differ in nothing else.
    pub(super) fn find(&self, word: &str) -> Option<(&str, EffectKind)> {
        let exact = self.meanings.get_key_value(word);
        let any_case = || {
            let mut all = self.meanings.iter();
            all.find(|(name, _)| name.eq_ignore_ascii_case(word))
        };
        let (name, meaning) = exact.or_else(any_case)?;
        Some((name, meaning.kind))
    }

    /// The options that a word stands for.
    pub fn settings(&self, word: &str) -> Option<&Settings> {
        self.meanings.get(word).map(|meaning| &meaning.settings)
    }

    /// All words: the effects in the order of the documentation, then the variants by name.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        let variants = self.meanings.keys().map(String::as_str);
        EffectKind::ALL
            .iter()
            .map(|kind| kind.name())
            .chain(variants.filter(|name| EffectKind::parse(name).is_none()))
    }

    /// Declares a word, or gives a known one other options.
    pub(super) fn define(&mut self, word: &str, kind: EffectKind, settings: Settings) {
        self.meanings
            .insert(word.to_owned(), EffectDefaults { kind, settings });
    }
}
