//! Color correction: from a color to the duty cycles of the LEDs of a pixel.
//!
//! White is extracted before the balance: the white LED has a colour of its own and needs none, and
//! what is balanced is only what red, green and blue still have to show.

use super::plan::{FinishPlan, White};
use crate::color::Color;
use crate::layout::PixelLeds;

/// The tones of all pixels of a strip.
#[derive(Clone, Debug)]
pub(super) struct StripCorrection {
    /// By the place of the LEDs in their enum.
    by_leds: [ColorCorrection; 3],
    /// The LEDs of each pixel, if they differ.
    leds: Vec<PixelLeds>,
    /// Those of every other pixel.
    usual: PixelLeds,
}

impl StripCorrection {
    pub(super) fn new(plan: &FinishPlan, usual: PixelLeds) -> Self {
        let all = [PixelLeds::Rgb, PixelLeds::Rgbw, PixelLeds::White];
        Self {
            by_leds: all.map(|leds| ColorCorrection::new(plan, leds)),
            leds: plan.leds.clone(),
            usual,
        }
    }

    #[inline]
    pub(super) fn of(&self, pixel: usize) -> &ColorCorrection {
        let leds = self.leds.get(pixel).copied().unwrap_or(self.usual);
        &self.by_leds[leds as usize]
    }
}

/// How the colours of pixels with the same LEDs become duty cycles.
#[derive(Clone, Debug)]
pub(super) struct ColorCorrection {
    balance: [f32; 3],
    /// What the white LED looks like; `None` extracts nothing.
    white: Option<[f32; 3]>,
    leds: PixelLeds,
    gamma: f32,
    /// Nothing but the clamp is to be done.
    is_plain: bool,
}

impl ColorCorrection {
    pub(super) fn new(plan: &FinishPlan, leds: PixelLeds) -> Self {
        let can_mix = leds == PixelLeds::Rgbw;
        let white = match plan.white {
            // A LED without light has nothing to take.
            White::Extract(light) if can_mix && light.iter().any(|it| *it > 0.0) => Some(light),
            _ => None,
        };
        let is_one = |level: &f32| (level - 1.0).abs() < f32::EPSILON;
        Self {
            balance: plan.white_balance,
            white,
            leds,
            gamma: plan.gamma,
            is_plain: white.is_none()
                && is_one(&plan.gamma)
                && plan.white_balance.iter().all(is_one),
        }
    }

    /// The duty cycles that show a colour, each 0.0-1.0; what no LED can show is clamped.
    #[inline]
    pub(super) fn duty(&self, color: Color) -> Color {
        let mut color = color.clamp();
        match self.leds {
            PixelLeds::Rgb => color.w = 0.0,
            PixelLeds::Rgbw => {}
            // It can only be as bright as the color.
            PixelLeds::White => color = Color::rgbw(0.0, 0.0, 0.0, color.peak()),
        }
        if self.is_plain {
            color
        } else {
            self.shape(color)
        }
    }

    fn shape(&self, mut color: Color) -> Color {
        if let Some(light) = self.white {
            color = extract(color, light);
        }
        let [r, g, b] = self.balance;
        color = Color::rgbw(color.r * r, color.g * g, color.b * b, color.w);
        if (self.gamma - 1.0).abs() < f32::EPSILON {
            return color;
        }
        let curve = |level: f32| level.powf(self.gamma);
        Color::rgbw(
            curve(color.r),
            curve(color.g),
            curve(color.b),
            curve(color.w),
        )
    }
}

