//! Outputs of earlier configs, kept until their threads have ended.

use super::output_handle::OutputHandle;
use crate::time::Span;
use std::sync::Arc;

/// Outputs that no config uses anymore, and the usage of those that have ended.
#[derive(Debug, Default)]
pub(crate) struct RetiredOutputs {
    outputs: Vec<Arc<OutputHandle>>,
    /// What ended outputs have used.
    ended: Usage,
}

impl RetiredOutputs {
    pub(crate) fn add(&mut self, outputs: impl Iterator<Item = Arc<OutputHandle>>) {
        self.outputs.extend(outputs);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<OutputHandle>> {
        self.outputs.iter()
    }

    /// Removes outputs that have ended and adds up their usage.
    pub(crate) fn remove(&mut self, ended: &[Arc<OutputHandle>]) {
        let is_ended = |output: &Arc<OutputHandle>| ended.iter().any(|it| Arc::ptr_eq(it, output));
        self.ended = ended
            .iter()
            .fold(self.ended, |sum, output| sum.plus(output));
        self.outputs.retain(|output| !is_ended(output));
    }

    /// Returns what ended outputs have used.
    pub(crate) fn usage_of_ended(&self) -> Usage {
        self.ended
    }
}

/// Resources that outputs have used since the start.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Usage {
    /// Processor time of their threads.
    pub(crate) cpu: Span,
    /// How often their threads woke up.
    pub(crate) wakeups: u64,
    /// Messages to other processes and hosts.
    pub(crate) messages: u64,
}

impl Usage {
    pub(crate) fn plus(self, output: &OutputHandle) -> Self {
        Self {
            cpu: self.cpu + output.cpu(),
            wakeups: self.wakeups + output.wakeups(),
            messages: self.messages + output.messages(),
        }
    }
}
