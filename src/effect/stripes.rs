//! Stripes of colors and gaps, repeated along the group, still or moving.

use super::{Canvas, CanvasPixel, Context, Motion};
use crate::color::Color;

/// Colors with gaps after them, repeated along the group.
#[derive(Debug)]
pub(super) struct Stripes {
    /// At least one.
    colors: Vec<Color>,
    size: usize,
    /// The length of a stripe and its gap.
    period: usize,
    speed_px_s: f64,
    rate: f32,
}

impl Stripes {
    /// Creates stripes of `size` pixels, at least 1, with gaps of `gap` pixels. They move toward
    /// the last pixel.
    pub(super) fn new(mut colors: Vec<Color>, (size, gap): (u32, u32), speed_px_s: f32) -> Self {
        if colors.is_empty() {
            colors.push(Color::BLACK);
        }
        let size = size.max(1) as usize;
        // A pixel changes from one color to the next while the stripes move by one pixel.
        let rate = speed_px_s * colors.iter().map(|it| it.peak()).fold(0.0, f32::max);
        Self {
            colors,
            size,
            period: size + gap as usize,
            speed_px_s: f64::from(speed_px_s),
            rate,
        }
    }

    /// Draws the stripes. Gaps and black stripes are transparent.
    pub(super) fn draw(&self, canvas: &mut Canvas<'_>, cx: &Context<'_>) -> Motion {
        let total = self.colors.len() * self.period;
        let moved = (cx.elapsed_s() * self.speed_px_s) % total as f64;
        let (whole, part) = (moved as usize, moved.fract() as f32);
        // The place of the first pixel, and of the one before it.
        let place = (total - whole % total) % total;
        let mut before = self.at((place + total - 1) % total);
        let (mut stripe, mut within) = (place / self.period, place % self.period);
        canvas.set_each(|_| {
            let (color, coverage) = self.cell(stripe, within);
            let (last_color, last_coverage) = before;
            before = (color, coverage);
            within += 1;
            if within == self.period {
                within = 0;
                stripe = if stripe + 1 == self.colors.len() {
                    0
                } else {
                    stripe + 1
                };
            }
            CanvasPixel::new(color, coverage * (1.0 - part))
                + CanvasPixel::new(last_color, last_coverage * part)
        });
        Motion::for_rate(cx.now, self.rate)
    }

    fn at(&self, place: usize) -> (Color, f32) {
        self.cell(place / self.period, place % self.period)
    }

    /// Returns the color and the coverage of a pixel of a stripe or of the gap after it.
    fn cell(&self, stripe: usize, within: usize) -> (Color, f32) {
        let color = self.colors[stripe];
        let is_lit = within < self.size && color.peak() > 0.0;
        (color, f32::from(u8::from(is_lit)))
    }
}
