//! Power: how far LEDs must be dimmed to stay within their current limit.
//!
//! The model is linear in the duty cycle: a current per dark pixel plus the full current of each
//! LED times its duty cycle (measured by disk91 and PJRC on WS2812B).

use super::plan::PowerPlan;
use crate::time::Time;

/// How fast a limiter raises the light again, in full scale per second. Slower than any effect
/// pulses, so that the limiter does not pump.
const RELEASE_PER_SECOND: f32 = 0.25;

/// The currents of a strip's LEDs, in mA.
#[derive(Clone, Copy, Debug)]
pub(super) struct LedCurrent {
    /// A red, green or blue LED at full level.
    led: f64,
    /// A white LED at full level.
    white: f64,
    /// All pixels when dark.
    pub(super) idle: f64,
}

impl LedCurrent {
    pub(super) fn new(plan: &PowerPlan, pixels: usize) -> Self {
        Self {
            led: f64::from(plan.led_current_ma),
            white: f64::from(plan.white_current_ma),
            idle: f64::from(plan.idle_current_ma) * pixels as f64,
        }
    }

    /// Returns the current above idle, in mA, for the sums of the duty cycles.
    pub(super) fn lit_ma(&self, colors: f64, white: f64) -> f64 {
        colors * self.led + white * self.white
    }
}

/// The scale that keeps strips within a limit. It drops at once and rises slowly.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limiter {
    scale: f32,
    /// Time of the last rise, or of its start; `None` while the scale equals what is allowed.
    rising_since: Option<Time>,
}

impl Limiter {
    pub(super) const fn new() -> Self {
        Self {
            scale: 1.0,
            rising_since: None,
        }
    }

    /// Returns the scale, 0.0-1.0, for LEDs that would use `lit_ma` and may use `available_ma`.
    pub(super) fn step(&mut self, now: Time, lit_ma: f64, available_ma: f64) -> f32 {
        let allowed = if lit_ma > available_ma {
            (available_ma.max(0.0) / lit_ma) as f32
        } else {
            1.0
        };
        if allowed <= self.scale {
            self.scale = allowed;
            self.rising_since = None;
        } else {
            let since = self.rising_since.unwrap_or(now);
            let rise = RELEASE_PER_SECOND * now.since(since).as_secs() as f32;
            self.scale = (self.scale + rise).min(allowed);
            self.rising_since = (self.scale < allowed).then_some(now);
        }
        self.scale
    }

    /// Returns the scale of the last step.
    pub(super) fn scale(&self) -> f32 {
        self.scale
    }

    /// Whether the scale is rising.
    pub(super) fn is_moving(&self) -> bool {
        self.rising_since.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Span;

    fn at(millis: u64) -> Time {
        Time::ZERO + Span::from_millis(millis)
    }

    fn is_close(a: f32, b: f32) -> bool {
        (a - b).abs() < 1e-4
    }

    #[test]
    fn a_current_within_the_limit_is_not_dimmed() {
        let mut limiter = Limiter::new();
        assert!(is_close(limiter.step(at(0), 100.0, 100.0), 1.0));
        assert!(is_close(limiter.step(at(1), 0.0, 0.0), 1.0));
        assert!(!limiter.is_moving());
    }

    #[test]
    fn a_current_above_the_limit_is_dimmed_at_once() {
        let mut limiter = Limiter::new();
        assert!(is_close(limiter.step(at(0), 400.0, 100.0), 0.25));
        assert!(!limiter.is_moving());
    }

    #[test]
    fn light_rises_slowly_and_only_while_frames_are_drawn() {
        let mut limiter = Limiter::new();
        limiter.step(at(0), 200.0, 100.0);
        // An hour later something darker is shown. The scale does not jump.
        assert!(is_close(limiter.step(at(3_600_000), 100.0, 100.0), 0.5));
        assert!(limiter.is_moving());
        assert!(is_close(limiter.step(at(3_601_000), 100.0, 100.0), 0.75));
        assert!(is_close(limiter.step(at(3_603_000), 100.0, 100.0), 1.0));
        assert!(!limiter.is_moving());
    }

    #[test]
    fn without_available_current_all_is_dark() {
        assert!(is_close(Limiter::new().step(at(0), 1.0, -10.0), 0.0));
    }
}
