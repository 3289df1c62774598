//! The pixels that a running stack of effects draws on.

use crate::color::{Color, fade_level};
use crate::effect::Canvas;

/// The light of each pixel and, if the caller needs it, the part that is covered.
#[derive(Clone, Debug)]
pub(super) struct Surface {
    pub(super) colors: Vec<Color>,
    /// The covered part of each pixel, 0.0-1.0; only if something can shine through.
    pub(super) coverage: Option<Vec<f32>>,
}

impl Surface {
    /// Creates a dark surface on which nothing is covered.
    pub(super) fn new(pixels: usize, has_coverage: bool) -> Self {
        Self {
            colors: vec![Color::BLACK; pixels],
            coverage: has_coverage.then(|| vec![0.0; pixels]),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.colors.len()
    }

    pub(super) fn canvas(&mut self) -> Canvas<'_> {
        match &mut self.coverage {
            Some(coverage) => Canvas::with_coverage(&mut self.colors, coverage),
            None => Canvas::new(&mut self.colors),
        }
    }

    /// Uncovers all pixels.
    pub(super) fn clear(&mut self) {
        self.canvas().clear();
    }

    /// Copies another surface of the same length.
    pub(super) fn copy_from(&mut self, other: &Self) {
        self.mix(other, 1.0);
    }

    /// Mixes a surface of the same length over this one, with an opacity of 0.0-1.0.
    pub(super) fn mix(&mut self, above: &Self, opacity: f32) {
        let coverage = self.coverage.as_mut().zip(above.coverage.as_ref());
        if opacity >= 1.0 {
            self.colors.copy_from_slice(&above.colors);
            if let Some((below, above)) = coverage {
                below.copy_from_slice(above);
            }
            return;
        }
        for (below, above) in self.colors.iter_mut().zip(&above.colors) {
            *below = below.fade(*above, opacity);
        }
        if let Some((below, above)) = coverage {
            // As the colors, so that a fade between two equal lights shows no dip.
            for (below, above) in below.iter_mut().zip(above) {
                *below = fade_level(*below, *above, opacity);
            }
        }
    }

    /// Changes the length. New pixels are dark and not covered.
    pub(super) fn resize(&mut self, pixels: usize) {
        self.colors.resize(pixels, Color::BLACK);
        if let Some(coverage) = &mut self.coverage {
            coverage.resize(pixels, 0.0);
        }
    }

    /// Starts or stops to note the coverage. All pixels count as covered at first.
    pub(super) fn set_has_coverage(&mut self, has_coverage: bool) {
        if self.coverage.is_some() != has_coverage {
            self.coverage = has_coverage.then(|| vec![1.0; self.colors.len()]);
        }
    }
}
