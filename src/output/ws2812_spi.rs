//! WS281x and SK6812 strips on the data line of an SPI port (`/dev/spidevB.C`). It needs only
//! `dtparam=spi=on` in config.txt and no root.
//!
//! A frame is one ioctl, which returns after the frame and the reset. A frame is never split: the
//! pause between two transfers would be a reset.

use crate::layout::Strip;
use crate::output::claim::Claimed;
use crate::output::spi_port::{self, SpiDevice, SpiPort};
use crate::output::{Output, OutputError};
use crate::time::Time;
use crate::wire::StripType;
use crate::wire::ws2812_spi::{
    CLOCK_HZ, RESET, SHORTEST, SpiEncoder, longest_frame, transfer_bytes,
};

/// The delay after a transfer: the kernel waits for the reset before the ioctl returns.
const RESET_US: u16 = (RESET.as_nanos() / 1000) as u16;

/// Opens the device for a strip.
///
/// # Errors
/// When another thread uses the device, it cannot be opened or set up, or the SPI buffer is too
/// short.
pub(super) fn open(
    device: &str,
    strip_type: StripType,
    strip: &Strip,
) -> Result<Box<dyn Output>, OutputError> {
    let limit = spi_port::buffer_limit();
    let fits = longest_frame(limit) / strip.order.bytes_per_pixel();
    spi_port::check_length(strip.pixels, limit, fits, transfer_bytes(strip.bytes()))?;
    let (port, claim) = SpiPort::open(device)?;
    let mut output = Ws2812Spi::new(port, strip_type, strip.bytes());
    output.set_up()?;
    Ok(Box::new(Claimed::new(output, claim)))
}

/// An open SPI port that drives one strip.
#[derive(Debug)]
struct Ws2812Spi<P> {
    port: SpiPort<P>,
    encoder: SpiEncoder,
    frame_bytes: usize,
    wire: Vec<u8>,
}

impl<P: SpiDevice> Ws2812Spi<P> {
    fn new(port: SpiPort<P>, strip_type: StripType, frame_bytes: usize) -> Self {
        Self {
            port,
            encoder: SpiEncoder::new(strip_type),
            frame_bytes,
            wire: Vec::new(),
        }
    }

    /// Sets up the port and sends a reset.
    fn set_up(&mut self) -> Result<(), OutputError> {
        self.port.set_up(CLOCK_HZ)?;
        // 320 µs low: a line that idled high has already sent part of a bit to the first pixel.
        self.wire.resize(SHORTEST, 0);
        self.port.send(&self.wire, RESET_US)
    }
}

impl<P: SpiDevice> Output for Ws2812Spi<P> {
    fn write(&mut self, _time: Time, frames: &[Vec<u8>]) -> Result<(), OutputError> {
        frames.first().map_or(Ok(()), |frame| {
            self.encoder.encode(frame, &mut self.wire);
            self.port.send(&self.wire, RESET_US)
        })
    }

    fn blank(&mut self, time: Time) -> Result<(), OutputError> {
        self.write(time, &[vec![0; self.frame_bytes]])
    }
}

#[cfg(test)]
mod test;
