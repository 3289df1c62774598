//! `rainbow`: the colour circle travels along the group.

use super::options::Settings;
use super::{Context, Effect, Motion};
use crate::color::Color;
use crate::color::hsv::hsv;

/// Shows `rainbow_spread` turns of the colour circle along the group; they travel towards the first
/// pixel and pass `speed` times a second. A full turn closes without a seam.
///
/// One pixel runs through all hues; `direction: reverse` makes them travel towards the last pixel;
/// the speed does not depend on the frame rate.
#[derive(Debug)]
pub(super) struct Rainbow {
    speed_hz: f64,
    spread: f32,
    level: f32,
}

impl Rainbow {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            speed_hz: f64::from(settings.speed),
            spread: settings.rainbow_spread,
            level: settings.max_brightness,
        }
    }
}

impl Effect for Rainbow {
    fn draw(&mut self, canvas: &mut [Color], cx: &Context<'_>) -> Motion {
        let turn = (cx.elapsed_s() * self.speed_hz).fract() as f32;
        let step = self.spread / canvas.len() as f32;
        for (pixel, color) in canvas.iter_mut().enumerate() {
            *color = hsv(turn + pixel as f32 * step, 1.0, self.level);
        }
        // A channel runs from dark to full within a sixth of a turn.
        Motion::of_change(cx.now, 6.0 * self.speed_hz as f32 * self.level)
    }
}

#[cfg(test)]
mod tests {
    use super::super::EffectKind::Rainbow;
    use super::super::test::{draw, plan};
    use crate::color::Color;

    #[test]
    fn colors_travel_towards_the_first_pixel() {
        let plan = plan(Rainbow, "speed=0.5 max=1.0");
        let before = draw(&plan, 8, 0.0);
        let after = draw(&plan, 8, 0.25);
        for pixel in 0..7 {
            assert!(after[pixel].distance(before[pixel + 1]) < 1e-4);
        }
        assert!(after[7].distance(before[0]) < 1e-4, "no seam");
    }

    #[test]
    fn without_spread_the_group_has_one_color() {
        let canvas = draw(&plan(Rainbow, "spread=0 max=1.0"), 5, 0.0);
        assert!(
            canvas
                .iter()
                .all(|c| c.distance(Color::rgb(1.0, 0.0, 0.0)) < 1e-5)
        );
    }
}
