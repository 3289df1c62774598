//! `noise`: colors flow along the group like smoke or water.

use super::options::{OptionKind, number};
use super::palettes::{from_black, steepest};
use super::wave::Noise;
use super::{
    Arguments, BuildContext, Canvas, Context, Effect, EffectExample, EffectSettings, EffectSpec,
    Motion, effect_settings, rows,
};
use crate::color::{Color, Palette, PaletteTable};

/// The effect.
pub(crate) const SPEC: EffectSpec = EffectSpec {
    name: "noise",
    help: "Colors flow into each other at random, like water or lava",
    synonyms: &["flow", "lake", "pacifica", "perlin", "smoke", "water"],
    arguments: Arguments::PALETTE,
    options: NoiseSettings::OPTIONS,
    example: EffectExample {
        text: "noise lava",
        length_s: 8.0,
    },
    defaults: NoiseSettings::defaults,
};

effect_settings! {
    /// Settings of `noise`.
    pub(crate) struct NoiseSettings {
        palette: Palette = rows::GRADIENT.default("ocean")
            .help("Colors, or a palette by its name; a single color begins at black"),
        speed_hz: f32 = rows::SPEED_HZ.default("0.4").help("How often a place changes its color"),
        max_brightness: f32 = rows::MAX_BRIGHTNESS.default("1.0"),
        scale: f32 = number("noise_scale", OptionKind::Within(0.1, 100.0), "4.0")
            .short("scale")
            .help("How many places of different colors the group has"),
    }
}

impl EffectSettings for NoiseSettings {
    fn spec(&self) -> &'static EffectSpec {
        &SPEC
    }

    fn tint(&self) -> Color {
        self.palette.last()
    }

    fn build(&self, cx: &BuildContext) -> Box<dyn Effect> {
        let palette = self.palette.scale(self.max_brightness);
        let table = PaletteTable::new(&from_black(&palette));
        let fine = self.scale * FINE;
        Box::new(NoiseEffect {
            rate: steepest(&table) * self.speed_hz * FASTEST,
            table,
            speed_hz: f64::from(self.speed_hz),
            step: self.scale / cx.pixels.max(1) as f32,
            coarse: Noise::new(cx.seed, self.scale),
            fine: Noise::new(!cx.seed, fine),
        })
    }
}

/// How much finer and faster the second noise is.
const FINE: f32 = 2.3;

/// The shares of the two noises, whose sum exceeds the range of the palette, because both are
/// rarely extreme at the same time.
const SHARES: [f32; 2] = [1.0, 0.5];

/// The largest change of the place in the palette per change of a point.
const FASTEST: f32 = 6.0;

/// Speed along the group, in points per change.
const DRIFT: f64 = 0.3;

/// Two layers of noise, which drift along the group and change, select the colors.
#[derive(Debug)]
struct NoiseEffect {
    table: PaletteTable,
    speed_hz: f64,
    step: f32,
    coarse: Noise,
    fine: Noise,
    rate: f32,
}

impl Effect for NoiseEffect {
    fn draw(&mut self, canvas: &mut Canvas<'_>, cx: &Context<'_>) -> Motion {
        let changes = cx.elapsed_s() * self.speed_hz;
        self.coarse.set(changes, changes * DRIFT);
        self.fine.set(changes * f64::from(FINE), changes * DRIFT);
        canvas.set_each(|pixel| {
            let place = pixel as f32 * self.step;
            let coarse = self.coarse.at(place) - 0.5;
            let fine = self.fine.at(place * FINE) - 0.5;
            self.table.at(0.5 + SHARES[0] * coarse + SHARES[1] * fine)
        });
        Motion::for_rate(cx.now, self.rate)
    }
}

#[cfg(test)]
mod tests {
    use super::super::test::{draw, plan};
    use super::SPEC;

    #[test]
    fn all_of_the_palette_shows_and_neighbors_are_similar() {
        let plan = plan(&SPEC, "palette=black,white");
        let mut levels = Vec::new();
        for time in 0..40 {
            let canvas = draw(&plan, 200, f64::from(time));
            let step = |pair: &[crate::color::Color]| pair[0].distance(pair[1]);
            assert!(canvas.windows(2).map(step).fold(0.0, f32::max) < 0.2);
            levels.extend(canvas.into_iter().map(|color| color.r));
        }
        assert!(levels.iter().any(|level| *level < 0.01));
        assert!(levels.iter().any(|level| *level > 0.9));
    }
}
