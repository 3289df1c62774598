//! `heartbeat`: two beats and a rest.

use super::options::Settings;
use super::{Context, Effect, Motion};
use crate::color::{Color, lightness};
use crate::time::Span;

/// The beat as (part of the cycle, height): LUMEN's times, with its second beat mended.
const BEAT: [(f64, f32); 6] = [
    (0.0, 0.0),
    (0.15, 1.0),
    (0.20, 0.5),
    (0.25, 1.0),
    (0.35, 0.0),
    (1.0, 0.0),
];

/// The part of the cycle at which the rest begins.
const REST: f64 = 0.35;

/// Beats twice and rests, `speed` times a second, between `min_brightness` and `max_brightness`.
/// The beat runs over lightness, not over light, so that the dip between the two is seen.
///
/// One pixel beats like many; `direction: reverse` changes nothing; the speed does not depend on the
/// frame rate.
#[derive(Debug)]
pub(super) struct Heartbeat {
    color: Color,
    speed_hz: f64,
    low: f32,
    high: f32,
}

impl Heartbeat {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            color: settings.base_color,
            speed_hz: f64::from(settings.speed),
            low: settings.min_brightness.sqrt(),
            high: settings.max_brightness.sqrt(),
        }
    }
}

impl Effect for Heartbeat {
    fn draw(&mut self, canvas: &mut [Color], cx: &Context<'_>) -> Motion {
        let cycles = cx.elapsed_s() * self.speed_hz;
        let height = height(cycles.fract());
        let level = self.low + (self.high - self.low) * height;
        canvas.fill(self.color.scale(lightness(level)));
        if cycles.fract() < REST {
            return Motion::Moving;
        }
        Motion::Until(cx.start + Span::from_secs((cycles.floor() + 1.0) / self.speed_hz))
    }
}

/// How high the beat stands at a part of its cycle, 0.0-1.0: smooth through the points of `BEAT`.
fn height(phase: f64) -> f32 {
    let next = BEAT
        .iter()
        .position(|(at, _)| *at > phase)
        .unwrap_or(BEAT.len() - 1)
        .max(1);
    let ((from, low), (to, high)) = (BEAT[next - 1], BEAT[next]);
    let t = ((phase - from) / (to - from)).clamp(0.0, 1.0) as f32;
    low + (high - low) * t * t * (3.0 - 2.0 * t)
}

#[cfg(test)]
mod tests {
    use super::super::EffectKind::Heartbeat;
    use super::super::Motion;
    use super::super::test::{at, draw, motion, plan};
    use super::*;

    #[test]
    fn both_beats_reach_the_top_and_the_dip_between_is_half() {
        for (phase, expected) in [
            (0.0, 0.0),
            (0.15, 1.0),
            (0.2, 0.5),
            (0.25, 1.0),
            (0.35, 0.0),
        ] {
            assert!((height(phase) - expected).abs() < 1e-5, "{phase}");
        }
    }

    #[test]
    fn it_never_leaves_its_limits() {
        let plan = plan(Heartbeat, "speed=1 min=0.6 max=1.0");
        for step in 0..200 {
            let level = draw(&plan, 1, f64::from(step) * 0.01)[0].r;
            assert!((0.599..=1.001).contains(&level), "{level}");
        }
    }

    #[test]
    fn the_rest_is_still_until_the_next_beat() {
        let plan = plan(Heartbeat, "speed=2");
        assert_eq!(motion(&plan, 4, 0.05), Motion::Moving);
        assert_eq!(motion(&plan, 4, 0.3), Motion::Until(at(0.5)));
    }
}
