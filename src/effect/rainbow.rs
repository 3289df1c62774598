//! `rainbow`: the color wheel moves along the group.

use super::options::{OptionKind, number};
use super::{
    Arguments, BuildContext, Canvas, Context, Effect, EffectExample, EffectSettings, EffectSpec,
    Motion, effect_settings, rows,
};
use crate::color::Color;
use crate::color::hsv::hsv;

/// The effect.
pub(crate) const SPEC: EffectSpec = EffectSpec {
    name: "rainbow",
    help: "The color wheel moves along the group",
    synonyms: &[],
    arguments: Arguments::NONE,
    options: RainbowSettings::OPTIONS,
    example: EffectExample {
        text: "rainbow",
        length_s: 5.0,
    },
    defaults: RainbowSettings::defaults,
};

effect_settings! {
    /// Settings of `rainbow`.
    pub(crate) struct RainbowSettings {
        speed_hz: f32 = rows::SPEED_HZ.default("0.2"),
        max_brightness: f32 = rows::MAX_BRIGHTNESS,
        spread: f32 = number("rainbow_spread", OptionKind::Within(0.0, 1.0), "1.0")
            .short("spread")
            .unit("turns of the color wheel")
            .help("Part of the color wheel that the group shows at once; 0 shows a single color"),
    }
}

impl EffectSettings for RainbowSettings {
    fn spec(&self) -> &'static EffectSpec {
        &SPEC
    }

    fn tint(&self) -> Color {
        Color::WHITE
    }

    fn build(&self, _: &BuildContext) -> Box<dyn Effect> {
        Box::new(Rainbow::new(self))
    }
}

/// Shows `rainbow_spread` turns of the color wheel along the group.
///
/// The hues move toward the first pixel, `speed` turns per second. A full turn has no seam between
/// the last and the first pixel. A single pixel cycles through all hues. `direction: reverse` moves
/// the hues toward the last pixel.
#[derive(Debug)]
struct Rainbow {
    speed_hz: f64,
    spread: f32,
    level: f32,
}

impl Rainbow {
    fn new(settings: &RainbowSettings) -> Self {
        Self {
            speed_hz: f64::from(settings.speed_hz),
            spread: settings.spread,
            level: settings.max_brightness,
        }
    }
}

impl Effect for Rainbow {
    #[expect(clippy::cast_possible_wrap, reason = "a canvas is far shorter")]
    fn draw(&mut self, canvas: &mut Canvas<'_>, cx: &Context<'_>) -> Motion {
        let turn = (cx.elapsed_s() * self.speed_hz).fract() as f32;
        let step = self.spread / canvas.len() as f32;
        let level = self.level;
        // 32 bits, which vector instructions can convert.
        canvas.set_each(|pixel| hsv(turn + pixel as i32 as f32 * step, 1.0, level));
        // A channel goes from dark to full within a sixth of a turn.
        Motion::for_rate(cx.now, 6.0 * self.speed_hz as f32 * self.level)
    }
}

#[cfg(test)]
mod tests {
    use super::super::test::{draw, plan};
    use super::SPEC;
    use crate::color::Color;

    #[test]
    fn the_hues_move_toward_the_first_pixel() {
        let plan = plan(&SPEC, "speed=0.5 max=1.0");
        let before = draw(&plan, 8, 0.0);
        let after = draw(&plan, 8, 0.25);
        for pixel in 0..7 {
            assert!(after[pixel].distance(before[pixel + 1]) < 1e-4);
        }
        assert!(after[7].distance(before[0]) < 1e-4, "no seam");
    }

    #[test]
    fn a_spread_of_zero_shows_one_color() {
        let canvas = draw(&plan(&SPEC, "spread=0 max=1.0"), 5, 0.0);
        assert!(
            canvas
                .iter()
                .all(|c| c.distance(Color::rgb(1.0, 0.0, 0.0)) < 1e-5)
        );
    }
}
