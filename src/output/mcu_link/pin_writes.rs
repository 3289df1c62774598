//! The writes of MCU pins, each of which has a time at which it takes effect.
//!
//! A write that reaches the MCU after its time shuts down the MCU ("Timer too close"). So each
//! write is made a second ahead, only while Klipper runs on time, and only after the previous write
//! has taken effect. Klipper itself holds a write back until 0.1 s before its time, and a busy
//! computer can lose these 0.1 s. A command without effect, sent directly after the write, makes
//! Klipper send both at once.
//!
//! The other writes of Lumen have no time that an MCU checks:
//!
//! - neopixel, dotstar: `neopixel_update`, `neopixel_send` and `spi_send` run on arrival. Lumen
//!   passes no print time, and Klipper sends them at background priority.
//! - pca9533, pca9632: `i2c_write` also runs on arrival.
//! - `SET_LED`, for LEDs of other plug-ins, is sent with SYNC=0, so the object gets no time. A
//!   `[led]`, whose pins need a time, is never written with `SET_LED`.

/// How far ahead pins are written; Klipper plans moves equally far ahead while printing.
pub(super) const LEAD_S: f64 = 1.0;
/// A caller that is this late now, or was within the last [`LEAD_S`], may use up the lead. Also the
/// interval of the check.
pub(super) const LATE_S: f64 = LEAD_S / 10.0;
/// A write counts as pending for at most this time, because the MCU may have been reconnected.
const MAX_PENDING_S: f64 = 10.0;
/// Added to a wait, so that it does not end exactly at the time of a write.
const MARGIN_S: f64 = 0.001;

/// Whether the caller's timers run on time.
#[derive(Clone, Copy, Debug)]
pub(super) struct CallerLateness {
    /// When the next check is due; infinite while there are no checks.
    due: f64,
    late_until: f64,
}

impl Default for CallerLateness {
    fn default() -> Self {
        Self {
            due: f64::INFINITY,
            late_until: 0.0,
        }
    }
}

impl CallerLateness {
    /// Starts the checks, the first one now.
    pub(super) fn start(&mut self, now: f64) {
        self.due = now;
    }

    /// Returns it without checks.
    pub(super) fn stopped(self) -> Self {
        Self {
            due: f64::INFINITY,
            ..self
        }
    }

    pub(super) fn is_started(&self) -> bool {
        self.due.is_finite()
    }

    /// Checks; returns when to check again.
    pub(super) fn check(&mut self, now: f64) -> f64 {
        self.late_until(now);
        if self.is_started() {
            self.due = now + LATE_S;
        }
        self.due
    }

    /// Returns until when no pin may be written; in the past if the caller is on time.
    pub(super) fn late_until(&mut self, now: f64) -> f64 {
        if now - self.due > LATE_S {
            self.late_until = now + LEAD_S;
        }
        self.late_until
    }
}

/// What an MCU and Klipper say about a pin now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PinClock {
    /// The MCU's print time.
    pub print_time: f64,
    /// The print time before which the object accepts no write: that of the last write by anyone,
    /// as far as known.
    pub busy_until: f64,
}

/// The writes of one pin, or of pins that are written together.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PinWrites {
    /// The print time of the last write.
    due: f64,
    waiting_since: Option<f64>,
}

impl PinWrites {
    /// Returns the time until the last write, by anyone, has taken effect by the MCU's clock.
    pub(super) fn wait_s(&mut self, now: f64, clock: PinClock) -> f64 {
        let left_s = self.due.max(clock.busy_until) - clock.print_time;
        if left_s < 0.0 {
            self.waiting_since = None;
            return 0.0;
        }
        let since = *self.waiting_since.get_or_insert(now);
        if now - since > MAX_PENDING_S {
            return 0.0;
        }
        left_s.min(MAX_PENDING_S) + MARGIN_S
    }

    /// Returns the print time of a write made now.
    pub(super) fn write(&mut self, clock: PinClock) -> f64 {
        self.due = clock.print_time + LEAD_S;
        self.waiting_since = None;
        self.due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_caller_is_noticed_at_once_and_for_a_second() {
        let mut lateness = CallerLateness::default();
        lateness.start(0.0);
        let mut now = 0.0;
        while now < 5.0 * LATE_S {
            now = lateness.check(now);
        }
        assert!(lateness.late_until(now) <= 0.0);
        // Earlier timers of the same round count as lateness.
        now += 2.0 * LATE_S + 0.001;
        assert!((lateness.late_until(now) - now - LEAD_S).abs() < 1e-9);
        let end = now + 2.0 * LEAD_S;
        while now < end {
            now = lateness.check(now);
        }
        assert!(lateness.late_until(now) < now);
        lateness = lateness.stopped();
        assert!(lateness.late_until(now + 9.0) < now);
    }

    #[test]
    fn a_write_is_made_ahead_and_waits_for_the_last_one() {
        let clock = |print_time, busy_until| PinClock {
            print_time,
            busy_until,
        };
        let mut writes = PinWrites::default();
        assert!(writes.wait_s(1.0, clock(5.0, 0.0)) <= 0.0);
        assert!((writes.write(clock(5.0, 0.0)) - 6.0).abs() < 1e-9);
        assert!((writes.wait_s(1.4, clock(5.4, 0.0)) - 0.6 - MARGIN_S).abs() < 1e-9);
        // The user's write is later than ours.
        assert!((writes.wait_s(2.1, clock(6.1, 8.0)) - 1.9 - MARGIN_S).abs() < 1e-9);
        assert!(writes.wait_s(4.1, clock(8.1, 8.0)) <= 0.0);
    }

    #[test]
    fn the_wait_is_bounded_if_the_clock_restarts() {
        let mut writes = PinWrites::default();
        writes.write(PinClock {
            print_time: 100.0,
            busy_until: 0.0,
        });
        let restarted = PinClock {
            print_time: 0.0,
            busy_until: 0.0,
        };
        assert!(writes.wait_s(1.0, restarted) <= MAX_PENDING_S + MARGIN_S);
        assert!(writes.wait_s(11.1, restarted) <= 0.0);
    }
}
