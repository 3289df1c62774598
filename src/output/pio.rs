//! WS281x and SK6812 on any GPIO of a Raspberry Pi 5, by the kernel's ws2812-pio driver. No root,
//! one line in config.txt.
//!
//! What the driver does is in drivers/misc/ws2812-pio-rp1.c of Raspberry Pi's kernel:
//! - A write at offset 0 of exactly as many pixels as the overlay says goes out at once, and the
//!   call returns before it has; a shorter one is shown a twentieth of a second later.
//! - A write of one byte at offset 0 sets the driver's brightness. Until 6.12.55 a curve lay behind
//!   it that nothing switched off, and brightness 0 was darkness; since then 0 switches it off.
//! - A write that goes beyond the end is cut there and refused with ENOSPC or EFBIG.

use crate::layout::Strip;
use crate::output::claim::{Claim, Claimed, PATIENCE};
use crate::output::device::{Device, Kind};
use crate::output::pump;
use crate::output::{Output, OutputError, fault};
use crate::time::Time;
use crate::wire::ws2812_pio::{Driver, PIXEL, PioEncoder};
use rustix::io::Errno;
use std::fs;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::Duration;

/// Where the kernel says its version.
const RELEASE: &str = "/proc/sys/kernel/osrelease";
/// Where the firmware says the model.
const MODEL: &str = "/proc/device-tree/model";
/// How long the line carries one channel of a pixel: 8 bits of 1.25 µs.
const CHANNEL: Duration = Duration::from_micros(10);
/// How long the line rests between two frames; the driver itself keeps a sixth of it.
const RESET: Duration = Duration::from_micros(300);
/// More pixels than any overlay has: what takes so many is no LED driver.
const TOO_MANY: usize = 1 << 16;

/// `DRIVER_NAME` of drivers/misc/ws2812-pio-rp1.c; its major number is any that is free.
const LEDS: Kind = Kind {
    driver: "ws2812-pio-rp1",
    major: None,
    name: "a device of the ws2812-pio driver",
    remedy: LED_DEVICES,
    reads: false,
};
/// How the user finds the right device.
const LED_DEVICES: &str = "ls /dev/leds* shows those that there are";

/// What is needed of the device.
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
/// When another thread holds the device, it cannot be opened, or it is for another number of pixels.
pub(super) fn open(
    strip: &Strip,
    device: &str,
    pin: Option<u8>,
) -> Result<Box<dyn Output>, OutputError> {
    let claim = Claim::take(Path::new(device), PATIENCE)?;
    let refusal = |error: &io::Error| opening(device, error, &overlay(strip, pin));
    let file = Device::open(device, &LEDS, &refusal)?;
    let release = fs::read_to_string(RELEASE).unwrap_or_default();
    let mut output = Pio::new(file, device, strip, driver(&release));
    output.set_up(&overlay(strip, pin))?;
    Ok(Box::new(Claimed::new(output, claim)))
}

/// What the driver of a kernel can do.
fn driver(release: &str) -> Driver {
    let mut numbers = release
        .split(|letter: char| !letter.is_ascii_digit())
        .map(|number| number.parse::<u32>().unwrap_or(0));
    let mut next = || numbers.next().unwrap_or(0);
    match (next(), next(), next()) {
        // Those between 6.12 and 6.18 were never released; undoing a curve is always right.
        (6, 12, 56..) | (6, 18.., _) | (7.., _, _) => Driver::Transparent,
        _ => Driver::Gamma,
    }
}

/// The line in config.txt that makes the device for a strip.
fn overlay(strip: &Strip, pin: Option<u8>) -> String {
    let pin = pin.map_or("N".to_owned(), |pin| pin.to_string());
    let white = if strip.order.has_white() { ",rgbw" } else { "" };
    let pixels = strip.pixels;
    format!("dtoverlay=ws2812-pio,gpio={pin},num_leds={pixels}{white}")
}

fn opening(device: &str, error: &io::Error, overlay: &str) -> OutputError {
    let remedy = match Errno::from_io_error(error) {
        Some(Errno::NOENT) => missing(&fs::read_to_string(MODEL).unwrap_or_default(), overlay),
        Some(Errno::ACCESS | Errno::PERM) => fault::permission(device, RULE),
        _ => String::new(),
    };
    OutputError::new(fault::cannot("open", device, error), remedy)
}

