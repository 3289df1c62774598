//! Turns an effect spec into an [`EffectPlan`], with the effect names, temperature sources and axis
//! ranges of a config.
//!
//! It is used when a config is compiled, and later for effects from commands. It does not read the
//! printer.

use super::effect_names::EffectNames;
use super::parse::{EffectSpec, lamp_spec};
use super::temperature_sources::TemperatureSources;
use crate::effect::options::Settings;
use crate::effect::{EffectKind, EffectPlan, RingPlace};
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
        let mut spec = EffectSpec::parse(lamp.as_deref().unwrap_or(text), &self.names);
        for (key, value) in options {
            spec = spec.and_then(|spec| spec.add(&key.to_lowercase(), value));
        }
        let joined = |problems: Vec<String>| problems.join("; ");
        let spec = spec.map_err(joined)?;
        let mut effect = self.resolve(&spec).map_err(joined)?;
        effect.ring = spec.ring().map(|number| RingPlace {
            first: 0,
            pixels: plan
                .groups
                .get(group)
                .map_or(0, |group| group.group.pixels()),
            seed: u64::from(number),
        });
        Ok(Override {
            effect,
            text: spec.to_string(),
            fade: spec.fade(),
            duration: spec.duration(),
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
    pub(super) fn resolve(&mut self, spec: &EffectSpec) -> Result<EffectPlan, Vec<String>> {
        let mut settings = self
            .names
            .settings(spec.word())
            .cloned()
            .unwrap_or_default();
        spec.apply(&mut settings);
        let mut problems = Vec::from_iter(self.check_ranges(spec.kind(), &settings));
        let mut source = None;
        if spec.kind() == EffectKind::Thermal {
            match self.sources.index(&settings.temp_source) {
                Ok(index) => {
                    source = Some(index);
                    // The full name is valid under another config too.
                    settings
                        .temp_source
                        .clone_from(&self.sources.names()[index]);
                }
                Err(problem) => problems.push(problem),
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let tracked = settings
            .kitt_tracking_axis
            .filter(|_| spec.kind() == EffectKind::Kitt);
        Ok(EffectPlan {
            kind: spec.kind(),
            source,
            ring: None,
            // Unused values stay 0: equal effects must have equal plans.
            travel_mm: tracked.map_or([0.0; 2], |axis| self.travel_mm[axis]),
            floor_c: source.map_or(0.0, |_| self.temp_floor_c),
            settings,
        })
    }

    /// Returns an error if a lower limit is above its upper limit.
    pub(super) fn check_ranges(&self, kind: EffectKind, settings: &Settings) -> Option<String> {
        let level = (settings.min_brightness, settings.max_brightness);
        let sparkle = (settings.min_sparkle, settings.max_sparkle);
        match kind {
            EffectKind::Pulse | EffectKind::Heartbeat | EffectKind::Fire if level.0 > level.1 => {
                let (min, max) = level;
                Some(format!(
                    "'min_brightness' ({min}) must not be above 'max_brightness' ({max})"
                ))
            }
            EffectKind::Disco if sparkle.0 > sparkle.1 => {
                let (min, max) = sparkle;
                Some(format!(
                    "'min_sparkle' ({min}) must not be above 'max_sparkle' ({max})"
                ))
            }
            EffectKind::Thermal => self.empty_range(settings),
            _ => None,
        }
    }

    fn empty_range(&self, settings: &Settings) -> Option<String> {
        let (name, low) = match settings.range_min {
            Some(low) => ("range_min", low),
            None => ("temp_floor", self.temp_floor_c),
        };
        let high = settings.range_max.filter(|high| low >= *high)?;
        Some(format!(
            "'{name}' ({low}) must be below 'range_max' ({high})"
        ))
    }
}
