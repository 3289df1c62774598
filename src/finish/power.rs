//! Power: how far the LEDs must be dimmed so that they never draw more than they may.
//!
//! The model is linear in the duty cycle: what a pixel draws when dark, and for each of its LEDs
//! what that draws at full (disk91 and PJRC measured both so on WS2812B).

use super::plan::PowerPlan;
use crate::time::Time;

/// How fast a limiter lets light come back, in full scale a second: slower than any effect swings,
/// so that it does not pump.
const RELEASE_PER_SECOND: f32 = 0.25;

/// What a strip's LEDs draw, in mA.
#[derive(Clone, Copy, Debug)]
pub(super) struct LedCurrent {
    /// A red, green or blue LED at full.
    led: f64,
    /// A white LED at full.
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

    /// What LEDs draw beside the idle current, in mA, for the sums of their duty cycles.
    pub(super) fn lit_ma(&self, colors: f64, white: f64) -> f64 {
        colors * self.led + white * self.white
    }
}

/// The scale that keeps something within its limit: down at once, up slowly.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limiter {
    scale: f32,
    /// When light last came back, or began to; `None` while the scale is all that is allowed.
    returning: Option<Time>,
}

impl Limiter {
    pub(super) const fn new() -> Self {
        Self {
            scale: 1.0,
            returning: None,
        }
    }

    /// The scale, 0.0-1.0, for LEDs that would draw `lit_ma` and may draw `room_ma`.
    pub(super) fn step(&mut self, now: Time, lit_ma: f64, room_ma: f64) -> f32 {
        let allowed = if lit_ma > room_ma {
            (room_ma.max(0.0) / lit_ma) as f32
        } else {
            1.0
        };
        if allowed <= self.scale {
            self.scale = allowed;
            self.returning = None;
        } else {
            let since = self.returning.unwrap_or(now);
            let back = RELEASE_PER_SECOND * now.since(since).as_secs() as f32;
            self.scale = (self.scale + back).min(allowed);
            self.returning = (self.scale < allowed).then_some(now);
        }
        self.scale
    }

    /// The scale of the last step.
    pub(super) fn scale(&self) -> f32 {
        self.scale
    }

    /// Whether the scale changes by itself.
    pub(super) fn is_moving(&self) -> bool {
        self.returning.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Span;

    fn at(millis: u64) -> Time {
        Time::ZERO + Span::from_millis(millis)
    }

    fn close(a: f32, b: f32) -> bool {
        (a - b).abs() < 1e-4
    }

    #[test]
    fn what_fits_is_not_dimmed() {
        let mut limiter = Limiter::new();
        assert!(close(limiter.step(at(0), 100.0, 100.0), 1.0));
        assert!(close(limiter.step(at(1), 0.0, 0.0), 1.0));
        assert!(!limiter.is_moving());
    }

    #[test]
    fn too_much_is_dimmed_at_once() {
        let mut limiter = Limiter::new();
        assert!(close(limiter.step(at(0), 400.0, 100.0), 0.25));
        assert!(!limiter.is_moving());
    }

    #[test]
    fn light_comes_back_slowly_and_only_while_it_is_drawn() {
        let mut limiter = Limiter::new();
        limiter.step(at(0), 200.0, 100.0);
        // An hour later something darker is shown: nothing jumps.
        assert!(close(limiter.step(at(3_600_000), 100.0, 100.0), 0.5));
        assert!(limiter.is_moving());
        assert!(close(limiter.step(at(3_601_000), 100.0, 100.0), 0.75));
        assert!(close(limiter.step(at(3_603_000), 100.0, 100.0), 1.0));
        assert!(!limiter.is_moving());
    }

    #[test]
    fn without_room_all_is_dark() {
        assert!(close(Limiter::new().step(at(0), 1.0, -10.0), 0.0));
    }
}
