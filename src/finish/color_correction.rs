//! Color correction: converts a color to the duty cycles of a pixel's LEDs.
//!
//! White is extracted before the balance. The white LED has its own color and needs no balance; the
//! balance applies only to what red, green and blue still show.
//!
//! Each step is a loop of its own over all pixels, with few branches, so that the compiler uses
//! vector instructions.

use super::plan::{FinishPlan, White};
use crate::color::clamped;
use crate::layout::PixelLeds;

/// Red, green, blue and white of a pixel: first the levels of a color, then duty cycles.
pub(super) type Levels = [f32; 4];

/// The corrections of all pixels of a strip.
#[derive(Clone, Debug)]
pub(super) struct StripCorrection {
    /// Indexed by `PixelLeds`.
    by_leds: [ColorCorrection; 3],
    /// The LEDs of each pixel, if they differ.
    leds: Vec<PixelLeds>,
    /// The LEDs of all other pixels.
    default_leds: PixelLeds,
    gamma: Option<GammaTable>,
}

impl StripCorrection {
    pub(super) fn new(plan: &FinishPlan, default_leds: PixelLeds) -> Self {
        let all = [PixelLeds::Rgb, PixelLeds::Rgbw, PixelLeds::White];
        Self {
            by_leds: all.map(|leds| ColorCorrection::new(plan, leds)),
            leds: plan.leds.clone(),
            default_leds,
            gamma: (!is_one(plan.gamma)).then(|| GammaTable::new(plan.gamma)),
        }
    }

    /// Replaces the colors of consecutive pixels, from pixel `first` on, by the duty cycles that
    /// show them, each 0.0-1.0. The colors are dimmed by `brightness` and limited to 0.0-1.0 first.
    pub(super) fn correct(&self, first: usize, brightness: f32, mut pixels: &mut [Levels]) {
        for level in pixels.as_flattened_mut() {
            *level = clamped(*level * brightness);
        }
        let different = self.leds.get(first..).unwrap_or_default();
        for same in different.chunk_by(PixelLeds::eq) {
            let (now, later) = pixels.split_at_mut(same.len().min(pixels.len()));
            self.correct_same(same[0], now);
            pixels = later;
        }
        self.correct_same(self.default_leds, pixels);
    }

    fn correct_same(&self, leds: PixelLeds, pixels: &mut [Levels]) {
        self.by_leds[leds as usize].correct(pixels);
        if let Some(gamma) = &self.gamma {
            gamma.apply(leds, pixels);
        }
    }
}

fn is_one(level: f32) -> bool {
    (level - 1.0).abs() < f32::EPSILON
}

/// The correction of pixels with the same LEDs, up to gamma.
#[derive(Clone, Debug)]
struct ColorCorrection {
    leds: PixelLeds,
    extraction: Option<Extraction>,
    /// Levels of red, green and blue; `None` if all are 1.0.
    balance: Option<[f32; 3]>,
}

impl ColorCorrection {
    fn new(plan: &FinishPlan, leds: PixelLeds) -> Self {
        let extraction = match plan.white {
            White::Extract(light) if leds == PixelLeds::Rgbw => Extraction::new(light),
            _ => None,
        };
        let is_balanced = plan.white_balance.iter().all(|level| is_one(*level));
        Self {
            leds,
            extraction,
            balance: (!is_balanced).then_some(plan.white_balance),
        }
    }

    fn correct(&self, pixels: &mut [Levels]) {
        match self.leds {
            PixelLeds::Rgb => pixels.iter_mut().for_each(|it| it[3] = 0.0),
            PixelLeds::Rgbw => {}
            // A white LED is at most as bright as the color.
            PixelLeds::White => {
                for pixel in &mut *pixels {
                    *pixel = [0.0, 0.0, 0.0, pixel.iter().copied().fold(0.0, f32::max)];
                }
            }
        }
        if let Some(extraction) = &self.extraction {
            extraction.apply(pixels);
        }
        if let Some([r, g, b]) = self.balance {
            for pixel in pixels {
                *pixel = [pixel[0] * r, pixel[1] * g, pixel[2] * b, pixel[3]];
            }
        }
    }
}

