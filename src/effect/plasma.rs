//! `plasma`: waves of colors overlap and move through each other.

use super::options::{OptionKind, number};
use super::palettes::{closed, steepest};
use super::wave::{sine, turn};
use super::{
    Arguments, BuildContext, Canvas, Context, Effect, EffectExample, EffectSettings, EffectSpec,
    Motion, effect_settings, rows,
};
use crate::color::{Color, Palette, PaletteTable};

/// The effect.
pub(crate) const SPEC: EffectSpec = EffectSpec {
    name: "plasma",
    help: "Waves of colors move through each other",
    synonyms: &["colorwave", "phased", "waves"],
    arguments: Arguments::PALETTE,
    options: PlasmaSettings::OPTIONS,
    example: EffectExample {
        text: "plasma",
        length_s: 8.0,
    },
    defaults: PlasmaSettings::defaults,
};

effect_settings! {
    /// Settings of `plasma`.
    pub(crate) struct PlasmaSettings {
        palette: Palette = rows::GRADIENT.default("party"),
        speed_hz: f32 = rows::SPEED_HZ.default("0.2").help("How often the waves move on by one"),
        max_brightness: f32 = rows::MAX_BRIGHTNESS.default("1.0"),
        scale: f32 = number("plasma_scale", OptionKind::Within(0.1, 100.0), "1.0")
            .short("scale")
            .help("How many waves the group has"),
    }
}

impl EffectSettings for PlasmaSettings {
    fn spec(&self) -> &'static EffectSpec {
        &SPEC
    }

    fn tint(&self) -> Color {
        self.palette.first()
    }

    fn build(&self, cx: &BuildContext) -> Box<dyn Effect> {
        let table = PaletteTable::new(&closed(&self.palette.scale(self.max_brightness)));
        Box::new(Plasma {
            rate: steepest(&table) * self.speed_hz * FASTEST,
            table,
            speed_hz: f64::from(self.speed_hz),
            step: self.scale / cx.pixels.max(1) as f32,
        })
    }
}

/// The three waves: how many fit into the group at a scale of 1, and their speeds.
const WAVES: [(f32, f64); 3] = [(1.0, 1.0), (1.7, -1.3), (0.6, 0.55)];

/// The share of each wave in the place in the palette, of which 1.0 is a full round.
const SHARE: f32 = 0.2;

/// Rounds of the whole palette per round of the first wave.
const SHIFT: f64 = 0.35;

/// The largest change of the place in the palette while the first wave moves on by one.
const FASTEST: f32 = 5.0;

/// Three waves of different lengths, speeds and directions select the colors together. The last
/// color leads back to the first one.
#[derive(Debug)]
struct Plasma {
    table: PaletteTable,
    speed_hz: f64,
    step: f32,
    rate: f32,
}

impl Effect for Plasma {
    fn draw(&mut self, canvas: &mut Canvas<'_>, cx: &Context<'_>) -> Motion {
        let turns = cx.elapsed_s() * self.speed_hz;
        let phases = WAVES.map(|(_, speed)| turn(turns * speed));
        let shift = turn(turns * SHIFT);
        canvas.set_each(|pixel| {
            let place = pixel as f32 * self.step;
            let mut sum = 0.0;
            for ((waves, _), phase) in WAVES.iter().zip(phases) {
                sum += sine(place * waves + phase);
            }
            let place = shift + sum * SHARE;
            self.table.at(place - place.floor())
        });
        Motion::for_rate(cx.now, self.rate)
    }
}

#[cfg(test)]
mod tests {
    use super::super::test::{draw, plan};
    use super::SPEC;

    #[test]
    fn the_colors_change_along_the_group_and_with_time() {
        let plan = plan(&SPEC, "palette=red,lime,blue");
        let (before, after) = (draw(&plan, 100, 1.0), draw(&plan, 100, 2.0));
        assert!(before[0].distance(before[50]) > 0.1);
        assert!(before[20].distance(after[20]) > 0.1);
        let step = |pair: &[crate::color::Color]| pair[0].distance(pair[1]);
        assert!(before.windows(2).map(step).fold(0.0, f32::max) < 0.3);
    }
}
