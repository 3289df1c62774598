//! The picture that a timelapse takes of a layer, from its command until the job goes on.

use super::Operation;
use crate::time::{Span, Time};

/// A macro that does nothing, because the timelapse is off, is over sooner.
const SHOW_AFTER: Span = Span::from_millis(100);

/// A camera that does not answer does not hold the lights longer than this.
const LONGEST: Span = Span::from_millis(60_000);

/// Follows one snapshot.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct SnapshotWatch {
    running: Option<RunningState>,
}

#[derive(Clone, Copy, Debug)]
struct RunningState {
    /// The command, until it has ended.
    operation: Option<Operation>,
    since: Time,
    /// The camera was waited for, or the job was paused.
    is_real: bool,
}

impl SnapshotWatch {
    /// A command began that takes one.
    pub(super) fn begin(&mut self, now: Time, operation: Operation) {
        let since = self.running.map_or(now, |running| running.since);
        self.running = Some(RunningState {
            operation: Some(operation),
            since,
            is_real: false,
        });
    }

    /// An operation ended; `waits` is whether the camera is waited for, or the job is paused.
    pub(super) fn end(&mut self, operation: Operation, waits: bool) {
        if let Some(running) = &mut self.running
            && running.operation == Some(operation)
        {
            running.operation = None;
        }
        self.follow(waits);
    }

    /// Follows whether the camera is waited for, or the job is paused.
    pub(super) fn follow(&mut self, waits: bool) {
        if let Some(running) = &mut self.running {
            running.is_real |= waits;
        }
        self.running
            .take_if(|running| running.operation.is_none() && !waits);
    }

    /// Lets time pass.
    pub(super) fn step(&mut self, now: Time) {
        self.running
            .take_if(|running| now >= running.since + LONGEST);
    }

    /// Whether it shows now.
    pub(super) fn shows(&self, now: Time) -> bool {
        self.running
            .is_some_and(|running| running.is_real || now >= running.since + SHOW_AFTER)
    }

    /// When it may begin or cease to show.
    pub(super) fn next(&self, now: Time) -> Option<Time> {
        let since = self.running?.since;
        let after = if self.shows(now) { LONGEST } else { SHOW_AFTER };
        Some(since + after)
    }
}
