//! Delays the display of short pauses: a timelapse pauses for one second at every layer.

use crate::time::{Span, Time};

/// A printer counts as moving if it has moved within this time.
const MOVED_WITHIN: Span = Span::from_millis(2_000);

/// Tracks the pause of a job.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PauseWatch {
    /// Start time of the pause or of the command that pauses.
    since: Option<Time>,
    /// The pause started while the printer moved, so it can be a short one.
    is_delayed: bool,
}

impl PauseWatch {
    /// Updates whether the job is paused or a command is pausing it; `moved_at` is when the printer
    /// last moved.
    pub(super) fn follow(&mut self, now: Time, is_pausing: bool, moved_at: Option<Time>) {
        if !is_pausing {
            self.since = None;
        } else if self.since.is_none() {
            self.since = Some(now);
            self.is_delayed = moved_at.is_some_and(|at| now < at + MOVED_WITHIN);
        }
    }

    /// Returns when the pause shows; `None` without a pause.
    pub(super) fn shows_at(&self, after: Span) -> Option<Time> {
        let delay = if self.is_delayed { after } else { Span::ZERO };
        self.since.map(|since| since + delay)
    }
}
