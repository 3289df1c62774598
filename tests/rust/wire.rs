//! What a strip reads from the SPI bytes, with an independent decoder of the data line.
//!
//! The line is a list of levels with their lengths in nanoseconds. The decoder knows only the data
//! sheets and nothing about the encoder.

pub(crate) mod ddp;

mod apa102;
mod helper;
mod ws2812_pio;

use lumen::{StripType, ws2812_spi::CLOCK_HZ, ws2812_spi::SpiEncoder};
use proptest::prelude::*;

/// Minimum and maximum length in a data sheet, in nanoseconds.
#[derive(Clone, Copy)]
struct Window(f64, f64);

impl Window {
    fn has(self, length_ns: f64) -> bool {
        (self.0..=self.1).contains(&length_ns)
    }
}

/// The timing in the data sheet of a strip.
#[derive(Clone, Copy)]
struct DataSheet {
    zero_high: Window,
    zero_low: Window,
    one_high: Window,
    one_low: Window,
}

const WS2812B: DataSheet = DataSheet {
    zero_high: Window(250.0, 550.0),
    zero_low: Window(700.0, 1000.0),
    one_high: Window(650.0, 950.0),
    one_low: Window(300.0, 600.0),
};
const WS2812B_V5: DataSheet = DataSheet {
    zero_high: Window(220.0, 380.0),
    zero_low: Window(580.0, 1000.0),
    one_high: Window(580.0, 1000.0),
    one_low: Window(220.0, 420.0),
};
const SK6812: DataSheet = DataSheet {
    zero_high: Window(150.0, 450.0),
    zero_low: Window(750.0, 1050.0),
    one_high: Window(450.0, 750.0),
    one_low: Window(450.0, 750.0),
};

/// A low of this length can end the frame: old WS2812 reset after 50 µs.
const RESET_NS: f64 = 50_000.0;

/// The level of the line between two bytes.
#[derive(Clone, Copy, Debug)]
enum Between {
    Low,
    HoldLast,
}

/// The timing of an SPI port.
#[derive(Clone, Copy, Debug)]
struct SpiPort {
    clock_hz: f64,
    gap_clocks: f64,
    between: Between,
}

impl SpiPort {
    fn steady(clock_hz: f64) -> Self {
        Self {
            clock_hz,
            gap_clocks: 0.0,
            between: Between::Low,
        }
    }

    /// The line as alternating levels: (high, nanoseconds).
    fn line(self, wire: &[u8]) -> Vec<(bool, f64)> {
        let clock_ns = 1e9 / self.clock_hz;
        let mut runs: Vec<(bool, f64)> = Vec::new();
        let mut hold = |high: bool, length_ns: f64| match runs.last_mut() {
            Some(last) if last.0 == high => last.1 += length_ns,
            _ => runs.push((high, length_ns)),
        };
        for byte in wire {
            for bit in (0..8).rev() {
                hold(byte >> bit & 1 == 1, clock_ns);
            }
            let high = matches!(self.between, Between::HoldLast) && byte & 1 == 1;
            if self.gap_clocks > 0.0 {
                hold(high, self.gap_clocks * clock_ns);
            }
        }
        runs
    }
}

/// Decodes one frame. With `strict`, lows must match the data sheet, as on a line without gaps.
/// Otherwise a low only has to be long enough and shorter than a reset.
fn decode(runs: &[(bool, f64)], sheet: &DataSheet, strict: bool) -> Result<Vec<u8>, String> {
    let (lead, rest) = runs.split_first().ok_or("an empty line")?;
    if lead.0 {
        return Err("the line starts high".into());
    }
    let mut bits = Vec::new();
    for pulse in rest.chunks(2) {
        let [(true, high), (false, low)] = *pulse else {
            return Err("the line ends high".into());
        };
        let one = sheet.one_high.has(high);
        if one == sheet.zero_high.has(high) {
            return Err(format!("a high of {high} ns is not a bit"));
        }
        let window = if one { sheet.one_low } else { sheet.zero_low };
        let is_last = bits.len() + 1 == rest.len() / 2;
        let longest = match (is_last, strict) {
            (true, _) => f64::INFINITY,
            (false, true) => window.1,
            (false, false) => RESET_NS,
        };
        if !(window.0..=longest).contains(&low) {
            return Err(format!("a low of {low} ns after a {}", u8::from(one)));
        }
        bits.push(one);
    }
    if bits.len() % 8 != 0 {
        return Err(format!("{} bits are not whole bytes", bits.len()));
    }
    let byte = |bits: &[bool]| bits.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit));
    Ok(bits.chunks(8).map(byte).collect())
}

