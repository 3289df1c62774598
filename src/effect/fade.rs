//! `fade`: the whole group fades through colors.

use super::palettes::{closed, steepest};
use super::wave::turn;
use super::{
    Arguments, BuildContext, Canvas, Context, Effect, EffectExample, EffectSettings, EffectSpec,
    Motion, effect_settings, rows,
};
use crate::color::{Color, Palette, PaletteTable};

/// The effect.
pub(crate) const SPEC: EffectSpec = EffectSpec {
    name: "fade",
    help: "The whole group fades from color to color",
    synonyms: &["colorfade", "colorloop", "cycle"],
    arguments: Arguments::PALETTE,
    options: FadeSettings::OPTIONS,
    example: EffectExample {
        text: "fade red lime blue speed=0.2",
        length_s: 5.0,
    },
    defaults: FadeSettings::defaults,
};

effect_settings! {
    /// Settings of `fade`.
    pub(crate) struct FadeSettings {
        palette: Palette = rows::GRADIENT,
        speed_hz: f32 = rows::SPEED_HZ
            .default("0.1")
            .help("How often the group shows all colors"),
        max_brightness: f32 = rows::MAX_BRIGHTNESS.default("1.0"),
    }
}

impl EffectSettings for FadeSettings {
    fn spec(&self) -> &'static EffectSpec {
        &SPEC
    }

    fn tint(&self) -> Color {
        self.palette.first()
    }

    fn build(&self, _: &BuildContext) -> Box<dyn Effect> {
        let table = PaletteTable::new(&closed(&self.palette.scale(self.max_brightness)));
        Box::new(ColorFade {
            rate: self.speed_hz * steepest(&table),
            table,
            speed_hz: f64::from(self.speed_hz),
        })
    }
}

/// Fades through all colors and back to the first one, `speed` times per second.
///
/// The places of the colors in a palette are points in time. A single color does not change.
#[derive(Debug)]
struct ColorFade {
    table: PaletteTable,
    speed_hz: f64,
    /// The largest change of a channel per second.
    rate: f32,
}

impl Effect for ColorFade {
    fn draw(&mut self, canvas: &mut Canvas<'_>, cx: &Context<'_>) -> Motion {
        canvas.fill(self.table.at(turn(cx.elapsed_s() * self.speed_hz)));
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
    fn each_color_has_the_same_time_and_the_last_leads_to_the_first() {
        let plan = plan(&SPEC, "speed=0.1 palette=red,white,blue");
        let [red, blue] = [Color::rgb(1.0, 0.0, 0.0), Color::rgb(0.0, 0.0, 1.0)];
        for (time, color) in [
            (0.0, red),
            (10.0 / 3.0, Color::WHITE),
            (20.0 / 3.0, blue),
            (9.999, red),
        ] {
            let shown = draw(&plan, 2, time)[1];
            assert!(shown.distance(color) < 0.02, "{time} s: {shown:?}");
        }
    }

    #[test]
    fn one_color_does_not_change() {
        assert_eq!(motion(&plan(&SPEC, "palette=red"), 2, 1.0), Motion::Still);
    }
}
