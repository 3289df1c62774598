//! The outputs of the running config, and those of earlier configs until their threads have ended.

use super::error::EngineError;
use super::output_handle::{OutputContext, OutputHandle, StripOutput, wires};
use crate::output::frame_sink::SinkStats;
use crate::plan::{Plan, StripPlan};
use crate::request::unknown;
use std::sync::Arc;

/// The outputs of a config.
#[derive(Debug)]
pub(crate) struct OutputSet {
    /// One per strip, in the order of the plan.
    strips: Arc<[StripOutput]>,
    /// Outputs of earlier configs that have not ended yet.
    retired: Vec<Arc<OutputHandle>>,
    /// What ended outputs have used.
    ended: SinkStats,
}

impl OutputSet {
    /// Opens the outputs of a plan. Reuses those of `open` that also fit the new strips. Strips on
    /// the same wire share an output.
    pub(crate) fn open(plan: &Plan, context: &OutputContext, open: &[StripOutput]) -> Self {
        let mut strips: Vec<Option<StripOutput>> = vec![None; plan.strips.len()];
        for members in wires(&plan.strips) {
            let plans: Vec<StripPlan> = members.iter().map(|it| plan.strips[*it].clone()).collect();
            let known = each_output(open).find(|output| serves_all(output.plans(), &plans));
            let output = known.map_or_else(
                || Arc::new(OutputHandle::open(&plans, context, plan.priority)),
                Arc::clone,
            );
            for (index, member) in members.into_iter().enumerate() {
                let output = Arc::clone(&output);
                strips[member] = Some(StripOutput { output, index });
            }
        }
        Self {
            strips: strips.into_iter().flatten().collect(),
            retired: Vec::new(),
            ended: SinkStats::default(),
        }
    }

    /// Replaces `old`: takes over its retired outputs, and retires and returns those that are no
    /// longer in use.
    pub(crate) fn succeed(&mut self, old: &mut Self) -> Vec<Arc<OutputHandle>> {
        let is_used = |output: &Arc<OutputHandle>| {
            each_output(&self.strips).any(|it| Arc::ptr_eq(it, output))
        };
        let unused = each_output(&old.strips).filter(|output| !is_used(output));
        let unused: Vec<_> = unused.map(Arc::clone).collect();
        self.ended = old.ended;
        self.retired = std::mem::take(&mut old.retired);
        self.retired.extend(unused.iter().map(Arc::clone));
        unused
    }

    /// Returns one entry per strip, in the order of the plan.
    pub(crate) fn strips(&self) -> &Arc<[StripOutput]> {
        &self.strips
    }

    /// Finds a strip by name.
    pub(crate) fn strip(&self, name: &str) -> Result<&StripOutput, EngineError> {
        let names = || self.strips.iter().map(|it| &*it.plan().strip.name);
        let index = names().position(|it| it == name);
        index
            .map(|index| &self.strips[index])
            .ok_or_else(|| unknown("strip", name, names()).into())
    }

    /// Returns all outputs, including those of earlier configs that have not ended.
    pub(crate) fn all(&self) -> Vec<Arc<OutputHandle>> {
        let current = each_output(&self.strips);
        current.chain(&self.retired).map(Arc::clone).collect()
    }

    /// Returns the outputs of earlier configs that have not ended yet.
    pub(crate) fn retired(&self) -> Vec<Arc<OutputHandle>> {
        self.retired.clone()
    }

    /// Removes outputs that have ended and adds up what they have used.
    pub(crate) fn remove_ended(&mut self, ended: &[Arc<OutputHandle>]) {
        let used = ended.iter().map(|output| output.sink().stats());
        self.ended = used.fold(self.ended, SinkStats::plus);
        let is_ended = |output: &Arc<OutputHandle>| ended.iter().any(|it| Arc::ptr_eq(it, output));
        self.retired.retain(|output| !is_ended(output));
    }

    /// Returns what ended outputs have used.
    pub(crate) fn used_by_ended(&self) -> SinkStats {
        self.ended
    }
}

/// Iterates over the outputs of some strips, each once.
pub(crate) fn each_output(
    strip_outputs: &[StripOutput],
) -> impl Iterator<Item = &Arc<OutputHandle>> {
    let first = |strip_output: &&StripOutput| strip_output.index == 0;
    strip_outputs
        .iter()
        .filter(first)
        .map(|strip_output| &strip_output.output)
}

/// Whether an open output also serves the new strips. The color conversion does not matter.
fn serves_all(open: &[StripPlan], new: &[StripPlan]) -> bool {
    let is_same = |a: &StripPlan, b: &StripPlan| (&a.strip, &a.output) == (&b.strip, &b.output);
    open.len() == new.len() && open.iter().zip(new).all(|(open, new)| is_same(open, new))
}
