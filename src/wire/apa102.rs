//! APA102 and SK9822: a data line and a clock line, four bytes per pixel, no timing to keep.
//!
//! A frame has the brightness of each pixel (0-31) and its three colors in the order of the strip.
//! [`encode`] adds the bits that mark a pixel, and the start and the end of the transfer.

/// Bytes of one pixel.
pub const PIXEL: usize = 4;
/// The three one-bits that start each pixel; the other five bits of the byte are its brightness.
const HEAD: u8 = 0xE0;

/// Zero bytes that start a frame.
const START: usize = 4;
/// Zero bytes that make an SK9822 show the frame; an APA102 needs none.
const LATCH: usize = 4;
/// Each pixel delays the data by half a clock, so 16 pixels need one more byte of clocks.
const PIXELS_PER_TAIL_BYTE: usize = 16;

/// Replaces `wire` with the transfer of one frame; allocates only while `wire` grows.
///
/// ```
/// use lumen::apa102::encode;
///
/// let mut wire = Vec::new();
/// encode(&[31, 1, 2, 3], &mut wire);
/// assert_eq!(wire[..8], [0, 0, 0, 0, 0xFF, 1, 2, 3]);
/// ```
pub fn encode(frame: &[u8], wire: &mut Vec<u8>) {
    wire.clear();
    wire.resize(START, 0);
    wire.extend_from_slice(frame);
    for head in wire[START..].iter_mut().step_by(PIXEL) {
        *head |= HEAD;
    }
    // Zeros, because ones would light any further pixels of the strip white.
    wire.resize(transfer_bytes(frame.len() / PIXEL), 0);
}

/// The length in bytes of the transfer for `pixels` pixels.
pub const fn transfer_bytes(pixels: usize) -> usize {
    START + pixels * PIXEL + LATCH + pixels.div_ceil(PIXELS_PER_TAIL_BYTE)
}

/// The maximum number of pixels whose transfer fits into `transfer_limit` bytes.
pub const fn longest_strip(transfer_limit: usize) -> usize {
    if transfer_limit < START + LATCH {
        return 0;
    }
    // 16 pixels take 64 bytes and one tail byte; the remaining pixels need a tail byte too.
    let bytes = transfer_limit - START - LATCH;
    let block = PIXELS_PER_TAIL_BYTE * PIXEL + 1;
    let remainder = (bytes % block).saturating_sub(1) / PIXEL;
    bytes / block * PIXELS_PER_TAIL_BYTE + remainder
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(frame: &[u8]) -> Vec<u8> {
        let mut wire = Vec::new();
        encode(frame, &mut wire);
        wire
    }

    #[test]
    fn pixels_are_between_four_zeros_and_the_tail() {
        let wire = encoded(&[1, 1, 2, 3, 31, 4, 5, 6]);
        assert_eq!(
            wire,
            [0, 0, 0, 0, 0xE1, 1, 2, 3, 0xFF, 4, 5, 6, 0, 0, 0, 0, 0]
        );
    }

    #[test]
    fn a_frame_of_zeros_is_dark_pixels() {
        assert_eq!(encoded(&[0; 8])[4..12], [0xE0, 0, 0, 0, 0xE0, 0, 0, 0]);
    }

    #[test]
    fn a_buffer_of_4096_bytes_holds_1006_pixels() {
        assert_eq!(longest_strip(4096), 1006);
        assert_eq!(longest_strip(7), 0);
    }

    #[test]
    fn the_longest_strip_is_the_longest_that_fits() {
        for limit in 8..1000 {
            let longest = longest_strip(limit);
            assert!(transfer_bytes(longest) <= limit, "{limit}");
            assert!(transfer_bytes(longest + 1) > limit, "{limit}");
        }
    }
}
