//! The engine's clock: the one place that reads the time.
//!
//! Times count from the engine's start. The real clock is `CLOCK_MONOTONIC`, which no time server
//! sets back; the manual one stands still until it is told to go on, for tests, demo and preview.

use crate::time::{Span, Time};
use rustix::time::{ClockId, Nsecs, Timespec, clock_gettime};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// Which clock an engine goes by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClockKind {
    /// The machine's; the engine has a thread of its own.
    #[default]
    Real,
    /// The caller's; `Engine::advance` lets time pass and does all work.
    Manual,
}

/// A running clock.
#[derive(Debug)]
pub(crate) enum Clock {
    /// Nanoseconds of `CLOCK_MONOTONIC` at the engine's start.
    Real { epoch: u64 },
    /// Nanoseconds since the engine's start.
    Manual(AtomicU64),
}

impl Clock {
    pub(crate) fn new(kind: ClockKind) -> Self {
        match kind {
            ClockKind::Real => Self::Real {
                epoch: nanos(clock_gettime(ClockId::Monotonic)),
            },
            ClockKind::Manual => Self::Manual(AtomicU64::new(0)),
        }
    }

    pub(crate) fn now(&self) -> Time {
        Time::from_nanos(match self {
            Self::Real { epoch } => nanos(clock_gettime(ClockId::Monotonic)).saturating_sub(*epoch),
            Self::Manual(now) => now.load(Ordering::Relaxed),
        })
    }

    /// How long ago `then` was.
    pub(crate) fn elapsed(&self, then: Time) -> Duration {
        Duration::from_nanos(self.now().since(then).as_nanos())
    }

    /// Processor time of the calling thread; none on a manual clock, whose thread is the caller's.
    pub(crate) fn cpu(&self) -> Span {
        match self {
            Self::Real { .. } => Span::from_nanos(nanos(clock_gettime(ClockId::ThreadCPUTime))),
            Self::Manual(_) => Span::ZERO,
        }
    }

    /// Lets a manual clock go on to `then`; a real one goes by itself.
    pub(crate) fn advance_to(&self, then: Time) {
        if let Self::Manual(now) = self {
            now.fetch_max(then.as_nanos(), Ordering::Relaxed);
        }
    }

    /// The moment as `CLOCK_MONOTONIC` says it; `None` for a manual clock.
    pub(crate) fn absolute(&self, time: Time) -> Option<Timespec> {
        let Self::Real { epoch } = self else {
            return None;
        };
        let nanos = epoch.saturating_add(time.as_nanos());
        Some(Timespec {
            tv_sec: i64::try_from(nanos / NANOS_PER_SECOND).unwrap_or(i64::MAX),
            tv_nsec: Nsecs::try_from(nanos % NANOS_PER_SECOND).unwrap_or(0),
        })
    }
}

fn nanos(time: Timespec) -> u64 {
    // Both clocks count up from zero: the casts lose nothing.
    time.tv_sec as u64 * NANOS_PER_SECOND + time.tv_nsec as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_real_clock_starts_near_zero_and_goes_on() {
        let clock = Clock::new(ClockKind::Real);
        let first = clock.now();
        assert!(first < Time::from_secs(60.0));
        assert!(clock.now() >= first);
    }

    #[test]
    fn a_manual_clock_goes_on_only_when_told_and_never_back() {
        let clock = Clock::new(ClockKind::Manual);
        assert_eq!(clock.now(), Time::ZERO);
        clock.advance_to(Time::from_secs(2.0));
        clock.advance_to(Time::from_secs(1.0));
        assert_eq!(clock.now(), Time::from_secs(2.0));
        assert_eq!(clock.absolute(Time::ZERO), None);
    }

    #[test]
    fn an_absolute_time_carries_nanoseconds_into_seconds() {
        let clock = Clock::Real { epoch: 999_999_999 };
        let time = clock.absolute(Time::from_nanos(2)).unwrap();
        assert_eq!((time.tv_sec, time.tv_nsec), (1, 1));
    }

    #[test]
    fn a_thread_that_works_uses_processor_time() {
        let clock = Clock::new(ClockKind::Real);
        let before = clock.cpu();
        while clock.cpu() == before {
            std::hint::spin_loop();
        }
        assert!(clock.cpu() > before);
    }
}
