//! Turns a parsed effect into an [`EffectPlan`], with the effect names, temperature sources and
//! axis ranges of a config.
//!
//! It is used when a config is compiled, and later for effects from commands. It does not read the
//! printer.

use super::effect_names::EffectNames;
use super::parse::{ParsedEffect, ParsedStack, Problems};
use super::temperature_sources::TemperatureSources;
use crate::color::PaletteNames;
use crate::effect::{EffectInput, EffectPlan, PlannedInput, RingPlace};
use crate::layer::{LayerPlan, StackPlan};
use crate::plan::{Override, Plan};
use crate::text::{ConvertCase, counted};
use std::sync::Arc;

/// Resolves the effect specs of one config.
#[derive(Clone, Debug)]
pub struct EffectResolver {
    pub(super) names: EffectNames,
    pub(super) sources: TemperatureSources,
    pub(super) temp_floor_c: f32,
    pub(super) travel_mm: [[f32; 2]; 3],
}

impl EffectResolver {
    /// Compiles an effect for a command: a spec as in `on_...`, and further options.
    ///
    /// It may add a temperature source; see [`EffectResolver::sources`].
    ///
    /// # Errors
    /// Returns all errors in the text and the options, separated by `; `.
    pub fn effect(
        &mut self,
        plan: &Plan,
        group: usize,
        text: &str,
        options: &[(String, String)],
    ) -> Result<Override, String> {
        let mut parsed = ParsedStack::parse(text, plan.dim(group), &self.names);
        for (key, value) in options {
            let palettes = self.names.palettes();
            parsed = parsed.and_then(|stack| stack.add(&key.lowercase(), value, palettes));
        }
        let joined = |problems: Vec<String>| problems.join("; ");
        let parsed = parsed.map_err(joined)?;
        let pixels = plan
            .groups
            .get(group)
            .map_or(0, |group| group.group.pixels());
        let mut effect = self.resolve(&parsed, pixels).map_err(joined)?;
        for (layer, parsed) in effect.layers_mut().zip(parsed.effects()) {
            layer.effect.ring = parsed.ring().map(|number| RingPlace {
                first: 0,
                pixels: layer.pixels.clone().map_or(pixels, |it| it.len()),
                seed: u64::from(number),
            });
        }
        Ok(Override {
            effect,
            text: parsed.to_string(),
            fade: parsed.fade(),
            duration: parsed.duration(),
            is_picked: false,
            lease: Arc::default(),
        })
    }

    /// Returns the palettes by name.
    pub(crate) fn palettes(&self) -> &PaletteNames {
        self.names.palettes()
    }

    /// Returns the full object names of all temperature sources, including those that commands
    /// added; at most `MAX_SOURCES`.
    pub fn sources(&self) -> &[String] {
        self.sources.names()
    }

    /// Sets which sources are unused: bit n for source n. Unused sources keep their index until the
    /// list is full and a new source replaces them.
    pub fn set_idle_sources(&mut self, idle: u32) {
        self.sources.set_idle(idle);
    }

    /// Also samples the given sources, which commands added under an earlier config. Sources that
    /// no longer exist are skipped.
    pub fn keep_sources(&mut self, names: &[String]) {
        for name in names {
            // A source that is gone, or exceeds the limit, is no longer sampled.
            let _ = self.sources.index(name);
        }
    }

    /// Creates the plan of a stack for a group of `pixels`, without rings. If that is 0, the length
    /// of the group is not known.
    pub(super) fn resolve(
        &mut self,
        parsed: &ParsedStack,
        pixels: usize,
    ) -> Result<StackPlan, Vec<String>> {
        let count = parsed.effects().count();
        let mut problems = Problems::new(count);
        let mut layers = Vec::new();
        for (index, effect) in parsed.effects().enumerate() {
            match self.resolve_layer(effect, pixels) {
                Ok(layer) => layers.push(layer),
                Err(messages) => {
                    for message in messages {
                        problems.add(count - 1 - index, message);
                    }
                }
            }
        }
        problems.finish()?;
        let mut layers = layers.into_iter();
        let Some(bottom) = layers.next() else {
            // The mistakes in its layers were reported.
            return Err(Vec::new());
        };
        Ok(StackPlan::new(bottom, layers.collect()))
    }

    fn resolve_layer(
        &mut self,
        parsed: &ParsedEffect,
        pixels: usize,
    ) -> Result<LayerPlan, Vec<String>> {
        let layer = parsed.layer();
        let effect = self.resolve_effect(parsed);
        let last = layer.pixels.as_ref().map_or(0, |it| it.end);
        if pixels > 0 && last > pixels {
            let group = counted(pixels, "pixel");
            let mut problems = effect.err().unwrap_or_default();
            problems.push(format!(
                "'pixels' goes to {last}, but the group has {group}"
            ));
            return Err(problems);
        }
        Ok(LayerPlan {
            effect: effect?,
            blend: layer.blend,
            opacity: layer.opacity,
            pixels: layer.pixels.clone(),
            offset: layer.offset,
        })
    }

    /// Creates the plan of an effect, without its ring.
    fn resolve_effect(&mut self, parsed: &ParsedEffect) -> Result<EffectPlan, Vec<String>> {
        let mut settings = parsed.settings().clone();
        let mut problems = Vec::from_iter(settings.range_problem(self.temp_floor_c));
        let mut source = None;
        if let EffectInput::Source(name) = settings.input() {
            match self.sources.index(name) {
                Ok(index) => source = Some(index),
                Err(problem) => problems.push(problem),
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        if let Some(index) = source {
            // The full name is valid under another config too.
            settings.set_source(&self.sources.names()[index]);
        }
        let floor_c = self.temp_floor_c;
        Ok(EffectPlan {
            input: PlannedInput::new(settings.input(), source, floor_c, &self.travel_mm),
            ring: None,
            settings,
        })
    }
}
