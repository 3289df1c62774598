//! `comet`: a head with a fading tail.

use super::options::Settings;
use super::{Context, Effect, Motion};
use crate::color::Color;

/// Moves a head along the group at `speed` pixels per second, with a tail of `comet_tail_length`.
///
/// The tail is limited to the length of the group. The comet moves smoothly between pixels at
/// constant total brightness. A single pixel shows the head statically. `direction: reverse` moves
/// the comet from the last pixel to the first.
#[derive(Debug)]
pub(super) struct Comet {
    color: Color,
    speed_px_s: f64,
    tail_px: usize,
    exponent: f32,
    pixels: usize,
    /// Levels from the head (1.0) to the pixel after the tail (0.0).
    levels: Vec<f32>,
}

impl Comet {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            color: settings.base_color.scale(settings.max_brightness),
            speed_px_s: f64::from(settings.speed),
            tail_px: settings.comet_tail_length as usize,
            exponent: 1.0 + 2.0 * settings.comet_fade_rate,
            pixels: 0,
            levels: Vec::new(),
        }
    }

    fn resize(&mut self, pixels: usize) {
        if self.pixels == pixels {
            return;
        }
        self.pixels = pixels;
        let tail = self.tail_px.min(pixels);
        self.levels.clear();
        self.levels.extend((0..=tail).map(|behind| {
            let left = 1.0 - behind as f32 / tail as f32;
            left.powf(self.exponent)
        }));
    }
}

impl Effect for Comet {
    fn draw(&mut self, canvas: &mut [Color], cx: &Context<'_>) -> Motion {
        if canvas.len() <= 1 {
            canvas.fill(self.color);
            return Motion::Still;
        }
        self.resize(canvas.len());
        let place = (cx.elapsed_s() * self.speed_px_s) % canvas.len() as f64;
        let (head, part) = (place as usize, place.fract() as f32);
        canvas.fill(Color::BLACK);
        for (behind, pair) in self.levels.windows(2).enumerate() {
            let level = pair[0] + (pair[1] - pair[0]) * part;
            let pixel = (head + canvas.len() - behind) % canvas.len();
            canvas[pixel] = self.color.scale(level);
        }
        // The pixel that the head reaches next. The end of a long tail may still light it.
        let ahead = &mut canvas[(head + 1) % self.pixels];
        let reached = self.color.scale(part);
        if reached.peak() > ahead.peak() {
            *ahead = reached;
        }
        // A pixel goes from dark to full while the head moves by one pixel.
        Motion::for_rate(cx.now, self.speed_px_s as f32 * self.color.peak())
    }
}

#[cfg(test)]
mod tests {
    use super::super::EffectKind::Comet;
    use super::super::test::{draw, levels, plan};

    const OPTIONS: &str = "speed=10 tail=4 fade_rate=0 max=1.0";

    #[test]
    fn the_tail_follows_the_head() {
        let levels = levels(&draw(&plan(Comet, OPTIONS), 10, 0.5));
        assert_eq!(levels[1..7], [0.0, 0.25, 0.5, 0.75, 1.0, 0.0]);
    }

    #[test]
    fn the_head_moves_smoothly_between_pixels() {
        let levels = levels(&draw(&plan(Comet, OPTIONS), 10, 0.55));
        assert!((levels[5] - 0.875).abs() < 1e-4, "{levels:?}");
        assert!((levels[6] - 0.5).abs() < 1e-4, "{levels:?}");
    }

    #[test]
    fn the_total_brightness_is_constant_between_pixels() {
        let plan = plan(Comet, "speed=10 tail=3 fade_rate=1 max=1.0");
        let light = |time| levels(&draw(&plan, 10, time)).iter().sum::<f32>();
        for step in 0..20 {
            let light = light(0.5 + f64::from(step) * 0.01);
            assert!((light - 36.0 / 27.0).abs() < 1e-3, "{light}");
        }
    }

    #[test]
    fn the_head_wraps_around_and_the_tail_follows() {
        let levels = levels(&draw(&plan(Comet, OPTIONS), 10, 1.1));
        assert_eq!((levels[1], levels[0]), (1.0, 0.75));
        assert!((levels[9] - 0.5).abs() < 1e-4, "{levels:?}");
    }

    #[test]
    fn the_tail_is_limited_to_the_group() {
        let plan = plan(Comet, "speed=10 tail=100 fade_rate=0 max=1.0");
        let levels = levels(&draw(&plan, 10, 0.9));
        assert!(
            levels.windows(2).all(|pair| pair[0] < pair[1]),
            "{levels:?}"
        );
    }

    #[test]
    fn one_pixel_shows_the_head() {
        assert_eq!(levels(&draw(&plan(Comet, OPTIONS), 1, 0.3)), [1.0]);
    }
}
