//! Outputs: the ways out of the engine. One file each.
//!
//! An output carries the frames of **one** strip. It knows its device and nothing of effects,
//! brightness or retries: the engine decides when to try again. It is built inside the thread that
//! will use it and need not be `Send`.

mod claim;
mod fault;
pub mod memory;
pub mod pump;
mod spidev;
mod sys;

use crate::plan::{OutputSpec, StripPlan};
use crate::time::Time;
use memory::{Memory, Recording};
use std::fmt;

/// A way out for the frames of one strip.
pub trait Output {
    /// Sends one frame, drawn at `time`: one byte a channel, in the strip's own channel order.
    ///
    /// # Errors
    /// Whatever keeps the frame from the strip; the engine shows the strip as dark, says so once
    /// and builds the output anew later.
    fn write(&mut self, time: Time, frame: &[u8]) -> Result<(), OutputError>;

    /// Leaves the strip dark, before the output is dropped.
    ///
    /// # Errors
    /// As for [`Output::write`].
    fn rest(&mut self, time: Time) -> Result<(), OutputError>;
}

/// Opens the way out of a strip, in the thread that will use it; a memory output writes to
/// `recording`.
///
/// # Errors
/// What keeps the strip dark, in words for the user.
pub fn build(plan: &StripPlan, recording: &Recording) -> Result<Box<dyn Output>, OutputError> {
    match &plan.output {
        OutputSpec::Memory => Ok(Box::new(Memory::new(recording.clone()))),
        OutputSpec::Spi { device, strip_type } => spidev::open(device, *strip_type, &plan.strip),
        OutputSpec::Absent { driver, place } => Err(OutputError::new(
            format!("driver '{driver}' for {place} is not built yet"),
            "driver: spi drives strips from this host",
        )),
    }
}

/// Why a strip is dark.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OutputError {
    /// What went wrong, for example `cannot open /dev/spidev0.0: Permission denied`.
    pub problem: String,
    /// What the user can do, for example `add user 'pi' to group 'spi'`; empty where nothing is
    /// known.
    pub remedy: String,
}

impl OutputError {
    /// Makes an error from its two sentences.
    pub fn new(problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            problem: problem.into(),
            remedy: remedy.into(),
        }
    }
}

impl fmt::Display for OutputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.remedy.is_empty() {
            return f.write_str(&self.problem);
        }
        write!(f, "{} ({})", self.problem, self.remedy)
    }
}

impl std::error::Error for OutputError {}
