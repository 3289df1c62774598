//! APA102 and SK9822: a data and a clock line, four bytes a pixel, no timing to keep.
//!
//! A frame brings its pixels ready: a head of three one-bits and the brightness, then the three
//! colours in the strip's order. Here they get what stands before and after them.

/// Bytes of one pixel.
pub const PIXEL: usize = 4;
/// The three bits that begin each pixel; the other five are its brightness.
pub const HEAD: u8 = 0xE0;

/// Zero bytes that begin a frame.
const START: usize = 4;
/// Zero bytes after which an SK9822 shows what it got; an APA102 needs none.
const LATCH: usize = 4;
/// Each pixel delays the data by half a clock: a byte more carries them past sixteen pixels.
const PIXELS_PER_TAIL_BYTE: usize = 16;

/// Replaces `wire` by the transfer for one frame; allocates only while `wire` grows.
///
/// A head without its three bits would begin a new frame in the middle of this one, so they are
/// set here: a frame of zeros is a dark strip.
///
/// ```
/// use lumen::wire::apa102::encode;
///
/// let mut wire = Vec::new();
/// encode(&[0xFF, 1, 2, 3], &mut wire);
/// assert_eq!(wire[..8], [0, 0, 0, 0, 0xFF, 1, 2, 3]);
/// ```
pub fn encode(frame: &[u8], wire: &mut Vec<u8>) {
    wire.clear();
    wire.resize(START, 0);
    wire.extend_from_slice(frame);
    for head in wire[START..].iter_mut().step_by(PIXEL) {
        *head |= HEAD;
    }
    // Zeros, not ones: where more pixels hang on the line, ones would light them white.
    wire.resize(transfer_bytes(frame.len() / PIXEL), 0);
}

/// How many bytes the transfer of a frame of `pixels` has.
pub const fn transfer_bytes(pixels: usize) -> usize {
    START + pixels * PIXEL + LATCH + pixels.div_ceil(PIXELS_PER_TAIL_BYTE)
}

/// How many pixels' transfer fits into `transfer_limit` bytes.
pub const fn longest_strip(transfer_limit: usize) -> usize {
    if transfer_limit < START + LATCH {
        return 0;
    }
    // Sixteen pixels take 64 bytes and one of the tail; what is left over pays its byte first.
    let bytes = transfer_limit - START - LATCH;
    let block = PIXELS_PER_TAIL_BYTE * PIXEL + 1;
    let rest = (bytes % block).saturating_sub(1) / PIXEL;
    bytes / block * PIXELS_PER_TAIL_BYTE + rest
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
    fn pixels_stand_between_four_zeros_and_the_tail() {
        let wire = encoded(&[0xE1, 1, 2, 3, 0xFF, 4, 5, 6]);
        assert_eq!(
            wire,
            [0, 0, 0, 0, 0xE1, 1, 2, 3, 0xFF, 4, 5, 6, 0, 0, 0, 0, 0]
        );
    }

    #[test]
    fn a_frame_of_zeros_is_dark_pixels_and_no_start() {
        assert_eq!(encoded(&[0; 8])[4..12], [0xE0, 0, 0, 0, 0xE0, 0, 0, 0]);
    }

    #[test]
    fn a_buffer_of_4096_bytes_carries_1006_pixels() {
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