/// The device belongs to root alone; no distribution has a rule for it.
const RULE: &str = "write SUBSYSTEM==\"ws2812-pio-rp1\", GROUP=\"gpio\", MODE=\"0660\" to \
                    /etc/udev/rules.d/99-lumen.rules, then reboot";

fn missing(model: &str, overlay: &str) -> String {
    let model = model.trim_end_matches(['\0', '\n']);
    // Also a Raspberry Pi 500 and a Compute Module 5.
    if model.is_empty() || model.contains("Pi 5") || model.contains("Module 5") {
        return format!("add {overlay} to /boot/firmware/config.txt, then reboot");
    }
    format!("only a Raspberry Pi 5 has this driver, and this is a {model}; use 'driver: spi'")
}

/// An open device that carries one strip.
#[derive(Debug)]
struct Pio<P> {
    port: P,
    device: String,
    encoder: PioEncoder,
    driver: Driver,
    pixels: usize,
    busy: Duration,
    wire: Vec<u8>,
}

impl<P: PioDevice> Pio<P> {
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

    /// Sets the driver's brightness, darkens the strip and compares its length.
    fn set_up(&mut self, overlay: &str) -> Result<(), OutputError> {
        let brightness = match self.driver {
            Driver::Transparent => 0,
            Driver::Gamma => 255,
        };
        let written = self.port.write_at(&[brightness], 0);
        written.map_err(|error| fault::writing(&self.device, &error))?;
        // It shows again what it showed last, now or a twentieth of a second later.
        self.port.pause(self.busy);
        self.wire.resize(self.pixels * PIXEL, 0);
        let darkened = self.port.write_at(&self.wire, 0);
        self.port.pause(self.busy);
        match darkened {
            Ok(_) if self.ends_at(self.pixels) => Ok(()),
            Err(error) if !is_beyond(&error) => Err(fault::writing(&self.device, &error)),
            _ => Err(self.wrong_count(overlay)),
        }
    }

    /// Whether the device has exactly so many pixels: a byte after the last is refused, and shows
    /// the frame again.
    fn ends_at(&self, pixels: usize) -> bool {
        let written = self.port.write_at(&[0], pixels * PIXEL);
        self.port.pause(self.busy);
        written.is_err_and(|error| Errno::from_io_error(&error) == Some(Errno::NOSPC))
    }

    /// Whether the device has more pixels; not to be asked of 0, where a byte is the brightness.
    fn has_more_than(&self, pixels: usize) -> bool {
        self.port.write_at(&[0], pixels * PIXEL).is_ok()
    }

    /// How many pixels the device has, at least 1.
    fn count(&self) -> usize {
        let (mut least, mut most) = (1, TOO_MANY);
        while least < most {
            let middle = usize::midpoint(least, most);
            if self.has_more_than(middle) {
                least = middle + 1;
            } else {
                most = middle;
            }
        }
        least
    }

    fn wrong_count(&self, overlay: &str) -> OutputError {
        let device = &self.device;
        if self.has_more_than(TOO_MANY) {
            let problem = format!("{device} is not a device of the ws2812-pio driver");
            return OutputError::new(problem, LED_DEVICES);
        }
        let drives = self.count();
        let problem = format!(
            "{device} drives {drives} pixels, the strip has {}",
            self.pixels
        );
        let remedy = format!("write {overlay} in /boot/firmware/config.txt, then reboot");
        OutputError::new(problem, remedy)
    }
}

/// Whether a write was refused because it went beyond the last pixel.
fn is_beyond(error: &io::Error) -> bool {
    matches!(
        Errno::from_io_error(error),
        Some(Errno::FBIG | Errno::NOSPC)
    )
}

impl<P: PioDevice> Output for Pio<P> {
    fn write(&mut self, _time: Time, frames: &[Vec<u8>]) -> Result<(), OutputError> {
        let Some(frame) = frames.first() else {
            return Ok(());
        };
        self.encoder.encode(frame, &mut self.wire);
        let written = self.port.write_at(&self.wire, 0);
        written.map_err(|error| fault::writing(&self.device, &error))?;
        // The call came back at once; a frame that is written meanwhile would tear this one.
        self.port.pause(self.busy);
        Ok(())
    }

    fn blank(&mut self, _time: Time) -> Result<(), OutputError> {
        self.wire.clear();
        self.wire.resize(self.pixels * PIXEL, 0);
        let written = self.port.write_at(&self.wire, 0);
        written.map_err(|error| fault::writing(&self.device, &error))?;
        Ok(())
    }
}

#[cfg(test)]
mod test;
