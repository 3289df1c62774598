//! WS281x and SK6812 strips on any GPIO of a Raspberry Pi 5, through the kernel's ws2812-pio
//! driver. It needs one line in config.txt and no root.
//!
//! The driver is drivers/misc/ws2812-pio-rp1.c of the Raspberry Pi kernel:
//! - A write at offset 0 of exactly the number of pixels in the overlay starts at once, and the
//!   call returns before the data is sent. A shorter write is shown 50 ms later.
//! - A write of one byte at offset 0 sets the brightness of the driver. Up to 6.12.55, the driver
//!   always applies a gamma curve, and brightness 0 is dark. Later versions apply no curve at
//!   brightness 0.
//! - A write beyond the end is truncated and returns ENOSPC or EFBIG.

use crate::layout::Strip;
use crate::output::claim::{CLAIM_TIMEOUT, Claim, Claimed};
use crate::output::device::{Device, Kind};
use crate::output::pump;
use crate::output::{Output, OutputError, os_error};
use crate::text::counted;
use crate::time::Time;
use crate::wire::ws2812_pio::{Driver, PIXEL, PioEncoder};
use rustix::io::Errno;
use std::fs;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::Duration;

/// The kernel version.
const RELEASE: &str = "/proc/sys/kernel/osrelease";
/// The model, from the firmware.
const MODEL: &str = "/proc/device-tree/model";
/// Time of one channel of a pixel on the data line: 8 bits of 1.25 µs.
const CHANNEL: Duration = Duration::from_micros(10);
/// Time the line stays low between two frames; the driver itself waits only a sixth of it.
const RESET: Duration = Duration::from_micros(300);
/// More pixels than any overlay has: a device that accepts so many is not an LED driver.
const TOO_MANY: usize = 1 << 16;

/// `DRIVER_NAME` of drivers/misc/ws2812-pio-rp1.c; its major number is assigned dynamically.
const LEDS: Kind = Kind {
    driver: "ws2812-pio-rp1",
    major: None,
    name: "a device of the ws2812-pio driver",
    remedy: LED_DEVICES,
    is_readable: false,
};
/// How the user finds the right device.
const LED_DEVICES: &str = "run 'ls /dev/leds*' to list them";

/// Device operations that tests replace.
trait PioDevice {
    fn write_at(&self, bytes: &[u8], offset: usize) -> io::Result<usize>;
    fn pause(&self, span: Duration);
}

impl PioDevice for Device {
    fn write_at(&self, bytes: &[u8], offset: usize) -> io::Result<usize> {
        self.file().write_at(bytes, offset as u64)
    }

    fn pause(&self, span: Duration) {
        pump::pause(span);
    }
}

/// Opens the device for a strip; `pin` is the GPIO of its data line, if known.
///
/// # Errors
/// When another thread uses the device, it cannot be opened, or it has another number of pixels.
pub(super) fn open(
    strip: &Strip,
    device: &str,
    pin: Option<u8>,
) -> Result<Box<dyn Output>, OutputError> {
    let claim = Claim::take(Path::new(device), CLAIM_TIMEOUT)?;
    let to_error = |error: &io::Error| cannot_open(device, error, &overlay(strip, pin));
    let file = Device::open(device, &LEDS, &to_error)?;
    let release = fs::read_to_string(RELEASE).unwrap_or_default();
    let mut output = Ws2812Pio::new(file, device, strip, driver(&release));
    output.set_up(&overlay(strip, pin))?;
    Ok(Box::new(Claimed::new(output, claim)))
}

/// The variant of the driver in a kernel release.
fn driver(release: &str) -> Driver {
    let mut numbers = release
        .split(|letter: char| !letter.is_ascii_digit())
        .map(|number| number.parse::<u32>().unwrap_or(0));
    let mut next = || numbers.next().unwrap_or(0);
    match (next(), next(), next()) {
        // Raspberry Pi released no kernel between 6.12 and 6.18; for those, `Gamma` is safe.
        (6, 12, 56..) | (6, 18.., _) | (7.., _, _) => Driver::Transparent,
        _ => Driver::Gamma,
    }
}

/// The line in config.txt that creates the device for a strip.
fn overlay(strip: &Strip, pin: Option<u8>) -> String {
    let pin = pin.map_or("N".to_owned(), |pin| pin.to_string());
    let white = if strip.order.has_white() { ",rgbw" } else { "" };
    let pixels = strip.pixels;
    format!("dtoverlay=ws2812-pio,gpio={pin},num_leds={pixels}{white}")
}

fn cannot_open(device: &str, error: &io::Error, overlay: &str) -> OutputError {
    let remedy = match Errno::from_io_error(error) {
        Some(Errno::NOENT) => missing(&fs::read_to_string(MODEL).unwrap_or_default(), overlay),
        Some(Errno::ACCESS | Errno::PERM) => os_error::permission(device, RULE),
        _ => String::new(),
    };
    OutputError::new(os_error::cannot("open", device, error), remedy)
}

