//! Tracks the print job: facts beyond the current state that Klipper reports.

use super::StateSettings;
use crate::input::Job;
use crate::time::{Span, Time};

/// Time that `complete` still shows after the job was cleared. Hosts clear the last job when they
/// start the next one; no other state should show in between.
const CLEARED_FOR: Span = Span::from_millis(300);

/// Tracks the job.
#[derive(Clone, Debug, Default)]
pub(super) struct JobWatch {
    job: Option<Job>,
    has_extruded: bool,
    /// The job has failed and the user has not acknowledged it.
    has_failed: bool,
    complete_until: Option<Time>,
    cancelled_until: Option<Time>,
}

impl JobWatch {
    /// Updates the state of the job; returns whether it has changed.
    ///
    /// The first call sets the baseline: a job that ended before is not shown.
    pub(super) fn follow(
        &mut self,
        now: Time,
        (new, has_extruded): (Job, bool),
        settings: &StateSettings,
    ) -> bool {
        let old = self.job.replace(new);
        let was_active = old.is_some_and(Job::is_active);
        // Latched for the whole job: a retraction can make `filament_used` negative again.
        self.has_extruded = new.is_active() && (has_extruded || (was_active && self.has_extruded));
        if old.is_none_or(|old| old == new) {
            return false;
        }
        self.has_failed = new == Job::Error;
        self.complete_until = match new {
            Job::Complete => Some(now + settings.complete_for),
            Job::Standby => self.complete_until.map(|it| it.min(now + CLEARED_FOR)),
            _ => None,
        };
        // A host can clear the job at once. Only the next job ends `cancelled` early.
        if new == Job::Cancelled {
            self.cancel(now, settings);
        } else if new.is_active() {
            self.cancelled_until = None;
        }
        true
    }

    /// Completes a job that Klipper does not know.
    pub(super) fn complete(&mut self, now: Time, settings: &StateSettings) {
        self.complete_until = Some(now + settings.complete_for);
    }

    /// Cancels the job.
    pub(super) fn cancel(&mut self, now: Time, settings: &StateSettings) {
        self.cancelled_until = Some(now + settings.cancelled_for);
    }

    /// Discards the results of earlier jobs.
    pub(super) fn clear_results(&mut self) {
        self.complete_until = None;
        self.cancelled_until = None;
        self.has_failed = false;
    }

    /// Ends `complete`: the printer is in use again.
    pub(super) fn end_complete(&mut self) {
        self.complete_until = None;
    }

    /// Acknowledges that the job has failed.
    pub(super) fn acknowledge(&mut self) {
        self.has_failed = false;
    }

    /// Ends `complete` and `cancelled` when their time is over.
    pub(super) fn step(&mut self, now: Time) {
        self.complete_until = self.complete_until.filter(|until| *until > now);
        self.cancelled_until = self.cancelled_until.filter(|until| *until > now);
    }

    pub(super) fn is(&self, job: Job) -> bool {
        self.job == Some(job)
    }

    pub(super) fn is_active(&self) -> bool {
        self.job.is_some_and(Job::is_active)
    }

    pub(super) fn has_failed(&self) -> bool {
        self.has_failed
    }

    /// Returns whether the job has extruded filament.
    pub(super) fn has_extruded(&self) -> bool {
        self.has_extruded
    }

    pub(super) fn complete_until(&self) -> Option<Time> {
        self.complete_until
    }

    pub(super) fn cancelled_until(&self) -> Option<Time> {
        self.cancelled_until
    }
}
