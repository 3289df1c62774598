//! `strobe`: flashes that decay.

use super::options::{OptionKind, number};
use super::{
    Arguments, BuildContext, Canvas, CanvasPixel, Context, Effect, EffectExample, EffectSettings,
    EffectSpec, Motion, effect_settings, rows,
};
use crate::color::{Color, Palette};
use crate::time::Span;

/// The effect.
pub(crate) const SPEC: EffectSpec = EffectSpec {
    name: "strobe",
    help: "The whole group flashes, and each flash decays",
    synonyms: &["alarm", "beacon"],
    arguments: Arguments::COLOR,
    options: StrobeSettings::OPTIONS,
    example: EffectExample {
        text: "strobe white",
        length_s: 3.0,
    },
    defaults: StrobeSettings::defaults,
};

effect_settings! {
    /// Settings of `strobe`.
    pub(crate) struct StrobeSettings {
        colors: Palette = rows::COLOR,
        palette: Option<Palette> = rows::PALETTE,
        speed_hz: f32 = rows::SPEED_HZ.help(
            "Flashes per second; more than 3 can harm people with photosensitive epilepsy",
        ),
        max_brightness: f32 = rows::MAX_BRIGHTNESS.default("1.0"),
        decay_s: f32 = number("strobe_decay", OptionKind::Within(0.0, 60.0), "0.4")
            .short("decay")
            .unit("s")
            .help("Time in which a flash decays to a twentieth of its light"),
    }
}

impl EffectSettings for StrobeSettings {
    fn spec(&self) -> &'static EffectSpec {
        &SPEC
    }

    fn tint(&self) -> Color {
        self.colors().first()
    }

    fn build(&self, _: &BuildContext) -> Box<dyn Effect> {
        Box::new(Strobe {
            colors: self.colors().scale(self.max_brightness).colors().collect(),
            speed_hz: f64::from(self.speed_hz),
            decay_s: f64::from(self.decay_s).max(MIN_DECAY_S),
        })
    }
}

impl StrobeSettings {
    /// Returns the colors, one for each flash.
    fn colors(&self) -> &Palette {
        self.palette.as_ref().unwrap_or(&self.colors)
    }
}

/// The shortest decay. A shorter flash would be missed by a frame.
const MIN_DECAY_S: f64 = 0.05;

/// The natural logarithm of the light that is left after the decay, a twentieth.
const DECAY: f64 = -2.995_732_3;

/// The level at which a flash is over: less than one step of an 8-bit channel.
const DARK: f32 = 1.0 / 512.0;

/// Flashes `speed` times per second, each time in the next color. A flash begins at full brightness
/// and decays exponentially.
#[derive(Debug)]
struct Strobe {
    colors: Vec<Color>,
    speed_hz: f64,
    decay_s: f64,
}

impl Effect for Strobe {
    fn draw(&mut self, canvas: &mut Canvas<'_>, cx: &Context<'_>) -> Motion {
        let flashes = cx.elapsed_s() * self.speed_hz;
        let age_s = flashes.fract() / self.speed_hz;
        let level = (DECAY * age_s / self.decay_s).exp() as f32;
        let is_over = level < DARK;
        let level = if is_over { 0.0 } else { level };
        let color = rows::in_turn(&self.colors, flashes as u64);
        canvas.set_each(|_| CanvasPixel::new(color, level));
        if is_over {
            return Motion::Until(
                cx.start + Span::from_secs((flashes.floor() + 1.0) / self.speed_hz),
            );
        }
        Motion::Moving
    }
}

#[cfg(test)]
mod tests {
    use super::super::Motion;
    use super::super::test::{at, draw, motion, plan};
    use super::SPEC;

    #[test]
    fn a_flash_decays_to_a_twentieth() {
        let plan = plan(&SPEC, "speed=1 decay=0.2 color=white");
        for (time, level) in [(0.0, 1.0), (0.2, 0.05), (0.9, 0.0), (1.0, 1.0)] {
            let shown = draw(&plan, 2, time)[1].r;
            assert!((shown - level).abs() < 1e-3, "{time} s: {shown}");
        }
        assert_eq!(motion(&plan, 2, 0.1), Motion::Moving);
        assert_eq!(motion(&plan, 2, 0.7), Motion::Until(at(1.0)));
    }

    #[test]
    fn each_flash_has_the_next_color() {
        let plan = plan(&SPEC, "speed=2 color=red,blue");
        let shown = [0.0, 0.5, 1.0].map(|time| draw(&plan, 1, time)[0]);
        assert!(shown[0].r > 0.9 && shown[1].b > 0.9 && shown[2].r > 0.9);
    }
}