/// Moves as much of red, green and blue to the white LED as it can show: the white part of the
/// color is w = min(r, g, b), measured in the white LED's own light. This is what WLED calls
/// "accurate" (white handling, `kno.wled.ge/features/cct`): the light stays the same, but one white
/// LED uses less power than three mixed ones.
#[derive(Clone, Copy, Debug)]
struct Extraction {
    /// What the white LED adds at full level, and what it takes from the room of white.
    light: [f32; 4],
    /// Factors and offsets from the levels of a color to the white that each of them allows.
    factors: [f32; 4],
    offsets: [f32; 4],
}

impl Extraction {
    /// Returns `None` for a white LED without light, which cannot replace anything.
    fn new(light: [f32; 3]) -> Option<Self> {
        let [r, g, b] = light;
        // Light without, say, blue is not limited by blue. White is limited by what is left of it.
        let factor = |light: f32| if light > 0.0 { light.recip() } else { 0.0 };
        let offset = |light: f32| if light > 0.0 { 0.0 } else { 1.0 };
        let is_lit = light.iter().any(|it| *it > 0.0);
        is_lit.then(|| Self {
            light: [r, g, b, -1.0],
            factors: [factor(r), factor(g), factor(b), -1.0],
            offsets: [offset(r), offset(g), offset(b), 1.0],
        })
    }

    /// Extracts white from colors whose levels are 0.0-1.0.
    fn apply(&self, pixels: &mut [Levels]) {
        let Self {
            light,
            factors,
            offsets,
        } = *self;
        let least = |a: f32, b: f32| if a < b { a } else { b };
        for pixel in pixels {
            let mut allowed = [0.0; 4];
            for led in 0..4 {
                allowed[led] = pixel[led] * factors[led] + offsets[led];
            }
            let [r, g, b, w] = allowed;
            let moved = least(least(r, g), least(b, w));
            for led in 0..4 {
                // Rounding may give a value slightly below zero.
                let level = pixel[led] - moved * light[led];
                pixel[led] = if level > 0.0 { level } else { 0.0 };
            }
        }
    }
}

/// A power function from 0.0-1.0 to 0.0-1.0, as a table of lines between exact values.
///
/// The lines are spaced like floating-point numbers: close to each other near 0.0, where the eye
/// sees more. Even for the largest gamma, 5.0, the result differs from the power by less than a
/// sixth of a step of 255; for 2.2 by less than a fiftieth.
#[derive(Clone, Debug)]
struct GammaTable {
    /// The intercept and the slope of each line.
    lines: Vec<[f32; 2]>,
}

impl GammaTable {
    /// Added to a level, so that the lines begin at a fixed number instead of 0.0. The spacing of
    /// the lines doubles with each power of two from here to 1.0.
    const START: f32 = 1.0 / 4096.0;

    /// Bits of a number that are below its line: 64 lines to a power of two.
    const SHIFT: u32 = f32::MANTISSA_DIGITS - 1 - 6;

    /// The first line.
    const FIRST: u32 = Self::START.to_bits() >> Self::SHIFT;

    /// Number of lines, a power of two: 1.0 and all below it have one.
    const LINES: usize = 1024;

    fn new(gamma: f32) -> Self {
        let level = |line: usize| {
            let bits = (Self::FIRST + line as u32) << Self::SHIFT;
            (f32::from_bits(bits) - Self::START).min(1.0)
        };
        let line = |index| {
            let [low, high] = [level(index), level(index + 1)];
            let [from, to] = [low, high].map(|it| it.powf(gamma));
            if low >= 1.0 {
                return [1.0, 0.0];
            }
            let slope = (to - from) / (high - low);
            [from - slope * low, slope]
        };
        Self {
            lines: (0..Self::LINES).map(line).collect(),
        }
    }

