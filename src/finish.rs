//! Finish: colours to bytes. The one way that every colour takes to a strip.
//!
//! Group and global brightness, clamp, round, channel order; in this order. Correction and the
//! extraction of white will stand between brightness and clamp, gamma and the power limit after
//! them, dither in the place of round. Pixels that nobody puts are dark.

use crate::color::Color;
use crate::layout::{ColorOrder, Strip};

/// The bytes of one strip: all its pixels at one moment.
///
/// ```
/// use lumen::color::Color;
/// use lumen::finish::Frame;
/// use lumen::layout::{ColorOrder, Strip};
///
/// let mut frame = Frame::new(&Strip {
///     name: "case".into(),
///     pixels: 2,
///     order: ColorOrder::GRB,
/// });
/// frame.put(1, Color::rgb(1.0, 0.5, 0.0), 0.5);
/// assert_eq!(frame.bytes(), [0, 0, 0, 64, 128, 0]);
/// ```
#[derive(Clone, Debug)]
pub struct Frame {
    order: ColorOrder,
    rgbw: Vec<[u8; 4]>,
    bytes: Vec<u8>,
}

impl Frame {
    /// Makes the dark frame of a strip.
    pub fn new(strip: &Strip) -> Self {
        Self {
            order: strip.order,
            rgbw: vec![[0; 4]; strip.pixels],
            bytes: vec![0; strip.pixels * strip.order.bytes_per_pixel()],
        }
    }

    /// Puts a colour, dimmed by `brightness` (0.0-1.0), on a pixel; beyond the strip's end it does
    /// nothing.
    pub fn put(&mut self, pixel: usize, color: Color, brightness: f32) {
        let Some(rgbw) = self.rgbw.get_mut(pixel) else {
            return;
        };
        let color = color.scale(brightness).clamp();
        *rgbw = [color.r, color.g, color.b, color.w].map(byte);
        if !self.order.has_white() {
            rgbw[3] = 0;
        }
        let width = self.order.bytes_per_pixel();
        let bytes = &mut self.bytes[pixel * width..][..width];
        for (byte, channel) in bytes.iter_mut().zip(self.order.channels()) {
            *byte = rgbw[usize::from(*channel)];
        }
    }

    /// The frame as the strip takes it: one byte a channel, in the strip's channel order.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The frame as red, green, blue, white; white is 0 where the strip has none.
    pub fn rgbw(&self) -> &[[u8; 4]] {
        &self.rgbw
    }
}

/// A channel of 0.0-1.0 as the nearest byte.
fn byte(channel: f32) -> u8 {
    (channel * 255.0 + 0.5) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(order: &str, pixels: usize) -> Frame {
        Frame::new(&Strip {
            name: "case".into(),
            pixels,
            order: ColorOrder::parse(order).unwrap(),
        })
    }

    #[test]
    fn a_frame_begins_dark() {
        let frame = frame("GRB", 2);
        assert_eq!(frame.bytes(), [0; 6]);
        assert_eq!(frame.rgbw(), [[0; 4]; 2]);
    }

    #[test]
    fn bytes_follow_the_channel_order() {
        let color = Color::rgbw(1.0, 0.5, 0.25, 0.125);
        let mut frame = frame("GRBW", 2);
        frame.put(1, color, 1.0);
        assert_eq!(frame.bytes(), [0, 0, 0, 0, 128, 255, 64, 32]);
        assert_eq!(frame.rgbw()[1], [255, 128, 64, 32]);
    }

    #[test]
    fn a_strip_without_white_shows_none() {
        let mut frame = frame("RGB", 1);
        frame.put(0, Color::rgbw(0.0, 0.0, 0.0, 1.0), 1.0);
        assert_eq!(frame.rgbw(), [[0; 4]]);
        assert_eq!(frame.bytes(), [0; 3]);
    }

    #[test]
    fn brightness_dims_before_the_clamp() {
        let mut frame = frame("RGB", 1);
        frame.put(0, Color::rgb(2.0, 1.0, 0.5), 0.5);
        assert_eq!(frame.bytes(), [255, 128, 64]);
    }

    #[test]
    fn what_no_led_can_show_is_clamped() {
        let mut frame = frame("RGB", 1);
        frame.put(0, Color::rgb(f32::NAN, -1.0, f32::INFINITY), 1.0);
        assert_eq!(frame.bytes(), [0, 0, 255]);
    }

    #[test]
    fn full_is_255_and_half_a_step_rounds_up() {
        assert_eq!(byte(1.0), 255);
        assert_eq!(byte(0.5 / 255.0), 1);
        assert_eq!(byte(0.499 / 255.0), 0);
    }

    #[test]
    fn a_pixel_beyond_the_end_is_nobodys() {
        let mut frame = frame("RGB", 1);
        frame.put(1, Color::WHITE, 1.0);
        assert_eq!(frame.bytes(), [0; 3]);
    }
}
