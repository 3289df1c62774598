//! `twinkle`: single pixels light up and fade out.

use super::options::{OptionKind, number};
use super::random::Random;
use super::wave::{smooth, turn};
use super::{
    Arguments, BuildContext, Canvas, CanvasPixel, Context, Effect, EffectExample, EffectSettings,
    EffectSpec, Motion, effect_settings, rows,
};
use crate::color::{Color, Palette};

/// The effect.
pub(crate) const SPEC: EffectSpec = EffectSpec {
    name: "twinkle",
    help: "Single pixels light up at random and fade out",
    synonyms: &["fairy", "fairytwinkle", "starfield", "stars", "twinklefox"],
    arguments: Arguments::COLOR,
    options: TwinkleSettings::OPTIONS,
    example: EffectExample {
        text: "twinkle white 9900ff",
        length_s: 5.0,
    },
    defaults: TwinkleSettings::defaults,
};

effect_settings! {
    /// Settings of `twinkle`.
    pub(crate) struct TwinkleSettings {
        colors: Palette = rows::COLOR,
        palette: Option<Palette> = rows::PALETTE,
        speed_hz: f32 = rows::SPEED_HZ
            .default("0.5")
            .help("How often a pixel can light up; it fades out until the next time"),
        max_brightness: f32 = rows::MAX_BRIGHTNESS.default("1.0"),
        density: f32 = number("twinkle_density", OptionKind::Within(0.0, 1.0), "0.35")
            .short("density")
            .help("Part of the pixels that light up; 1 is all of them"),
    }
}

impl EffectSettings for TwinkleSettings {
    fn spec(&self) -> &'static EffectSpec {
        &SPEC
    }

    fn tint(&self) -> Color {
        self.colors().first()
    }

    fn build(&self, cx: &BuildContext) -> Box<dyn Effect> {
        let star = |pixel: usize| {
            let seed = Random::for_step(cx.seed, pixel as u64);
            let mut random = seed;
            Star {
                seed,
                phase: random.unit(),
                rate: random.within(RATES.0, RATES.1),
            }
        };
        Box::new(Twinkle {
            colors: self.colors().scale(self.max_brightness).colors().collect(),
            speed_hz: f64::from(self.speed_hz),
            density: self.density,
            stars: (0..cx.pixels).map(star).collect(),
        })
    }
}

impl TwinkleSettings {
    /// Returns the colors to choose from.
    fn colors(&self) -> &Palette {
        self.palette.as_ref().unwrap_or(&self.colors)
    }
}

/// The slowest and the fastest pixel, as factors of the speed.
const RATES: (f32, f32) = (0.7, 1.3);

/// The part of a cycle in which a pixel brightens.
const ATTACK: f32 = 0.1;

/// Lights up pixels in random colors. Each pixel has its own cycle, about `speed` times per second;
/// `twinkle_density` is the chance that it lights up in a cycle.
#[derive(Debug)]
struct Twinkle {
    colors: Vec<Color>,
    speed_hz: f64,
    density: f32,
    stars: Vec<Star>,
}

/// The cycle of one pixel.
#[derive(Clone, Copy, Debug)]
struct Star {
    seed: Random,
    phase: f32,
    rate: f32,
}

impl Effect for Twinkle {
    fn draw(&mut self, canvas: &mut Canvas<'_>, cx: &Context<'_>) -> Motion {
        let cycles = cx.elapsed_s() * self.speed_hz;
        let stars = &self.stars[..canvas.len()];
        canvas.set_each(|pixel| {
            let star = &stars[pixel];
            let cycles = cycles * f64::from(star.rate) + f64::from(star.phase);
            let mut random = star.seed.for_step_of(cycles as u64);
            if random.unit() >= self.density {
                return CanvasPixel::new(Color::BLACK, 0.0);
            }
            let color = match self.colors.len() {
                0 => Color::BLACK,
                count => self.colors[random.below(count)],
            };
            CanvasPixel::new(color, level(turn(cycles)))
        });
        if canvas.is_empty() || self.density <= 0.0 {
            return Motion::Still;
        }
        Motion::Moving
    }
}

/// Returns the level at a phase of a cycle.
fn level(phase: f32) -> f32 {
    if phase < ATTACK {
        return smooth(phase / ATTACK);
    }
    let left = (1.0 - phase) / (1.0 - ATTACK);
    left * left
}

#[cfg(test)]
mod tests {
    use super::super::test::{draw, plan};
    use super::SPEC;
    use crate::color::Color;

    #[test]
    fn the_density_is_the_part_of_the_pixels_that_are_lit() {
        let plan = plan(&SPEC, "density=0.25 speed=1");
        let canvas = draw(&plan, 1000, 5.0);
        let lit = canvas.iter().filter(|color| color.peak() > 0.0).count();
        assert!((200..300).contains(&lit), "{lit}");
    }

    #[test]
    fn pixels_have_the_colors_of_the_list_and_never_jump_off() {
        let plan = plan(&SPEC, "density=1 speed=1 color=red,blue");
        let is_one = |color: &Color| color.r <= 0.0 || color.b <= 0.0;
        let mut last = draw(&plan, 50, 2.0);
        for frame in 1..200 {
            let canvas = draw(&plan, 50, 2.0 + f64::from(frame) * 0.005);
            assert!(canvas.iter().all(is_one));
            let falls = canvas
                .iter()
                .zip(&last)
                .map(|(now, then)| then.peak() - now.peak());
            assert!(falls.fold(0.0, f32::max) < 0.05);
            last = canvas;
        }
    }
}
