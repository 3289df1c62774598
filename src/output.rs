//! Output drivers, one file each.
//!
//! An output sends the frames of the strips that share a device, usually one strip. It knows only
//! its device. Effects and brightness are applied before a frame gets here, and the pump decides
//! when to retry after an error. An output is built in the thread that uses it and need not be
//! `Send`.

mod apa102;
pub(crate) mod board;
mod claim;
mod ddp;
mod device;
pub(crate) mod frame_sink;
pub(crate) mod health;
pub mod helper_client;
pub(crate) mod klipper_slot;
pub(crate) mod mcu_link;
pub(crate) mod memory;
mod os_error;
pub(crate) mod packets;
pub(crate) mod pins;
pub(crate) mod pump;
mod spi_port;
pub(crate) mod spi_setup;
mod sys;
pub(crate) mod timing;
mod ws2812_pio;
mod ws2812_spi;
#[cfg(feature = "ws281x")]
pub(crate) mod ws281x;

pub use board::Board;
pub(crate) use ddp::find_controller;
pub use frame_sink::{FrameSink, SinkStats};
pub use health::{Health, HealthState};
pub use klipper_slot::KlipperSlot;
pub use memory::{Memory, Recording};
pub use pump::{Factory, Pump, Writes};
pub(crate) use spi_port::buffer_limit_in as spi_buffer_limit;
pub(crate) use ws2812_pio::RULE as PIO_RULE;

use crate::plan::{OutputPlan, StripPlan};
use crate::time::Time;
use std::fmt;
use std::time::Duration;

/// A driver that sends frames to the strips that share a device.
pub trait Output {
    /// Sends one frame per strip, rendered at `time`, in the order of the plans passed to
    /// [`build`]. A frame has one byte per channel, in the strip's channel order.
    ///
    /// # Errors
    /// When a frame cannot be sent. The engine marks the strips as dark, logs the error once and
    /// builds the output again later.
    fn write(&mut self, time: Time, frames: &[Vec<u8>]) -> Result<(), OutputError>;

    /// Turns the strips off before the output is dropped.
    ///
    /// # Errors
    /// As for [`Output::write`].
    fn blank(&mut self, time: Time) -> Result<(), OutputError>;

    /// How often an unchanged frame must be sent again because the receiver forgets it; `None` for
    /// never.
    fn refresh(&self) -> Option<Duration> {
        None
    }

    /// How many messages the output has sent to another process or host since it was opened.
    fn messages(&self) -> u64 {
        0
    }

    /// How long after opening a successful write proves nothing, because faults are reported late.
    /// Until then, strips that were dark still count as dark.
    fn settle_time(&self) -> Duration {
        Duration::ZERO
    }
}

/// Opens the output for strips that share a device, in the thread that will use it. A memory output
/// writes to `recording`.
///
/// # Errors
/// When the device cannot be used.
pub fn build(plans: &[StripPlan], recording: &Recording) -> Result<Box<dyn Output>, OutputError> {
    let [plan, ..] = plans else {
        return Err(OutputError::new("no strip to drive", ""));
    };
    match &plan.output {
        OutputPlan::Memory => Ok(Box::new(Memory::new(recording.clone()))),
        OutputPlan::Spi { device, strip_type } => {
            ws2812_spi::open(device, *strip_type, &plan.strip)
        }
        OutputPlan::Apa102 { device, clock_hz } => apa102::open(&plan.strip, device, *clock_hz),
        OutputPlan::Pio { device, pin } => ws2812_pio::open(&plan.strip, device, *pin),
        OutputPlan::Ddp { host, port } => ddp::open(&plan.strip, host, *port),
        OutputPlan::Pin(_) => pins::open(plans),
        OutputPlan::Unsupported { place, .. } => Err(OutputError::new(
            format!("{place} is on another host, which the helper does not serve"),
            "use 'driver: ddp' for pixels on another host",
        )),
        // Klipper's strips have no output.
        OutputPlan::Leds { .. } | OutputPlan::Lamp(_) => Err(OutputError::new(
            format!("driver '{}' is not supported", plan.output.driver().name),
            "use 'driver: spi' for strips on this host",
        )),
    }
}

/// The reason why a strip is dark, with a remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OutputError {
    /// What went wrong, for example `cannot open /dev/spidev0.0: Permission denied`.
    pub problem: String,
    /// What the user can do, for example `run 'sudo reboot'`; empty if unknown.
    pub remedy: String,
}

impl OutputError {
    /// Creates an error from a problem and its remedy.
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
