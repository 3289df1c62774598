//! APA102 and SK9822 on the data and clock lines of an SPI port, by `/dev/spidevB.C`.
//!
//! One ioctl a frame. The clock goes along, so nothing here must be timed, and a pause within a
//! frame would do no harm; it is one transfer because that costs least.

use crate::layout::Strip;
use crate::output::claim::Claimed;
use crate::output::spi::{self, Line, Port};
use crate::output::{Output, OutputError};
use crate::time::Time;
use crate::wire::apa102::{PIXEL, encode, longest_strip, transfer_bytes};

/// Opens the device for a strip.
///
/// # Errors
/// When another thread holds the device, it cannot be opened or set up, or its buffer is too short.
pub(super) fn open(
    strip: &Strip,
    device: &str,
    clock_hz: u32,
) -> Result<Box<dyn Output>, OutputError> {
    let limit = spi::buffer_limit();
    let needed = transfer_bytes(strip.pixels);
    spi::check_length(strip.pixels, limit, longest_strip(limit), needed)?;
    let (line, claim) = Line::open(device)?;
    line.set_up(clock_hz)?;
    Ok(Box::new(Claimed::new(
        Apa102::new(line, strip.pixels),
        claim,
    )))
}

/// An open SPI port that carries one strip.
#[derive(Debug)]
struct Apa102<P> {
    line: Line<P>,
    pixels: usize,
    wire: Vec<u8>,
}

impl<P: Port> Apa102<P> {
    fn new(line: Line<P>, pixels: usize) -> Self {
        Self {
            line,
            pixels,
            wire: Vec::new(),
        }
    }
}

impl<P: Port> Output for Apa102<P> {
    fn write(&mut self, _time: Time, frames: &[Vec<u8>]) -> Result<(), OutputError> {
        frames.first().map_or(Ok(()), |frame| {
            encode(frame, &mut self.wire);
            self.line.send(&self.wire, 0)
        })
    }

    fn rest(&mut self, time: Time) -> Result<(), OutputError> {
        self.write(time, &[vec![0; self.pixels * PIXEL]])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::spi::test::Double;

    fn output() -> Apa102<Double> {
        Apa102::new(Line::new(Double::default(), "/dev/spidev0.0"), 2)
    }

    #[test]
    fn a_frame_is_one_transfer_and_needs_no_rest() {
        let mut output = output();
        let frame = vec![0xFF, 1, 2, 3, 0xE1, 4, 5, 6];
        output.write(Time::ZERO, &[frame]).unwrap();
        assert_eq!(output.line.port.calls.borrow()[..], ["send 17 rest 0"]);
        let sent = output.line.port.sent.borrow();
        assert_eq!(sent[0][4..12], [0xFF, 1, 2, 3, 0xE1, 4, 5, 6]);
    }

    #[test]
    fn rest_sends_dark_pixels() {
        let mut output = output();
        output.rest(Time::ZERO).unwrap();
        let sent = output.line.port.sent.borrow();
        assert_eq!(sent[0][4..12], [0xE0, 0, 0, 0, 0xE0, 0, 0, 0]);
    }
}
