//! An SPI port that drives one strip, with or without a clock line.

use crate::output::claim::{CLAIM_TIMEOUT, Claim};
use crate::output::device::{Device, Kind};
use crate::output::sys::SpiFile;
use crate::output::{OutputError, os_error};
use std::io;
use std::path::Path;

/// The maximum length of a transfer, from the kernel.
const BUFFER_LIMIT: &str = "/sys/module/spidev/parameters/bufsiz";
/// The default of `bufsiz` in drivers/spi/spidev.c.
const DEFAULT_BUFFER: usize = 4096;

/// `SPIDEV_MAJOR` of drivers/spi/spidev.c.
const SPI: Kind = Kind {
    driver: "spi",
    major: Some(153),
    name: "an SPI device",
    remedy: os_error::SPI_DEVICES,
    is_readable: true,
};

/// Device operations that tests replace.
pub(super) trait SpiDevice {
    fn mode(&self) -> io::Result<u8>;
    fn set_mode(&self, mode: u8) -> io::Result<()>;
    fn set_bits(&self, bits_per_word: u8) -> io::Result<()>;
    fn set_clock(&self, clock_hz: u32) -> io::Result<()>;
    fn transfer(&self, bytes: &[u8], delay_us: u16) -> io::Result<()>;
}

impl SpiDevice for SpiFile {
    fn mode(&self) -> io::Result<u8> {
        self.mode()
    }

    fn set_mode(&self, mode: u8) -> io::Result<()> {
        self.set_mode(mode)
    }

    fn set_bits(&self, bits_per_word: u8) -> io::Result<()> {
        self.set_bits(bits_per_word)
    }

    fn set_clock(&self, clock_hz: u32) -> io::Result<()> {
        self.set_clock(clock_hz)
    }

    fn transfer(&self, bytes: &[u8], delay_us: u16) -> io::Result<()> {
        self.transfer(bytes, delay_us)
    }
}

/// An open port and its path for messages.
#[derive(Debug)]
pub(super) struct SpiPort<P> {
    pub(super) port: P,
    device: String,
}

impl SpiPort<SpiFile> {
    /// Opens a device that no other thread or process uses.
    pub(super) fn open(device: &str) -> Result<(Self, Claim), OutputError> {
        let claim = Claim::take(Path::new(device), CLAIM_TIMEOUT)?;
        let file = Device::open(device, &SPI, &|error| os_error::cannot_open(device, error))?;
        Ok((Self::new(SpiFile::new(file), device), claim))
    }
}

impl<P: SpiDevice> SpiPort<P> {
    pub(super) fn new(port: P, device: &str) -> Self {
        let device = device.to_owned();
        Self { port, device }
    }

    /// Sets mode 0, 8 bits per word and the clock.
    pub(super) fn set_up(&self, clock_hz: u32) -> Result<(), OutputError> {
        // Without SPI_NO_CS: a strip ignores the chip select, and drivers that do not know the flag
        // write an error to the kernel log.
        self.port
            .mode()
            .and_then(|_| self.port.set_mode(0))
            .and_then(|()| self.port.set_bits(8))
            .and_then(|()| self.port.set_clock(clock_hz))
            .map_err(|error| os_error::cannot_set_up(&self.device, &error))
    }

    /// Sends a frame in one transfer, then waits for `delay_us` with the line low.
    pub(super) fn send(&self, wire: &[u8], delay_us: u16) -> Result<(), OutputError> {
        self.port
            .transfer(wire, delay_us)
            .map_err(|error| os_error::cannot_write(&self.device, &error))
    }
}

/// The maximum length of one transfer in bytes.
pub(super) fn buffer_limit() -> usize {
    buffer_limit_in(Path::new(BUFFER_LIMIT))
}

/// The same from a parameter file of the kernel.
pub(crate) fn buffer_limit_in(parameter: &Path) -> usize {
    let text = std::fs::read_to_string(parameter).unwrap_or_default();
    text.trim().parse().unwrap_or(DEFAULT_BUFFER)
}

/// Refuses a strip of more than `fits` pixels; `needed` is the length of its transfer.
pub(super) fn check_length(
    pixels: usize,
    limit: usize,
    fits: usize,
    needed: usize,
) -> Result<(), OutputError> {
    if pixels <= fits {
        return Ok(());
    }
    let problem =
        format!("{pixels} pixels are too many for the SPI buffer: its {limit} bytes carry {fits}");
    let remedy = os_error::longer_buffer(needed.next_power_of_two());
    Err(OutputError::new(problem, remedy))
}

#[cfg(test)]
pub(super) mod test;
