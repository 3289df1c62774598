//! How long calls into Lumen block Klipper's reactor.

use super::facts::ReactorFacts;

/// The share of the reactor is computed over windows of this length.
const WINDOW_S: f64 = 10.0;

/// The time that calls block the reactor. Times are in seconds.
#[derive(Clone, Debug, Default)]
pub struct Holds {
    held_s: f64,
    /// Calls in the current window of the performance figures.
    recent: HoldHistogram,
    /// Calls since Klipper was ready.
    total: HoldHistogram,
    /// The same without the time that other programs used the CPU.
    own: HoldHistogram,
    /// Blocked time in milliseconds per second, over the last full window.
    share_ms_per_s: f64,
    /// The start of the window, and the blocked time at that moment.
    window: (f64, f64),
}

impl Holds {
    /// Begins to count at a time.
    pub fn new(now: f64) -> Self {
        Self {
            window: (now, 0.0),
            ..Self::default()
        }
    }

    /// Counts a call by its duration, and by its duration without other programs.
    pub fn add(&mut self, held_s: f64, own_s: f64) {
        self.held_s += held_s;
        self.recent.add(held_s);
        self.total.add(held_s);
        self.own.add(own_s);
    }

    /// Returns the total time.
    pub fn held_s(&self) -> f64 {
        self.held_s
    }

    /// Resets the totals since Klipper was ready.
    pub fn reset_totals(&mut self) {
        self.total.clear();
        self.own.clear();
    }

    /// Begins a new window of the performance figures.
    pub fn clear_recent(&mut self) {
        self.recent.clear();
    }

    /// Ends the window of the share when its time is over; must be called regularly.
    pub fn update_window(&mut self, now: f64) {
        let (start, held_s) = self.window;
        if now - start >= WINDOW_S {
            self.share_ms_per_s = (self.held_s - held_s) * 1e3 / (now - start);
            self.window = (now, self.held_s);
        }
    }

    /// Returns all figures.
    pub fn facts(&self) -> ReactorFacts {
        ReactorFacts {
            share_ms_per_s: self.share_ms_per_s,
            held_s: self.held_s,
            hold_ms_max: self.recent.max_s * 1e3,
            hold_ms_p999: self.recent.quantile_s(0.999) * 1e3,
            total_hold_ms_max: self.total.max_s * 1e3,
            total_hold_ms_p999: self.total.quantile_s(0.999) * 1e3,
            own_hold_ms_max: self.own.max_s * 1e3,
            own_hold_ms_p999: self.own.quantile_s(0.999) * 1e3,
        }
    }
}

/// Buckets per doubling.
const STEPS: usize = 16;
/// The last bucket counts everything from 16 s on.
const BUCKETS: usize = STEPS * 21;

/// Durations with a resolution of 1/16. It counts more calls than the histograms of the engine,
/// whose windows are short.
#[derive(Clone, Debug)]
struct HoldHistogram {
    counts: [u64; BUCKETS],
    max_s: f64,
}

impl Default for HoldHistogram {
    fn default() -> Self {
        Self {
            counts: [0; BUCKETS],
            max_s: 0.0,
        }
    }
}

impl HoldHistogram {
    fn add(&mut self, seconds: f64) {
        let micros = (seconds * 1e6) as u64;
        let bits = (u64::BITS - micros.leading_zeros()) as usize;
        let shift = bits.saturating_sub(5);
        let bucket = shift * STEPS + (micros >> shift) as usize;
        self.counts[bucket.min(BUCKETS - 1)] += 1;
        self.max_s = self.max_s.max(seconds);
    }

    fn clear(&mut self) {
        *self = Self::default();
    }

    /// Returns the time within which this share of the calls finished.
    fn quantile_s(&self, share: f64) -> f64 {
        let mut left = self.counts.iter().sum::<u64>() as f64 * (1.0 - share);
        for (bucket, count) in self.counts.iter().enumerate().rev() {
            left -= *count as f64;
            if left < 0.0 {
                let shift = (bucket / STEPS).saturating_sub(1);
                let edge = ((bucket - shift * STEPS + 1) as u64) << shift;
                return (edge as f64 * 1e-6).min(self.max_s);
            }
        }
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_exact_to_a_sixteenth() {
        let mut holds = HoldHistogram::default();
        assert!(holds.quantile_s(0.999).abs() < f64::EPSILON);
        for micros in 0..1000 {
            holds.add(f64::from(micros) * 1e-6);
        }
        for share in [0.1, 0.5, 0.9, 0.999] {
            let ratio = holds.quantile_s(share) / (share * 1e-3);
            assert!((ratio - 1.0).abs() < 0.08, "{share} {ratio}");
        }
        holds.add(1e6);
        assert!((holds.max_s - 1e6).abs() < f64::EPSILON);
        holds.add(f64::MAX);
        assert_eq!(holds.counts[BUCKETS - 1], 2);
        holds.clear();
        assert_eq!(holds.counts.iter().sum::<u64>(), 0);
        assert!(holds.max_s.abs() < f64::EPSILON);
    }

    #[test]
    fn the_share_is_of_the_last_full_window() {
        let mut holds = Holds::new(0.0);
        holds.add(0.004, 0.004);
        for (now, expected) in [(5.0, 0.0), (10.0, 0.4), (20.0, 0.0)] {
            holds.update_window(now);
            let share = holds.facts().share_ms_per_s;
            assert!((share - expected).abs() < 1e-9, "{now} {share}");
        }
    }

    #[test]
    fn the_longest_calls_are_from_the_window_and_since_klipper_was_ready() {
        let mut holds = Holds::new(0.0);
        for held_s in std::iter::once(0.004).chain([0.0001; 2000]) {
            holds.add(held_s, held_s);
        }
        let facts = holds.facts();
        assert!((facts.hold_ms_max - 4.0).abs() < 1e-9);
        assert!((facts.hold_ms_p999 - 0.1).abs() < 0.01);
        assert!((facts.total_hold_ms_p999 - facts.hold_ms_p999).abs() < 1e-9);
        holds.clear_recent();
        holds.add(0.001, 0.001);
        let facts = holds.facts();
        assert!((facts.hold_ms_max - 1.0).abs() < 1e-9);
        assert!((facts.hold_ms_p999 - 1.0).abs() < 1e-9);
        assert!((facts.total_hold_ms_max - 4.0).abs() < 1e-9);
        holds.reset_totals();
        assert!(holds.facts().total_hold_ms_max.abs() < 1e-9);
    }
}