/// Moves as much of red, green and blue to the white LED as it can show: all of the colour's white,
/// w = min(r, g, b) measured in the white LED's own `light`. What WLED calls "accurate" (white
/// handling, `kno.wled.ge/features/cct`): the light stays the same; only which LED makes it changes,
/// and one white LED draws less than three that mix it.
fn extract(color: Color, light: [f32; 3]) -> Color {
    let [r, g, b] = light;
    let share = |channel: f32, light: f32| {
        // A light without, say, blue asks nothing of blue.
        if light > 0.0 { channel / light } else { 1.0 }
    };
    let white = share(color.r, r)
        .min(share(color.g, g))
        .min(share(color.b, b));
    let moved = white.min(1.0 - color.w);
    // Rounding may leave a little less than nothing.
    let rest = |channel: f32, light: f32| (channel - moved * light).max(0.0);
    Color::rgbw(
        rest(color.r, r),
        rest(color.g, g),
        rest(color.b, b),
        color.w + moved,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn duty(plan: &FinishPlan, color: Color) -> Color {
        ColorCorrection::new(plan, PixelLeds::Rgbw).duty(color)
    }

    fn close(a: Color, b: Color) -> bool {
        a.distance(b) < 1e-6
    }

    #[test]
    fn white_goes_to_the_white_led_and_the_rest_stays() {
        let plan = FinishPlan::default();
        let amber = duty(&plan, Color::rgb(1.0, 0.5, 0.25));
        assert!(close(amber, Color::rgbw(0.75, 0.25, 0.0, 0.25)));
        let white = duty(&plan, Color::WHITE);
        assert!(close(white, Color::rgbw(0.0, 0.0, 0.0, 1.0)));
    }

    #[test]
    fn a_warm_white_led_takes_what_it_can_and_blue_makes_up_for_the_rest() {
        let plan = FinishPlan {
            white: White::Extract([1.0, 0.75, 0.5]),
            ..FinishPlan::default()
        };
        let white = duty(&plan, Color::WHITE);
        assert!(close(white, Color::rgbw(0.0, 0.25, 0.5, 1.0)));
    }

    #[test]
    fn what_the_white_led_has_to_do_already_leaves_it_less_room() {
        let color = duty(&FinishPlan::default(), Color::rgbw(0.5, 0.5, 0.5, 0.75));
        assert!(close(color, Color::rgbw(0.25, 0.25, 0.25, 1.0)));
    }

    #[test]
    fn white_off_leaves_colors_as_they_are() {
        let plan = FinishPlan {
            white: White::Off,
            ..FinishPlan::default()
        };
        let color = Color::rgbw(1.0, 0.5, 0.25, 0.125);
        assert_eq!(duty(&plan, color), color);
    }

    #[test]
    fn a_strip_without_white_leds_shows_no_white() {
        let correction = ColorCorrection::new(&FinishPlan::default(), PixelLeds::Rgb);
        let color = correction.duty(Color::rgbw(1.0, 1.0, 0.5, 1.0));
        assert_eq!(color, Color::rgb(1.0, 1.0, 0.5));
    }

    #[test]
    fn a_white_led_alone_is_as_bright_as_the_color() {
        let correction = ColorCorrection::new(&FinishPlan::default(), PixelLeds::White);
        let color = correction.duty(Color::rgb(0.25, 0.5, 0.0));
        assert_eq!(color, Color::rgbw(0.0, 0.0, 0.0, 0.5));
    }

    #[test]
    fn the_balance_dims_what_is_too_bright_and_leaves_the_white_led_alone() {
        let plan = FinishPlan {
            white_balance: [1.0, 0.5, 0.25],
            ..FinishPlan::default()
        };
        let color = duty(&plan, Color::rgb(0.5, 1.0, 1.0));
        assert!(close(color, Color::rgbw(0.0, 0.25, 0.125, 0.5)));
    }

    #[test]
    fn gamma_bends_each_channel_between_its_ends() {
        let plan = FinishPlan {
            gamma: 2.0,
            white: White::Off,
            ..FinishPlan::default()
        };
        let color = duty(&plan, Color::rgbw(0.0, 0.5, 1.0, 0.25));
        assert!(close(color, Color::rgbw(0.0, 0.25, 1.0, 0.0625)));
    }
}
