//! WS281x and SK6812 on the data line of an SPI port: four SPI bits encode one bit of the strip.
//!
//! Every symbol ends low. Many SPI ports pause between two bytes, and a pause then only lengthens a
//! low, which the strips accept; with three-bit symbols it would lengthen a high. Zero bytes before
//! the data hide the first clock edge, because the line idles high on some boards. Zero bytes after
//! the data leave the line low. The encoder adds no reset between frames: the caller waits for
//! [`RESET`].

use crate::time::Span;
use crate::wire::StripType;

/// The SPI clock at which a bit of the strip takes 1.25 µs.
///
/// Ports round it down: to 3.125 MHz on a Raspberry Pi 5 and at a core clock of 250 MHz, 3.165 MHz
/// at 500 MHz, 3.175 MHz at 400 MHz. Both families read any clock from 2.00 to 3.45 MHz.
pub const CLOCK_HZ: u32 = 3_200_000;

/// Time the line must stay low between two frames; WS2812B-V5 and WS2813 need 280 µs, the longest
/// of all.
pub const RESET: Span = Span::from_nanos(300_000);

/// Zero bytes before the data: 10 µs low.
const LEAD: usize = 4;
/// Zero bytes after the data. The line ends low even if a port repeats the last bits.
const TAIL: usize = 16;
/// Minimum length of a transfer: from 96 bytes, Broadcom's SPI uses DMA, whose timing is better.
pub const SHORTEST: usize = 128;

const ZERO: u32 = 0b1000;
const LONG_ONE: u32 = 0b1110;
const SHORT_ONE: u32 = 0b1100;

/// SPI bytes per byte of the strip.
const SYMBOL_BYTES: usize = 4;

/// The SPI bytes for each byte of the strip; 1 KiB.
type SymbolTable = [[u8; SYMBOL_BYTES]; 256];

static WS281X: SymbolTable = table(LONG_ONE);
static SK6812: SymbolTable = table(SHORT_ONE);

const fn table(one: u32) -> SymbolTable {
    let mut table = [[0; SYMBOL_BYTES]; 256];
    let mut byte = 0;
    while byte < table.len() {
        let mut symbols = 0;
        let mut bit = 8;
        while bit > 0 {
            bit -= 1;
            let symbol = if byte >> bit & 1 == 1 { one } else { ZERO };
            symbols = symbols << 4 | symbol;
        }
        table[byte] = symbols.to_be_bytes();
        byte += 1;
    }
    table
}

/// Encodes frames as SPI bytes for one family of strips.
///
/// ```
/// use lumen::{StripType, ws2812_spi::SpiEncoder};
///
/// let mut wire = Vec::new();
/// SpiEncoder::new(StripType::Ws281x).encode(&[0x80], &mut wire);
/// assert_eq!(wire[4..8], [0xE8, 0x88, 0x88, 0x88]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct SpiEncoder {
    table: &'static SymbolTable,
}

impl SpiEncoder {
    /// Creates an encoder for a family of strips.
    pub const fn new(strip_type: StripType) -> Self {
        let table = match strip_type {
            StripType::Ws281x => &WS281X,
            StripType::Sk6812 => &SK6812,
        };
        Self { table }
    }

    /// Replaces `wire` with the transfer of one frame; allocates only while `wire` grows.
    pub fn encode(&self, frame: &[u8], wire: &mut Vec<u8>) {
        wire.clear();
        wire.resize(LEAD, 0);
        for byte in frame {
            wire.extend_from_slice(&self.table[usize::from(*byte)]);
        }
        wire.resize(transfer_bytes(frame.len()), 0);
    }
}

/// The length in bytes of the transfer for a frame of `frame_bytes`.
pub const fn transfer_bytes(frame_bytes: usize) -> usize {
    let bytes = LEAD + frame_bytes * SYMBOL_BYTES + TAIL;
    if bytes < SHORTEST { SHORTEST } else { bytes }
}

/// The maximum length in bytes of a frame whose transfer fits into `transfer_limit` bytes.
pub const fn longest_frame(transfer_limit: usize) -> usize {
    if transfer_limit < SHORTEST {
        return 0;
    }
    (transfer_limit - LEAD - TAIL) / SYMBOL_BYTES
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(strip_type: StripType, frame: &[u8]) -> Vec<u8> {
        let mut wire = Vec::new();
        SpiEncoder::new(strip_type).encode(frame, &mut wire);
        wire
    }

    #[test]
    fn a_one_is_high_for_a_different_time_in_each_family() {
        let ws281x = encoded(StripType::Ws281x, &[0b1010_0011]);
        let sk6812 = encoded(StripType::Sk6812, &[0b1010_0011]);
        assert_eq!(ws281x[LEAD..LEAD + 4], [0xE8, 0xE8, 0x88, 0xEE]);
        assert_eq!(sk6812[LEAD..LEAD + 4], [0xC8, 0xC8, 0x88, 0xCC]);
    }

    #[test]
    fn zero_bytes_come_before_and_after_the_data() {
        let wire = encoded(StripType::Ws281x, &[0xFF; 30]);
        assert_eq!(wire.len(), LEAD + 120 + TAIL);
        assert_eq!(wire[..LEAD], [0; LEAD]);
        assert_eq!(wire[wire.len() - TAIL..], [0; TAIL]);
    }

    #[test]
    fn a_short_frame_is_padded_to_the_length_for_dma() {
        assert_eq!(encoded(StripType::Ws281x, &[1, 2, 3]).len(), SHORTEST);
        assert_eq!(encoded(StripType::Ws281x, &[]).len(), SHORTEST);
    }

    #[test]
    fn a_buffer_of_4096_bytes_holds_339_rgb_or_254_rgbw_pixels() {
        assert_eq!(longest_frame(4096) / 3, 339);
        assert_eq!(longest_frame(4096) / 4, 254);
        assert_eq!(longest_frame(100), 0);
    }

    #[test]
    fn the_longest_frame_is_the_longest_that_fits() {
        for limit in [128, 129, 200, 4096, 32768] {
            let longest = longest_frame(limit);
            assert!(transfer_bytes(longest) <= limit, "{limit}");
            assert!(transfer_bytes(longest + 1) > limit, "{limit}");
        }
    }
}
