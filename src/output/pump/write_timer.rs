//! The gauge of a pump: what a frame costs on its way out, measured only while somebody asked.

use super::instant;
use crate::time::Span;
use crate::time::histogram::{Histogram, Spread};
use parking_lot::Mutex;
use rustix::time::{ClockId, clock_gettime};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// What the frames of a measurement have cost.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Writes {
    /// How many frames were written.
    pub frames: u64,
    /// Processor time of each: making bytes of it and handing these to the system.
    pub cpu: Spread,
    /// Time of each until the device took it.
    pub send: Spread,
}

/// Off, it costs a look at a flag for each frame.
#[derive(Debug, Default)]
pub(super) struct WriteTimer {
    is_on: AtomicBool,
    measurement: Mutex<Measurement>,
}

#[derive(Debug, Default)]
struct Measurement {
    until: Option<Instant>,
    cpu: Histogram,
    send: Histogram,
}

/// The moment before a write.
#[derive(Clone, Copy, Debug)]
pub(super) struct WriteStart {
    at: Instant,
    cpu: Span,
}

impl WriteTimer {
    /// Measures anew, until a moment.
    pub(super) fn measure(&self, until: Instant) {
        *self.measurement.lock() = Measurement {
            until: Some(until),
            ..Measurement::default()
        };
        self.is_on.store(true, Ordering::Relaxed);
    }

    /// What was measured last.
    pub(super) fn writes(&self) -> Writes {
        let measurement = self.measurement.lock();
        Writes {
            frames: measurement.send.count(),
            cpu: measurement.cpu.spread(),
            send: measurement.send.spread(),
        }
    }

    /// A write begins; nothing where nobody asked.
    pub(super) fn begin(&self) -> Option<WriteStart> {
        self.is_on.load(Ordering::Relaxed).then(|| WriteStart {
            at: instant(),
            cpu: cpu(),
        })
    }

    /// It has ended well.
    pub(super) fn end(&self, start: WriteStart) {
        self.note(start, instant(), cpu());
    }

    fn note(&self, start: WriteStart, end: Instant, cpu: Span) {
        let mut measurement = self.measurement.lock();
        if measurement.until.is_none_or(|until| end > until) {
            self.is_on.store(false, Ordering::Relaxed);
            return;
        }
        // A write may have begun before the measurement did; it counts all the same.
        let used = cpu.as_nanos().saturating_sub(start.cpu.as_nanos());
        measurement.cpu.add(Span::from_nanos(used));
        measurement
            .send
            .add(span(end.saturating_duration_since(start.at)));
    }
}

/// Processor time that the calling thread has used.
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

    /// Lets a frame begin so many milliseconds after `zero`, and take so long.
    fn write(write_timer: &WriteTimer, zero: Instant, at_ms: u64, send_us: u64, cpu_us: u64) {
        let at = zero + Duration::from_millis(at_ms);
        let start = WriteStart {
            at,
            cpu: Span::from_millis(7),
        };
        let end = at + Duration::from_micros(send_us);
        let used = Span::from_nanos(7_000_000 + cpu_us * 1000);
        write_timer.note(start, end, used);
    }

    #[test]
    fn processor_time_and_time_on_the_wire_are_told_apart() {
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
    fn off_it_measures_nothing_and_it_goes_off_by_itself() {
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
    fn a_measurement_begins_with_nothing() {
        let (write_timer, zero) = (WriteTimer::default(), instant());
        write_timer.measure(zero + Duration::from_secs(5));
        write(&write_timer, zero, 0, 500, 1);
        write_timer.measure(zero + Duration::from_secs(10));
        assert_eq!(write_timer.writes(), Writes::default());
    }
}
