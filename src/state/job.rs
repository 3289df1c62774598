//! What the print job has done so far, beyond the word that Klipper has for it now.

use super::StateSettings;
use crate::input::Job;
use crate::time::{Span, Time};

/// A job that is cleared is over. Hosts clear the last one when they start the next, and nothing
/// else should show between the two.
const CLEARED_FOR: Span = Span::from_millis(300);

/// Follows a job from sample to sample.
#[derive(Clone, Debug, Default)]
pub(super) struct JobWatch {
    job: Option<Job>,
    extruded: bool,
    /// The job has failed, and the user has not acknowledged it.
    failed: bool,
    complete_until: Option<Time>,
    cancelled_until: Option<Time>,
}

impl JobWatch {
    /// Takes what the job is doing now; true when that has changed.
    ///
    /// The first call is the baseline: how a job ended before that is not news.
    pub(super) fn follow(
        &mut self,
        now: Time,
        (new, extruding): (Job, bool),
        settings: &StateSettings,
    ) -> bool {
        let old = self.job.replace(new);
        let was_active = old.is_some_and(Job::is_active);
        // Latched for the job: `filament_used` can fall below zero again by a retraction.
        self.extruded = new.is_active() && (extruding || (was_active && self.extruded));
        if old.is_none_or(|old| old == new) {
            return false;
        }
        self.failed = new == Job::Error;
        self.complete_until = match new {
            Job::Complete => Some(now + settings.complete_for),
            Job::Standby => self.complete_until.map(|it| it.min(now + CLEARED_FOR)),
            _ => None,
        };
        // A host may clear the job at once; only another job ends the hold.
        if new == Job::Cancelled {
            self.cancel(now, settings);
        } else if new.is_active() {
            self.cancelled_until = None;
        }
        true
    }

    /// A job is complete of which Klipper knows nothing.
    pub(super) fn complete(&mut self, now: Time, settings: &StateSettings) {
        self.complete_until = Some(now + settings.complete_for);
    }

    /// A job is cancelled.
    pub(super) fn cancel(&mut self, now: Time, settings: &StateSettings) {
        self.cancelled_until = Some(now + settings.cancelled_for);
    }

    /// What has ended so far is not news.
    pub(super) fn forget_ends(&mut self) {
        self.complete_until = None;
        self.cancelled_until = None;
        self.failed = false;
    }

    /// The printer is in use, so the user knows that the job is complete.
    pub(super) fn end_complete(&mut self) {
        self.complete_until = None;
    }

    /// The user knows that the job has failed.
    pub(super) fn acknowledge(&mut self) {
        self.failed = false;
    }

    /// Ends the holds whose time is over.
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
        self.failed
    }

    /// Whether the job has pushed out filament.
    pub(super) fn has_extruded(&self) -> bool {
        self.extruded
    }

    pub(super) fn complete_until(&self) -> Option<Time> {
        self.complete_until
    }

    pub(super) fn cancelled_until(&self) -> Option<Time> {
        self.cancelled_until
    }
}
