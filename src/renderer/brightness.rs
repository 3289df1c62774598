//! A brightness that fades from one value to the next.

use crate::time::{Span, Time};

/// A brightness, 0.0-1.0, or a fade between two.
#[derive(Clone, Copy, Debug)]
pub(super) struct Brightness {
    from: f32,
    to: f32,
    start: Time,
    span: Span,
    /// Whether a command set it. A reload then keeps it.
    is_commanded: bool,
}

impl Brightness {
    pub(super) fn new(value: f32) -> Self {
        Self {
            from: value,
            to: value,
            start: Time::ZERO,
            span: Span::ZERO,
            is_commanded: false,
        }
    }

    /// Starts a fade to a value.
    pub(super) fn set(&mut self, now: Time, value: f32, span: Span) {
        *self = Self {
            from: self.value(now),
            to: value,
            start: now,
            span,
            is_commanded: true,
        };
    }

    /// Sets the value of a new plan, unless a command has set another.
    pub(super) fn adopt(&mut self, value: f32) {
        if !self.is_commanded {
            *self = Self::new(value);
        }
    }

    /// Returns the value at the end of the fade.
    pub(super) fn target(&self) -> f32 {
        self.to
    }

    pub(super) fn value(&self, now: Time) -> f32 {
        if !self.is_moving(now) {
            return self.to;
        }
        let part = (now.since(self.start).as_secs() / self.span.as_secs()) as f32;
        // Fades in perceptually even steps, like all fades in time: see `Color::fade`.
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

    /// In percent, because integers compare exactly.
    fn percent(value: f32) -> u32 {
        (value * 100.0).round() as u32
    }

    #[test]
    fn an_interrupted_fade_continues_from_the_current_value() {
        let mut brightness = Brightness::new(1.0);
        brightness.set(at(0.0), 0.0, Span::from_secs(2.0));
        assert_eq!(percent(brightness.value(at(0.0))), 100);
        assert_eq!(percent(brightness.value(at(1.0))), 25);
        brightness.set(at(1.0), 1.0, Span::from_secs(1.0));
        assert_eq!(percent(brightness.value(at(1.0))), 25);
        assert_eq!(percent(brightness.value(at(2.0))), 100);
        assert_eq!(
            (brightness.is_moving(at(1.9)), brightness.is_moving(at(2.0))),
            (true, false)
        );
    }

    #[test]
    fn a_brightness_without_a_fade_changes_at_once() {
        let mut brightness = Brightness::new(1.0);
        brightness.set(at(5.0), 0.5, Span::ZERO);
        assert_eq!(percent(brightness.value(at(5.0))), 50);
        assert!(!brightness.is_moving(at(5.0)));
    }

    #[test]
    fn a_reload_keeps_the_brightness_of_a_command() {
        let mut brightness = Brightness::new(1.0);
        brightness.adopt(0.5);
        assert_eq!(percent(brightness.target()), 50);
        brightness.set(at(0.0), 0.2, Span::ZERO);
        brightness.adopt(1.0);
        assert_eq!(percent(brightness.target()), 20);
    }
}
