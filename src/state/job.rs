//! What the print job has done so far, beyond the word that Klipper has for it now.

use super::StateSettings;
use crate::input::{Job, Sample};
use crate::time::Time;

/// Follows a job from sample to sample.
#[derive(Clone, Debug, Default)]
pub(super) struct JobWatch {
    job: Option<Job>,
    extruded: bool,
    complete_until: Option<Time>,
    cancelled_until: Option<Time>,
}

impl JobWatch {
    /// Takes a sample; true when the job's state changed.
    ///
    /// The first sample is the baseline: what a job came to before anybody looked is not news.
    pub(super) fn sample(&mut self, now: Time, sample: &Sample, settings: &StateSettings) -> bool {
        let (old, new) = (self.job.replace(sample.job), sample.job);
        let was_active = old.is_some_and(Job::is_active);
        // Latched for the job: `filament_used` can fall below zero again by a retraction.
        self.extruded = new.is_active() && (sample.extruding || (was_active && self.extruded));
        if old.is_none_or(|old| old == new) {
            return false;
        }
        self.complete_until = (new == Job::Complete).then(|| now + settings.complete_for);
        // A host may clear the job at once; only another job ends the hold.
        if new == Job::Cancelled {
            self.cancelled_until = Some(now + settings.cancelled_for);
        } else if new.is_active() {
            self.cancelled_until = None;
        }
        true
    }

    /// What has ended so far is no news any more.
    pub(super) fn forget_ends(&mut self) {
        self.complete_until = None;
        self.cancelled_until = None;
    }

    /// Somebody came, and has seen that the job is complete.
    pub(super) fn somebody_came(&mut self) {
        self.complete_until = None;
    }

    /// Lets the holds that have run out go.
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
