//! Color correction: converts a color to the duty cycles of a pixel's LEDs.
//!
//! White is extracted before the balance. The white LED has its own color and needs no balance; the
//! balance applies only to what red, green and blue still show.

use super::plan::{FinishPlan, White};
use crate::color::Color;
use crate::layout::PixelLeds;

/// The corrections of all pixels of a strip.
#[derive(Clone, Debug)]
pub(super) struct StripCorrection {
    /// Indexed by `PixelLeds`.
    by_leds: [ColorCorrection; 3],
    /// The LEDs of each pixel, if they differ.
    leds: Vec<PixelLeds>,
    /// The LEDs of all other pixels.
    default_leds: PixelLeds,
}

impl StripCorrection {
    pub(super) fn new(plan: &FinishPlan, default_leds: PixelLeds) -> Self {
        let all = [PixelLeds::Rgb, PixelLeds::Rgbw, PixelLeds::White];
        Self {
            by_leds: all.map(|leds| ColorCorrection::new(plan, leds)),
            leds: plan.leds.clone(),
            default_leds,
        }
    }

    #[inline]
    pub(super) fn of(&self, pixel: usize) -> &ColorCorrection {
        let leds = self.leds.get(pixel).copied().unwrap_or(self.default_leds);
        &self.by_leds[leds as usize]
    }
}

/// The correction of pixels with the same LEDs.
#[derive(Clone, Debug)]
pub(super) struct ColorCorrection {
    balance: [f32; 3],
    /// The color of the white LED; `None` extracts nothing.
    white: Option<[f32; 3]>,
    leds: PixelLeds,
    gamma: f32,
    /// Whether only the clamp applies.
    is_plain: bool,
}

impl ColorCorrection {
    pub(super) fn new(plan: &FinishPlan, leds: PixelLeds) -> Self {
        let can_mix = leds == PixelLeds::Rgbw;
        let white = match plan.white {
            // A white LED without light cannot replace anything.
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

    /// Returns the duty cycles that show a color, each 0.0-1.0. Levels out of range are clamped.
    #[inline]
    pub(super) fn duty(&self, color: Color) -> Color {
        let mut color = color.clamp();
        match self.leds {
            PixelLeds::Rgb => color.w = 0.0,
            PixelLeds::Rgbw => {}
            // A white LED is at most as bright as the color.
            PixelLeds::White => color = Color::rgbw(0.0, 0.0, 0.0, color.peak()),
        }
        if self.is_plain {
            color
        } else {
            self.correct(color)
        }
    }

    fn correct(&self, mut color: Color) -> Color {
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

/// Moves as much of red, green and blue to the white LED as it can show: the white part of the
/// color is w = min(r, g, b), measured in the white LED's own `light`. This is what WLED calls
/// "accurate" (white handling, `kno.wled.ge/features/cct`): the light stays the same, but one white
/// LED uses less power than three mixed ones.
fn extract(color: Color, light: [f32; 3]) -> Color {
    let [r, g, b] = light;
    let share = |channel: f32, light: f32| {
        // Light without, say, blue does not limit by blue.
        if light > 0.0 { channel / light } else { 1.0 }
    };
    let white = share(color.r, r)
        .min(share(color.g, g))
        .min(share(color.b, b));
    let moved = white.min(1.0 - color.w);
    // Rounding may give a value slightly below zero.
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

    fn is_close(a: Color, b: Color) -> bool {
        a.distance(b) < 1e-6
    }

    #[test]
    fn white_moves_to_the_white_led_and_the_rest_stays() {
        let plan = FinishPlan::default();
        let amber = duty(&plan, Color::rgb(1.0, 0.5, 0.25));
        assert!(is_close(amber, Color::rgbw(0.75, 0.25, 0.0, 0.25)));
        let white = duty(&plan, Color::WHITE);
        assert!(is_close(white, Color::rgbw(0.0, 0.0, 0.0, 1.0)));
    }

    #[test]
    fn a_warm_white_led_leaves_the_missing_blue_to_the_blue_led() {
        let plan = FinishPlan {
            white: White::Extract([1.0, 0.75, 0.5]),
            ..FinishPlan::default()
        };
        let white = duty(&plan, Color::WHITE);
        assert!(is_close(white, Color::rgbw(0.0, 0.25, 0.5, 1.0)));
    }

    #[test]
    fn white_in_the_color_leaves_less_room_for_extraction() {
        let color = duty(&FinishPlan::default(), Color::rgbw(0.5, 0.5, 0.5, 0.75));
        assert!(is_close(color, Color::rgbw(0.25, 0.25, 0.25, 1.0)));
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
    fn the_balance_dims_the_colors_but_not_the_white_led() {
        let plan = FinishPlan {
            white_balance: [1.0, 0.5, 0.25],
            ..FinishPlan::default()
        };
        let color = duty(&plan, Color::rgb(0.5, 1.0, 1.0));
        assert!(is_close(color, Color::rgbw(0.0, 0.25, 0.125, 0.5)));
    }

    #[test]
    fn gamma_curves_each_channel_between_zero_and_one() {
        let plan = FinishPlan {
            gamma: 2.0,
            white: White::Off,
            ..FinishPlan::default()
        };
        let color = duty(&plan, Color::rgbw(0.0, 0.5, 1.0, 0.25));
        assert!(is_close(color, Color::rgbw(0.0, 0.25, 1.0, 0.0625)));
    }
}
