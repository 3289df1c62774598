//! Opening device files: a path is never written to before it is known to be the right device.
//!
//! The path is checked before it is opened, because opening alone blocks on a FIFO and resets a
//! board on a serial port. It is checked again on the open file, because the path may have changed
//! in between. Nothing is created or truncated. A lock keeps other processes out: two writers would
//! mix their frames on one wire.

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
    /// Its major number, if the kernel always assigns the same one.
    pub(super) major: Option<u32>,
    /// Its name in messages, for example `an SPI device`.
    pub(super) name: &'static str,
    /// How the user finds the right device.
    pub(super) remedy: &'static str,
    /// Whether it must be open for reading too.
    pub(super) is_readable: bool,
}

/// An open device that no other process writes to through Lumen.
#[derive(Debug)]
pub(super) struct Device {
    file: File,
}

impl Device {
    /// Opens a device of a kind; `to_error` turns a kernel error into a message.
    ///
    /// # Errors
    /// When the path is not such a device, cannot be opened, or is in use by another process.
    pub(super) fn open(
        device: &str,
        kind: &Kind,
        to_error: &dyn Fn(&io::Error) -> OutputError,
    ) -> Result<Self, OutputError> {
        let path = Path::new(device);
        let found = fs::metadata(path).map_err(|error| to_error(&error))?;
        kind.check(device, &found)?;
        // Without O_NOFOLLOW: a udev rule may create a symlink to a device.
        let flags = OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let file = OpenOptions::new()
            .read(kind.is_readable)
            .write(true)
            .custom_flags(flags.bits().cast_signed())
            .open(path)
            .map_err(|error| to_error(&error))?;
        let found = file.metadata().map_err(|error| to_error(&error))?;
        kind.check(device, &found)?;
        let device = Self::lock(file, device)?;
        // O_NONBLOCK is for opening only; a driver may give it a meaning for writes too.
        fcntl_setfl(&device.file, OFlags::empty()).map_err(|error| to_error(&error.into()))?;
        Ok(device)
    }

    /// Locks the file until the device is dropped.
    fn lock(file: File, device: &str) -> Result<Self, OutputError> {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => Err(in_use(device)),
            // The strip must work on a kernel or file system without locks too.
            Ok(()) | Err(TryLockError::Error(_)) => Ok(Self { file }),
        }
    }

    pub(super) fn file(&self) -> &File {
        &self.file
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        // Closing does not unlock while a forked child of klippy still has the file open.
        let _ = self.file.unlock();
    }
}

impl Kind {
    /// Returns an error if the file is not a device of this kind.
    fn check(&self, device: &str, found: &Metadata) -> Result<(), OutputError> {
        let wrong_kind = |actual: &str| {
            let problem = format!("{device} is {actual}, not {}", self.name);
            Err(OutputError::new(problem, self.remedy))
        };
        let file_type = found.file_type();
        if !file_type.is_char_device() {
            return wrong_kind(name_of(file_type));
        }
        let number = major(found.rdev());
        if self.major == Some(number) {
            return Ok(());
        }
        let drivers = fs::read_to_string(DRIVERS).unwrap_or_default();
        match driver_of(&drivers, number) {
            Some(driver) if driver == self.driver => Ok(()),
            Some(driver) => wrong_kind(&format!("a device of the driver '{driver}'")),
            None => wrong_kind("a device of another driver"),
        }
    }
}

/// The name of a type of file, other than a character device.
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

/// The driver of the character devices with a major number, from the text of `/proc/devices`.
fn driver_of(drivers: &str, major: u32) -> Option<&str> {
    let characters = drivers.lines().take_while(|line| *line != "Block devices:");
    characters
        .filter_map(|line| line.trim_start().split_once(' '))
        .find(|(number, _)| number.parse() == Ok(major))
        .map(|(_, driver)| driver.trim())
}

/// The error for a strip that another process drives.
pub(super) fn in_use(device: &str) -> OutputError {
    OutputError::new(
        format!("another process drives the strip on {device}"),
        "only one Klipper can drive a strip: use another device, or remove the strip from one \
         printer.cfg",
    )
}

#[cfg(test)]
mod test;
