//! The faults of a pump's driver and the health derived from them.

use super::instant;
use crate::output::OutputError;
use crate::output::health::{Health, HealthState};
use crate::plan::StripPlan;
use crate::time::Span;
use std::time::{Duration, Instant};

/// After this time in one call, a driver counts as hanging. The longest frame, 10,000 pixels with
/// white, takes 0.4 s on the wire.
pub(super) const HANG_TIMEOUT: Duration = Duration::from_secs(5);

/// The same for drivers that look up a name: a resolver asks three servers twice, 5 s each.
const LOOKUP_HANG_TIMEOUT: Duration = Duration::from_mins(1);

/// How long an output stays degraded after a fault.
const DEGRADED_FOR: Duration = Duration::from_mins(1);

/// The hang timeout of the driver of these strips.
pub(super) fn hang_timeout(plans: &[StripPlan]) -> Duration {
    let looks_up_name = |plan: &StripPlan| plan.output.driver().looks_up_name;
    if plans.iter().any(looks_up_name) {
        return LOOKUP_HANG_TIMEOUT;
    }
    HANG_TIMEOUT
}

/// The delays between retries: each is twice the one before, up to a maximum.
#[derive(Clone, Copy, Debug)]
pub(super) struct BackOff {
    first: Duration,
    max: Duration,
    next: Duration,
}

impl BackOff {
    pub(super) const fn new(first: Duration, max: Duration) -> Self {
        Self {
            first,
            max,
            next: first,
        }
    }

    /// The delay after a fault of an output that worked for `worked_for`. Only a device that worked
    /// for longer than the maximum delay starts again with the first delay.
    pub(super) fn next(&mut self, worked_for: Duration) -> Duration {
        if worked_for >= self.max {
            self.next = self.first;
        }
        let delay = self.next;
        self.next = (delay * 2).min(self.max);
        delay
    }
}

/// The faults of a driver.
#[derive(Default)]
pub(super) struct FaultState {
    /// Why the strips are dark.
    pub(super) dark: Option<OutputError>,
    /// The last fault and its time.
    pub(super) last: Option<(OutputError, Instant)>,
    pub(super) in_a_row: u32,
    pub(super) failures: u64,
    pub(super) dropped: u64,
    pub(super) reconnects: u64,
    pub(super) retry_at: Option<Instant>,
    /// When the current call into the driver began.
    pub(super) driving: Option<Instant>,
    /// Time after which that call counts as hanging.
    pub(super) hang_timeout: Duration,
}

impl FaultState {
    /// The error for a driver that does not return.
    pub(super) fn hang(&self) -> Option<OutputError> {
        let since = self.driving?;
        let hangs = instant().saturating_duration_since(since) > self.hang_timeout;
        hangs.then(|| {
            let problem = "its driver does not return";
            OutputError::new(problem, "reboot if this persists")
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
        let until = |at: Instant| at.saturating_duration_since(now).as_secs_f64();
        Health {
            state,
            error: hang
                .or_else(|| self.dark.clone())
                .or_else(|| last.map(|(error, _)| error.clone())),
            failures_in_a_row: self.in_a_row,
            failures: self.failures,
            retry_in: self.retry_at.map(|at| Span::from_secs(until(at))),
            frames,
            dropped: self.dropped,
            reconnects: self.reconnects,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delays(back_off: &mut BackOff, worked_s: u64, count: usize) -> Vec<u128> {
        let worked_for = Duration::from_secs(worked_s);
        let delays = (0..count).map(|_| back_off.next(worked_for).as_millis());
        delays.collect()
    }

    #[test]
    fn the_delay_between_two_retries_doubles_up_to_30_seconds() {
        let mut back_off = super::super::BACK_OFF;
        assert_eq!(
            delays(&mut back_off, 0, 8),
            [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]
        );
    }

    #[test]
    fn the_delay_grows_for_a_device_that_works_only_briefly() {
        let mut back_off = super::super::BACK_OFF;
        assert_eq!(delays(&mut back_off, 29, 4), [500, 1000, 2000, 4000]);
        assert_eq!(delays(&mut back_off, 30, 1), [500]);
    }
}
