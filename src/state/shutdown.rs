//! Why Klipper has shut down, read from its message.

/// How Klipper says that a micro-controller no longer answers.
const LOST: &str = "Lost communication with MCU";

/// How Klipper says that a micro-controller did not answer at its start.
const UNREACHABLE: &str = "Unable to connect";

/// Why Klipper has shut down, or could not start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shutdown {
    /// A micro-controller no longer answers: a fault, or the printer was switched off.
    Lost,
    /// A micro-controller did not answer at the start, most likely because it is switched off.
    Unreachable,
    /// Anything else.
    Fault,
}

impl Shutdown {
    /// Reads Klipper's message.
    ///
    /// ```
    /// use lumen::state::Shutdown;
    ///
    /// assert_eq!(Shutdown::of("Lost communication with MCU 'mcu'"), Shutdown::Lost);
    /// assert_eq!(Shutdown::of("mcu 'mcu': Unable to connect"), Shutdown::Unreachable);
    /// assert_eq!(Shutdown::of("Timer too close"), Shutdown::Fault);
    /// ```
    pub fn of(message: &str) -> Self {
        if message.starts_with(LOST) {
            Self::Lost
        } else if message.contains(UNREACHABLE) {
            Self::Unreachable
        } else {
            Self::Fault
        }
    }
}
