//! What a pump knows of its driver's faults, and the health that follows from it.

use super::instant;
use crate::output::OutputError;
use crate::output::health::{Health, HealthState};
use crate::plan::{OutputPlan, StripPlan};
use crate::time::Span;
use std::time::{Duration, Instant};

/// How long a driver may keep the thread before it is said to hang: the longest frame, of 10,000
/// pixels with white, takes 0.4 s on the wire.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// The same where a name is looked up: a resolver asks three servers twice, 5 s each.
const NAME_PATIENCE: Duration = Duration::from_mins(1);

/// How long a fault that was repaired is remembered.
const DEGRADED_FOR: Duration = Duration::from_mins(1);

/// How long a driver of these strips may keep its thread.
pub(super) fn patience(plans: &[StripPlan]) -> Duration {
    let looks_up = |plan: &StripPlan| matches!(plan.output, OutputPlan::Ddp { .. });
    if plans.iter().any(looks_up) {
        return NAME_PATIENCE;
    }
    PATIENCE
}

/// The waits between tries: each twice the one before, up to the longest.
#[derive(Clone, Copy, Debug)]
pub(super) struct BackOff {
    first: Duration,
    longest: Duration,
    next: Duration,
}

impl BackOff {
    pub(super) const fn new(first: Duration, longest: Duration) -> Self {
        Self {
            first,
            longest,
            next: first,
        }
    }

    /// How long to wait after a fault of what was lit for `lit`. A device that works for a moment
    /// each time is as much in need of rest as one that does not open.
    pub(super) fn wait(&mut self, lit: Duration) -> Duration {
        if lit >= self.longest {
            self.next = self.first;
        }
        let wait = self.next;
        self.next = (wait * 2).min(self.longest);
        wait
    }
}

/// What is known of the faults.
#[derive(Default)]
pub(super) struct FaultState {
    /// Why the strips are dark.
    pub(super) dark: Option<OutputError>,
    /// The last fault of all.
    pub(super) last: Option<(OutputError, Instant)>,
    pub(super) in_a_row: u32,
    pub(super) failures: u64,
    pub(super) dropped: u64,
    pub(super) reconnects: u64,
    pub(super) retry_at: Option<Instant>,
    /// Since when the driver has the thread.
    pub(super) driving: Option<Instant>,
    /// How long it may.
    pub(super) patience: Duration,
}

impl FaultState {
    /// Why the strips are dark although no fault was told: the driver does not return.
    pub(super) fn hang(&self) -> Option<OutputError> {
        let since = self.driving?;
        let hangs = instant().saturating_duration_since(since) > self.patience;
        hangs.then(|| {
            let problem = "its driver does not return";
            OutputError::new(problem, "restart the computer where this lasts")
        })
    }

    pub(super) fn health(&self, frames: u64) -> Health {
        let now = instant();
        let recent = |at: Instant| now.saturating_duration_since(at) < DEGRADED_FOR;
        let hang = self.hang();
        let last = self.last.as_ref().filter(|(_, at)| recent(*at));
        let state = match (&hang, &self.dark, last) {
            (Some(_), _, _) => HealthState::Abandoned,
            (None, Some(_), _) => HealthState::Dark,
            (None, None, Some(_)) => HealthState::Degraded,
            (None, None, None) => HealthState::Ok,
        };
        let left = |at: Instant| at.saturating_duration_since(now).as_secs_f64();
        Health {
            state,
            error: hang
                .or_else(|| self.dark.clone())
                .or_else(|| last.map(|(error, _)| error.clone())),
            failures_in_a_row: self.in_a_row,
            failures: self.failures,
            retry_in: self.retry_at.map(|at| Span::from_secs(left(at))),
            frames,
            dropped: self.dropped,
            reconnects: self.reconnects,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(back_off: &mut BackOff, lit_s: u64, times: usize) -> Vec<u128> {
        let lit = Duration::from_secs(lit_s);
        let waits = (0..times).map(|_| back_off.wait(lit).as_millis());
        waits.collect()
    }

    #[test]
    fn the_wait_between_two_tries_doubles_up_to_half_a_minute() {
        let mut back_off = super::super::BACK_OFF;
        assert_eq!(
            waits(&mut back_off, 0, 8),
            [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]
        );
    }

    #[test]
    fn a_device_that_works_for_moments_only_is_tried_ever_less_often() {
        let mut back_off = super::super::BACK_OFF;
        assert_eq!(waits(&mut back_off, 29, 4), [500, 1000, 2000, 4000]);
        assert_eq!(waits(&mut back_off, 30, 1), [500]);
    }
}
