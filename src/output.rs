//! Outputs: the ways out of the engine. One file each.
//!
//! An output carries the frames of the strips that share its wire: one, for most. It knows its
//! device and nothing of effects, brightness or retries: the pump decides when to try again. It is
//! built inside the thread that will use it and need not be `Send`.

mod apa102;
mod claim;
mod ddp;
mod device;
mod fault;
pub mod health;
pub mod klipper_slot;
pub mod memory;
pub(crate) mod packets;
pub(crate) mod pins;
mod pio;
pub mod pump;
pub mod remote;
mod spi;
mod spidev;
mod sys;
#[cfg(feature = "ws281x")]
pub mod ws281x;

use crate::plan::{OutputPlan, StripPlan};
use crate::time::Time;
use memory::{Memory, Recording};
use std::fmt;
use std::time::Duration;

/// A way out for the frames of the strips that share a wire.
pub trait Output {
    /// Sends one frame a strip, drawn at `time`, in the order of the plans that it was opened with:
    /// one byte a channel, in the strip's own channel order.
    ///
    /// # Errors
    /// Whatever keeps a frame from its strip; the engine shows the strips as dark, says so once and
    /// builds the output anew later.
    fn write(&mut self, time: Time, frames: &[Vec<u8>]) -> Result<(), OutputError>;

    /// Leaves the strips dark, before the output is dropped.
    ///
    /// # Errors
    /// As for [`Output::write`].
    fn blank(&mut self, time: Time) -> Result<(), OutputError>;

    /// How often frames that stay as they are must be written again, because what shows them
    /// forgets; `None` for never.
    fn refresh(&self) -> Option<Duration> {
        None
    }

    /// How many messages it has sent to another process or host since it was opened.
    fn messages(&self) -> u64 {
        0
    }

    /// How long after it was opened a write that succeeded proves nothing yet, because a fault
    /// shows later: strips that were dark are not taken for lit before.
    fn settle_time(&self) -> Duration {
        Duration::ZERO
    }
}

/// Opens the way out of strips that share a wire, in the thread that will use it; a memory output
/// writes to `recording`.
///
/// # Errors
/// What keeps the strips dark, in words for the user.
pub fn build(plans: &[StripPlan], recording: &Recording) -> Result<Box<dyn Output>, OutputError> {
    let [plan, ..] = plans else {
        return Err(OutputError::new("there is no strip to drive", ""));
    };
    match &plan.output {
        OutputPlan::Memory => Ok(Box::new(Memory::new(recording.clone()))),
        OutputPlan::Spi { device, strip_type } => spidev::open(device, *strip_type, &plan.strip),
        OutputPlan::Apa102 { device, clock_hz } => apa102::open(&plan.strip, device, *clock_hz),
        OutputPlan::Pio { device, pin } => pio::open(&plan.strip, device, *pin),
        OutputPlan::Ddp { host, port } => ddp::open(&plan.strip, host, *port),
        OutputPlan::Pin(_) => pins::open(plans),
        OutputPlan::Unsupported { place, .. } => Err(OutputError::new(
            format!("{place} is on another host, which the helper does not serve"),
            "drive pixels of other hosts with 'driver: ddp'",
        )),
        other => Err(OutputError::new(
            format!("driver '{}' is not built yet", other.driver()),
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
    /// What the user can do, for example `run 'sudo reboot'`; empty where nothing is
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
