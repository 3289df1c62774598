//! Tracks a timelapse snapshot from its command until the job continues.

use super::Operation;
use crate::time::{Span, Time};

/// Delay before a snapshot shows. The macro of a disabled timelapse ends earlier.
const SHOW_AFTER: Span = Span::from_millis(100);

/// The maximum duration of a snapshot, in case the camera does not respond.
const MAX_DURATION: Span = Span::from_millis(60_000);

/// Tracks one timelapse snapshot.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct TimelapseWatch {
    running: Option<RunningSnapshot>,
}

#[derive(Clone, Copy, Debug)]
struct RunningSnapshot {
    /// The command, while it is running.
    operation: Option<Operation>,
    since: Time,
    /// The printer has waited for the camera, or the job was paused.
    is_real: bool,
}

impl TimelapseWatch {
    /// Starts a snapshot; its command has started.
    pub(super) fn begin(&mut self, now: Time, operation: Operation) {
        let since = self.running.map_or(now, |running| running.since);
        self.running = Some(RunningSnapshot {
            operation: Some(operation),
            since,
            is_real: false,
        });
    }

    /// Processes the end of an operation; `is_waiting` is as in [`follow`](Self::follow).
    pub(super) fn end(&mut self, operation: Operation, is_waiting: bool) {
        if let Some(running) = &mut self.running
            && running.operation == Some(operation)
        {
            running.operation = None;
        }
        self.follow(is_waiting);
    }

    /// Updates whether the printer waits for the camera or the job is paused.
    pub(super) fn follow(&mut self, is_waiting: bool) {
        if let Some(running) = &mut self.running {
            running.is_real |= is_waiting;
        }
        self.running
            .take_if(|running| running.operation.is_none() && !is_waiting);
    }

    /// Advances to `now`.
    pub(super) fn step(&mut self, now: Time) {
        self.running
            .take_if(|running| now >= running.since + MAX_DURATION);
    }

    /// Returns whether the snapshot shows at `now`.
    pub(super) fn shows(&self, now: Time) -> bool {
        self.running
            .is_some_and(|running| running.is_real || now >= running.since + SHOW_AFTER)
    }

    /// Returns when the snapshot starts or stops showing.
    pub(super) fn next(&self, now: Time) -> Option<Time> {
        let since = self.running?.since;
        let after = if self.shows(now) {
            MAX_DURATION
        } else {
            SHOW_AFTER
        };
        Some(since + after)
    }
}
