//! Opening device files: nothing is written to a path before it is known to be the right device.
//!
//! The path is checked before it is opened, because opening alone already waits at a FIFO and
//! resets a board at a serial port, and checked again on the open file, because the path may have
//! changed in between. Nothing is created or truncated. A lock keeps other processes out: two
//! writers would mix their frames on one wire.

use crate::output::OutputError;
use rustix::fs::{OFlags, fcntl_setfl, major};
use std::fs::{self, File, FileType, Metadata, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

/// Where the kernel lists the driver of each major number.
const DRIVERS: &str = "/proc/devices";

/// A kind of device, as the kernel knows it.
#[derive(Debug)]
pub(super) struct Kind {
    /// The name of its driver in `/proc/devices`.
    pub(super) driver: &'static str,
    /// Its major number, if the kernel always gives it the same one.
    pub(super) major: Option<u32>,
    /// What it is called in messages, for example `an SPI device`.
    pub(super) name: &'static str,
    /// How the user finds the right one.
    pub(super) remedy: &'static str,
    /// Whether it is also read from.
    pub(super) reads: bool,
}

/// An open device that no other process writes to through Lumen.
#[derive(Debug)]
pub(super) struct Device {
    file: File,
}

impl Device {
    /// Opens a device of a kind; `refusal` words an error of the kernel.
    ///
    /// # Errors
    /// When the path is something else, cannot be opened, or is in use by another process.
    pub(super) fn open(
        device: &str,
        kind: &Kind,
        refusal: &dyn Fn(&io::Error) -> OutputError,
    ) -> Result<Self, OutputError> {
        let path = Path::new(device);
        let found = fs::metadata(path).map_err(|error| refusal(&error))?;
        kind.check(device, &found)?;
        // Without O_NOFOLLOW: a udev rule may give a device a name of its own.
        let flags = OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let file = OpenOptions::new()
            .read(kind.reads)
            .write(true)
            .custom_flags(flags.bits().cast_signed())
            .open(path)
            .map_err(|error| refusal(&error))?;
        let found = file.metadata().map_err(|error| refusal(&error))?;
        kind.check(device, &found)?;
        let device = Self::lock(file, device)?;
        // Only opening must not wait; a driver may take O_NONBLOCK for more than that.
        fcntl_setfl(&device.file, OFlags::empty()).map_err(|error| refusal(&error.into()))?;
        Ok(device)
    }

    /// Takes the lock, which lasts until the device is dropped.
    fn lock(file: File, device: &str) -> Result<Self, OutputError> {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => Err(in_use(device)),
            // A kernel or file system without such locks must not cost the light.
            Ok(()) | Err(TryLockError::Error(_)) => Ok(Self { file }),
        }
    }

    pub(super) fn file(&self) -> &File {
        &self.file
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        // Closing alone would not do while a forked child of klippy still has the file open.
        let _ = self.file.unlock();
    }
}

impl Kind {
    /// Refuses what is not of this kind.
    fn check(&self, device: &str, found: &Metadata) -> Result<(), OutputError> {
        let wrong = |what: &str| {
            let problem = format!("{device} is {what}, not {}", self.name);
            Err(OutputError::new(problem, self.remedy))
        };
        let file_type = found.file_type();
        if !file_type.is_char_device() {
            return wrong(name_of(file_type));
        }
        let number = major(found.rdev());
        if self.major == Some(number) {
            return Ok(());
        }
        let drivers = fs::read_to_string(DRIVERS).unwrap_or_default();
        match driver_of(&drivers, number) {
            Some(driver) if driver == self.driver => Ok(()),
            Some(driver) => wrong(&format!("a device of the driver '{driver}'")),
            None => wrong("a device of another driver"),
        }
    }
}

/// What a file is that is no character device.
fn name_of(file_type: FileType) -> &'static str {
    if file_type.is_file() {
        "a regular file"
    } else if file_type.is_dir() {
        "a directory"
    } else if file_type.is_fifo() {
        "a FIFO"
    } else if file_type.is_socket() {
        "a socket"
    } else if file_type.is_block_device() {
        "a disk"
    } else {
        "a file of another kind"
    }
}

/// The driver of character devices with a major number, by the text of `/proc/devices`.
fn driver_of(drivers: &str, major: u32) -> Option<&str> {
    let characters = drivers.lines().take_while(|line| *line != "Block devices:");
    characters
        .filter_map(|line| line.trim_start().split_once(' '))
        .find(|(number, _)| number.parse() == Ok(major))
        .map(|(_, driver)| driver.trim())
}

/// A strip that another process drives.
pub(super) fn in_use(device: &str) -> OutputError {
    OutputError::new(
        format!("another process drives the strip on {device}"),
        "only one Klipper can drive a strip: use another device, or remove the strip from one \
         printer.cfg",
    )
}

#[cfg(test)]
mod test;
