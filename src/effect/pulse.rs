//! `pulse`: the whole group brightens and dims evenly.

use super::color_cycle::ColorCycle;
use super::{
    Arguments, BuildContext, Canvas, Context, Effect, EffectExample, EffectSettings, EffectSpec,
    Motion, effect_settings, rows,
};
use crate::color::{Color, Palette, lightness};
use std::f64::consts::TAU;

/// The effect.
pub(crate) const SPEC: EffectSpec = EffectSpec {
    name: "pulse",
    help: "The whole group brightens and dims evenly",
    synonyms: &["breath", "breathe", "glow"],
    arguments: Arguments::COLOR,
    options: PulseSettings::OPTIONS,
    example: EffectExample {
        text: "pulse orange",
        length_s: 4.0,
    },
    defaults: PulseSettings::defaults,
};

effect_settings! {
    /// Settings of `pulse`.
    pub struct PulseSettings {
        colors: Palette = rows::COLOR,
        palette: Option<Palette> = rows::PALETTE,
        speed_hz: f32 = rows::SPEED_HZ.default("0.5"),
        min_brightness: f32 = rows::MIN_BRIGHTNESS,
        max_brightness: f32 = rows::MAX_BRIGHTNESS,
    }
}

impl EffectSettings for PulseSettings {
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
        Box::new(Pulse::new(self))
    }
}

impl PulseSettings {
    /// Returns the colors of the pulses.
    fn colors(&self) -> &Palette {
        self.palette.as_ref().unwrap_or(&self.colors)
    }
}

/// Pulses between `min_brightness` and `max_brightness`, `speed` times per second.
///
/// A cycle starts at the minimum. Each cycle has the next color, which fades in as the pulse rises.
/// The cosine is applied to perceived lightness, not to light, so the pulse looks even.
/// `direction: reverse` has no effect.
#[derive(Debug)]
struct Pulse {
    colors: ColorCycle,
    speed_hz: f64,
    low: f32,
    high: f32,
}

impl Pulse {
    fn new(settings: &PulseSettings) -> Self {
        Self {
            colors: ColorCycle::new(settings.colors(), 1.0),
            speed_hz: f64::from(settings.speed_hz),
            low: settings.min_brightness.sqrt(),
            high: settings.max_brightness.sqrt(),
        }
    }
}

impl Effect for Pulse {
    fn draw(&mut self, canvas: &mut Canvas<'_>, cx: &Context<'_>) -> Motion {
        let cycles = cx.elapsed_s() * self.speed_hz;
        let swing = (0.5 - 0.5 * (cycles.fract() * TAU).cos()) as f32;
        let level = self.low + (self.high - self.low) * swing;
        canvas.fill(self.colors.at(cycles).scale(lightness(level)));
        if self.colors.is_changing() {
            return Motion::Moving;
        }
        // An upper bound: the slope of the cosine times that of the square.
        let slope = std::f32::consts::TAU * (self.high - self.low) * self.high.max(self.low);
        Motion::for_rate(cx.now, slope * self.speed_hz as f32 * self.colors.peak())
    }
}

#[cfg(test)]
mod tests {
    use super::super::test::{draw, plan};
    use super::SPEC;
    use crate::color::Color;

    #[test]
    fn a_cycle_starts_at_the_minimum_and_peaks_halfway() {
        let plan = plan(&SPEC, "speed=1 min=0.2 max=0.8");
        for (time, level) in [
            (0.0, 0.2),
            (0.5, 0.8),
            (1.0, 0.2),
            (0.25, 0.447_213_6 + 0.002_786),
        ] {
            let actual = draw(&plan, 3, time)[1].r;
            assert!((actual - level).abs() < 0.001, "{time} s: {actual}");
        }
    }

    #[test]
    fn a_minimum_above_the_maximum_inverts_the_pulse() {
        let plan = plan(&SPEC, "speed=1 min=1.0 max=0.0");
        assert!((draw(&plan, 1, 0.0)[0].r - 1.0).abs() < 1e-5);
        assert!(draw(&plan, 1, 0.5)[0].r < 1e-5);
    }

    #[test]
    fn each_pulse_has_the_next_color() {
        let plan = plan(&SPEC, "speed=1 min=0 max=1.0 color=red,lime,blue");
        let lime = Color::rgb(0.5, 1.0, 0.0);
        let [red, blue] = [Color::rgb(1.0, 0.0, 0.0), Color::rgb(0.0, 0.0, 1.0)];
        for (time, color) in [(0.5, red), (1.5, lime), (2.5, blue), (3.5, red)] {
            let shown = draw(&plan, 1, time)[0];
            assert!(shown.distance(color) < 1e-5, "{time} s: {shown:?}");
        }
    }
}
