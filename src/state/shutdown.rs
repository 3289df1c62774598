//! The reason for a shutdown of Klipper, parsed from its message.

/// Klipper's message if an MCU no longer responds.
const LOST: &str = "Lost communication with MCU";

/// Klipper's message if an MCU does not respond at the start.
const UNREACHABLE: &str = "Unable to connect";

/// The reason why Klipper has shut down or failed to start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shutdown {
    /// An MCU no longer responds: a fault, or the printer was switched off.
    Lost,
    /// An MCU does not respond at the start, most likely because it is switched off.
    Unreachable,
    /// Any other reason.
    Fault,
}

impl Shutdown {
    /// Parses Klipper's message.
    ///
    /// ```
    /// use lumen::Shutdown;
    ///
    /// assert_eq!(Shutdown::from_message("Lost communication with MCU 'mcu'"), Shutdown::Lost);
    /// assert_eq!(Shutdown::from_message("mcu 'mcu': Unable to connect"), Shutdown::Unreachable);
    /// assert_eq!(Shutdown::from_message("Timer too close"), Shutdown::Fault);
    /// ```
    pub fn from_message(message: &str) -> Self {
        if message.starts_with(LOST) {
            Self::Lost
        } else if message.contains(UNREACHABLE) {
            Self::Unreachable
        } else {
            Self::Fault
        }
    }
}
