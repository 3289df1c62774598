//! The output of the ws2812-pio driver, from a model of drivers/misc/ws2812-pio-rp1.c with its
//! write call and its shift register.

use lumen::{ws2812_pio::Driver, ws2812_pio::PioEncoder};
use proptest::prelude::*;

/// The bytes on the line for the written bytes, at a brightness.
fn line(written: &[u8], white: bool, brightness: u8) -> Vec<u8> {
    let light = |byte: u8| match brightness {
        0 => byte,
        _ => (255.0 * (f64::from(byte) / 255.0).powf(1.0 / 0.45)).floor() as u8,
    };
    let mut line = Vec::new();
    for pixel in written.chunks(4) {
        // The driver packs each pixel into a word and sends the highest bit first.
        let [red, green, blue, white_] = [0, 1, 2, 3].map(|at| u32::from(light(pixel[at])));
        let word = green << 24 | red << 16 | blue << 8 | white_;
        let bytes = if white { 4 } else { 3 };
        line.extend_from_slice(&word.to_be_bytes()[..bytes]);
    }
    line
}

fn written(channels: usize, driver: Driver, frame: &[u8]) -> Vec<u8> {
    let mut wire = Vec::new();
    PioEncoder::new(channels, driver).encode(frame, &mut wire);
    wire
}

proptest! {
    #[test]
    fn the_line_carries_the_frame_byte_for_byte(
        pixels in 0_usize..600,
        channels in 3_usize..=4,
        seed in any::<u8>(),
    ) {
        let frame: Vec<u8> = (0..pixels * channels).map(|i| (i * 7) as u8 ^ seed).collect();
        let written = written(channels, Driver::Transparent, &frame);
        prop_assert_eq!(written.len(), pixels * 4);
        prop_assert_eq!(line(&written, channels == 4, 0), frame);
    }

    #[test]
    fn the_line_carries_the_frame_to_within_one_step_with_a_fixed_curve(
        frame in proptest::collection::vec(any::<[u8; 3]>(), 1..100),
    ) {
        let frame = frame.concat();
        let line = line(&written(3, Driver::Gamma, &frame), false, 255);
        for (carried, wanted) in line.iter().zip(&frame) {
            prop_assert!(carried.abs_diff(*wanted) <= 1);
        }
    }
}
