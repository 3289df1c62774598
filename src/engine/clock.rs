//! The engine's clock, the only place that reads the time.
//!
//! Times count from the engine's start. The real clock is `CLOCK_MONOTONIC`, which time
//! synchronization never sets back. The manual clock moves only when advanced, for tests, demo and
//! preview.

use crate::time::{Span, Time};
use rustix::time::{ClockId, Nsecs, Timespec, clock_gettime};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// The clock of an engine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClockKind {
    /// The machine's clock. The engine runs its own render thread.
    #[default]
    Real,
    /// A manual clock. `Engine::advance` moves it and does all the work.
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

    /// Returns the time since `then`.
    pub(crate) fn elapsed(&self, then: Time) -> Duration {
        Duration::from_nanos(self.now().since(then).as_nanos())
    }

    /// Processor time of the calling thread. Zero on a manual clock, which runs in the caller's
    /// thread.
    pub(crate) fn cpu(&self) -> Span {
        match self {
            Self::Real { .. } => Span::from_nanos(nanos(clock_gettime(ClockId::ThreadCPUTime))),
            Self::Manual(_) => Span::ZERO,
        }
    }

    /// Advances a manual clock to `then`. Has no effect on a real clock.
    pub(crate) fn advance_to(&self, then: Time) {
        if let Self::Manual(now) = self {
            now.fetch_max(then.as_nanos(), Ordering::Relaxed);
        }
    }

    /// Converts a time to `CLOCK_MONOTONIC`; `None` for a manual clock.
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
    // Both clocks count up from zero, so the casts are lossless.
    time.tv_sec as u64 * NANOS_PER_SECOND + time.tv_nsec as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_real_clock_starts_near_zero_and_advances() {
        let clock = Clock::new(ClockKind::Real);
        let first = clock.now();
        assert!(first < Time::from_secs(60.0));
        assert!(clock.now() >= first);
    }

    #[test]
    fn a_manual_clock_moves_only_when_advanced_and_never_back() {
        let clock = Clock::new(ClockKind::Manual);
        assert_eq!(clock.now(), Time::ZERO);
        clock.advance_to(Time::from_secs(2.0));
        clock.advance_to(Time::from_secs(1.0));
        assert_eq!(clock.now(), Time::from_secs(2.0));
        assert_eq!(clock.absolute(Time::ZERO), None);
    }

    #[test]
    fn an_absolute_time_carries_from_nanoseconds_to_seconds() {
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
