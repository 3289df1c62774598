//! The names that the text of an effect can begin with: the built-in effects, and the variants from
//! `[lumen_effect NAME]` sections. Each name has an effect and its default options. The names of
//! the palettes that follow them are here too.

use super::parse::Look;
use super::synonyms;
use crate::color::PaletteNames;
use crate::effect::off::OffSettings;
use crate::effect::{AnySettings, EFFECTS, find};
use std::borrow::Cow;
use std::collections::HashMap;

/// All names of effects and palettes of one config, with the default settings of each effect.
#[derive(Clone, Debug, PartialEq)]
pub struct EffectNames {
    /// Sorted by name.
    entries: Vec<(String, AnySettings)>,
    /// The names that stand for several layers.
    looks: HashMap<String, Look>,
    palettes: PaletteNames,
}

impl Default for EffectNames {
    /// Creates the built-in effects with their built-in defaults, and the built-in palettes.
    fn default() -> Self {
        Self::new(PaletteNames::default())
    }
}

impl EffectNames {
    /// Creates the built-in effects with their built-in defaults.
    pub(super) fn new(palettes: PaletteNames) -> Self {
        let mut names = Self {
            entries: Vec::new(),
            looks: HashMap::new(),
            palettes,
        };
        for effect in EFFECTS {
            names.define(effect.name, (effect.defaults)());
        }
        names
    }

    /// Finds a name and its default settings. An exact match takes priority; otherwise case is
    /// ignored. A name of klipper-led_effect comes last. Returns the name as it was declared.
    pub(super) fn find(&self, word: &str) -> Option<(&str, Cow<'_, AnySettings>)> {
        self.declared(word)
            .map(|(name, settings)| (name, Cow::Borrowed(settings)))
            .or_else(|| self.alias(word))
    }

    /// Finds the effect for a name of klipper-led_effect. An alias with options of its own keeps
    /// its name.
    fn alias(&self, word: &str) -> Option<(&str, Cow<'_, AnySettings>)> {
        let alias = synonyms::alias_named(word)?;
        let (name, settings) = self.exact(alias.effect)?;
        if alias.options.is_empty() {
            return Some((name, Cow::Borrowed(settings)));
        }
        let mut settings = settings.clone();
        alias.apply(&mut settings);
        Some((alias.name, Cow::Owned(settings)))
    }

    fn declared(&self, word: &str) -> Option<(&str, &AnySettings)> {
        let any_case = || {
            let mut all = self.entries.iter();
            all.find(|(name, _)| name.eq_ignore_ascii_case(word))
        };
        let (name, settings) = self.exact(word).or_else(any_case)?;
        Some((name, settings))
    }

    fn exact(&self, word: &str) -> Option<&(String, AnySettings)> {
        self.entries.get(self.place(word).ok()?)
    }

    /// Returns the index of a name, or where to insert it.
    fn place(&self, word: &str) -> Result<usize, usize> {
        let name = |(name, _): &(String, AnySettings)| name.as_str().cmp(word);
        self.entries.binary_search_by(name)
    }

    /// Returns the default settings of a name.
    pub fn settings(&self, word: &str) -> Option<&AnySettings> {
        self.exact(word).map(|(_, settings)| settings)
    }

    /// Returns all names: the effects in the order of the documentation, then the variants,
    /// sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        let variants = self.entries.iter().map(|(name, _)| name.as_str());
        EFFECTS
            .iter()
            .map(|effect| effect.name)
            .chain(variants.filter(|name| find(name).is_none()))
    }

    /// Returns the names of the palettes.
    pub fn palettes(&self) -> &PaletteNames {
        &self.palettes
    }

    /// Returns the layers that a name stands for; `None` if it is an effect.
    pub(super) fn look(&self, word: &str) -> Option<&Look> {
        self.looks.get(word)
    }

    /// Adds a name that stands for several layers, or replaces them.
    pub(super) fn define_look(&mut self, word: &str, look: Look) {
        self.define(word, OffSettings::defaults());
        self.looks.insert(word.to_owned(), look);
    }

    /// Adds a name, or replaces its options.
    pub(super) fn define(&mut self, word: &str, settings: AnySettings) {
        match self.place(word) {
            Ok(index) => self.entries[index].1 = settings,
            Err(index) => self.entries.insert(index, (word.to_owned(), settings)),
        }
    }
}
