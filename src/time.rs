//! Points in time and spans of time, in whole nanoseconds since the engine started.
//!
//! The core never reads a clock: callers pass the current time. A `u64` of nanoseconds covers 584
//! years, compares exactly, and gives tests the same timeline on every machine.

#[cfg(not(target_family = "wasm"))]
pub(crate) mod histogram;

use std::ops::{Add, AddAssign, Sub};

/// A point in time, counted from the start of the engine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(u64);

/// A length of time, never negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(u64);

const NANOS_PER_SECOND: f64 = 1e9;

impl Time {
    /// The start of the engine.
    pub const ZERO: Self = Self(0);
    /// A time after every deadline.
    pub const MAX: Self = Self(u64::MAX);

    /// Creates a time from nanoseconds since the start.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Creates a time from seconds since the start; negative values and NaN count as 0.
    pub fn from_secs(seconds: f64) -> Self {
        Self((seconds.max(0.0) * NANOS_PER_SECOND) as u64)
    }

    /// Returns the nanoseconds since the start.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Returns the seconds since the start.
    pub fn as_secs(self) -> f64 {
        self.0 as f64 / NANOS_PER_SECOND
    }

    /// Returns the span since `earlier`; zero if `earlier` is later than `self`.
    pub const fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Span {
    /// The empty span.
    pub const ZERO: Self = Self(0);

    /// Creates a span from nanoseconds.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Creates a span from milliseconds.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis * 1_000_000)
    }

    /// Creates a span from seconds; negative values and NaN count as 0.
    pub fn from_secs(seconds: f64) -> Self {
        Self((seconds.max(0.0) * NANOS_PER_SECOND) as u64)
    }

    /// Returns the length in nanoseconds.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Returns the length in seconds.
    pub fn as_secs(self) -> f64 {
        self.0 as f64 / NANOS_PER_SECOND
    }

    /// Returns `self` as a fraction of `whole`, limited to 1.0; 1.0 if `whole` is zero.
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
    fn adding_to_the_maximum_saturates() {
        assert_eq!(Time::MAX + Span::from_secs(1.0), Time::MAX);
    }

    #[test]
    fn a_fraction_is_limited_to_one() {
        let second = Span::from_secs(1.0);
        assert!((Span::from_millis(250).fraction_of(second) - 0.25).abs() < 1e-6);
        assert!((Span::from_secs(9.0).fraction_of(second) - 1.0).abs() < f32::EPSILON);
        assert!((Span::ZERO.fraction_of(Span::ZERO) - 1.0).abs() < f32::EPSILON);
    }
}
