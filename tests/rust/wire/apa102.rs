//! What a chain of APA102 or SK9822 would show: each pixel receives the data half a clock later
//! than the one before it.

use lumen::{apa102::PIXEL, apa102::encode, apa102::transfer_bytes};
use proptest::prelude::*;

/// When a pixel shows its color.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Chip {
    /// As soon as it is received.
    Apa102,
    /// After the 32 zero bits that follow it.
    Sk9822,
}

/// The first clock after `count` consecutive zero bits, starting at `from`.
fn zeros(bits: &[bool], from: usize, count: usize) -> Option<usize> {
    let mut run = 0;
    for (place, bit) in bits.iter().enumerate().skip(from) {
        run = if *bit { 0 } else { run + 1 };
        if run == count {
            return Some(place + 1);
        }
    }
    None
}

/// What the pixel at `place` of the chain shows after the last clock, if anything.
fn shown(bits: &[bool], place: usize, chip: Chip) -> Option<Vec<u8>> {
    // The last bits have not reached this pixel.
    let received = &bits[..bits.len() - place.div_ceil(2)];
    let mut start = zeros(received, 0, 32)?;
    // More zeros may follow; the first word starts at the first one-bit.
    start += received[start..].iter().position(|bit| *bit)?;
    let word = received.get(start + 32 * place..start + 32 * (place + 1))?;
    if !(word[0] && word[1] && word[2]) {
        return None;
    }
    if chip == Chip::Sk9822 {
        zeros(received, start + 32 * (place + 1), 32)?;
    }
    let byte = |bits: &[bool]| bits.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit));
    Some(word.chunks(8).map(byte).collect())
}

fn bits(wire: &[u8]) -> Vec<bool> {
    wire.iter()
        .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1))
        .collect()
}

fn strip(frame: &[u8], chip: Chip) -> Vec<u8> {
    let mut wire = Vec::new();
    encode(frame, &mut wire);
    assert_eq!(wire.len(), transfer_bytes(frame.len() / PIXEL));
    let bits = bits(&wire);
    (0..frame.len() / PIXEL)
        .flat_map(|place| shown(&bits, place, chip).unwrap_or_default())
        .collect()
}

#[test]
fn the_model_detects_a_tail_that_is_too_short() {
    let frame = [31, 255, 255, 255].repeat(40);
    let mut wire = Vec::new();
    encode(&frame, &mut wire);
    assert!(shown(&bits(&wire), 39, Chip::Sk9822).is_some());
    wire.truncate(wire.len() - 1);
    assert!(shown(&bits(&wire), 39, Chip::Sk9822).is_none());
}

#[test]
fn a_dark_frame_reaches_the_last_of_a_thousand_pixels() {
    let dark = [0xE0, 0, 0, 0].repeat(1000);
    assert_eq!(strip(&vec![0; 4000], Chip::Apa102), dark);
    assert_eq!(strip(&vec![0; 4000], Chip::Sk9822), dark);
}

proptest! {
    #[test]
    fn every_pixel_of_a_chain_shows_its_color_of_the_frame(
        pixels in proptest::collection::vec((0_u8..32, any::<[u8; 3]>()), 1..200),
    ) {
        let frame = |head: u8| -> Vec<u8> {
            let pixels = pixels.iter();
            pixels
                .flat_map(|(level, [a, b, c])| [head | level, *a, *b, *c])
                .collect()
        };
        prop_assert_eq!(strip(&frame(0), Chip::Apa102), frame(0xE0));
        prop_assert_eq!(strip(&frame(0), Chip::Sk9822), frame(0xE0));
    }
}
