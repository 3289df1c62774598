//! The watchdog over Klipper's reactor: 3 s without a heartbeat, and the link counts as lost.
//!
//! A beat is two atomic accesses and wakes nobody, but for the first and the one that comes after
//! a loss. Before the first beat nothing is missed: an engine without a printer is no fault.

use crate::state::Event;
use crate::time::{Span, Time};
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

/// Silence for this long is a lost link: the extra beats every second at the least.
const SILENCE: Span = Span::from_millis(3000);

/// No beat yet, or none since the loss.
const WAITING: u8 = 0;
/// Beats come.
const LINKED: u8 = 1;

/// What both sides share: the reactor beats, the engine looks.
#[derive(Debug, Default)]
pub(crate) struct Heartbeat {
    last: AtomicU64,
    link: AtomicU8,
}

impl Heartbeat {
    /// Notes a beat; true when the engine must be woken for it.
    pub(crate) fn beat(&self, now: Time) -> bool {
        self.last.store(now.as_nanos(), Ordering::Relaxed);
        if self.link.load(Ordering::Relaxed) == LINKED {
            return false;
        }
        // ORDER: who sees the link sees the beat that made it.
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
    lost: bool,
}

impl Watchdog {
    /// What the beats, or their absence, say at `now`.
    pub(crate) fn check(&mut self, heartbeat: &Heartbeat, now: Time) -> Option<Event> {
        if !heartbeat.is_linked() {
            return None;
        }
        if now.since(heartbeat.last()) >= SILENCE {
            // A beat in this very moment is overlooked; the next one, within a second, is not.
            heartbeat.link.store(WAITING, Ordering::Relaxed);
            self.lost = true;
            return Some(Event::LinkLost);
        }
        std::mem::take(&mut self.lost).then_some(Event::LinkFound)
    }

    /// When to look next, if nobody wakes the engine before.
    pub(crate) fn deadline(heartbeat: &Heartbeat) -> Option<Time> {
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
        let heartbeat = Heartbeat::default();
        assert_eq!(Watchdog::default().check(&heartbeat, at(100.0)), None);
        assert_eq!(Watchdog::deadline(&heartbeat), None);
    }

    #[test]
    fn only_the_first_beat_wakes_the_engine() {
        let heartbeat = Heartbeat::default();
        assert!(heartbeat.beat(at(1.0)));
        assert!(!heartbeat.beat(at(2.0)));
        assert_eq!(Watchdog::deadline(&heartbeat), Some(at(5.0)));
    }

    #[test]
    fn three_seconds_of_silence_lose_the_link_once() {
        let heartbeat = Heartbeat::default();
        let mut dog = Watchdog::default();
        heartbeat.beat(at(1.0));
        assert_eq!(dog.check(&heartbeat, at(3.999)), None);
        assert_eq!(dog.check(&heartbeat, at(4.0)), Some(Event::LinkLost));
        assert_eq!(dog.check(&heartbeat, at(9.0)), None);
        assert_eq!(Watchdog::deadline(&heartbeat), None);
    }

    #[test]
    fn a_beat_after_the_loss_wakes_the_engine_and_finds_the_link() {
        let heartbeat = Heartbeat::default();
        let mut dog = Watchdog::default();
        heartbeat.beat(at(1.0));
        dog.check(&heartbeat, at(4.0));
        assert!(heartbeat.beat(at(10.0)));
        assert_eq!(dog.check(&heartbeat, at(10.0)), Some(Event::LinkFound));
        assert_eq!(dog.check(&heartbeat, at(10.5)), None);
        assert_eq!(dog.check(&heartbeat, at(13.0)), Some(Event::LinkLost));
    }
}
