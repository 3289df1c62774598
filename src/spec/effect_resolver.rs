//! Turns a parsed effect into an [`EffectPlan`], with the effect names, temperature sources and
//! axis ranges of a config.
//!
//! It is used when a config is compiled, and later for effects from commands. It does not read the
//! printer.

use super::effect_names::EffectNames;
use super::parse::{ParsedEffect, lamp_spec};
use super::temperature_sources::TemperatureSources;
use crate::effect::{EffectInput, EffectPlan, PlannedInput, RingPlace};
use crate::plan::{Override, Plan};
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
        let lamp = plan
            .dim(group)
            .map(|dim| lamp_spec(text, dim))
            .transpose()?;
        let mut parsed = ParsedEffect::parse(lamp.as_deref().unwrap_or(text), &self.names);
        for (key, value) in options {
            let palettes = self.names.palettes();
            parsed = parsed.and_then(|effect| effect.add(&key.to_lowercase(), value, palettes));
        }
        let joined = |problems: Vec<String>| problems.join("; ");
        let parsed = parsed.map_err(joined)?;
        let ring = parsed.ring().map(|number| RingPlace {
            first: 0,
            pixels: plan
                .groups
                .get(group)
                .map_or(0, |group| group.group.pixels()),
            seed: u64::from(number),
        });
        let effect = EffectPlan {
            ring,
            ..self.resolve(&parsed).map_err(joined)?
        };
        Ok(Override {
            effect,
            text: parsed.to_string(),
            fade: parsed.fade(),
            duration: parsed.duration(),
            is_picked: false,
            lease: Arc::default(),
        })
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

    /// Creates the plan of an effect, without its ring.
    pub(super) fn resolve(&mut self, parsed: &ParsedEffect) -> Result<EffectPlan, Vec<String>> {
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
