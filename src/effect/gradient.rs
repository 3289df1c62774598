//! `gradient`: a gradient that moves along the group.

use super::options::{OptionKind, number};
use super::palettes::{closed, steepest};
use super::wave::turn;
use super::{
    Arguments, BuildContext, Canvas, Context, Effect, EffectExample, EffectSettings, EffectSpec,
    Motion, effect_settings, rows,
};
use crate::color::{Color, Palette, PaletteTable};

/// The effect.
pub(crate) const SPEC: EffectSpec = EffectSpec {
    name: "gradient",
    help: "A gradient of colors moves along the group",
    synonyms: &["colorwaves", "palette", "wave"],
    arguments: Arguments::PALETTE,
    options: GradientSettings::OPTIONS,
    example: EffectExample {
        text: "gradient red ff6600 ffe600 speed=0.25",
        length_s: 4.0,
    },
    defaults: GradientSettings::defaults,
};

effect_settings! {
    /// Settings of `gradient`.
    pub(crate) struct GradientSettings {
        palette: Palette = rows::GRADIENT,
        speed_hz: f32 = number("speed", OptionKind::Within(0.0, 1000.0), "0.1")
            .unit("Hz")
            .help("How often the gradient moves along the group; 0 stands still"),
        max_brightness: f32 = rows::MAX_BRIGHTNESS.default("1.0"),
        gradient_count: f32 = number("gradient_count", OptionKind::Within(0.01, 100.0), "1.0")
            .short("count")
            .help("How many gradients the group shows at once"),
    }
}

impl EffectSettings for GradientSettings {
    fn spec(&self) -> &'static EffectSpec {
        &SPEC
    }

    fn tint(&self) -> Color {
        self.palette.first()
    }

    fn build(&self, cx: &BuildContext) -> Box<dyn Effect> {
        let table = PaletteTable::new(&closed(&self.palette.scale(self.max_brightness)));
        Box::new(Gradient {
            // The gradient moves by `count` rounds of the palette while it passes the group.
            rate: self.speed_hz * self.gradient_count * steepest(&table),
            table,
            speed_hz: f64::from(self.speed_hz * self.gradient_count),
            step: self.gradient_count / cx.pixels.max(1) as f32,
        })
    }
}

/// Repeats the colors along the group and moves them from the first to the last pixel, `speed`
/// times per second.
///
/// The last color leads back to the first one, so there is no seam. A single pixel shows one color
/// after the other.
#[derive(Debug)]
struct Gradient {
    table: PaletteTable,
    speed_hz: f64,
    /// The part of the palette from one pixel to the next.
    step: f32,
    /// The largest change of a channel per second.
    rate: f32,
}

impl Effect for Gradient {
    fn draw(&mut self, canvas: &mut Canvas<'_>, cx: &Context<'_>) -> Motion {
        let first = 1.0 - turn(cx.elapsed_s() * self.speed_hz);
        canvas.set_each(|pixel| {
            let place = first + pixel as f32 * self.step;
            self.table.at(place - place.floor())
        });
        Motion::for_rate(cx.now, self.rate)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Motion;
    use super::super::test::{draw, motion, plan};
    use super::SPEC;
    use crate::color::Color;

    #[test]
    fn the_colors_move_toward_the_last_pixel_without_a_seam() {
        let plan = plan(&SPEC, "speed=0.5 palette=red,lime,blue,white");
        let (before, after) = (draw(&plan, 8, 0.0), draw(&plan, 8, 0.25));
        for pixel in 0..8 {
            assert!(after[(pixel + 1) % 8].distance(before[pixel]) < 1e-4);
        }
        assert_eq!(before[0], Color::rgb(1.0, 0.0, 0.0));
    }

    #[test]
    fn without_speed_it_stands_still() {
        let plan = plan(&SPEC, "speed=0 palette=red,lime");
        assert_eq!(motion(&plan, 8, 3.0), Motion::Still);
        assert_eq!(draw(&plan, 8, 0.0), draw(&plan, 8, 7.3));
    }

    #[test]
    fn several_gradients_repeat_the_colors() {
        let canvas = draw(
            &plan(&SPEC, "speed=0 count=2 palette=red,lime,blue"),
            12,
            0.0,
        );
        for pixel in 0..6 {
            assert!(canvas[pixel].distance(canvas[pixel + 6]) < 1e-4);
        }
    }
}
