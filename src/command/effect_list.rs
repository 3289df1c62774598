//! The lists of effects and palettes: the built-in ones, and those of the config.
//!
//! The lists are built again only if the config has changed, so that a request is cheap.

use crate::effect::find;
use crate::engine::Engine;
use crate::spec::catalog::{
    EffectEntry, OptionEntry, PaletteEntry, effect_options, effects, palettes,
};
use crate::spec::{EffectOffer, PaletteOffer};
use serde::Serialize;
use std::borrow::Cow;
use std::sync::Arc;

/// All effects with their options and defaults, and all palettes.
#[derive(Clone, Debug, Serialize)]
pub struct EffectLists {
    effects: Vec<EffectItem>,
    /// The options that every effect takes.
    effect_options: Vec<OptionEntry>,
    palettes: Vec<PaletteEntry>,
    #[serde(skip)]
    text: String,
}

/// An effect. Its two names differ only for the variants that a config defines.
#[derive(Clone, Debug, Serialize)]
struct EffectItem {
    name: String,
    effect: &'static str,
    help: Cow<'static, str>,
    usage: String,
    options: Vec<OptionEntry>,
}

/// The newest lists.
#[derive(Debug, Default)]
pub(super) struct EffectCache(Option<(Offered, Arc<EffectLists>)>);

/// What a config adds and changes.
type Offered = (Vec<EffectOffer>, Vec<PaletteOffer>);

impl EffectCache {
    /// Returns the lists; those of an engine contain what its config adds and changes.
    pub(super) fn lists(&mut self, engine: Option<&Engine>) -> Arc<EffectLists> {
        let offer = engine.map(Engine::offer).unwrap_or_default();
        let offered = (offer.effects, offer.palettes);
        match &self.0 {
            Some((before, lists)) if *before == offered => Arc::clone(lists),
            _ => {
                let lists = Arc::new(EffectLists::new(&offered));
                self.0 = Some((offered, Arc::clone(&lists)));
                lists
            }
        }
    }
}

impl EffectLists {
    fn new((changed, own): &Offered) -> Self {
        let mut items: Vec<EffectItem> = effects().into_iter().map(EffectItem::new).collect();
        for offer in changed {
            let base = items.iter().find(|it| it.name == offer.effect);
            let item = match base {
                Some(base) => base.changed(offer),
                None => EffectItem::look(offer),
            };
            match items.iter_mut().find(|it| it.name == offer.name) {
                Some(replaced) => *replaced = item,
                None => items.push(item),
            }
        }
        let mut entries = palettes();
        for offer in own {
            let entry = PaletteEntry::new(&offer.name, &offer.palette);
            match entries.iter_mut().find(|it| it.name == offer.name) {
                Some(replaced) => *replaced = entry,
                None => entries.push(entry),
            }
        }
        let mut lines: Vec<String> = items.iter().map(EffectItem::line).collect();
        let names: Vec<&str> = entries.iter().map(|it| it.name.as_str()).collect();
        let effect_options = effect_options();
        let options: Vec<&str> = effect_options.iter().map(|it| it.name).collect();
        lines.push(format!("all effects: {}", options.join(", ")));
        lines.push(format!("palettes: {}", names.join(", ")));
        Self {
            effects: items,
            effect_options,
            palettes: entries,
            text: lines.join("\n"),
        }
    }

    /// Returns both lists for the console.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl EffectItem {
    fn new(entry: EffectEntry) -> Self {
        Self {
            name: entry.name.to_owned(),
            effect: entry.name,
            help: entry.help.into(),
            usage: entry.usage,
            options: entry.options,
        }
    }

    /// Returns the item of a name that stands for several layers.
    fn look(offer: &EffectOffer) -> Self {
        let options = offer.options.iter();
        let layers = options.flat_map(|(_, text)| text.lines().map(str::trim));
        let layers: Vec<&str> = layers.filter(|line| !line.is_empty()).collect();
        Self {
            name: offer.name.clone(),
            effect: offer.effect,
            help: format!("layers: {}", layers.join(" | ")).into(),
            usage: offer.name.clone(),
            options: Vec::new(),
        }
    }

    /// Returns the effect with the defaults of its config section.
    fn changed(&self, offer: &EffectOffer) -> Self {
        let mut item = self.clone();
        item.name.clone_from(&offer.name);
        if let Some((_, words)) = self.usage.split_once(' ') {
            item.usage = format!("{} {words}", offer.name);
        }
        for option in &mut item.options {
            let mut own = offer.options.iter();
            if let Some((_, value)) = own.find(|(name, _)| name == option.name) {
                option.default = Some(value.clone().into());
            }
        }
        item
    }

    fn line(&self) -> String {
        let names: Vec<&str> = self.options.iter().map(|it| it.name).collect();
        let options = match names.join(", ") {
            names if names.is_empty() => names,
            names => format!(" ({names})"),
        };
        if self.name == self.effect || find(self.effect).is_none() {
            format!("{}: {}{options}", self.name, self.help)
        } else {
            format!("{}: a variant of {}{options}", self.name, self.effect)
        }
    }
}