/// The device belongs to root; no distribution has a udev rule for it.
pub(crate) const RULE: &str = "write SUBSYSTEM==\"ws2812-pio-rp1\", GROUP=\"gpio\", MODE=\"0660\" to \
                    /etc/udev/rules.d/99-lumen.rules, then reboot";

fn missing(model: &str, overlay: &str) -> String {
    let model = model.trim_end_matches(['\0', '\n']);
    // Also a Raspberry Pi 500 and a Compute Module 5.
    if model.is_empty() || model.contains("Pi 5") || model.contains("Module 5") {
        return format!("add {overlay} to /boot/firmware/config.txt, then reboot");
    }
    format!("only a Raspberry Pi 5 has this driver, and this is a {model}; use 'driver: spi'")
}

/// An open device that drives one strip.
#[derive(Debug)]
struct Ws2812Pio<P> {
    port: P,
    device: String,
    encoder: PioEncoder,
    driver: Driver,
    pixels: usize,
    busy: Duration,
    wire: Vec<u8>,
}

impl<P: PioDevice> Ws2812Pio<P> {
    fn new(port: P, device: &str, strip: &Strip, driver: Driver) -> Self {
        let channels = strip.order.bytes_per_pixel();
        Self {
            port,
            device: device.to_owned(),
            encoder: PioEncoder::new(channels, driver),
            driver,
            pixels: strip.pixels,
            busy: CHANNEL * strip.bytes() as u32 + RESET,
            wire: Vec::new(),
        }
    }

    /// Sets the brightness of the driver, turns the strip off and checks its length.
    fn set_up(&mut self, overlay: &str) -> Result<(), OutputError> {
        let brightness = match self.driver {
            Driver::Transparent => 0,
            Driver::Gamma => 255,
        };
        let written = self.port.write_at(&[brightness], 0);
        written.map_err(|error| os_error::cannot_write(&self.device, &error))?;
        // The driver shows its last frame again, at once or 50 ms later.
        self.port.pause(self.busy);
        self.wire.resize(self.pixels * PIXEL, 0);
        let darkened = self.port.write_at(&self.wire, 0);
        self.port.pause(self.busy);
        match darkened {
            Ok(_) if self.ends_at(self.pixels) => Ok(()),
            Err(error) if !is_beyond(&error) => Err(os_error::cannot_write(&self.device, &error)),
            _ => Err(self.wrong_count(overlay)),
        }
    }

    /// Whether the device has exactly this many pixels: a byte after the last one returns ENOSPC.
    /// The driver then shows the frame again.
    fn ends_at(&self, pixels: usize) -> bool {
        let written = self.port.write_at(&[0], pixels * PIXEL);
        self.port.pause(self.busy);
        written.is_err_and(|error| Errno::from_io_error(&error) == Some(Errno::NOSPC))
    }

    /// Whether the device has more than `pixels` pixels. `pixels` must not be 0, because a byte at
    /// offset 0 sets the brightness.
    fn has_more_than(&self, pixels: usize) -> bool {
        self.port.write_at(&[0], pixels * PIXEL).is_ok()
    }

    /// The number of pixels of the device, at least 1.
    fn pixel_count(&self) -> usize {
        let (mut min, mut max) = (1, TOO_MANY);
        while min < max {
            let middle = usize::midpoint(min, max);
            if self.has_more_than(middle) {
                min = middle + 1;
            } else {
                max = middle;
            }
        }
        min
    }

    fn wrong_count(&self, overlay: &str) -> OutputError {
        let device = &self.device;
        if self.has_more_than(TOO_MANY) {
            let problem = format!("{device} is not a device of the ws2812-pio driver");
            return OutputError::new(problem, LED_DEVICES);
        }
        let drives = counted(self.pixel_count(), "pixel");
        let problem = format!("{device} drives {drives}, the strip has {}", self.pixels);
        let remedy = format!("set {overlay} in /boot/firmware/config.txt, then reboot");
        OutputError::new(problem, remedy)
    }
}

/// Whether a write failed because it went beyond the last pixel.
fn is_beyond(error: &io::Error) -> bool {
    matches!(
        Errno::from_io_error(error),
        Some(Errno::FBIG | Errno::NOSPC)
    )
}

impl<P: PioDevice> Output for Ws2812Pio<P> {
    fn write(&mut self, _time: Time, frames: &[Vec<u8>]) -> Result<(), OutputError> {
        let Some(frame) = frames.first() else {
            return Ok(());
        };
        self.encoder.encode(frame, &mut self.wire);
        let written = self.port.write_at(&self.wire, 0);
        written.map_err(|error| os_error::cannot_write(&self.device, &error))?;
        // The call returns before the data is sent; a second write would corrupt this frame.
        self.port.pause(self.busy);
        Ok(())
    }

    fn blank(&mut self, _time: Time) -> Result<(), OutputError> {
        self.wire.clear();
        self.wire.resize(self.pixels * PIXEL, 0);
        let written = self.port.write_at(&self.wire, 0);
        written.map_err(|error| os_error::cannot_write(&self.device, &error))?;
        Ok(())
    }
}

#[cfg(test)]
mod test;
