//! The outputs of earlier configs, until their threads have ended.

use super::output_handle::OutputHandle;
use crate::time::Span;
use std::sync::Arc;

/// Outputs that no config uses any more, and what those before them have used.
#[derive(Debug, Default)]
pub(crate) struct OutputSet {
    retired: Vec<Arc<OutputHandle>>,
    /// What the outputs have used that have ended.
    ended: Usage,
}

impl OutputSet {
    pub(crate) fn add(&mut self, outputs: impl Iterator<Item = Arc<OutputHandle>>) {
        self.retired.extend(outputs);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<OutputHandle>> {
        self.retired.iter()
    }

    /// Removes outputs that have ended; their usage stays counted.
    pub(crate) fn remove(&mut self, ended: &[Arc<OutputHandle>]) {
        let is_ended = |output: &Arc<OutputHandle>| ended.iter().any(|it| Arc::ptr_eq(it, output));
        self.ended = ended.iter().fold(self.ended, |sum, output| sum.and(output));
        self.retired.retain(|output| !is_ended(output));
    }

    /// What the outputs have used that have ended.
    pub(crate) fn usage_of_ended(&self) -> Usage {
        self.ended
    }
}

/// What outputs have used since the start.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Usage {
    /// Processor time of their threads.
    pub(crate) cpu: Span,
    /// How often their threads woke.
    pub(crate) wakeups: u64,
    /// Messages to other processes and hosts.
    pub(crate) messages: u64,
}

impl Usage {
    pub(crate) fn and(self, output: &OutputHandle) -> Self {
        Self {
            cpu: self.cpu + output.cpu(),
            wakeups: self.wakeups + output.wakeups(),
            messages: self.messages + output.messages(),
        }
    }
}
