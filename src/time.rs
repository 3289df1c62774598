//! Points and lengths of time, in whole nanoseconds since the engine started.
//!
//! The core never reads a clock: whoever calls it says what time it is. Nanoseconds in a `u64`
//! last 584 years, compare exactly, and make a test's time line the same on every machine.

pub mod histogram;

use std::ops::{Add, AddAssign, Sub};

/// A moment, counted from the start of the engine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(u64);

/// A length of time, never negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(u64);

const NANOS_PER_SECOND: f64 = 1e9;

impl Time {
    /// The moment at which the engine started.
    pub const ZERO: Self = Self(0);
    /// Later than every deadline.
    pub const MAX: Self = Self(u64::MAX);

    /// Makes a moment from nanoseconds since the start.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Makes a moment from seconds since the start; negative and NaN count as 0.
    pub fn from_secs(seconds: f64) -> Self {
        Self((seconds.max(0.0) * NANOS_PER_SECOND) as u64)
    }

    /// Nanoseconds since the start.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Seconds since the start.
    pub fn as_secs(self) -> f64 {
        self.0 as f64 / NANOS_PER_SECOND
    }

    /// The span from `earlier` to here; zero when `earlier` is later.
    pub const fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// Makes a span from nanoseconds.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Makes a span from milliseconds.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis * 1_000_000)
    }

    /// Makes a span from seconds; negative and NaN count as 0.
    pub fn from_secs(seconds: f64) -> Self {
        Self((seconds.max(0.0) * NANOS_PER_SECOND) as u64)
    }

    /// The length in nanoseconds.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// The length in seconds.
    pub fn as_secs(self) -> f64 {
        self.0 as f64 / NANOS_PER_SECOND
    }

    /// How far `self` is through `whole`, 0.0-1.0; 1.0 when `whole` is zero.
    pub fn fraction_of(self, whole: Self) -> f32 {
        if self.0 >= whole.0 {
            return 1.0;
        }
        (self.0 as f64 / whole.0 as f64) as f32
    }
}

impl Add<Span> for Time {
    type Output = Self;

    fn add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl AddAssign<Span> for Time {
    fn add_assign(&mut self, span: Span) {
        *self = *self + span;
    }
}

impl Sub<Span> for Time {
    type Output = Self;

    fn sub(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0))
    }
}

impl Add for Span {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_survive_the_round_trip() {
        let time = Time::from_secs(12.345);
        assert!((time.as_secs() - 12.345).abs() < 1e-9);
    }

    #[test]
    fn a_span_is_never_negative() {
        assert_eq!(Time::ZERO.since(Time::from_secs(1.0)), Span::ZERO);
        assert_eq!(Span::from_secs(-1.0), Span::ZERO);
        assert_eq!(Span::from_secs(f64::NAN), Span::ZERO);
    }

    #[test]
    fn the_latest_moment_stays_the_latest() {
        assert_eq!(Time::MAX + Span::from_secs(1.0), Time::MAX);
    }

    #[test]
    fn a_fraction_stops_at_one_and_of_nothing_is_one() {
        let second = Span::from_secs(1.0);
        assert!((Span::from_millis(250).fraction_of(second) - 0.25).abs() < 1e-6);
        assert!((Span::from_secs(9.0).fraction_of(second) - 1.0).abs() < f32::EPSILON);
        assert!((Span::ZERO.fraction_of(Span::ZERO) - 1.0).abs() < f32::EPSILON);
    }
}
