//! `ripple`: waves spread from random places, like drops on water.

use super::options::{OptionKind, number};
use super::random::Random;
use super::{
    Arguments, BuildContext, Canvas, CanvasPixel, Context, Effect, EffectExample, EffectSettings,
    EffectSpec, Motion, effect_settings, rows,
};
use crate::color::{Color, Palette};

/// The effect.
pub(crate) const SPEC: EffectSpec = EffectSpec {
    name: "ripple",
    help: "Waves spread from random places, like drops on water",
    synonyms: &["drip", "drops", "rain", "ripples"],
    arguments: Arguments::COLOR,
    options: RippleSettings::OPTIONS,
    example: EffectExample {
        text: "ripple cyan 0066ff",
        length_s: 6.0,
    },
    defaults: RippleSettings::defaults,
};

effect_settings! {
    /// Settings of `ripple`.
    pub(crate) struct RippleSettings {
        colors: Palette = rows::COLOR.default("cyan"),
        palette: Option<Palette> = rows::PALETTE,
        speed_hz: f32 = rows::SPEED_HZ.default("0.8").help("Drops per second"),
        max_brightness: f32 = rows::MAX_BRIGHTNESS.default("1.0"),
        size: f32 = number("ripple_size", OptionKind::Within(0.01, 1.0), "0.35")
            .short("size")
            .unit("group lengths")
            .help("How far a wave spreads to each side"),
    }
}

impl EffectSettings for RippleSettings {
    fn spec(&self) -> &'static EffectSpec {
        &SPEC
    }

    fn tint(&self) -> Color {
        self.colors().first()
    }

    fn build(&self, cx: &BuildContext) -> Box<dyn Effect> {
        let reach_px = (self.size * cx.pixels as f32).max(MIN_REACH_PX);
        let speed_hz = f64::from(self.speed_hz);
        Box::new(Ripple {
            colors: self.colors().scale(self.max_brightness).colors().collect(),
            seed: cx.seed,
            speed_hz,
            life: (LIFE_S * speed_hz).min(MOST as f64),
            reach_px,
            width_px: (reach_px * WIDTH).max(MIN_WIDTH_PX),
            waves: vec![(Color::BLACK, 0.0); cx.pixels],
        })
    }
}

impl RippleSettings {
    /// Returns the colors to choose from.
    fn colors(&self) -> &Palette {
        self.palette.as_ref().unwrap_or(&self.colors)
    }
}

/// The time in which a wave spreads and fades.
const LIFE_S: f64 = 2.2;

/// The highest number of waves at the same time; more drops live shorter.
const MOST: u64 = 12;

/// The shortest way of a wave.
const MIN_REACH_PX: f32 = 4.0;

/// The width of a wave to each side, as a part of its way, and at least.
const WIDTH: f32 = 0.16;
const MIN_WIDTH_PX: f32 = 1.2;

/// Lets a drop fall about `speed` times per second. Its two waves spread, and fade on their way.
/// Where waves meet, the brighter one shows.
#[derive(Debug)]
struct Ripple {
    colors: Vec<Color>,
    seed: u64,
    speed_hz: f64,
    /// The life of a wave, as a number of drops.
    life: f64,
    reach_px: f32,
    width_px: f32,
    /// The color and the light of each pixel in the frame that is drawn.
    waves: Vec<(Color, f32)>,
}

impl Ripple {
    /// Adds the waves of a drop; `drops` is the time in drops.
    fn add(&mut self, number: u64, drops: f64) {
        let mut random = Random::for_step(self.seed, number);
        // Drops do not fall at regular times.
        let age = (drops - number as f64 - f64::from(random.unit())) / self.life;
        if !(0.0..1.0).contains(&age) {
            return;
        }
        let center = random.unit() * self.waves.len() as f32 - 0.5;
        let color = match self.colors.len() {
            0 => Color::BLACK,
            count => self.colors[random.below(count)],
        };
        let age = age as f32;
        let radius = self.reach_px * (1.0 - (1.0 - age) * (1.0 - age));
        let light = (1.0 - age) * (1.0 - age);
        let first = (center - radius - self.width_px).ceil().max(0.0) as usize;
        let end = (center + radius + self.width_px + 1.0).max(0.0) as usize;
        let end = end.min(self.waves.len());
        let per_px = self.width_px.recip();
        for pixel in first.min(end)..end {
            let from_center = (pixel as f32 - center).abs();
            let distance = (from_center - radius).abs() * per_px;
            let shape = (1.0 - distance * distance).max(0.0);
            let level = light * shape * shape;
            if level > self.waves[pixel].1 {
                self.waves[pixel] = (color, level);
            }
        }
    }
}

impl Effect for Ripple {
    fn draw(&mut self, canvas: &mut Canvas<'_>, cx: &Context<'_>) -> Motion {
        let drops = cx.elapsed_s() * self.speed_hz;
        self.waves.fill((Color::BLACK, 0.0));
        let newest = drops as u64;
        let oldest = newest.saturating_sub(self.life.ceil() as u64 + 1);
        for number in oldest..=newest {
            self.add(number, drops);
        }
        let waves = &self.waves[..canvas.len()];
        canvas.set_each(|pixel| {
            let (color, light) = waves[pixel];
            CanvasPixel::new(color, light)
        });
        Motion::Moving
    }
}

#[cfg(test)]
mod tests {
    use super::super::test::{draw, plan};
    use super::SPEC;

    #[test]
    fn waves_spread_from_a_drop_and_fade() {
        let plan = plan(&SPEC, "speed=0.05 color=white");
        // One drop in 20 s; find when it falls.
        let lit = |time: f64| -> Vec<usize> {
            let canvas = draw(&plan, 100, time);
            (0..100).filter(|pixel| canvas[*pixel].r > 0.02).collect()
        };
        let fall = (0..2000)
            .find(|step| !lit(f64::from(*step) * 0.01).is_empty())
            .unwrap();
        let at = |age: f64| lit(f64::from(fall) * 0.01 + age);
        let (early, late) = (at(0.05), at(0.6));
        assert!(late[0] + 5 < early[0], "{early:?} {late:?}");
        assert!(at(3.0).is_empty());
    }
}
