//! `fire`: flickering embers.

use super::options::Settings;
use super::random::Random;
use super::steps::Steps;
use super::{Context, Effect, Motion};
use crate::color::Color;
use crate::color::hsv::hsv;

/// Steps that run before the first frame; until then all pixels are equally hot.
const WARM_UP_STEPS: u32 = 40;

/// Initial heat of every pixel.
const INITIAL_HEAT: f32 = 0.5;

/// The maximum number of steps per frame. A spark has cooled completely by then, so the steps of a
/// longer gap can be skipped.
const MAX_CATCH_UP: u64 = 128;

/// The probability of a spark per pixel and step, and the range of its heat.
const SPARK_CHANCE: f32 = 0.1;
const SPARK_HEAT: (f32, f32) = (0.2, 0.5);

/// The maximum random change of heat per step.
const FLICKER: f32 = 0.05;

/// Cools and sparks each pixel `speed` times per second and interpolates between the steps.
///
/// `fire_diffusion` spreads heat to the neighbors. LUMEN ran one step per frame and ignored
/// `speed`. `direction: reverse` makes no visible difference.
#[derive(Debug)]
pub(super) struct Fire {
    random: Random,
    speed_hz: f64,
    keep: f32,
    diffusion: f32,
    low: f32,
    high: f32,
    steps: Steps,
    before: Vec<f32>,
    heat: Vec<f32>,
}

impl Fire {
    pub(super) fn new(settings: &Settings, seed: u64) -> Self {
        Self {
            random: Random::new(seed),
            speed_hz: f64::from(settings.speed),
            keep: 1.0 - settings.fire_cooling,
            diffusion: settings.fire_diffusion,
            low: settings.min_brightness,
            high: settings.max_brightness,
            steps: Steps::new(MAX_CATCH_UP),
            before: Vec::new(),
            heat: Vec::new(),
        }
    }

    fn resize(&mut self, pixels: usize) {
        if self.heat.len() != pixels {
            self.before.clear();
            self.before.resize(pixels, INITIAL_HEAT);
            self.heat.clear();
            self.heat.resize(pixels, INITIAL_HEAT);
            (0..WARM_UP_STEPS).for_each(|_| self.step());
        }
    }

    fn step(&mut self) {
        std::mem::swap(&mut self.before, &mut self.heat);
        for pixel in 0..self.heat.len() {
            let mut heat = self.spread(pixel) * self.keep;
            if self.random.unit() < SPARK_CHANCE {
                heat += self.random.within(SPARK_HEAT.0, SPARK_HEAT.1);
            }
            heat += self.random.within(-FLICKER, FLICKER);
            self.heat[pixel] = heat.clamp(0.0, 1.0);
        }
    }

    /// Returns the heat of a pixel after diffusion.
    fn spread(&self, pixel: usize) -> f32 {
        let own = self.before[pixel];
        if self.diffusion <= 0.0 {
            return own;
        }
        let left = self.before[pixel.saturating_sub(1)];
        let right = self.before.get(pixel + 1).copied().unwrap_or(own);
        own + (f32::midpoint(left, right) - own) * self.diffusion
    }

    fn color(&self, heat: f32) -> Color {
        hsv(
            0.15 * heat,
            1.0 - 0.3 * heat,
            self.low + (self.high - self.low) * heat,
        )
    }
}

impl Effect for Fire {
    fn draw(&mut self, canvas: &mut [Color], cx: &Context<'_>) -> Motion {
        if canvas.is_empty() {
            return Motion::Still;
        }
        self.resize(canvas.len());
        let due = self.steps.due(cx.elapsed_s(), self.speed_hz);
        for _ in 0..due.steps {
            self.step();
        }
        for (pixel, color) in canvas.iter_mut().enumerate() {
            let (before, heat) = (self.before[pixel], self.heat[pixel]);
            *color = self.color(before + (heat - before) * due.fraction);
        }
        Motion::for_rate(cx.now, SPARK_HEAT.1 * self.speed_hz as f32)
    }
}

#[cfg(test)]
mod tests {
    use super::super::EffectKind::Fire;
    use super::super::test::{at, plan};
    use super::super::{Context, EffectPlan, build};
    use crate::color::Color;
    use crate::input::Inputs;

    fn burn(plan: &EffectPlan, fps: u32, seconds: u32) -> Vec<Color> {
        let inputs = Inputs::default();
        let mut effect = build(plan, 5);
        let mut canvas = vec![Color::BLACK; 40];
        for frame in 0..=fps * seconds {
            let cx = Context {
                now: at(f64::from(frame) / f64::from(fps)),
                start: at(0.0),
                inputs: &inputs,
            };
            effect.draw(&mut canvas, &cx);
        }
        canvas
    }

    #[test]
    fn speed_is_independent_of_the_frame_rate() {
        let plan = plan(Fire, "speed=10");
        let slow = burn(&plan, 30, 3);
        for (a, b) in slow.iter().zip(burn(&plan, 120, 3)) {
            assert!(a.distance(b) < 1e-4);
        }
        assert_ne!(
            slow,
            burn(&super::super::test::plan(Fire, "speed=5"), 30, 3)
        );
    }

    #[test]
    fn the_colors_are_red_to_yellow() {
        let canvas = burn(&plan(Fire, "max=1.0"), 60, 5);
        assert!(
            canvas
                .iter()
                .all(|color| color.r >= color.g && color.g >= color.b)
        );
        assert!(canvas.iter().any(|color| color.r > 0.2));
    }

    #[test]
    fn diffusion_smooths_the_heat() {
        let roughness = |options: &str| -> f32 {
            let canvas = burn(&plan(Fire, options), 60, 5);
            canvas
                .windows(2)
                .map(|pair| pair[0].distance(pair[1]))
                .sum()
        };
        assert!(roughness("diffusion=1.0") < roughness("diffusion=0.0"));
    }
}