    fn apply(&self, leds: PixelLeds, pixels: &mut [Levels]) {
        let Some(lines) = self.lines.first_chunk::<{ Self::LINES }>() else {
            return;
        };
        let curve = |level: f32| {
            let line = ((level + Self::START).to_bits() >> Self::SHIFT).wrapping_sub(Self::FIRST);
            let [intercept, slope] = lines[line as usize % Self::LINES];
            let level = intercept + slope * level;
            if level < 1.0 { level } else { 1.0 }
        };
        for pixel in pixels {
            let [r, g, b, w] = *pixel;
            // Zero stays zero.
            *pixel = match leds {
                PixelLeds::Rgb => [curve(r), curve(g), curve(b), w],
                PixelLeds::Rgbw => [curve(r), curve(g), curve(b), curve(w)],
                PixelLeds::White => [r, g, b, curve(w)],
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::color::Color;

    fn duty_of(plan: &FinishPlan, leds: PixelLeds, color: Color) -> Color {
        let mut pixels = [color.channels()];
        StripCorrection::new(plan, leds).correct(0, 1.0, &mut pixels);
        let [r, g, b, w] = pixels[0];
        Color::rgbw(r, g, b, w)
    }

    fn duty(plan: &FinishPlan, color: Color) -> Color {
        duty_of(plan, PixelLeds::Rgbw, color)
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
        let color = Color::rgbw(1.0, 1.0, 0.5, 1.0);
        let color = duty_of(&FinishPlan::default(), PixelLeds::Rgb, color);
        assert_eq!(color, Color::rgb(1.0, 1.0, 0.5));
    }

    #[test]
    fn a_white_led_alone_is_as_bright_as_the_color() {
        let color = Color::rgb(0.25, 0.5, 0.0);
        let color = duty_of(&FinishPlan::default(), PixelLeds::White, color);
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
        assert!(color.distance(Color::rgbw(0.0, 0.25, 1.0, 0.0625)) < 0.02 / 255.0);
        assert!(color.r <= 0.0 && color.b > 1.0 - 1e-6);
    }

    #[test]
    fn the_gamma_table_is_close_to_the_power() {
        for (gamma, error) in [
            (0.2, 0.2),
            (0.5, 0.05),
            (2.2, 0.03),
            (2.8, 0.05),
            (5.0, 0.17),
        ] {
            let table = GammaTable::new(gamma);
            let mut last = 0.0;
            for step in 0..=100_000 {
                let level = step as f32 / 100_000.0;
                let mut pixels = [[level, 0.0, 1.0, 1.0]];
                table.apply(PixelLeds::Rgbw, &mut pixels);
                let [[r, g, b, w]] = pixels;
                assert!(g <= 0.0, "{gamma}: {g}");
                assert!(b.min(w) > 1.0 - 1e-6 && b.max(w) <= 1.0, "{gamma}: {b}");
                // Between 0.0 and the end of the first line, a small gamma is far from a line.
                if step > 10 {
                    let exact = level.powf(gamma);
                    assert!((r - exact).abs() * 255.0 < error, "{level}^{gamma}: {r}");
                }
                assert!(r >= last - 1e-6 && r <= 1.0, "{level}^{gamma}: {r}");
                last = r;
            }
        }
    }

    #[test]
    fn pixels_with_different_leds_are_corrected_by_their_own() {
        let leds = [PixelLeds::White, PixelLeds::Rgb, PixelLeds::Rgb];
        let plan = FinishPlan {
            leds: leds.to_vec(),
            ..FinishPlan::default()
        };
        let correction = StripCorrection::new(&plan, PixelLeds::Rgbw);
        let [white, rgb] = [[0.0, 0.0, 0.0, 1.0], [1.0, 1.0, 1.0, 0.0]];
        let expected = [white, rgb, rgb, white, white, white, white];
        for first in 0..5 {
            let mut pixels = [[1.0, 1.0, 1.0, 0.0]; 3];
            correction.correct(first, 1.0, &mut pixels);
            assert_eq!(pixels, expected[first..first + 3], "from {first}");
        }
    }
}
