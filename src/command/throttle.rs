//! Limits of what passes within a minute, by the caller's clock in seconds.

use std::collections::VecDeque;

/// The minute over which messages are limited.
pub(super) const MINUTE_S: f64 = 60.0;

/// The times of what passed within the last minute.
#[derive(Clone, Debug, Default)]
pub(super) struct Passed(VecDeque<f64>);

impl Passed {
    /// Returns whether one more may pass.
    pub(super) fn try_pass(&mut self, limit: usize, now: f64) -> bool {
        while self.0.front().is_some_and(|at| now - at >= MINUTE_S) {
            self.0.pop_front();
        }
        let may_pass = self.0.len() < limit;
        if may_pass {
            self.0.push_back(now);
        }
        may_pass
    }
}

/// Lets a limited number pass in a minute, and counts the rest.
#[derive(Clone, Debug)]
pub(super) struct Throttle {
    limit: usize,
    passed: Passed,
    suppressed: u64,
}

impl Throttle {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            passed: Passed::default(),
            suppressed: 0,
        }
    }

    /// Returns how many were suppressed since the last one that passed; `None` suppresses this one.
    pub(super) fn pass(&mut self, now: f64) -> Option<u64> {
        if self.passed.try_pass(self.limit, now) {
            return Some(std::mem::take(&mut self.suppressed));
        }
        self.suppressed += 1;
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_throttle_looks_back_over_a_minute() {
        let mut throttle = Throttle::new(2);
        let passed = [0.0, 30.0, 59.0, 60.0, 61.0, 90.0].map(|now| throttle.pass(now));
        let suppressed = [Some(0), Some(0), None, Some(1), None, Some(1)];
        assert_eq!(passed, suppressed);
    }
}