fn wire(strip_type: StripType, frame: &[u8]) -> Vec<u8> {
    let mut wire = Vec::new();
    SpiEncoder::new(strip_type).encode(frame, &mut wire);
    wire
}

fn every_byte() -> Vec<u8> {
    (0..=255).collect()
}

/// Core clock 250, 500 and 400 MHz of a Raspberry Pi, and its RP1, in Hz.
const REAL_CLOCKS: [f64; 4] = [250e6 / 80.0, 500e6 / 158.0, 400e6 / 126.0, 200e6 / 64.0];

#[test]
fn at_the_nominal_clock_every_edge_is_inside_the_data_sheet() {
    let frame = every_byte();
    let line = |strip_type| SpiPort::steady(f64::from(CLOCK_HZ)).line(&wire(strip_type, &frame));
    let ws281x = line(StripType::Ws281x);
    assert_eq!(decode(&ws281x, &WS2812B, true), Ok(frame.clone()));
    assert_eq!(decode(&ws281x, &WS2812B_V5, true), Ok(frame.clone()));
    let sk6812 = line(StripType::Sk6812);
    assert_eq!(decode(&sk6812, &SK6812, true), Ok(frame.clone()));
}

#[test]
fn at_every_real_clock_every_edge_is_inside_the_data_sheet() {
    let frame = every_byte();
    for clock_hz in REAL_CLOCKS {
        for (strip_type, sheet) in [(StripType::Ws281x, WS2812B_V5), (StripType::Sk6812, SK6812)] {
            let line = SpiPort::steady(clock_hz).line(&wire(strip_type, &frame));
            assert_eq!(decode(&line, &sheet, true).as_ref(), Ok(&frame));
        }
    }
}

#[test]
fn a_one_exceeds_the_older_ws2812b_data_sheet_by_at_most_ten_nanoseconds() {
    for clock_hz in REAL_CLOCKS {
        let longest = 3.0 * 1e9 / clock_hz;
        assert!(longest <= WS2812B.one_high.1 + 10.0 + 1e-6, "{longest}");
    }
}

#[test]
fn pauses_between_bytes_change_no_bit() {
    let frame = every_byte();
    for clock_hz in REAL_CLOCKS {
        for gap_clocks in [0.5, 1.0, 16.0] {
            for between in [Between::Low, Between::HoldLast] {
                let port = SpiPort {
                    clock_hz,
                    gap_clocks,
                    between,
                };
                let ws281x = port.line(&wire(StripType::Ws281x, &frame));
                let sk6812 = port.line(&wire(StripType::Sk6812, &frame));
                assert_eq!(
                    decode(&ws281x, &WS2812B_V5, false).as_ref(),
                    Ok(&frame),
                    "{port:?}"
                );
                assert_eq!(
                    decode(&sk6812, &SK6812, false).as_ref(),
                    Ok(&frame),
                    "{port:?}"
                );
            }
        }
    }
}

#[test]
fn the_line_is_low_before_the_first_bit_and_after_the_last() {
    let line = SpiPort::steady(f64::from(CLOCK_HZ)).line(&wire(StripType::Ws281x, &[0xFF; 30]));
    let (first, last) = (line[0], line[line.len() - 1]);
    assert!(!first.0 && first.1 >= 10_000.0, "{first:?}");
    assert!(!last.0 && last.1 >= 40_000.0, "{last:?}");
}

#[test]
fn the_decoder_refuses_symbols_of_three_bits_when_a_gap_holds_the_line() {
    // Symbols 100 and 110 at 2.4 MHz, which Lumen does not use for this reason.
    let wire = [0, 0b1101_1011, 0b0110_1101, 0b1011_0110, 0];
    let mut port = SpiPort::steady(2.4e6);
    assert_eq!(decode(&port.line(&wire), &WS2812B, true), Ok(vec![0xFF]));
    port.gap_clocks = 1.0;
    port.between = Between::HoldLast;
    assert!(decode(&port.line(&wire), &WS2812B, false).is_err());
}

proptest! {
    #[test]
    fn every_frame_is_read_back_at_any_clock_and_gap(
        frame in proptest::collection::vec(any::<u8>(), 1..400),
        clock_hz in 3.0e6..3.2e6,
        gap_clocks in 0.0..16.0,
    ) {
        let port = SpiPort { clock_hz, gap_clocks, between: Between::HoldLast };
        let line = port.line(&wire(StripType::Ws281x, &frame));
        prop_assert_eq!(decode(&line, &WS2812B_V5, false), Ok(frame));
    }
}
