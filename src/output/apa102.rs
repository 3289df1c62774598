//! APA102 and SK9822 strips on the data and clock lines of an SPI port (`/dev/spidevB.C`).
//!
//! A frame is one ioctl, which is the cheapest way. These strips have a clock line, so there is no
//! timing to keep and a pause within a frame is harmless.

use crate::layout::Strip;
use crate::output::claim::Claimed;
use crate::output::spi_port::{self, SpiDevice, SpiPort};
use crate::output::{Output, OutputError};
use crate::time::Time;
use crate::wire::apa102::{PIXEL, encode, longest_strip, transfer_bytes};

/// Opens the device for a strip.
///
/// # Errors
/// When another thread uses the device, it cannot be opened or set up, or the SPI buffer is too
/// short.
pub(super) fn open(
    strip: &Strip,
    device: &str,
    clock_hz: u32,
) -> Result<Box<dyn Output>, OutputError> {
    let limit = spi_port::buffer_limit();
    let needed = transfer_bytes(strip.pixels);
    spi_port::check_length(strip.pixels, limit, longest_strip(limit), needed)?;
    let (port, claim) = SpiPort::open(device)?;
    port.set_up(clock_hz)?;
    Ok(Box::new(Claimed::new(
        Apa102::new(port, strip.pixels),
        claim,
    )))
}

/// An open SPI port that drives one strip.
#[derive(Debug)]
struct Apa102<P> {
    port: SpiPort<P>,
    pixels: usize,
    wire: Vec<u8>,
}

impl<P: SpiDevice> Apa102<P> {
    fn new(port: SpiPort<P>, pixels: usize) -> Self {
        Self {
            port,
            pixels,
            wire: Vec::new(),
        }
    }
}

impl<P: SpiDevice> Output for Apa102<P> {
    fn write(&mut self, _time: Time, frames: &[Vec<u8>]) -> Result<(), OutputError> {
        frames.first().map_or(Ok(()), |frame| {
            encode(frame, &mut self.wire);
            self.port.send(&self.wire, 0)
        })
    }

    fn blank(&mut self, time: Time) -> Result<(), OutputError> {
        self.write(time, &[vec![0; self.pixels * PIXEL]])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::spi_port::test::TestSpi;

    fn output() -> Apa102<TestSpi> {
        Apa102::new(SpiPort::new(TestSpi::default(), "/dev/spidev0.0"), 2)
    }

    #[test]
    fn a_frame_is_one_transfer_without_a_delay() {
        let mut output = output();
        let frame = vec![31, 1, 2, 3, 1, 4, 5, 6];
        output.write(Time::ZERO, &[frame]).unwrap();
        assert_eq!(output.port.port.calls.borrow()[..], ["send 17 delay 0"]);
        let sent = output.port.port.sent.borrow();
        assert_eq!(sent[0][4..12], [0xFF, 1, 2, 3, 0xE1, 4, 5, 6]);
    }

    #[test]
    fn blank_sends_dark_pixels() {
        let mut output = output();
        output.blank(Time::ZERO).unwrap();
        let sent = output.port.port.sent.borrow();
        assert_eq!(sent[0][4..12], [0xE0, 0, 0, 0, 0xE0, 0, 0, 0]);
    }
}
