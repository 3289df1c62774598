//! Measures the cost of sending a frame, only while a measurement runs.

use super::instant;
use crate::time::Span;
use crate::time::histogram::{Histogram, Spread};
use parking_lot::Mutex;
use rustix::time::{ClockId, clock_gettime};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The result of a measurement.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Writes {
    /// How many frames were written.
    pub frames: u64,
    /// CPU time per frame: encoding it and passing it to the system.
    pub cpu: Spread,
    /// Time per frame until the device accepted it.
    pub send: Spread,
}

/// The timer; while off, it costs one flag check per frame.
#[derive(Debug, Default)]
pub(super) struct WriteTimer {
    is_on: AtomicBool,
    measurement: Mutex<WriteMeasurement>,
}

#[derive(Debug, Default)]
struct WriteMeasurement {
    until: Option<Instant>,
    cpu: Histogram,
    send: Histogram,
}

/// The start of a write.
#[derive(Clone, Copy, Debug)]
pub(super) struct WriteStart {
    at: Instant,
    cpu: Span,
}

impl WriteTimer {
    /// Starts a new measurement that ends at `until`.
    pub(super) fn measure(&self, until: Instant) {
        *self.measurement.lock() = WriteMeasurement {
            until: Some(until),
            ..WriteMeasurement::default()
        };
        self.is_on.store(true, Ordering::Relaxed);
    }

    /// The result of the last measurement.
    pub(super) fn writes(&self) -> Writes {
        let measurement = self.measurement.lock();
        Writes {
            frames: measurement.send.count(),
            cpu: measurement.cpu.spread(),
            send: measurement.send.spread(),
        }
    }

    /// Records the start of a write; `None` while off.
    pub(super) fn begin(&self) -> Option<WriteStart> {
        self.is_on.load(Ordering::Relaxed).then(|| WriteStart {
            at: instant(),
            cpu: cpu(),
        })
    }

    /// Records the end of a successful write.
    pub(super) fn end(&self, start: WriteStart) {
        self.add(start, instant(), cpu());
    }

    fn add(&self, start: WriteStart, end: Instant, cpu: Span) {
        let mut measurement = self.measurement.lock();
        if measurement.until.is_none_or(|until| end > until) {
            self.is_on.store(false, Ordering::Relaxed);
            return;
        }
        // A write that began before the measurement counts too.
        let used = cpu.as_nanos().saturating_sub(start.cpu.as_nanos());
        measurement.cpu.add(Span::from_nanos(used));
        measurement
            .send
            .add(span(end.saturating_duration_since(start.at)));
    }
}

/// The CPU time of the calling thread.
pub(super) fn cpu() -> Span {
    let used = clock_gettime(ClockId::ThreadCPUTime);
    Span::from_nanos(used.tv_sec as u64 * 1_000_000_000 + used.tv_nsec as u64)
}

fn span(duration: Duration) -> Span {
    Span::from_nanos(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Adds a write that starts `at_ms` after `zero`.
    fn write(write_timer: &WriteTimer, zero: Instant, at_ms: u64, send_us: u64, cpu_us: u64) {
        let at = zero + Duration::from_millis(at_ms);
        let start = WriteStart {
            at,
            cpu: Span::from_millis(7),
        };
        let end = at + Duration::from_micros(send_us);
        let used = Span::from_nanos(7_000_000 + cpu_us * 1000);
        write_timer.add(start, end, used);
    }

    #[test]
    fn cpu_time_and_send_time_are_measured_separately() {
        let (write_timer, zero) = (WriteTimer::default(), instant());
        write_timer.measure(zero + Duration::from_secs(5));
        for frame in 0..99 {
            write(&write_timer, zero, frame * 16, 1000, 20);
        }
        write(&write_timer, zero, 2000, 5000, 120);
        let writes = write_timer.writes();
        assert_eq!(writes.frames, 100);
        assert!((writes.send.avg_ms - 1.04).abs() < 1e-9);
        assert!((writes.cpu.avg_ms - 0.021).abs() < 1e-9);
        assert!((writes.send.max_ms - 5.0).abs() < 1e-9);
        assert!((writes.cpu.max_ms - 0.12).abs() < 1e-9);
        assert!((writes.send.p99_ms - 1.0).abs() < 1.0 / 16.0);
    }

    #[test]
    fn the_timer_is_off_before_and_after_a_measurement() {
        let (write_timer, zero) = (WriteTimer::default(), instant());
        assert!(write_timer.begin().is_none());
        write_timer.measure(zero + Duration::from_secs(5));
        write(&write_timer, zero, 4999, 500, 1);
        assert!(write_timer.begin().is_some());
        write(&write_timer, zero, 4999, 1500, 1);
        assert!(write_timer.begin().is_none());
        assert_eq!(write_timer.writes().frames, 1);
    }

    #[test]
    fn a_measurement_starts_empty() {
        let (write_timer, zero) = (WriteTimer::default(), instant());
        write_timer.measure(zero + Duration::from_secs(5));
        write(&write_timer, zero, 0, 500, 1);
        write_timer.measure(zero + Duration::from_secs(10));
        assert_eq!(write_timer.writes(), Writes::default());
    }
}
