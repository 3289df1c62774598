//! When the printer is sampled.

/// The interval between samples.
const PERIOD_S: f64 = 0.25;
/// Delay after a failed sample. A query that is older does not postpone the regular sample.
const RETRY_S: f64 = 1.0;
/// Web interfaces query all objects 4 times a second. Their data is in the CPU caches then, and a
/// sample costs a third, so it is taken up to this much early, directly after a query.
const EARLY_S: f64 = 0.1;
/// Postpones the regular sample, so that queries come first.
const LAG_S: f64 = 0.02;

/// When the next sample is due. Times are seconds of the caller's clock.
#[derive(Debug)]
pub struct SampleClock {
    due: f64,
    is_postponed: bool,
    /// When objects were last queried.
    queried_at: f64,
}

impl Default for SampleClock {
    fn default() -> Self {
        Self {
            due: 0.0,
            is_postponed: false,
            queried_at: -RETRY_S,
        }
    }
}

impl SampleClock {
    /// Makes the next sample due now.
    pub fn hurry(&mut self) {
        self.due = 0.0;
    }

    /// Records a regular sample at `now`; returns when the next one is due.
    pub fn sampled(&mut self, now: f64) -> f64 {
        let lag = if now - self.queried_at < RETRY_S {
            LAG_S
        } else {
            0.0
        };
        self.is_postponed = false;
        self.due = now + PERIOD_S + lag;
        self.due
    }

    /// Records a failed sample; returns when the next one is due.
    pub fn failed(&mut self, now: f64) -> f64 {
        self.due = now + RETRY_S;
        self.due
    }

    /// Moves the next sample close to a query of the objects, without increasing the rate. Returns
    /// its new time, if that has changed.
    pub fn queried(&mut self, now: f64) -> Option<f64> {
        self.queried_at = now;
        let wait_s = self.due - now;
        if wait_s <= 0.0 || wait_s > PERIOD_S + LAG_S {
            return None;
        }
        if wait_s <= EARLY_S {
            self.due = now;
        } else if self.is_postponed {
            // Only once, because frequent queries could postpone it forever.
            return None;
        } else {
            self.is_postponed = true;
            self.due = now + PERIOD_S + LAG_S;
        }
        Some(self.due)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_near(is: f64, want: f64) {
        assert!((is - want).abs() < 1e-9, "{is} {want}");
    }

    #[test]
    fn a_sample_is_postponed_once_and_taken_early_after_a_query() {
        let mut clock = SampleClock::default();
        assert_near(clock.sampled(10.0), 10.25);
        assert_eq!(clock.queried(10.1), Some(10.1 + 0.25 + 0.02));
        assert_eq!(clock.queried(10.2), None);
        assert_eq!(clock.queried(10.3), Some(10.3));
        assert_eq!(clock.queried(10.31), None);
        assert_near(clock.sampled(10.31), 10.31 + 0.25 + 0.02);
        assert_near(clock.sampled(20.0), 20.25);
    }

    #[test]
    fn a_failed_sample_is_repeated_after_a_second() {
        let mut clock = SampleClock::default();
        assert_near(clock.failed(5.0), 6.0);
        assert_eq!(clock.queried(5.1), None);
        clock.hurry();
        assert_eq!(clock.queried(5.2), None);
    }
}
