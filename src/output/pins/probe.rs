//! Checks whether this process can drive pins, before the C library is called. The library only
//! prints to stderr, where users do not see it, and returns `-5`.

use crate::output::{os_error, sys};
use crate::plan::PinPlan;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io;

/// Registers and DMA memory; one process drives all pins.
pub(super) const MEMORY: &str = "/dev/mem";
/// The device that allocates `VideoCore` memory.
const MAILBOX: &str = "/dev/vcio";
/// The model, from the firmware.
const MODEL: &str = "/proc/device-tree/model";
/// The sound cards. The analog output, which uses the PWM, is a separate card: `bcm2835
/// Headphones`.
const SOUND_CARDS: &str = "/proc/asound/cards";
const ANALOG: &str = "Headphones";

/// Why this process cannot drive pins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    NotAPi,
    /// A Raspberry Pi 5, whose PWM is in another chip (RP1).
    Pi5(String),
    Audio,
    NoMailbox,
    /// The firmware does not answer: reason.
    DeadMailbox(String),
    /// A device cannot be opened: path and reason.
    NotAllowed(String),
    /// This build does not include the library.
    NotBuilt,
}

impl Refusal {
    /// Whether a root process with the library could drive the pins.
    pub(super) fn can_use_helper(&self) -> bool {
        matches!(self, Self::NotAllowed(_) | Self::NotBuilt)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAPi => f.write_str("this computer is not a Raspberry Pi"),
            Self::Pi5(model) => {
                write!(f, "'driver: gpio' does not support a {model}")
            }
            Self::Audio => f.write_str("the analog audio output uses the PWM of the pins"),
            Self::NoMailbox => write!(f, "{MAILBOX} does not exist"),
            Self::DeadMailbox(reason) => write!(f, "{MAILBOX} does not work: {reason}"),
            Self::NotAllowed(reason) => {
                write!(
                    f,
                    "this process is not allowed to drive pins: cannot open {reason}"
                )
            }
            Self::NotBuilt => f.write_str("this build of Lumen does not include the pin driver"),
        }
    }
}

/// What this computer reports about itself.
#[derive(Clone, Debug, Default)]
pub(super) struct Computer {
    model: String,
    sound_cards: String,
    mailbox: Option<io::ErrorKind>,
    /// Why the firmware does not answer.
    firmware_error: Option<String>,
    /// The device that cannot be opened, and why.
    open_error: Option<String>,
}

impl Computer {
    pub(super) fn read() -> Self {
        let text = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let mailbox = File::open(MAILBOX);
        let firmware = mailbox.as_ref().ok().map(sys::firmware_revision);
        let mailbox = mailbox.err();
        let memory = OpenOptions::new().read(true).write(true).open(MEMORY).err();
        let reason =
            |path: &str, error: &io::Error| format!("{path}: {}", os_error::message(error));
        let open_error = mailbox.as_ref().map(|error| reason(MAILBOX, error));
        Self {
            model: text(MODEL).trim_end_matches(['\0', '\n']).to_owned(),
            sound_cards: text(SOUND_CARDS),
            mailbox: mailbox.as_ref().map(io::Error::kind),
            firmware_error: firmware
                .and_then(Result::err)
                .map(|error| os_error::message(&error)),
            open_error: open_error.or_else(|| memory.map(|error| reason(MEMORY, &error))),
        }
    }

    /// Checks whether this process can drive these pins, as far as can be known in advance.
    pub(super) fn check<'a>(
        &self,
        mut pins: impl Iterator<Item = &'a PinPlan>,
    ) -> Result<(), Refusal> {
        if !self.model.contains("Raspberry Pi") {
            return Err(Refusal::NotAPi);
        }
        // Also a Raspberry Pi 500 and a Compute Module 5.
        if ["Pi 5", "Module 5"]
            .iter()
            .any(|it| self.model.contains(it))
        {
            return Err(Refusal::Pi5(self.model.clone()));
        }
        if !cfg!(feature = "ws281x") {
            return Err(Refusal::NotBuilt);
        }
        if self.mailbox == Some(io::ErrorKind::NotFound) {
            return Err(Refusal::NoMailbox);
        }
        if let Some(reason) = &self.open_error {
            return Err(Refusal::NotAllowed(reason.clone()));
        }
        // The library would print to stderr, and then report a lack of memory.
        if let Some(reason) = &self.firmware_error {
            return Err(Refusal::DeadMailbox(reason.clone()));
        }
        if self.sound_cards.contains(ANALOG) && pins.any(|pin| !pin.is_pcm()) {
            return Err(Refusal::Audio);
        }
        Ok(())
    }
}
