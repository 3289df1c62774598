//! A brightness that commands may change: from one value to the next in a fade.

use crate::time::{Span, Time};

/// A brightness, 0.0-1.0, on its way or there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Level {
    from: f32,
    to: f32,
    start: Time,
    span: Span,
    /// A command set it; a reload then leaves it alone.
    commanded: bool,
}

impl Level {
    pub(super) fn new(value: f32) -> Self {
        Self {
            from: value,
            to: value,
            start: Time::ZERO,
            span: Span::ZERO,
            commanded: false,
        }
    }

    /// Fades to a value.
    pub(super) fn set(&mut self, now: Time, value: f32, span: Span) {
        *self = Self {
            from: self.value(now),
            to: value,
            start: now,
            span,
            commanded: true,
        };
    }

    /// Takes what another plan says, unless a command has said otherwise.
    pub(super) fn adopt(&mut self, value: f32) {
        if !self.commanded {
            *self = Self::new(value);
        }
    }

    /// Where it goes, or is.
    pub(super) fn target(&self) -> f32 {
        self.to
    }

    pub(super) fn value(&self, now: Time) -> f32 {
        if !self.is_moving(now) {
            return self.to;
        }
        let part = (now.since(self.start).as_secs() / self.span.as_secs()) as f32;
        // Even steps for the eye, as in every fade in time: see `Color::fade`.
        let [from, to] = [self.from, self.to].map(f32::sqrt);
        let root = from + (to - from) * part;
        root * root
    }

    pub(super) fn is_moving(&self, now: Time) -> bool {
        now < self.start + self.span
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: f64) -> Time {
        Time::from_secs(seconds)
    }

    /// In hundredths, which compare exactly.
    fn percent(value: f32) -> u32 {
        (value * 100.0).round() as u32
    }

    #[test]
    fn a_level_fades_from_where_it_is_also_when_it_is_interrupted() {
        let mut level = Level::new(1.0);
        level.set(at(0.0), 0.0, Span::from_secs(2.0));
        assert_eq!(percent(level.value(at(0.0))), 100);
        assert_eq!(percent(level.value(at(1.0))), 25);
        level.set(at(1.0), 1.0, Span::from_secs(1.0));
        assert_eq!(percent(level.value(at(1.0))), 25);
        assert_eq!(percent(level.value(at(2.0))), 100);
        assert_eq!(
            (level.is_moving(at(1.9)), level.is_moving(at(2.0))),
            (true, false)
        );
    }

    #[test]
    fn a_level_without_a_fade_is_there_at_once() {
        let mut level = Level::new(1.0);
        level.set(at(5.0), 0.5, Span::ZERO);
        assert_eq!(percent(level.value(at(5.0))), 50);
        assert!(!level.is_moving(at(5.0)));
    }

    #[test]
    fn another_plan_does_not_undo_a_command() {
        let mut level = Level::new(1.0);
        level.adopt(0.5);
        assert_eq!(percent(level.target()), 50);
        level.set(at(0.0), 0.2, Span::ZERO);
        level.adopt(1.0);
        assert_eq!(percent(level.target()), 20);
    }
}
