//! The trait of everything that takes the frames of an output.
//!
//! The render thread submits frames to a sink; other threads ask for its health and statistics. No
//! call waits for a device, except [`FrameSink::join`], which waits for a bounded time.

use crate::output::OutputError;
use crate::output::health::Health;
use crate::output::klipper_slot::KlipperSlot;
use crate::output::memory::Recording;
use crate::output::pump::Writes;
use crate::time::{Span, Time};
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

/// Takes the frames of the strips that share an output.
pub trait FrameSink: Debug + Send + Sync {
    /// Stores a frame, rendered at `time`, for the strip at `index`: its bytes in the strip's
    /// channel order, and red, green, blue and white of each pixel. Replaces a frame that was not
    /// sent yet.
    fn submit(&self, index: usize, time: Time, bytes: &[u8], rgbw: &[[u8; 4]]);

    /// Sends what was submitted since the last flush.
    fn flush(&self) {}

    /// Blanks the strips and stops accepting frames. Returns at once.
    fn stop(&self, now: Time);

    /// Waits for the sink's thread to end. Returns false if it still runs after `timeout`.
    fn join(&self, _timeout: Duration) -> bool {
        true
    }

    /// Returns the health of the strips.
    fn health(&self) -> Health;

    /// Returns what the sink's thread has used.
    fn stats(&self) -> SinkStats {
        SinkStats::default()
    }

    /// Measures the cost of frames for a time, starting now, if the sink has a thread.
    fn measure(&self, _span: Span) {}

    /// Returns the recording, if frames stay in memory.
    fn recording(&self) -> Option<&Recording> {
        None
    }

    /// Returns the slot, if Klipper drives the strips.
    fn klipper_slot(&self) -> Option<&Arc<KlipperSlot>> {
        None
    }
}

/// What the thread of an output has used since its start.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SinkStats {
    /// Processor time.
    pub cpu: Span,
    /// How often the thread woke up.
    pub wakeups: u64,
    /// Messages to other processes and hosts.
    pub messages: u64,
    /// The last measurement; `None` without a thread.
    pub writes: Option<Writes>,
}

impl SinkStats {
    /// Adds up what two outputs have used, without their measurements.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            cpu: self.cpu + other.cpu,
            wakeups: self.wakeups + other.wakeups,
            messages: self.messages + other.messages,
            writes: None,
        }
    }
}

/// The sink of an output that could not be opened.
#[derive(Debug)]
pub(crate) struct ClosedSink(pub(crate) OutputError);

impl FrameSink for ClosedSink {
    fn submit(&self, _: usize, _: Time, _: &[u8], _: &[[u8; 4]]) {}

    fn stop(&self, _: Time) {}

    fn health(&self) -> Health {
        Health::never(self.0.clone())
    }
}
