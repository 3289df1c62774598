//! `heartbeat`: two beats and a pause.

use super::color_cycle::ColorCycle;
use super::{
    Arguments, BuildContext, Canvas, Context, Effect, EffectExample, EffectSettings, EffectSpec,
    Motion, effect_settings, rows,
};
use crate::color::{Color, Palette, lightness};
use crate::time::Span;

/// The effect.
pub(crate) const SPEC: EffectSpec = EffectSpec {
    name: "heartbeat",
    help: "Two beats and a pause",
    synonyms: &["beat", "bpm"],
    arguments: Arguments::COLOR,
    options: HeartbeatSettings::OPTIONS,
    example: EffectExample {
        text: "heartbeat red",
        length_s: 3.0,
    },
    defaults: HeartbeatSettings::defaults,
};

effect_settings! {
    /// Settings of `heartbeat`.
    pub(crate) struct HeartbeatSettings {
        colors: Palette = rows::COLOR,
        palette: Option<Palette> = rows::PALETTE,
        speed_hz: f32 = rows::SPEED_HZ,
        min_brightness: f32 = rows::MIN_BRIGHTNESS,
        max_brightness: f32 = rows::MAX_BRIGHTNESS,
    }
}

impl EffectSettings for HeartbeatSettings {
    fn spec(&self) -> &'static EffectSpec {
        &SPEC
    }

    fn tint(&self) -> Color {
        self.colors().first()
    }

    fn range_problem(&self, _: f32) -> Option<String> {
        rows::order_problem(
            ("min_brightness", self.min_brightness),
            ("max_brightness", self.max_brightness),
        )
    }

    fn build(&self, _: &BuildContext) -> Box<dyn Effect> {
        Box::new(Heartbeat::new(self))
    }
}

impl HeartbeatSettings {
    /// Returns the colors of the beats.
    fn colors(&self) -> &Palette {
        self.palette.as_ref().unwrap_or(&self.colors)
    }
}

/// The shape of the beat as (phase of the cycle, height). The times are LUMEN's; in LUMEN itself
/// the second beat was broken.
const BEAT: [(f64, f32); 6] = [
    (0.0, 0.0),
    (0.15, 1.0),
    (0.20, 0.5),
    (0.25, 1.0),
    (0.35, 0.0),
    (1.0, 0.0),
];

/// The phase of the cycle at which the pause starts.
const PAUSE: f64 = 0.35;

/// Beats twice and pauses, `speed` times per second, between `min_brightness` and `max_brightness`.
///
/// The curve is linear in perceived lightness, not in light; otherwise the dip between the two
/// beats would hardly be visible. Each pair of beats has the next color, which fades in during the
/// first beat. `direction: reverse` has no effect.
#[derive(Debug)]
struct Heartbeat {
    colors: ColorCycle,
    speed_hz: f64,
    low: f32,
    high: f32,
}

impl Heartbeat {
    fn new(settings: &HeartbeatSettings) -> Self {
        Self {
            colors: ColorCycle::new(settings.colors(), 1.0),
            speed_hz: f64::from(settings.speed_hz),
            low: settings.min_brightness.sqrt(),
            high: settings.max_brightness.sqrt(),
        }
    }
}

impl Effect for Heartbeat {
    fn draw(&mut self, canvas: &mut Canvas<'_>, cx: &Context<'_>) -> Motion {
        let cycles = cx.elapsed_s() * self.speed_hz;
        let height = height(cycles.fract());
        let level = self.low + (self.high - self.low) * height;
        canvas.fill(self.colors.at(cycles).scale(lightness(level)));
        if cycles.fract() < PAUSE {
            return Motion::Moving;
        }
        Motion::Until(cx.start + Span::from_secs((cycles.floor() + 1.0) / self.speed_hz))
    }
}

/// Returns the height of the beat (0.0-1.0) at a phase of the cycle: smoothstep between the points
/// of `BEAT`.
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
    use super::super::Motion;
    use super::super::test::{at, draw, motion, plan};
    use super::*;

    #[test]
    fn both_beats_reach_full_height_and_the_dip_is_half() {
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
    fn the_level_stays_between_min_and_max() {
        let plan = plan(&SPEC, "speed=1 min=0.6 max=1.0");
        for step in 0..200 {
            let level = draw(&plan, 1, f64::from(step) * 0.01)[0].r;
            assert!((0.599..=1.001).contains(&level), "{level}");
        }
    }

    #[test]
    fn the_pause_is_static_until_the_next_beat() {
        let plan = plan(&SPEC, "speed=2");
        assert_eq!(motion(&plan, 4, 0.05), Motion::Moving);
        assert_eq!(motion(&plan, 4, 0.3), Motion::Until(at(0.5)));
    }

    #[test]
    fn each_pair_of_beats_has_the_next_color() {
        let plan = plan(&SPEC, "speed=1 max=1.0 color=red,blue");
        for (time, [r, b]) in [(0.15, [1.0, 0.0]), (0.25, [1.0, 0.0]), (1.25, [0.0, 1.0])] {
            let shown = draw(&plan, 1, time)[0];
            assert!(
                (shown.r - r).abs() < 1e-4 && (shown.b - b).abs() < 1e-4,
                "{shown:?}"
            );
        }
    }
}
