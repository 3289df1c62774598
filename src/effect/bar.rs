//! The bar that `thermal`, `progress` and `axis` draw; it fills from the first pixel.

use super::{Canvas, CanvasPixel, Motion};
use crate::color::{Color, Palette};
use crate::time::Time;

/// The colors of a bar.
#[derive(Debug)]
pub(super) struct BarColors<'s> {
    pub(super) start: Color,
    pub(super) end: Color,
    /// Replaces the other two.
    pub(super) palette: Option<&'s Palette>,
    /// The exponent of the gradient, if it is set.
    pub(super) curve: Option<f32>,
}

impl BarColors<'_> {
    /// The exponent between two colors, as in LUMEN.
    const CURVE: f32 = 2.0;

    /// Returns the last color.
    pub(super) fn last(&self) -> Color {
        self.palette.map_or(self.end, Palette::last)
    }

    /// Returns the color at a place, 0.0-1.0. Two colors are mixed in linear light, as in LUMEN.
    fn at(&self, place: f32) -> Color {
        if let Some(palette) = self.palette {
            return palette.at(place.powf(self.curve.unwrap_or(1.0)));
        }
        let place = place.powf(self.curve.unwrap_or(Self::CURVE));
        self.start.lerp(self.end, place)
    }
}

/// The part of the group that a bar takes.
#[derive(Clone, Copy, Debug)]
pub(super) struct BarShape {
    /// The length behind the end of the bar; `None` for all up to the first pixel.
    pub(super) trailing: Option<u32>,
    /// The length in front of the end.
    pub(super) leading: u32,
    /// Whether the end can be between two pixels.
    pub(super) is_partial: bool,
    /// The color of the other pixels, if they have one.
    pub(super) background: Option<Color>,
}

impl BarShape {
    /// Returns where a bar with its end at `end` begins and ends, in pixels.
    fn ends(self, end: f32) -> (f32, f32) {
        let end = if self.is_partial {
            end
        } else {
            (end + ROUNDING).floor()
        };
        let length = self.trailing.map_or(end, |px| px as f32);
        (end - length, end + self.leading as f32)
    }
}

/// A bar of whole pixels reaches a pixel in spite of rounding.
const ROUNDING: f32 = 1e-3;

/// A bar with a gradient from a start color to an end color. Its last lit pixel is dimmed in
/// proportion.
#[derive(Debug)]
pub(super) struct Bar {
    start: Color,
    gradient: Vec<Color>,
    shape: BarShape,
}

impl Bar {
    /// Creates a bar of `pixels`.
    pub(super) fn new(colors: &BarColors<'_>, shape: BarShape, pixels: usize) -> Self {
        let last = pixels.saturating_sub(1);
        let color = |pixel: usize| {
            // A single pixel shows the end color.
            let place = if last == 0 {
                1.0
            } else {
                pixel as f32 / last as f32
            };
            colors.at(place)
        };
        Self {
            start: colors.at(0.0),
            gradient: (0..pixels).map(color).collect(),
            shape,
        }
    }

    /// Fills `fraction` (0.0-1.0) of the canvas. `None` fills all of it with the start color.
    pub(super) fn draw(&self, canvas: &mut Canvas<'_>, fraction: Option<f32>) {
        let Some(fraction) = fraction else {
            canvas.fill(self.start);
            return;
        };
        let end = fraction.clamp(0.0, 1.0) * canvas.len() as f32;
        let (first, last) = self.shape.ends(end);
        let gradient = &self.gradient[..canvas.len()];
        let coverage = |pixel: usize| {
            let pixel = pixel as f32;
            (last - pixel).min(pixel + 1.0 - first).clamp(0.0, 1.0)
        };
        match self.shape.background {
            None => canvas.set_each(|pixel| CanvasPixel::new(gradient[pixel], coverage(pixel))),
            Some(background) => canvas.set_each(|pixel| {
                let covered = coverage(pixel);
                CanvasPixel::new(gradient[pixel], covered)
                    + CanvasPixel::new(background, 1.0 - covered)
            }),
        }
    }

    /// Returns the motion of a bar whose fraction changes by `per_second` until `end`.
    pub(super) fn motion(&self, now: Time, end: Time, per_second: f32) -> Motion {
        let pixels_per_second = per_second * self.gradient.len() as f32;
        // Draw once more at the end, to show the remainder of the last step.
        Motion::for_rate(now, pixels_per_second).min(Motion::Until(end))
    }
}
