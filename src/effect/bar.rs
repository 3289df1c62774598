//! The bar that `thermal` and `progress` draw; it fills from the first pixel.

use super::Motion;
use super::options::Settings;
use crate::color::Color;
use crate::time::Time;

/// A bar with a gradient from `start_color` to `end_color`. Its last lit pixel is dimmed in
/// proportion.
#[derive(Debug)]
pub(super) struct Bar {
    start: Color,
    end: Color,
    curve: f32,
    gradient: Vec<Color>,
}

impl Bar {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            start: settings.start_color,
            end: settings.end_color,
            curve: settings.gradient_curve,
            gradient: Vec::new(),
        }
    }

    /// Fills `fraction` (0.0-1.0) of the canvas. `None` fills all of it with the start color.
    pub(super) fn draw(&mut self, canvas: &mut [Color], fraction: Option<f32>) {
        let Some(fraction) = fraction else {
            canvas.fill(self.start);
            return;
        };
        self.resize(canvas.len());
        let lit = fraction.clamp(0.0, 1.0) * canvas.len() as f32;
        for (pixel, (color, full)) in canvas.iter_mut().zip(&self.gradient).enumerate() {
            *color = full.scale((lit - pixel as f32).clamp(0.0, 1.0));
        }
    }

    /// Returns the motion of a bar whose fraction changes by `per_second` until `end`.
    pub(super) fn motion(&self, now: Time, end: Time, per_second: f32) -> Motion {
        let pixels_per_second = per_second * self.gradient.len() as f32;
        // Draw once more at the end, to show the remainder of the last step.
        Motion::for_rate(now, pixels_per_second).min(Motion::Until(end))
    }

    fn resize(&mut self, pixels: usize) {
        if self.gradient.len() == pixels {
            return;
        }
        let last = pixels.saturating_sub(1);
        self.gradient.clear();
        self.gradient.extend((0..pixels).map(|pixel| {
            // A single pixel shows the end color.
            let place = if last == 0 {
                1.0
            } else {
                pixel as f32 / last as f32
            };
            self.start.lerp(self.end, place.powf(self.curve))
        }));
    }
}
