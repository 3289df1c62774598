//! `comet`: a head with a fading tail.

use super::options::Settings;
use super::{Context, Effect, Motion};
use crate::color::Color;

/// Sends a head round the group at `speed` pixels a second, with a tail of `comet_tail_length`
/// pixels behind it (at most the group's length). Between two pixels each shows its part, so it
/// glides, and is as bright everywhere.
///
/// One pixel shows the head, unmoved; `direction: reverse` sends it from the last pixel to the first
/// with its tail behind; the speed does not depend on the frame rate.
#[derive(Debug)]
pub(super) struct Comet {
    color: Color,
    speed_px_s: f64,
    tail_px: usize,
    exponent: f32,
    pixels: usize,
    /// Levels from the head, 1.0, to the pixel after the tail, 0.0.
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

    fn fit(&mut self, pixels: usize) {
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
        self.fit(canvas.len());
        let place = (cx.elapsed_s() * self.speed_px_s) % canvas.len() as f64;
        let (head, part) = (place as usize, place.fract() as f32);
        canvas.fill(Color::BLACK);
        for (behind, pair) in self.levels.windows(2).enumerate() {
            let level = pair[0] + (pair[1] - pair[0]) * part;
            let pixel = (head + canvas.len() - behind) % canvas.len();
            canvas[pixel] = self.color.scale(level);
        }
        // The pixel that the head is about to reach; the end of a long tail may still be there.
        let ahead = &mut canvas[(head + 1) % self.pixels];
        let reached = self.color.scale(part);
        if reached.peak() > ahead.peak() {
            *ahead = reached;
        }
        // A pixel is lit within one pixel's way.
        Motion::of_change(cx.now, self.speed_px_s as f32 * self.color.peak())
    }
}

#[cfg(test)]
mod tests {
    use super::super::EffectKind::Comet;
    use super::super::test::{draw, levels, plan};

    const OPTIONS: &str = "speed=10 tail=4 fade_rate=0 max=1.0";

    #[test]
    fn the_tail_lies_behind_the_head() {
        let levels = levels(&draw(&plan(Comet, OPTIONS), 10, 0.5));
        assert_eq!(levels[1..7], [0.0, 0.25, 0.5, 0.75, 1.0, 0.0]);
    }

    #[test]
    fn the_head_glides_from_pixel_to_pixel() {
        let levels = levels(&draw(&plan(Comet, OPTIONS), 10, 0.55));
        assert!((levels[5] - 0.875).abs() < 1e-4, "{levels:?}");
        assert!((levels[6] - 0.5).abs() < 1e-4, "{levels:?}");
    }

    #[test]
    fn it_is_as_bright_between_pixels_as_on_one() {
        let plan = plan(Comet, "speed=10 tail=3 fade_rate=1 max=1.0");
        let light = |time| levels(&draw(&plan, 10, time)).iter().sum::<f32>();
        for step in 0..20 {
            let light = light(0.5 + f64::from(step) * 0.01);
            assert!((light - 36.0 / 27.0).abs() < 1e-3, "{light}");
        }
    }

    #[test]
    fn it_wraps_round_the_end_and_the_tail_follows() {
        let levels = levels(&draw(&plan(Comet, OPTIONS), 10, 1.1));
        assert_eq!((levels[1], levels[0]), (1.0, 0.75));
        assert!((levels[9] - 0.5).abs() < 1e-4, "{levels:?}");
    }

    #[test]
    fn the_tail_may_be_as_long_as_the_group() {
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
