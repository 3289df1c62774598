//! Slots for frames that klippy sends itself: LEDs on an MCU and output pins.
//!
//! The render thread stores the latest frame, and the reactor takes it when the MCU can accept
//! more. An eventfd wakes the reactor only after it found no new frame, so a busy link causes no
//! wake-ups. Neither side ever waits.

use crate::output::frame_sink::FrameSink;
use crate::output::health::{Health, HealthState};
use crate::time::Time;
use parking_lot::Mutex;
use rustix::event::{EventfdFlags, eventfd};
use std::io;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::sync::Arc;

/// The latest frame of one strip that klippy drives.
#[derive(Debug)]
pub struct KlipperSlot {
    latest: Mutex<SlotState>,
    fd: OwnedFd,
}

#[derive(Debug, Default)]
struct SlotState {
    /// Red, green, blue and white of each pixel.
    frame: Vec<[u8; 4]>,
    is_new: bool,
    /// The reactor found no new frame and must be woken for the next one.
    is_reader_waiting: bool,
    health: Health,
}

impl KlipperSlot {
    /// Creates an empty slot whose reader waits for the first frame.
    ///
    /// # Errors
    /// When the system is out of file descriptors.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            latest: Mutex::new(SlotState {
                is_reader_waiting: true,
                ..SlotState::default()
            }),
            fd: eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?,
        })
    }

    /// The eventfd; becomes readable when a frame arrives after [`KlipperSlot::take`] found none.
    pub fn fd(&self) -> RawFd {
        self.fd.as_raw_fd()
    }

    /// Stores a frame: red, green, blue and white of each pixel.
    pub fn put(&self, rgbw: &[[u8; 4]]) {
        let mut latest = self.latest.lock();
        latest.frame.clear();
        latest.frame.extend_from_slice(rgbw);
        self.publish(&mut latest);
    }

    /// Stores a dark frame of the same length.
    pub fn darken(&self) {
        let mut latest = self.latest.lock();
        latest.frame.fill([0; 4]);
        self.publish(&mut latest);
    }

    fn publish(&self, latest: &mut SlotState) {
        let replaced = std::mem::replace(&mut latest.is_new, true);
        latest.health.dropped += u64::from(replaced);
        if std::mem::take(&mut latest.is_reader_waiting) {
            // The write fails only if the counter is full; then the descriptor is already readable.
            let _ = rustix::io::write(&self.fd, &1_u64.to_ne_bytes());
        }
    }

    /// Takes the latest frame. If there is no new one, returns `None`, and the eventfd becomes
    /// readable with the next.
    pub fn take(&self) -> Option<Vec<u8>> {
        let mut frame = Vec::new();
        let is_new = self.take_into(&mut frame);
        is_new.then(|| frame.as_flattened().to_vec())
    }

    /// Replaces `frame` by the latest frame. If there is no new one, returns false, and the eventfd
    /// becomes readable with the next.
    pub fn take_into(&self, frame: &mut Vec<[u8; 4]>) -> bool {
        let mut latest = self.latest.lock();
        // An error means that the eventfd is not set; ignore it.
        let _ = rustix::io::read(&self.fd, &mut [0_u8; 8]);
        if std::mem::take(&mut latest.is_new) {
            frame.clone_from(&latest.frame);
            return true;
        }
        latest.is_reader_waiting = true;
        false
    }

    /// Updates the health from the driver in klippy, which reports state, error and frames. Dropped
    /// frames, faults and recoveries are counted here.
    pub fn report(&self, health: Health) {
        use HealthState::{Degraded, Ok};
        let known = &mut self.latest.lock().health;
        let is_lit = |state| matches!(state, Ok | Degraded);
        let (was_lit, lit) = (is_lit(known.state), is_lit(health.state));
        // A fault that was repaired between two reports leaves the strip degraded.
        let is_fault = (was_lit && !lit) || (known.state, health.state) == (Ok, Degraded);
        let is_recovery = lit && (!was_lit || is_fault);
        *known = Health {
            failures_in_a_row: u32::from(!lit),
            failures: known.failures + u64::from(is_fault),
            reconnects: known.reconnects + u64::from(is_recovery),
            dropped: known.dropped,
            ..health
        };
    }

    /// The health of the strip.
    pub fn health(&self) -> Health {
        self.latest.lock().health.clone()
    }
}

impl FrameSink for Arc<KlipperSlot> {
    fn submit(&self, _: usize, _: Time, _: &[u8], rgbw: &[[u8; 4]]) {
        self.put(rgbw);
    }

    fn stop(&self, _: Time) {
        self.darken();
    }

    fn health(&self) -> Health {
        KlipperSlot::health(self)
    }

    fn klipper_slot(&self) -> Option<&Arc<KlipperSlot>> {
        Some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    fn is_readable(slot: &KlipperSlot) -> bool {
        let mut fds = [PollFd::new(&slot.fd, PollFlags::IN)];
        poll(&mut fds, Some(&Timespec::default())).unwrap() == 1
    }

    #[test]
    fn the_first_frame_sets_the_eventfd_and_is_taken_once() {
        let slot = KlipperSlot::new().unwrap();
        assert!(!is_readable(&slot));
        slot.put(&[[1, 2, 3, 4]]);
        assert!(is_readable(&slot));
        assert_eq!(slot.take(), Some(vec![1, 2, 3, 4]));
        assert_eq!(slot.take(), None);
        assert!(!is_readable(&slot));
    }

    #[test]
    fn a_busy_reader_is_not_woken_and_gets_the_latest_frame() {
        let slot = KlipperSlot::new().unwrap();
        slot.put(&[[1; 4]]);
        slot.take();
        slot.put(&[[2; 4]]);
        slot.put(&[[3; 4]]);
        assert!(!is_readable(&slot));
        assert_eq!(slot.take(), Some(vec![3; 4]));
        assert_eq!(slot.health().dropped, 1);
    }

    #[test]
    fn a_reader_that_found_nothing_is_woken_by_the_next_frame() {
        let slot = KlipperSlot::new().unwrap();
        slot.put(&[[1; 4]]);
        slot.take();
        slot.take();
        slot.darken();
        assert!(is_readable(&slot));
        assert_eq!(slot.take(), Some(vec![0; 4]));
    }

    #[test]
    fn the_driver_in_klippy_reports_health() {
        let slot = KlipperSlot::new().unwrap();
        slot.put(&[[1; 4]]);
        slot.put(&[[1; 4]]);
        slot.report(Health {
            frames: 7,
            ..Health::default()
        });
        assert_eq!((slot.health().frames, slot.health().dropped), (7, 1));
    }

    #[test]
    fn faults_and_recoveries_are_counted() {
        use HealthState::{Dark, Degraded, Ok};
        let slot = KlipperSlot::new().unwrap();
        for (state, in_a_row, failures, reconnects) in [
            (Ok, 0, 0, 0),
            (Dark, 1, 1, 0),
            (Dark, 1, 1, 0),
            (Degraded, 0, 1, 1),
            (Dark, 1, 2, 1),
            (Degraded, 0, 2, 2),
            (Ok, 0, 2, 2),
            // A fault that was repaired between two reports.
            (Degraded, 0, 3, 3),
        ] {
            slot.report(Health {
                state,
                ..Health::default()
            });
            let health = slot.health();
            let counted = (health.failures_in_a_row, health.failures, health.reconnects);
            assert_eq!(counted, (in_a_row, failures, reconnects), "{state:?}");
        }
    }
}
