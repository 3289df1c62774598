//! Errors of the operating system as a problem and a remedy for the user.

use crate::output::board::Board;
use crate::output::{OutputError, spi_setup};
use rustix::io::Errno;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;

/// The error for a device that cannot be opened.
pub(crate) fn cannot_open(device: &str, error: &io::Error) -> OutputError {
    let remedy = match Errno::from_io_error(error) {
        Some(Errno::NOENT) => spi_setup::how_to_enable(&Board::here()),
        // Raspberry Pi OS has the udev rule, other systems do not.
        Some(Errno::ACCESS | Errno::PERM) => permission(device, &rule(device)),
        Some(Errno::BUSY) => "another program or overlay uses the device".to_owned(),
        _ => String::new(),
    };
    OutputError::new(cannot("open", device, error), remedy)
}

/// How the user finds the right SPI device.
pub(crate) const SPI_DEVICES: &str = "run 'ls /dev/spidev*' to list them";

/// The error for an open device that cannot be set up.
pub(crate) fn cannot_set_up(device: &str, error: &io::Error) -> OutputError {
    if Errno::from_io_error(error) == Some(Errno::NOTTY) {
        let problem = format!("{device} is not an SPI device");
        return OutputError::new(problem, SPI_DEVICES);
    }
    let problem = cannot("set up", device, error);
    OutputError::new(problem, "see the kernel log (dmesg)")
}

/// The error for a frame that cannot be written.
pub(crate) fn cannot_write(device: &str, error: &io::Error) -> OutputError {
    let remedy = match Errno::from_io_error(error) {
        Some(Errno::MSGSIZE) => longer_buffer(0),
        _ => "see the kernel log (dmesg)".to_owned(),
    };
    OutputError::new(cannot("write to", device, error), remedy)
}

/// How to make the SPI buffer of this computer at least `bytes` long.
pub(super) fn longer_buffer(bytes: usize) -> String {
    spi_setup::longer_buffer(&Board::here(), bytes)
}

/// `cannot ACTION DEVICE: MESSAGE`, with the message of the kernel.
pub(crate) fn cannot(action: &str, device: &str, error: &io::Error) -> String {
    format!("cannot {action} {device}: {}", message(error))
}

/// The message of the kernel, without the `(os error N)` that Rust adds.
pub(crate) fn message(error: &io::Error) -> String {
    let text = error.to_string();
    match text.split_once(" (os error") {
        Some((message, _)) => message.to_owned(),
        None => text,
    }
}

/// How this user gets access to a device. `rule` is the remedy for a device that only root can use.
pub(crate) fn permission(device: &str, rule: &str) -> String {
    let group = fs::metadata(device).map_or(0, |metadata| metadata.gid());
    let user = rustix::process::geteuid().as_raw();
    let board = Board::here();
    let user = board.user_name(user);
    let group = board.group_name(group).filter(|_| group != 0);
    membership(user.as_deref(), group.as_deref()).unwrap_or_else(|| rule.to_owned())
}

fn membership(user: Option<&str>, group: Option<&str>) -> Option<String> {
    let (user, group) = (user?, group?);
    Some(format!(
        "run 'sudo usermod -a -G {group} {user}', then restart the klipper service"
    ))
}

fn rule(device: &str) -> String {
    format!(
        "add a udev rule that gives {device} to a group of Klipper's user, see \
         docs/Other_Boards.md"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(errno: Errno) -> io::Error {
        errno.into()
    }

    #[test]
    fn the_error_for_a_missing_device_explains_how_to_enable_it() {
        let remedy = spi_setup::how_to_enable(&Board::here());
        assert_eq!(
            cannot_open("/dev/spidev0.0", &error(Errno::NOENT)).to_string(),
            format!("cannot open /dev/spidev0.0: No such file or directory ({remedy})")
        );
    }

    #[test]
    fn the_error_for_a_missing_permission_names_user_and_group() {
        assert_eq!(
            membership(Some("pi"), Some("spi")).as_deref(),
            Some("run 'sudo usermod -a -G spi pi', then restart the klipper service")
        );
        assert_eq!(membership(Some("pi"), None), None);
        assert_eq!(
            rule("/dev/spidev0.0"),
            "add a udev rule that gives /dev/spidev0.0 to a group of Klipper's user, see \
             docs/Other_Boards.md"
        );
        let refusal = cannot_open("/dev/null", &error(Errno::ACCESS)).to_string();
        assert!(
            refusal.starts_with("cannot open /dev/null: Permission denied ("),
            "{refusal}"
        );
    }

    #[test]
    fn a_busy_device_and_a_wrong_device_have_different_messages() {
        assert_eq!(
            cannot_open("/dev/spidev0.0", &error(Errno::BUSY)).to_string(),
            "cannot open /dev/spidev0.0: Device or resource busy (another program or overlay uses \
             the device)"
        );
        assert_eq!(
            cannot_set_up("/dev/null", &error(Errno::NOTTY)).to_string(),
            "/dev/null is not an SPI device (run 'ls /dev/spidev*' to list them)"
        );
        assert_eq!(
            cannot_set_up("/dev/spidev0.0", &error(Errno::INVAL)).to_string(),
            "cannot set up /dev/spidev0.0: Invalid argument (see the kernel log (dmesg))"
        );
    }

    #[test]
    fn the_error_for_a_long_frame_explains_how_to_enlarge_the_buffer() {
        let remedy = spi_setup::longer_buffer(&Board::here(), 0);
        assert!(
            remedy.starts_with("add spidev.bufsiz=32768 to "),
            "{remedy}"
        );
        assert_eq!(
            cannot_write("/dev/spidev0.0", &error(Errno::MSGSIZE)).to_string(),
            format!("cannot write to /dev/spidev0.0: Message too long ({remedy})")
        );
        assert_eq!(
            cannot_write("/dev/spidev0.0", &error(Errno::IO)).to_string(),
            "cannot write to /dev/spidev0.0: Input/output error (see the kernel log (dmesg))"
        );
    }
}
