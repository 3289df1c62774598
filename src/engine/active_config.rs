//! The running config as the callers use it: the resolver of requests, the outputs, and what the
//! config offers.

use super::error::EngineError;
use super::mailbox::ConfigChange;
use super::output_handle::{OutputContext, OutputHandle, StripOutput};
use super::output_set::OutputSet;
use crate::request::LightResolver;
use crate::spec::{Compiled, Offer};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Which values of the printer the caller has to sample.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Wants {
    /// Full object names of the temperature sources, in the order of `Sample::sources`. An empty
    /// name marks an index that is no longer in use.
    pub sources: Vec<String>,
    /// Whether an effect follows the position of the tool head.
    pub position: bool,
    /// Whether an effect follows the progress of the job.
    pub progress: bool,
    /// User commands that show as a state, by the name of the state.
    pub states: BTreeMap<String, Vec<String>>,
    /// Full object names of the filament sensors, in the order of `Sample::filament`.
    pub filament_sensors: Vec<String>,
}

/// The running config. No caller holds its lock while building, freeing or waiting.
#[derive(Debug)]
pub(crate) struct ActiveConfig {
    /// Resolves requests before they are posted: the render thread sees only indices.
    pub(crate) lights: LightResolver,
    states: BTreeMap<String, Vec<String>>,
    filament_sensors: Vec<String>,
    offer: Offer,
    pub(crate) outputs: OutputSet,
}

impl ActiveConfig {
    /// Creates a config. Opens its outputs, or reuses those of `open` that fit.
    pub(crate) fn new(compiled: Compiled, context: &OutputContext, open: &[StripOutput]) -> Self {
        let plan = compiled.plan;
        Self {
            outputs: OutputSet::open(&plan, context, open),
            lights: LightResolver::new(plan, compiled.effect_resolver),
            states: compiled.commands,
            filament_sensors: compiled.filament_sensors,
            offer: compiled.offer,
        }
    }

    /// Makes `next` the running config after `post` has accepted it, and returns the outputs that
    /// it does not use. `next` then holds the old config, so that the caller can free it without
    /// the lock. If `post` fails, the old config keeps running.
    pub(crate) fn adopt(
        &mut self,
        next: &mut Self,
        post: impl FnOnce(ConfigChange) -> Result<(), EngineError>,
    ) -> Result<Vec<Arc<OutputHandle>>, EngineError> {
        self.lights.prepare(&mut next.lights);
        post(next.running())?;
        std::mem::swap(self, next);
        self.lights.succeed(&mut next.lights);
        Ok(self.outputs.succeed(&mut next.outputs))
    }

    /// Returns the plan and its outputs, to be read without the lock.
    pub(crate) fn running(&self) -> ConfigChange {
        ConfigChange {
            plan: Arc::clone(self.lights.plan()),
            strip_outputs: Arc::clone(self.outputs.strips()),
        }
    }

    pub(crate) fn offer(&self) -> &Offer {
        &self.offer
    }

    /// Returns what to sample now, for the config and for the effects of commands.
    pub(crate) fn wants(&mut self) -> Wants {
        Wants {
            sources: self.lights.wanted_sources(),
            position: self.lights.wants_position(),
            progress: self.lights.wants_progress(),
            states: self.states.clone(),
            filament_sensors: self.filament_sensors.clone(),
        }
    }
}
