//! `aurora`: curtains of light drift over a dark group, like northern lights.

use super::options::{OptionKind, number};
use super::palettes::steepest;
use super::wave::{Noise, smooth};
use super::{
    Arguments, BuildContext, Canvas, CanvasPixel, Context, Effect, EffectExample, EffectSettings,
    EffectSpec, Motion, effect_settings, rows,
};
use crate::color::{Color, Palette, PaletteTable};

/// The effect.
pub(crate) const SPEC: EffectSpec = EffectSpec {
    name: "aurora",
    help: "Curtains of light drift over a dark group, like northern lights",
    synonyms: &["borealis", "northernlights"],
    arguments: Arguments::PALETTE,
    options: AuroraSettings::OPTIONS,
    example: EffectExample {
        text: "aurora",
        length_s: 10.0,
    },
    defaults: AuroraSettings::defaults,
};

effect_settings! {
    /// Settings of `aurora`.
    pub(crate) struct AuroraSettings {
        palette: Palette = rows::GRADIENT.default("00ff40,00ffa0,00a0ff,8000ff"),
        speed_hz: f32 = rows::SPEED_HZ.default("0.25").help("How often the curtains change"),
        max_brightness: f32 = rows::MAX_BRIGHTNESS.default("1.0"),
        scale: f32 = number("aurora_scale", OptionKind::Within(0.1, 100.0), "5.0")
            .short("scale")
            .help("How many curtains the group has at most"),
    }
}

impl EffectSettings for AuroraSettings {
    fn spec(&self) -> &'static EffectSpec {
        &SPEC
    }

    fn tint(&self) -> Color {
        self.palette.first()
    }

    fn build(&self, cx: &BuildContext) -> Box<dyn Effect> {
        let table = PaletteTable::new(&self.palette.scale(self.max_brightness));
        let rate = steepest(&table) + FASTEST * self.max_brightness;
        Box::new(Aurora {
            rate: rate * self.speed_hz,
            table,
            speed_hz: f64::from(self.speed_hz),
            step: self.scale / cx.pixels.max(1) as f32,
            curtains: Noise::new(cx.seed, self.scale),
            colors: Noise::new(!cx.seed, self.scale * COLORS),
        })
    }
}

/// How many colors the group has for each curtain.
const COLORS: f32 = 0.5;

/// The noise at which a curtain begins, and that at which it has its full light.
const EDGES: (f32, f32) = (0.3, 0.95);

/// Speed of the curtains and of the colors along the group, in points per change.
const DRIFTS: [f64; 2] = [0.4, 0.15];

/// The largest change of the light per change of a point.
const FASTEST: f32 = 6.0;

/// One layer of noise is the light, another one the color. The dark parts are transparent.
#[derive(Debug)]
struct Aurora {
    table: PaletteTable,
    speed_hz: f64,
    step: f32,
    curtains: Noise,
    colors: Noise,
    rate: f32,
}

impl Effect for Aurora {
    fn draw(&mut self, canvas: &mut Canvas<'_>, cx: &Context<'_>) -> Motion {
        let changes = cx.elapsed_s() * self.speed_hz;
        self.curtains.set(changes, changes * DRIFTS[0]);
        self.colors.set(changes, changes * DRIFTS[1]);
        canvas.set_each(|pixel| {
            let place = pixel as f32 * self.step;
            let light = (self.curtains.at(place) - EDGES.0) / (EDGES.1 - EDGES.0);
            let light = smooth(light.clamp(0.0, 1.0));
            let color = self.table.at(self.colors.at(place * COLORS));
            CanvasPixel::new(color, light * light)
        });
        Motion::for_rate(cx.now, self.rate)
    }
}

#[cfg(test)]
mod tests {
    use super::super::test::{draw, plan};
    use super::SPEC;
    use crate::color::Color;

    #[test]
    fn a_part_of_the_group_is_dark_and_a_part_is_bright() {
        let canvases = (0..40).flat_map(|time| draw(&plan(&SPEC, ""), 60, f64::from(time)));
        let levels: Vec<f32> = canvases.map(Color::peak).collect();
        let part = |is: fn(f32) -> bool| {
            levels.iter().filter(|it| is(**it)).count() as f32 / levels.len() as f32
        };
        assert!(
            (0.15..0.6).contains(&part(|level| level < 0.02)),
            "{}",
            part(|it| it < 0.02)
        );
        assert!(
            (0.03..0.5).contains(&part(|level| level > 0.6)),
            "{}",
            part(|it| it > 0.6)
        );
    }
}
