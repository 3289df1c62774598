//! What keeps this process from driving pins, looked up before the C library is asked: that prints
//! to stderr, which nobody reads, and then says `-5`.

use crate::output::fault;
use crate::plan::PinPlan;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io;

/// Where the registers and the memory of the DMA are; one process drives all pins.
pub(super) const MEMORY: &str = "/dev/mem";
/// Where the `VideoCore` gives that memory away.
const MAILBOX: &str = "/dev/vcio";
/// Where the firmware says the model.
const MODEL: &str = "/proc/device-tree/model";
/// The sound cards; the analog output, which is the PWM, is one of its own: `bcm2835 Headphones`.
const SOUND_CARDS: &str = "/proc/asound/cards";
const ANALOG: &str = "Headphones";

/// Why this process cannot drive pins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    NotAPi,
    /// A model whose PWM is in another chip.
    Pi5(String),
    Audio,
    NoMailbox,
    /// Which device cannot be opened, and why.
    NotAllowed(String),
    /// The library is not in this build.
    NotBuilt,
}

impl Refusal {
    /// Whether a process of root's, with the library, may drive what this one may not.
    pub(super) fn helps_a_helper(&self) -> bool {
        matches!(self, Self::NotAllowed(_) | Self::NotBuilt)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAPi => f.write_str("this computer is no Raspberry Pi"),
            Self::Pi5(model) => {
                write!(f, "a {model} has other pins than 'driver: gpio' knows")
            }
            Self::Audio => f.write_str("the analog audio output uses the PWM of the pins"),
            Self::NoMailbox => write!(f, "{MAILBOX} does not exist"),
            Self::NotAllowed(why) => {
                write!(f, "this process may not drive pins: cannot open {why}")
            }
            Self::NotBuilt => f.write_str("this build of Lumen cannot drive pins by itself"),
        }
    }
}

/// What this computer says of itself.
#[derive(Clone, Debug, Default)]
pub(super) struct Computer {
    model: String,
    sound_cards: String,
    mailbox: Option<io::ErrorKind>,
    /// Why a device cannot be opened.
    closed: Option<String>,
}

impl Computer {
    pub(super) fn read() -> Self {
        let text = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let mailbox = File::open(MAILBOX).err();
        let memory = OpenOptions::new().read(true).write(true).open(MEMORY).err();
        let why = |path: &str, error: &io::Error| format!("{path}: {}", fault::words(error));
        let closed = mailbox.as_ref().map(|error| why(MAILBOX, error));
        Self {
            model: text(MODEL).trim_end_matches(['\0', '\n']).to_owned(),
            sound_cards: text(SOUND_CARDS),
            mailbox: mailbox.as_ref().map(io::Error::kind),
            closed: closed.or_else(|| memory.map(|error| why(MEMORY, &error))),
        }
    }

    /// Whether this process can drive these pins here, as far as can be told before.
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
        if let Some(why) = &self.closed {
            return Err(Refusal::NotAllowed(why.clone()));
        }
        if self.sound_cards.contains(ANALOG) && pins.any(|pin| !pin.is_pcm()) {
            return Err(Refusal::Audio);
        }
        Ok(())
    }
}
