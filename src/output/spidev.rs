//! WS281x and SK6812 on the data line of an SPI port, by `/dev/spidevB.C`. No root, no config.txt
//! beyond `dtparam=spi=on`.
//!
//! One ioctl a frame; it returns when the line has carried the frame and rested for the reset. A
//! frame is never split: the pause between two transfers would be a reset.

use crate::layout::Strip;
use crate::output::claim::Claim;
use crate::output::sys::SpiFile;
use crate::output::{Output, OutputError, fault};
use crate::time::Time;
use crate::wire::StripType;
use crate::wire::ws2812_spi::{CLOCK_HZ, Encoder, RESET, SHORTEST, longest_frame, transfer_bytes};
use std::io;
use std::path::Path;
use std::time::Duration;

/// Where the kernel says how long a transfer may be.
const BUFFER_LIMIT: &str = "/sys/module/spidev/parameters/bufsiz";
/// What it is where the kernel does not say (`bufsiz` of drivers/spi/spidev.c).
const DEFAULT_BUFFER: usize = 4096;
/// `SPI_NO_CS`: leaves the chip select alone; a strip has none.
const NO_CHIP_SELECT: u8 = 0x40;
/// A thread that ends well has let its device go by then: a frame of 1000 pixels takes 40 ms. Less
/// than an engine's end may take, so that waiting here is not taken for a driver that hangs.
const PATIENCE: Duration = Duration::from_millis(250);

/// What is needed of an SPI port.
trait Port {
    fn set_mode(&self, mode: u8) -> io::Result<()>;
    fn set_bits(&self, bits_per_word: u8) -> io::Result<()>;
    fn set_clock(&self, clock_hz: u32) -> io::Result<()>;
    fn transfer(&self, bytes: &[u8], rest_us: u16) -> io::Result<()>;
}

impl Port for SpiFile {
    fn set_mode(&self, mode: u8) -> io::Result<()> {
        self.set_mode(mode)
    }

    fn set_bits(&self, bits_per_word: u8) -> io::Result<()> {
        self.set_bits(bits_per_word)
    }

    fn set_clock(&self, clock_hz: u32) -> io::Result<()> {
        self.set_clock(clock_hz)
    }

    fn transfer(&self, bytes: &[u8], rest_us: u16) -> io::Result<()> {
        self.transfer(bytes, rest_us)
    }
}

/// Opens the device for a strip.
///
/// # Errors
/// When another thread holds the device, it cannot be opened or set up, or its buffer is too short.
pub(super) fn open(
    device: &str,
    strip_type: StripType,
    strip: &Strip,
) -> Result<Box<dyn Output>, OutputError> {
    let path = Path::new(device);
    let claim = Claim::take(path, PATIENCE)?;
    check_length(strip, buffer_limit(Path::new(BUFFER_LIMIT)))?;
    let file = SpiFile::open(path).map_err(|error| fault::opening(device, &error))?;
    let mut output = Spidev::new(file, device, strip_type);
    output.frame_bytes = strip.bytes();
    output.set_up()?;
    Ok(Box::new(Claimed {
        output,
        _claim: claim,
    }))
}

fn buffer_limit(parameter: &Path) -> usize {
    let text = std::fs::read_to_string(parameter).unwrap_or_default();
    text.trim().parse().unwrap_or(DEFAULT_BUFFER)
}

fn check_length(strip: &Strip, limit: usize) -> Result<(), OutputError> {
    let fits = longest_frame(limit) / strip.order.bytes_per_pixel();
    if strip.pixels <= fits {
        return Ok(());
    }
    let problem = format!(
        "{} pixels are too many for the SPI buffer: its {limit} bytes carry {fits}",
        strip.pixels
    );
    let needed = transfer_bytes(strip.bytes()).next_power_of_two();
    Err(OutputError::new(problem, fault::longer_buffer(needed)))
}

/// An open SPI port that carries one strip.
#[derive(Debug)]
struct Spidev<P> {
    port: P,
    device: String,
    encoder: Encoder,
    frame_bytes: usize,
    wire: Vec<u8>,
}

impl<P: Port> Spidev<P> {
    fn new(port: P, device: &str, strip_type: StripType) -> Self {
        Self {
            port,
            device: device.into(),
            encoder: Encoder::new(strip_type),
            frame_bytes: 0,
            wire: Vec::new(),
        }
    }

    /// Mode 0, 8 bits, the clock; then a low that ends what the line did until now.
    fn set_up(&mut self) -> Result<(), OutputError> {
        // Some controllers have no way to leave the chip select alone; it does no harm.
        let mode = self.port.set_mode(NO_CHIP_SELECT);
        mode.or_else(|_| self.port.set_mode(0))
            .and_then(|()| self.port.set_bits(8))
            .and_then(|()| self.port.set_clock(CLOCK_HZ))
            .map_err(|error| fault::setting_up(&self.device, &error))?;
        // 320 µs low: a line that idled high has sent the first pixel half a bit.
        self.wire.resize(SHORTEST, 0);
        self.send()
    }

    fn send(&self) -> Result<(), OutputError> {
        // The kernel keeps the reset: the ioctl returns when the line has rested.
        let reset_us = (RESET.as_nanos() / 1000) as u16;
        self.port
            .transfer(&self.wire, reset_us)
            .map_err(|error| fault::writing(&self.device, &error))
    }
}

impl<P: Port> Output for Spidev<P> {
    fn write(&mut self, _time: Time, frames: &[Vec<u8>]) -> Result<(), OutputError> {
        frames.first().map_or(Ok(()), |frame| {
            self.encoder.encode(frame, &mut self.wire);
            self.send()
        })
    }

    fn rest(&mut self, time: Time) -> Result<(), OutputError> {
        self.write(time, &[vec![0; self.frame_bytes]])
    }
}

/// An output together with the right to its device; fields drop in order, so the device closes
/// before the next thread may open it.
struct Claimed {
    output: Spidev<SpiFile>,
    _claim: Claim,
}

impl Output for Claimed {
    fn write(&mut self, time: Time, frames: &[Vec<u8>]) -> Result<(), OutputError> {
        self.output.write(time, frames)
    }

    fn rest(&mut self, time: Time) -> Result<(), OutputError> {
        self.output.rest(time)
    }
}

#[cfg(test)]
mod test;
