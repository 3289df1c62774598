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
pub(crate) struct Heart {
    last: AtomicU64,
    link: AtomicU8,
}

impl Heart {
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
    pub(crate) fn look(&mut self, heart: &Heart, now: Time) -> Option<Event> {
        if !heart.is_linked() {
            return None;
        }
        if now.since(heart.last()) >= SILENCE {
            // A beat in this very moment is overlooked; the next one, within a second, is not.
            heart.link.store(WAITING, Ordering::Relaxed);
            self.lost = true;
            return Some(Event::LinkLost);
        }
        std::mem::take(&mut self.lost).then_some(Event::LinkFound)
    }

    /// When to look next, if nobody wakes the engine before.
    pub(crate) fn deadline(heart: &Heart) -> Option<Time> {
        heart.is_linked().then(|| heart.last() + SILENCE)
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
        let heart = Heart::default();
        assert_eq!(Watchdog::default().look(&heart, at(100.0)), None);
        assert_eq!(Watchdog::deadline(&heart), None);
    }

    #[test]
    fn only_the_first_beat_wakes_the_engine() {
        let heart = Heart::default();
        assert!(heart.beat(at(1.0)));
        assert!(!heart.beat(at(2.0)));
        assert_eq!(Watchdog::deadline(&heart), Some(at(5.0)));
    }

    #[test]
    fn three_seconds_of_silence_lose_the_link_once() {
        let heart = Heart::default();
        let mut dog = Watchdog::default();
        heart.beat(at(1.0));
        assert_eq!(dog.look(&heart, at(3.999)), None);
        assert_eq!(dog.look(&heart, at(4.0)), Some(Event::LinkLost));
        assert_eq!(dog.look(&heart, at(9.0)), None);
        assert_eq!(Watchdog::deadline(&heart), None);
    }

    #[test]
    fn a_beat_after_the_loss_wakes_the_engine_and_finds_the_link() {
        let heart = Heart::default();
        let mut dog = Watchdog::default();
        heart.beat(at(1.0));
        dog.look(&heart, at(4.0));
        assert!(heart.beat(at(10.0)));
        assert_eq!(dog.look(&heart, at(10.0)), Some(Event::LinkFound));
        assert_eq!(dog.look(&heart, at(10.5)), None);
        assert_eq!(dog.look(&heart, at(13.0)), Some(Event::LinkLost));
    }
}
