//! `candle`: the warm, restless light of a candle.

use super::options::{OptionKind, flag, number};
use super::random::Random;
use super::wave::{sine, turn};
use super::{
    Arguments, BuildContext, Canvas, Context, Effect, EffectExample, EffectSettings, EffectSpec,
    Motion, effect_settings, rows,
};
use crate::color::{Color, Palette, PaletteTable};

/// The effect.
pub(crate) const SPEC: EffectSpec = EffectSpec {
    name: "candle",
    help: "The warm, restless light of a candle",
    synonyms: &["candles", "lantern", "torch"],
    arguments: Arguments::COLOR,
    options: CandleSettings::OPTIONS,
    example: EffectExample {
        text: "candle each=yes",
        length_s: 6.0,
    },
    defaults: CandleSettings::defaults,
};

effect_settings! {
    /// Settings of `candle`.
    pub(crate) struct CandleSettings {
        colors: Palette = rows::COLOR.default("ff7010")
            .help("Color, if the effect is written without one; or colors from dim to bright, or \
                   a palette"),
        palette: Option<Palette> = rows::PALETTE,
        speed: f32 = number("speed", OptionKind::Above(0.0), "1.0")
            .help("Speed of the flicker; 2 is twice as fast"),
        max_brightness: f32 = rows::MAX_BRIGHTNESS.default("1.0"),
        flicker: f32 = number("candle_flicker", OptionKind::Within(0.0, 1.0), "0.6")
            .short("flicker")
            .help("How much light the flicker takes away at most"),
        is_each: bool = flag("candle_each", "no")
            .short("each")
            .help("Whether each pixel is a candle of its own"),
    }
}

impl EffectSettings for CandleSettings {
    fn spec(&self) -> &'static EffectSpec {
        &SPEC
    }

    fn tint(&self) -> Color {
        self.colors().last()
    }

    fn build(&self, cx: &BuildContext) -> Box<dyn Effect> {
        let colors = self.colors().scale(self.max_brightness);
        let is_single = colors.len() == 1;
        let dim = 1.0 - self.flicker;
        let light = |place: f32| dim + self.flicker * place;
        // `at` of a single color is that color.
        let table = PaletteTable::from_fn(|place| colors.at(place).scale(light(place)));
        let candle = |number: usize| {
            let mut random = Random::for_step(cx.seed, number as u64);
            WAVES.map(|_| random.unit())
        };
        let count = if self.is_each { cx.pixels } else { 1 };
        Box::new(Candle {
            table,
            speed: f64::from(self.speed),
            phases: (0..count).map(candle).collect(),
            is_still: self.flicker <= 0.0 && is_single,
        })
    }
}

impl CandleSettings {
    /// Returns the colors from dim to bright.
    fn colors(&self) -> &Palette {
        self.palette.as_ref().unwrap_or(&self.colors)
    }
}

/// The waves of the flicker: their frequencies in Hz and their shares. Fast ones are weak, as in a
/// real flame, and because fast flashes can harm people with photosensitive epilepsy.
const WAVES: [(f64, f32); 4] = [(0.37, 0.4), (0.83, 0.3), (1.9, 0.2), (5.3, 0.1)];

/// Dims the light by waves whose frequencies have no common multiple, so the flicker does not
/// repeat. Dips are short: the candle is bright most of the time.
#[derive(Debug)]
struct Candle {
    table: PaletteTable,
    speed: f64,
    /// The phases of the waves, for one candle or for each pixel.
    phases: Vec<[f32; WAVES.len()]>,
    is_still: bool,
}

impl Candle {
    fn color(&self, turns: &[f32; WAVES.len()], phases: &[f32; WAVES.len()]) -> Color {
        let mut sum = 0.0;
        for ((_, share), (turn, phase)) in WAVES.iter().zip(turns.iter().zip(phases)) {
            sum += share * sine(turn + phase);
        }
        let dip = (0.5 - 0.5 * sum).clamp(0.0, 1.0);
        self.table.at(1.0 - dip * dip)
    }
}

impl Effect for Candle {
    fn draw(&mut self, canvas: &mut Canvas<'_>, cx: &Context<'_>) -> Motion {
        let time = cx.elapsed_s() * self.speed;
        let turns = WAVES.map(|(rate, _)| turn(time * rate));
        match self.phases.as_slice() {
            [one] => canvas.fill(self.color(&turns, one)),
            each => {
                let each = &each[..canvas.len()];
                canvas.set_each(|pixel| self.color(&turns, &each[pixel]));
            }
        }
        if self.is_still {
            return Motion::Still;
        }
        Motion::Moving
    }
}

#[cfg(test)]
mod tests {
    use super::super::test::{draw, plan};
    use super::SPEC;

    #[test]
    fn the_light_stays_within_the_flicker() {
        let plan = plan(&SPEC, "flicker=0.4 color=white");
        let levels = (0..500).map(|step| draw(&plan, 1, f64::from(step) * 0.1)[0].r);
        let levels: Vec<f32> = levels.collect();
        assert!(levels.iter().all(|level| (0.599..=1.0).contains(level)));
        assert!(levels.iter().any(|level| *level < 0.8));
        assert!(levels.iter().any(|level| *level > 0.97));
    }

    #[test]
    fn pixels_can_be_candles_of_their_own() {
        let same = draw(&plan(&SPEC, ""), 3, 1.0);
        assert_eq!(same[0], same[2]);
        let each = draw(&plan(&SPEC, "each=yes"), 3, 1.0);
        assert!(each[0] != each[1] && each[1] != each[2]);
    }
}
