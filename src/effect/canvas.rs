//! The canvas: the pixels that an effect draws.

use crate::color::Color;
use std::ops::Add;

/// The pixels of one effect in one frame.
#[derive(Debug)]
pub struct Canvas<'a> {
    pixels: &'a mut [Color],
    /// The covered part of each pixel, 0.0-1.0, if the caller needs it.
    coverage: Option<&'a mut [f32]>,
}

/// What an effect draws on one pixel: a color, and how much of the pixel it covers. The rest of a
/// pixel that is not fully covered is dark.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CanvasPixel {
    /// The color times the coverage.
    light: Color,
    /// The covered part, 0.0-1.0.
    coverage: f32,
}

impl CanvasPixel {
    /// Creates a pixel that is covered with a color to the part `coverage`, 0.0-1.0.
    #[inline]
    pub fn new(color: Color, coverage: f32) -> Self {
        Self {
            light: color.scale(coverage),
            coverage,
        }
    }

    /// Creates a pixel that is covered to the part `coverage` and emits `light`.
    #[inline]
    pub fn lit(light: Color, coverage: f32) -> Self {
        Self { light, coverage }
    }
}

/// What an effect can draw on a pixel: a color on all of it, or a [`CanvasPixel`].
pub trait DrawnPixel: Into<CanvasPixel> {
    /// Whether it always covers all of the pixel.
    const IS_FULL: bool;
}

impl DrawnPixel for Color {
    const IS_FULL: bool = true;
}

impl DrawnPixel for CanvasPixel {
    const IS_FULL: bool = false;
}

impl From<Color> for CanvasPixel {
    /// Creates a fully covered pixel.
    #[inline]
    fn from(color: Color) -> Self {
        Self {
            light: color,
            coverage: 1.0,
        }
    }
}

impl Add for CanvasPixel {
    type Output = Self;

    /// Puts two parts of a pixel side by side; together they cover at most all of it.
    #[inline]
    fn add(self, other: Self) -> Self {
        Self {
            light: self.light + other.light,
            coverage: self.coverage + other.coverage,
        }
    }
}

impl<'a> Canvas<'a> {
    /// Creates a canvas on `pixels`.
    pub fn new(pixels: &'a mut [Color]) -> Self {
        Self {
            pixels,
            coverage: None,
        }
    }

    /// Creates a canvas on `pixels` that also stores the covered part of each.
    pub fn with_coverage(pixels: &'a mut [Color], coverage: &'a mut [f32]) -> Self {
        Self {
            pixels,
            coverage: Some(coverage),
        }
    }

    /// Returns the number of pixels.
    pub fn len(&self) -> usize {
        self.pixels.len()
    }

    /// Returns whether the canvas has no pixels.
    pub fn is_empty(&self) -> bool {
        self.pixels.is_empty()
    }

    /// Covers all pixels with a color.
    pub fn fill(&mut self, color: Color) {
        self.pixels.fill(color);
        if let Some(coverage) = &mut self.coverage {
            coverage.fill(1.0);
        }
    }

    /// Uncovers all pixels.
    pub fn clear(&mut self) {
        self.pixels.fill(Color::BLACK);
        if let Some(coverage) = &mut self.coverage {
            coverage.fill(0.0);
        }
    }

    /// Returns a canvas of the first pixels, at most all.
    pub fn first(&mut self, count: usize) -> Canvas<'_> {
        let count = count.min(self.len());
        Canvas {
            pixels: &mut self.pixels[..count],
            coverage: self.coverage.as_deref_mut().map(|it| &mut it[..count]),
        }
    }

    /// Reverses the order of the pixels.
    pub fn reverse(&mut self) {
        self.pixels.reverse();
        if let Some(coverage) = &mut self.coverage {
            coverage.reverse();
        }
    }

    /// Copies one pixel to another. Pixels beyond the end are ignored.
    pub fn copy(&mut self, from: usize, to: usize) {
        if from.max(to) < self.len() {
            self.pixels[to] = self.pixels[from];
            if let Some(coverage) = &mut self.coverage {
                coverage[to] = coverage[from];
            }
        }
    }

    /// Moves the first `count` pixels apart, with `gap` uncovered pixels after each.
    pub fn spread(&mut self, count: usize, gap: usize) {
        if gap == 0 {
            return;
        }
        // From the last on, so that no pixel is overwritten before it has moved.
        for pixel in (1..count).rev() {
            self.copy(pixel, pixel * (gap + 1));
        }
        for pixel in (0..self.len()).filter(|pixel| pixel % (gap + 1) != 0) {
            self.set(pixel, CanvasPixel::new(Color::BLACK, 0.0));
        }
    }

    /// Draws one pixel. A pixel beyond the end is ignored.
    #[inline]
    pub fn set(&mut self, index: usize, pixel: CanvasPixel) {
        if let Some(place) = self.pixels.get_mut(index) {
            *place = pixel.light;
        }
        if let Some(place) = self.coverage.as_mut().and_then(|it| it.get_mut(index)) {
            *place = pixel.coverage.min(1.0);
        }
    }

    /// Draws every pixel by its index.
    #[inline]
    pub fn set_each<P: DrawnPixel>(&mut self, mut draw: impl FnMut(usize) -> P) {
        let coverage = self.coverage.as_deref_mut().unwrap_or_default();
        if P::IS_FULL {
            coverage.fill(1.0);
            for (index, pixel) in self.pixels.iter_mut().enumerate() {
                *pixel = draw(index).into().light;
            }
            return;
        }
        // One loop for both cases, because a second copy of `draw` would not be inlined.
        for (index, pixel) in self.pixels.iter_mut().enumerate() {
            let drawn: CanvasPixel = draw(index).into();
            *pixel = drawn.light;
            if let Some(covered) = coverage.get_mut(index) {
                *covered = drawn.coverage.min(1.0);
            }
        }
    }
}
