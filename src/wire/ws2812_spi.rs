//! WS281x and SK6812 by the data line of an SPI port: four SPI bits carry one bit of the strip.
//!
//! Every symbol ends low, so the pause that many SPI ports make between two bytes only lengthens
//! a low, which the strips take; three-bit symbols would hold the line high there. Zero bytes
//! before the data hide the first clock edge (the line idles high on some boards), zero bytes
//! after it leave the line low. The reset between two frames is a matter of time, not of bytes:
//! whoever writes waits [`RESET`].

use crate::time::Span;
use crate::wire::StripType;

/// The SPI clock that makes a strip's bit last 1.25 µs.
///
/// Ports round it down: 3.125 MHz on a Raspberry Pi 5 and at a core clock of 250 MHz, 3.165 at
/// 500, 3.175 at 400. Any clock from 2.00 to 3.45 MHz gives a light that both families read.
pub const CLOCK_HZ: u32 = 3_200_000;

/// How long the line stays low between two frames; WS2812B-V5 and WS2813 ask for 280 µs, the most
/// of all.
pub const RESET: Span = Span::from_nanos(300_000);

/// Zero bytes before the data: 10 µs low.
const LEAD: usize = 4;
/// Zero bytes after the data, so that the line ends low even where the last bits are repeated.
const TAIL: usize = 16;
/// The least length of a transfer: from 96 bytes Broadcom's SPI uses DMA, which keeps time better.
pub const SHORTEST: usize = 128;

const ZERO: u32 = 0b1000;
const LONG_ONE: u32 = 0b1110;
const SHORT_ONE: u32 = 0b1100;

/// SPI bytes that carry one byte of the strip.
const SYMBOL_BYTES: usize = 4;

/// For each byte of the strip, the SPI bytes that carry it. 1 KiB.
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

/// Turns frames into SPI bytes for one family of strips.
///
/// ```
/// use lumen::wire::{StripType, ws2812_spi::SpiEncoder};
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
    /// Makes an encoder for a family of strips.
    pub const fn new(strip_type: StripType) -> Self {
        let table = match strip_type {
            StripType::Ws281x => &WS281X,
            StripType::Sk6812 => &SK6812,
        };
        Self { table }
    }

    /// Replaces `wire` by the transfer for one frame; allocates only while `wire` grows.
    pub fn encode(&self, frame: &[u8], wire: &mut Vec<u8>) {
        wire.clear();
        wire.resize(LEAD, 0);
        for byte in frame {
            wire.extend_from_slice(&self.table[usize::from(*byte)]);
        }
        wire.resize(transfer_bytes(frame.len()), 0);
    }
}

/// How many bytes the transfer of a frame of `frame_bytes` has.
pub const fn transfer_bytes(frame_bytes: usize) -> usize {
    let bytes = LEAD + frame_bytes * SYMBOL_BYTES + TAIL;
    if bytes < SHORTEST { SHORTEST } else { bytes }
}

/// The longest frame, in bytes, whose transfer fits into `transfer_limit` bytes.
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
    fn the_two_families_differ_in_how_long_a_one_is_high() {
        let ws281x = encoded(StripType::Ws281x, &[0b1010_0011]);
        let sk6812 = encoded(StripType::Sk6812, &[0b1010_0011]);
        assert_eq!(ws281x[LEAD..LEAD + 4], [0xE8, 0xE8, 0x88, 0xEE]);
        assert_eq!(sk6812[LEAD..LEAD + 4], [0xC8, 0xC8, 0x88, 0xCC]);
    }

    #[test]
    fn zero_bytes_stand_before_and_after_the_data() {
        let wire = encoded(StripType::Ws281x, &[0xFF; 30]);
        assert_eq!(wire.len(), LEAD + 120 + TAIL);
        assert_eq!(wire[..LEAD], [0; LEAD]);
        assert_eq!(wire[wire.len() - TAIL..], [0; TAIL]);
    }

    #[test]
    fn a_short_frame_is_filled_up_until_dma_carries_it() {
        assert_eq!(encoded(StripType::Ws281x, &[1, 2, 3]).len(), SHORTEST);
        assert_eq!(encoded(StripType::Ws281x, &[]).len(), SHORTEST);
    }

    #[test]
    fn a_buffer_of_4096_bytes_carries_339_rgb_or_254_rgbw_pixels() {
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
