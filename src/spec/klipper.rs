//! What is known of Klipper's own sections, for Lumen's sections to be compared with.

use serde::{Deserialize, Serialize};

/// Where the knowledge comes from, and so how sure it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KnownFrom {
    /// A file without `[printer]`: the rest of the config is elsewhere.
    #[default]
    Part,
    /// The files of a whole config; a plug-in may make objects that have no section there.
    Files,
    /// The objects of a connected printer.
    Printer,
}

/// What Klipper has besides the lights.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Klipper {
    /// Where the rest is from.
    pub known_from: KnownFrom,
    /// Full names of all sections or objects.
    pub names: Vec<String>,
    /// What Klipper refuses of its own sections of LEDs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<LedFault>,
    /// Sections with a device on an SPI bus of the computer, and the bus: `spidev0.0`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub spi_buses: Vec<(String, String)>,
}

/// An option of a section of LEDs that Klipper refuses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedFault {
    /// Full name of the section.
    pub section: String,
    /// The option, or the empty text if it is the section as a whole.
    pub option: String,
    /// What is wrong, in the words of a message about the option.
    pub problem: String,
}
