//! A compiled config with its open outputs. Building it opens the outputs, or keeps those that fit.

use super::mailbox::ConfigChange;
use super::output_handle::{OutputContext, OutputHandle, StripOutput, wires};
use crate::plan::{Plan, StripPlan};
use crate::spec::{Compiled, EffectResolver, Offer};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A compiled config with its outputs. The render thread gets the part that it needs as a
/// [`ConfigChange`].
#[derive(Debug)]
pub(crate) struct BuiltConfig {
    pub(super) plan: Arc<Plan>,
    pub(super) effect_resolver: EffectResolver,
    /// The first `config_sources` sources belong to the config; commands added the rest.
    pub(super) config_sources: usize,
    pub(super) states: BTreeMap<String, Vec<String>>,
    pub(super) filament_sensors: Vec<String>,
    pub(super) offer: Offer,
    pub(super) changes: Vec<String>,
    /// One per strip, in the order of the plan.
    pub(super) strip_outputs: Arc<[StripOutput]>,
}

impl BuiltConfig {
    /// Builds a config. Reuses the outputs in `open` that also fit the new strips.
    pub(crate) fn build(compiled: Compiled, context: &OutputContext, open: &[StripOutput]) -> Self {
        let plan = compiled.plan;
        let strip_outputs = strip_outputs(&plan.strips, |plans| {
            let known = outputs(open).find(|output| serves_all(output.plans(), plans));
            known.map_or_else(
                || Arc::new(OutputHandle::open(plans, context, plan.priority)),
                Arc::clone,
            )
        });
        Self {
            strip_outputs: strip_outputs.into(),
            config_sources: plan.sources.len(),
            plan: Arc::new(plan),
            effect_resolver: compiled.effect_resolver,
            states: compiled.commands,
            filament_sensors: compiled.filament_sensors,
            offer: compiled.offer,
            changes: compiled.changes,
        }
    }

    /// Keeps sampling these sources, which commands added under the old config.
    pub(super) fn keep_sources(&mut self, names: &[String]) {
        self.effect_resolver.keep_sources(names);
        // The plan is not shared yet.
        if let Some(plan) = Arc::get_mut(&mut self.plan) {
            plan.sources = self.effect_resolver.sources().to_vec();
        }
    }

    pub(crate) fn change(&self) -> ConfigChange {
        ConfigChange {
            plan: Arc::clone(&self.plan),
            strip_outputs: Arc::clone(&self.strip_outputs),
        }
    }

    pub(super) fn has(&self, output: &Arc<OutputHandle>) -> bool {
        self.outputs().any(|it| Arc::ptr_eq(it, output))
    }

    /// Iterates over the outputs, each once.
    pub(crate) fn outputs(&self) -> impl Iterator<Item = &Arc<OutputHandle>> {
        outputs(&self.strip_outputs)
    }
}

/// Iterates over the outputs of some strips, each once.
pub(crate) fn outputs(strip_outputs: &[StripOutput]) -> impl Iterator<Item = &Arc<OutputHandle>> {
    let first = |strip_output: &&StripOutput| strip_output.index == 0;
    strip_outputs
        .iter()
        .filter(first)
        .map(|strip_output| &strip_output.output)
}

/// Assigns each strip its output. Strips on the same wire share one.
fn strip_outputs(
    strips: &[StripPlan],
    mut output: impl FnMut(&[StripPlan]) -> Arc<OutputHandle>,
) -> Vec<StripOutput> {
    let mut strip_outputs: Vec<Option<StripOutput>> = vec![None; strips.len()];
    for members in wires(strips) {
        let plans: Vec<StripPlan> = members.iter().map(|it| strips[*it].clone()).collect();
        let output = output(&plans);
        for (index, member) in members.into_iter().enumerate() {
            let output = Arc::clone(&output);
            strip_outputs[member] = Some(StripOutput { output, index });
        }
    }
    strip_outputs.into_iter().flatten().collect()
}

/// Whether an open output also serves the new strips. The color conversion does not matter.
fn serves_all(open: &[StripPlan], new: &[StripPlan]) -> bool {
    let is_same = |a: &StripPlan, b: &StripPlan| (&a.strip, &a.output) == (&b.strip, &b.output);
    open.len() == new.len() && open.iter().zip(new).all(|(open, new)| is_same(open, new))
}
