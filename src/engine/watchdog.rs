//! The watchdog for Klipper's reactor: after 3 s without a heartbeat the link counts as lost.
//!
//! A heartbeat is two atomic accesses. Only the first one, and the first one after a loss, wakes
//! the engine. Before the first heartbeat nothing is monitored, because an engine without a printer
//! is not a fault.

use crate::state::Event;
use crate::time::{Span, Time};
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

/// Time without a heartbeat until the link counts as lost. Klipper sends one at least every second.
const SILENCE: Span = Span::from_millis(3000);

/// No heartbeat yet, or none since the loss.
const WAITING: u8 = 0;
/// Heartbeats arrive.
const LINKED: u8 = 1;

/// State shared by the reactor, which writes it, and the engine, which checks it.
#[derive(Debug, Default)]
pub(crate) struct ReactorHeartbeat {
    last: AtomicU64,
    link: AtomicU8,
}

impl ReactorHeartbeat {
    /// Stores a heartbeat. Returns true if the engine must be woken.
    pub(crate) fn beat(&self, now: Time) -> bool {
        self.last.store(now.as_nanos(), Ordering::Relaxed);
        if self.link.load(Ordering::Relaxed) == LINKED {
            return false;
        }
        // ORDER: a reader that sees the link also sees the heartbeat that set it.
        self.link.store(LINKED, Ordering::Release);
        true
    }

    fn last(&self) -> Time {
        Time::from_nanos(self.last.load(Ordering::Relaxed))
    }

    fn is_linked(&self) -> bool {
        // ORDER: pairs with the Release in `beat`.
        self.link.load(Ordering::Acquire) == LINKED
    }
}

/// The engine's side.
#[derive(Debug, Default)]
pub(crate) struct Watchdog {
    is_lost: bool,
}

impl Watchdog {
    /// Returns the event that the heartbeats cause at `now`.
    pub(crate) fn check(&mut self, heartbeat: &ReactorHeartbeat, now: Time) -> Option<Event> {
        if !heartbeat.is_linked() {
            return None;
        }
        if now.since(heartbeat.last()) >= SILENCE {
            // A heartbeat at this very moment is missed; the next one comes within a second.
            heartbeat.link.store(WAITING, Ordering::Relaxed);
            self.is_lost = true;
            return Some(Event::LinkLost);
        }
        std::mem::take(&mut self.is_lost).then_some(Event::LinkFound)
    }

    /// Returns when to check next, if nothing wakes the engine before.
    pub(crate) fn deadline(heartbeat: &ReactorHeartbeat) -> Option<Time> {
        heartbeat.is_linked().then(|| heartbeat.last() + SILENCE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: f64) -> Time {
        Time::from_secs(seconds)
    }

    #[test]
    fn nothing_is_missed_before_the_first_beat() {
        let heartbeat = ReactorHeartbeat::default();
        assert_eq!(Watchdog::default().check(&heartbeat, at(100.0)), None);
        assert_eq!(Watchdog::deadline(&heartbeat), None);
    }

    #[test]
    fn only_the_first_beat_wakes_the_engine() {
        let heartbeat = ReactorHeartbeat::default();
        assert!(heartbeat.beat(at(1.0)));
        assert!(!heartbeat.beat(at(2.0)));
        assert_eq!(Watchdog::deadline(&heartbeat), Some(at(5.0)));
    }

    #[test]
    fn three_seconds_of_silence_lose_the_link_once() {
        let heartbeat = ReactorHeartbeat::default();
        let mut watchdog = Watchdog::default();
        heartbeat.beat(at(1.0));
        assert_eq!(watchdog.check(&heartbeat, at(3.999)), None);
        assert_eq!(watchdog.check(&heartbeat, at(4.0)), Some(Event::LinkLost));
        assert_eq!(watchdog.check(&heartbeat, at(9.0)), None);
        assert_eq!(Watchdog::deadline(&heartbeat), None);
    }

    #[test]
    fn a_beat_after_the_loss_wakes_the_engine_and_finds_the_link() {
        let heartbeat = ReactorHeartbeat::default();
        let mut watchdog = Watchdog::default();
        heartbeat.beat(at(1.0));
        watchdog.check(&heartbeat, at(4.0));
        assert!(heartbeat.beat(at(10.0)));
        assert_eq!(watchdog.check(&heartbeat, at(10.0)), Some(Event::LinkFound));
        assert_eq!(watchdog.check(&heartbeat, at(10.5)), None);
        assert_eq!(watchdog.check(&heartbeat, at(13.0)), Some(Event::LinkLost));
    }
}
