//! WS281x and SK6812 through the ws2812-pio driver of a Raspberry Pi 5.
//!
//! The driver takes four bytes per pixel in the order red, green, blue, white, and sends them in
//! the order green, red, blue, white. The encoder places each byte so that the driver sends it at
//! the right position. Strips can have any channel order.

/// Bytes per pixel, even for strips of three channels.
pub const PIXEL: usize = 4;

/// For the first to fourth byte on the line, its position in a pixel of the driver.
const POSITIONS: [usize; PIXEL] = [1, 0, 2, 3];

/// How the driver changes a byte before it sends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Driver {
    /// Sends bytes unchanged.
    Transparent,
    /// Applies the curve `255 * (byte / 255) ^ (1 / 0.45)`, rounded down, at full brightness.
    Gamma,
}

/// Encodes frames for the driver.
///
/// ```
/// use lumen::ws2812_pio::{Driver, PioEncoder};
///
/// let mut wire = Vec::new();
/// PioEncoder::new(3, Driver::Transparent).encode(&[1, 2, 3, 4, 5, 6], &mut wire);
/// assert_eq!(wire, [2, 1, 3, 0, 5, 4, 6, 0]);
/// ```
#[derive(Clone, Debug)]
pub struct PioEncoder {
    channels: usize,
    table: [u8; 256],
}

impl PioEncoder {
    /// Creates an encoder for pixels of three or four channels.
    pub fn new(channels: usize, driver: Driver) -> Self {
        let table = match driver {
            Driver::Transparent => std::array::from_fn(|byte| byte as u8),
            Driver::Gamma => std::array::from_fn(|byte| inverse_gamma(byte as u8)),
        };
        Self { channels, table }
    }

    /// Replaces `wire` with the bytes of one frame; allocates only while `wire` grows.
    pub fn encode(&self, frame: &[u8], wire: &mut Vec<u8>) {
        wire.clear();
        wire.resize(frame.len() / self.channels * PIXEL, 0);
        let pixels = wire.chunks_exact_mut(PIXEL);
        for (pixel, channels) in pixels.zip(frame.chunks_exact(self.channels)) {
            for (byte, position) in channels.iter().zip(POSITIONS) {
                pixel[position] = self.table[usize::from(*byte)];
            }
        }
    }
}

/// The curve of the driver (`ws2812_gamma` of drivers/misc/ws2812-pio-rp1.c).
fn gamma(byte: u8) -> u8 {
    (255.0 * (f64::from(byte) / 255.0).powf(1.0 / 0.45)) as u8
}

/// The byte that the curve maps closest to `wanted`: exact up to 74, at most one off above.
fn inverse_gamma(wanted: u8) -> u8 {
    (0..=255)
        .min_by_key(|byte| gamma(*byte).abs_diff(wanted))
        .unwrap_or(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(channels: usize, driver: Driver, frame: &[u8]) -> Vec<u8> {
        let mut wire = Vec::new();
        PioEncoder::new(channels, driver).encode(frame, &mut wire);
        wire
    }

    #[test]
    fn a_strip_of_four_channels_uses_all_four_positions() {
        assert_eq!(encoded(4, Driver::Transparent, &[1, 2, 3, 4]), [2, 1, 3, 4]);
    }

    #[test]
    fn the_curve_is_that_of_the_driver() {
        // From the table in its source.
        let known = [
            (0, 0),
            (21, 0),
            (22, 1),
            (28, 1),
            (64, 11),
            (128, 55),
            (200, 148),
            (254, 252),
        ];
        for (byte, light) in known {
            assert_eq!(gamma(byte), light, "{byte}");
        }
        assert_eq!(gamma(255), 255);
    }

    #[test]
    fn the_curve_is_compensated_to_within_one_step() {
        for wanted in 0..=255 {
            let light = gamma(inverse_gamma(wanted));
            let tolerance = u8::from(wanted > 74);
            assert!(
                light.abs_diff(wanted) <= tolerance,
                "{wanted} becomes {light}"
            );
        }
        assert_eq!(encoded(3, Driver::Gamma, &[0, 255, 1]), [255, 0, 22, 0]);
    }
}
