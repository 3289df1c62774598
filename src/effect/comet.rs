//! `comet`: a head with a fading tail.

use super::options::Settings;
use super::{Context, Effect, Motion};
use crate::color::Color;

/// Sends a head round the group at `speed` pixels a second, with a tail of `comet_tail_length`
/// pixels behind it (at most the group's length). The head is spread over the two pixels that it is
/// between, so it glides.
///
/// One pixel shows the head, unmoved; `direction: reverse` sends it from the last pixel to the first
/// with its tail behind; the speed does not depend on the frame rate.
#[derive(Debug)]
pub(super) struct Comet {
    color: Color,
    speed_px_s: f64,
    tail_px: f32,
    exponent: f32,
}

impl Comet {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            color: settings.base_color.scale(settings.max_brightness),
            speed_px_s: f64::from(settings.speed),
            tail_px: settings.comet_tail_length as f32,
            exponent: 1.0 + 2.0 * settings.comet_fade_rate,
        }
    }

    /// The level of a pixel that the head has passed by `behind` pixels on a ring of `pixels`.
    fn level(&self, behind: f32, pixels: f32) -> f32 {
        // The pixel that the head is about to reach.
        let ahead = (1.0 - (pixels - behind)).max(0.0);
        let tail = self.tail_px.min(pixels);
        if behind >= tail {
            return ahead;
        }
        (1.0 - behind / tail).powf(self.exponent).max(ahead)
    }
}

impl Effect for Comet {
    fn draw(&mut self, canvas: &mut [Color], cx: &Context<'_>) -> Motion {
        if canvas.len() <= 1 {
            canvas.fill(self.color);
            return Motion::Still;
        }
        let pixels = canvas.len() as f32;
        let head = ((cx.elapsed_s() * self.speed_px_s) % canvas.len() as f64) as f32;
        for (pixel, color) in canvas.iter_mut().enumerate() {
            let behind = head - pixel as f32;
            let behind = if behind < 0.0 {
                behind + pixels
            } else {
                behind
            };
            *color = self.color.scale(self.level(behind, pixels));
        }
        // The steepest change is at the head: a pixel is lit within one pixel's way.
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
