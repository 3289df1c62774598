//! A histogram of spans with fixed logarithmic buckets: 8 per octave, from 1 µs to 17 s.
//!
//! Percentiles are exact to 1/16; the average and the maximum are exact.

use super::Span;
use serde::Serialize;

/// Binary logarithm of the buckets per octave.
const FINE: u32 = 3;
/// Spans below 2^10 ns (1 µs) are in the first bucket.
const LOWEST: u32 = 10;
/// Spans of 2^34 ns (17 s) and more are in the last bucket.
const HIGHEST: u32 = 34;
const BUCKETS: usize = ((HIGHEST - LOWEST) << FINE) as usize + 1;

const NANOS_PER_MILLI: f64 = 1e6;

/// Average and percentiles of a set of spans, in milliseconds; all zero for an empty set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Spread {
    /// The average.
    #[serde(rename = "avg")]
    pub avg_ms: f64,
    /// Half of the spans are shorter.
    #[serde(rename = "p50")]
    pub p50_ms: f64,
    /// 95 % of the spans are shorter.
    #[serde(rename = "p95")]
    pub p95_ms: f64,
    /// 99 % of the spans are shorter.
    #[serde(rename = "p99")]
    pub p99_ms: f64,
    /// The longest span.
    #[serde(rename = "max")]
    pub max_ms: f64,
}

/// Counts spans by their length.
#[derive(Clone, Debug)]
pub(crate) struct Histogram {
    buckets: [u16; BUCKETS],
    count: u64,
    sum: u64,
    max: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self {
            buckets: [0; BUCKETS],
            count: 0,
            sum: 0,
            max: 0,
        }
    }
}

impl Histogram {
    /// Removes all spans.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Adds a span.
    pub(crate) fn add(&mut self, span: Span) {
        let nanos = span.as_nanos();
        let bucket = &mut self.buckets[bucket(nanos)];
        *bucket = bucket.saturating_add(1);
        self.count += 1;
        self.sum = self.sum.saturating_add(nanos);
        self.max = self.max.max(nanos);
    }

    /// Adds the spans of another histogram.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.buckets.iter_mut().zip(&other.buckets) {
            *mine = mine.saturating_add(*theirs);
        }
        self.count += other.count;
        self.sum = self.sum.saturating_add(other.sum);
        self.max = self.max.max(other.max);
    }

    /// Returns the number of spans.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// Returns the average and the percentiles.
    pub(crate) fn spread(&self) -> Spread {
        if self.count == 0 {
            return Spread::default();
        }
        Spread {
            avg_ms: self.sum as f64 / self.count as f64 / NANOS_PER_MILLI,
            p50_ms: self.percentile(50),
            p95_ms: self.percentile(95),
            p99_ms: self.percentile(99),
            max_ms: self.max as f64 / NANOS_PER_MILLI,
        }
    }

    /// Returns the middle of the bucket that contains the percentile.
    fn percentile(&self, percent: u64) -> f64 {
        let rank = (self.count * percent).div_ceil(100);
        let mut cumulative = 0;
        for (index, count) in self.buckets.iter().enumerate() {
            cumulative += u64::from(*count);
            if cumulative >= rank {
                let middle = u64::midpoint(floor(index), floor(index + 1));
                return middle.min(self.max) as f64 / NANOS_PER_MILLI;
            }
        }
        self.max as f64 / NANOS_PER_MILLI
    }
}

fn bucket(nanos: u64) -> usize {
    let octave = nanos.checked_ilog2().unwrap_or(0);
    if octave < LOWEST {
        return 0;
    }
    if octave >= HIGHEST {
        return BUCKETS - 1;
    }
    let fine = (nanos >> (octave - FINE)) & ((1 << FINE) - 1);
    (((octave - LOWEST) << FINE) as usize) + fine as usize
}

/// Returns the lower bound of a bucket in nanoseconds; 0 for the first.
fn floor(bucket: usize) -> u64 {
    if bucket == 0 {
        return 0;
    }
    let octave = LOWEST + (bucket >> FINE) as u32;
    let fine = bucket as u64 & ((1 << FINE) - 1);
    ((1 << FINE) | fine) << (octave - FINE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_span_is_within_the_bounds_of_its_bucket() {
        let mut nanos = 1;
        while nanos < 1 << HIGHEST {
            let bucket = bucket(nanos);
            assert!(
                floor(bucket) <= nanos && nanos < floor(bucket + 1),
                "{nanos}"
            );
            nanos += 1 + nanos / 13;
        }
        assert_eq!(bucket(0), 0);
        assert_eq!(bucket(u64::MAX), BUCKETS - 1);
    }

    #[test]
    fn percentiles_are_exact_to_a_sixteenth() {
        let mut histogram = Histogram::default();
        for micros in 1..=10_000 {
            histogram.add(Span::from_nanos(micros * 1000));
        }
        let spread = histogram.spread();
        for (actual, expected) in [
            (spread.p50_ms, 5.0),
            (spread.p95_ms, 9.5),
            (spread.p99_ms, 9.9),
        ] {
            assert!(
                (actual / expected - 1.0).abs() < 1.0 / 16.0,
                "{actual} {expected}"
            );
        }
        assert!((spread.max_ms - 10.0).abs() < 1e-9);
        assert!((spread.avg_ms - 5.0005).abs() < 1e-9);
    }

    #[test]
    fn no_percentile_exceeds_the_maximum() {
        let mut histogram = Histogram::default();
        histogram.add(Span::from_nanos(1_100_000));
        let spread = histogram.spread();
        assert!(spread.p99_ms <= spread.max_ms);
        assert_eq!(Histogram::default().spread(), Spread::default());
    }
}
