//! The host's slots: frames for what klippy itself drives, LEDs on an MCU and lamps.
//!
//! The render thread leaves the latest frame; the reactor takes it when the MCU has room for more.
//! An eventfd wakes the reactor only after it has found nothing new, so that a busy link costs no
//! wake-ups. Nobody ever waits here.

use crate::output::health::{Health, HealthState};
use parking_lot::Mutex;
use rustix::event::{EventfdFlags, eventfd};
use std::io;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};

/// The latest frame of one strip that klippy drives.
#[derive(Debug)]
pub struct KlipperSlot {
    latest: Mutex<SlotState>,
    fd: OwnedFd,
}

#[derive(Debug, Default)]
struct SlotState {
    /// Red, green, blue, white; four bytes a pixel.
    frame: Vec<u8>,
    fresh: bool,
    /// The reactor has found nothing new and wants to be woken.
    reader_waits: bool,
    health: Health,
}

impl KlipperSlot {
    /// Makes an empty slot whose reader waits for the first frame.
    ///
    /// # Errors
    /// When the system has no descriptor to give.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            latest: Mutex::new(SlotState {
                reader_waits: true,
                ..SlotState::default()
            }),
            fd: eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?,
        })
    }

    /// The eventfd; readable once a frame has come after [`KlipperSlot::take`] found none.
    pub fn fd(&self) -> RawFd {
        self.fd.as_raw_fd()
    }

    /// Leaves a frame: red, green, blue, white, four bytes a pixel.
    pub fn put(&self, rgbw: &[[u8; 4]]) {
        let mut latest = self.latest.lock();
        latest.frame.clear();
        latest.frame.extend_from_slice(rgbw.as_flattened());
        self.publish(&mut latest);
    }

    /// Leaves a dark frame of the same length.
    pub fn darken(&self) {
        let mut latest = self.latest.lock();
        latest.frame.fill(0);
        self.publish(&mut latest);
    }

    fn publish(&self, latest: &mut SlotState) {
        let replaced = std::mem::replace(&mut latest.fresh, true);
        latest.health.dropped += u64::from(replaced);
        if std::mem::take(&mut latest.reader_waits) {
            // It fails only when the counter is full, and then the descriptor is readable already.
            let _ = rustix::io::write(&self.fd, &1_u64.to_ne_bytes());
        }
    }

    /// Takes the latest frame; `None` when there is nothing new, and then the eventfd tells of the
    /// next.
    pub fn take(&self) -> Option<Vec<u8>> {
        let mut latest = self.latest.lock();
        // It fails when nobody has written, which is well.
        let _ = rustix::io::read(&self.fd, &mut [0_u8; 8]);
        if std::mem::take(&mut latest.fresh) {
            return Some(latest.frame.clone());
        }
        latest.reader_waits = true;
        None
    }

    /// Notes how the strip fares, as its driver in klippy says: state, error and frames. What adds
    /// up is counted here: frames that were replaced, faults, and ends of faults.
    pub fn report(&self, health: Health) {
        use HealthState::{Degraded, Ok};
        let known = &mut self.latest.lock().health;
        let is_lit = |state| matches!(state, Ok | Degraded);
        let (was_lit, lit) = (is_lit(known.state), is_lit(health.state));
        // A fault that was repaired between two reports has left its strip degraded.
        let is_fault = (was_lit && !lit) || (known.state, health.state) == (Ok, Degraded);
        let is_repair = lit && (!was_lit || is_fault);
        *known = Health {
            failures_in_a_row: u32::from(!lit),
            failures: known.failures + u64::from(is_fault),
            reconnects: known.reconnects + u64::from(is_repair),
            dropped: known.dropped,
            ..health
        };
    }

    /// How the strip fares.
    pub fn health(&self) -> Health {
        self.latest.lock().health.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    fn rings(slot: &KlipperSlot) -> bool {
        let mut fds = [PollFd::new(&slot.fd, PollFlags::IN)];
        poll(&mut fds, Some(&Timespec::default())).unwrap() == 1
    }

    #[test]
    fn the_first_frame_rings_and_is_taken_once() {
        let slot = KlipperSlot::new().unwrap();
        assert!(!rings(&slot));
        slot.put(&[[1, 2, 3, 4]]);
        assert!(rings(&slot));
        assert_eq!(slot.take(), Some(vec![1, 2, 3, 4]));
        assert_eq!(slot.take(), None);
        assert!(!rings(&slot));
    }

    #[test]
    fn a_reader_that_is_busy_is_not_woken_and_finds_the_latest() {
        let slot = KlipperSlot::new().unwrap();
        slot.put(&[[1; 4]]);
        slot.take();
        slot.put(&[[2; 4]]);
        slot.put(&[[3; 4]]);
        assert!(!rings(&slot));
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
        assert!(rings(&slot));
        assert_eq!(slot.take(), Some(vec![0; 4]));
    }

    #[test]
    fn the_driver_in_klippy_tells_how_the_strip_fares() {
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
    fn faults_and_their_ends_are_counted() {
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
            // Repaired before anybody told of it.
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
