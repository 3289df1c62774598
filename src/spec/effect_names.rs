//! The names that an effect spec can begin with: the twelve built-in effects, and the variants from
//! `[lumen_effect NAME]` sections. Each name has an effect and its default options.

use crate::effect::EffectKind;
use crate::effect::options::Settings;
use std::collections::BTreeMap;

/// The effect and the options of a name.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct EffectDefaults {
    pub(super) kind: EffectKind,
    pub(super) settings: Settings,
}

/// All effect names of one config.
#[derive(Clone, Debug, PartialEq)]
pub struct EffectNames {
    entries: BTreeMap<String, EffectDefaults>,
}

impl Default for EffectNames {
    /// Creates the twelve built-in effects with their built-in defaults.
    fn default() -> Self {
        let entry = |kind: EffectKind| {
            let settings = Settings::defaults(kind);
            (kind.name().to_owned(), EffectDefaults { kind, settings })
        };
        Self {
            entries: EffectKind::ALL.into_iter().map(entry).collect(),
        }
    }
}

impl EffectNames {
    /// Returns the effect of a name.
    pub fn kind(&self, word: &str) -> Option<EffectKind> {
        self.entries.get(word).map(|entry| entry.kind)
    }

    /// Finds a name and its effect. An exact match takes priority; otherwise case is ignored.
    /// Returns the name as it was declared.
    pub(super) fn find(&self, word: &str) -> Option<(&str, EffectKind)> {
        let exact = self.entries.get_key_value(word);
        let any_case = || {
            let mut all = self.entries.iter();
            all.find(|(name, _)| name.eq_ignore_ascii_case(word))
        };
        let (name, entry) = exact.or_else(any_case)?;
        Some((name, entry.kind))
    }

    /// Returns the default options of a name.
    pub fn settings(&self, word: &str) -> Option<&Settings> {
        self.entries.get(word).map(|entry| &entry.settings)
    }

    /// Returns all names: the effects in the order of the documentation, then the variants,
    /// sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        let variants = self.entries.keys().map(String::as_str);
        EffectKind::ALL
            .iter()
            .map(|kind| kind.name())
            .chain(variants.filter(|name| EffectKind::parse(name).is_none()))
    }

    /// Adds a name, or replaces its options.
    pub(super) fn define(&mut self, word: &str, kind: EffectKind, settings: Settings) {
        self.entries
            .insert(word.to_owned(), EffectDefaults { kind, settings });
    }
}
