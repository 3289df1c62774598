//! Converts frames for screens.
//!
//! A duty cycle is linear light, and so is what an LED emits. A screen shows the same relative
//! light with the transfer curve of sRGB. White balance makes an LED strip look neutral, as a
//! screen does anyway, so it is undone. The white LED adds the light that it has in red, green and
//! blue.

use crate::finish::{FinishPlan, White};

/// Steps of the table of the transfer curve. The steepest step is less than one sRGB step.
const STEPS: usize = 4096;

/// Converts frames, and holds the last one.
#[derive(Debug, Default)]
pub(super) struct Screen {
    /// The transfer curve; built at the first use.
    curve: Vec<u8>,
    pixels: Vec<u8>,
}

impl Screen {
    /// Converts the frame of a strip: red, green and blue, three bytes a pixel.
    pub(super) fn convert(&mut self, rgbw: &[[u8; 4]], finish: &FinishPlan) -> &[u8] {
        if self.curve.is_empty() {
            self.curve = (0..STEPS).map(encoded).collect();
        }
        let curve = &self.curve;
        let white = match finish.white {
            White::Extract(white) => white,
            White::Off => [1.0; 3],
        };
        let top = (STEPS - 1) as f32;
        let scale = finish
            .white_balance
            .map(|level| top / (255.0 * level.max(0.01)));
        let white = white.map(|level| top / 255.0 * level);
        self.pixels.clear();
        for [r, g, b, w] in rgbw {
            for (channel, duty) in [r, g, b].into_iter().enumerate() {
                let light = f32::from(*duty) * scale[channel] + f32::from(*w) * white[channel];
                let step = (light.round() as usize).min(STEPS - 1);
                self.pixels
                    .push(curve.get(step).copied().unwrap_or(u8::MAX));
            }
        }
        &self.pixels
    }
}

/// Encodes a step of linear light as sRGB does.
fn encoded(step: usize) -> u8 {
    let light = step as f32 / (STEPS - 1) as f32;
    let level = if light <= 0.003_130_8 {
        12.92 * light
    } else {
        1.055 * light.powf(1.0 / 2.4) - 0.055
    };
    (255.0 * level).round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(rgbw: [u8; 4], finish: &FinishPlan) -> Vec<u8> {
        Screen::default().convert(&[rgbw], finish).to_vec()
    }

    #[test]
    fn linear_light_gets_the_curve_of_srgb() {
        let plain = FinishPlan::default();
        for (duty, screen) in [(0, 0), (1, 13), (55, 128), (128, 188), (255, 255)] {
            assert_eq!(converted([duty, 0, 0, 0], &plain), [screen, 0, 0]);
        }
    }

    #[test]
    fn the_white_led_adds_its_light() {
        let warm = FinishPlan {
            white: White::Extract([1.0, 0.8, 0.6]),
            ..FinishPlan::default()
        };
        assert_eq!(converted([0, 0, 0, 255], &warm), [255, 231, 203]);
        assert_eq!(converted([255, 255, 255, 255], &warm), [255; 3]);
    }

    #[test]
    fn balanced_white_is_neutral() {
        let balanced = FinishPlan {
            white_balance: [1.0, 0.5, 0.25],
            ..FinishPlan::default()
        };
        assert_eq!(converted([200, 100, 50, 0], &balanced), [229; 3]);
    }
}
