//! When a pause is worth showing: a timelapse pauses at every layer, for a second.

use crate::time::{Span, Time};

/// A printer that moved so long ago is one that moves.
const MOVED_WITHIN: Span = Span::from_millis(2_000);

/// Follows the pauses of jobs.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PauseWatch {
    /// When the pause, or the command that pauses, began.
    since: Option<Time>,
    /// It began while the printer moved, so it may be a short one.
    is_delayed: bool,
}

impl PauseWatch {
    /// Follows whether the job is paused, or a command that pauses it runs; `moved` is when the
    /// printer last moved.
    pub(super) fn follow(&mut self, now: Time, is_pausing: bool, moved: Option<Time>) {
        if !is_pausing {
            self.since = None;
        } else if self.since.is_none() {
            self.since = Some(now);
            self.is_delayed = moved.is_some_and(|at| now < at + MOVED_WITHIN);
        }
    }

    /// When the pause shows; `None` where there is none.
    pub(super) fn shows_at(&self, after: Span) -> Option<Time> {
        let delay = if self.is_delayed { after } else { Span::ZERO };
        self.since.map(|since| since + delay)
    }
}
