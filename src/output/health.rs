//! The health of an output.

use crate::output::OutputError;
use crate::time::Span;

/// Whether frames reach their strips.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HealthState {
    /// Frames arrive.
    #[default]
    Ok,
    /// Frames arrive; the last fault was less than a minute ago.
    Degraded,
    /// Frames do not arrive; the output is retried.
    Dark,
    /// The driver does not return; the state of the strip is unknown.
    Abandoned,
}

impl HealthState {
    /// The name in the status.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Degraded => "degraded",
            Self::Dark => "dark",
            Self::Abandoned => "abandoned",
        }
    }
}

/// The health of an output; strips on one device share it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Whether frames arrive.
    pub state: HealthState,
    /// The current fault, or the last one while degraded.
    pub error: Option<OutputError>,
    /// Faults since the last frame that arrived.
    pub failures_in_a_row: u32,
    /// Faults since the start.
    pub failures: u64,
    /// Time until the next retry; `None` if no retry is pending.
    pub retry_in: Option<Span>,
    /// Frames that arrived.
    pub frames: u64,
    /// Frames that were replaced by a newer one before they were sent.
    pub dropped: u64,
    /// How often the output recovered from a fault.
    pub reconnects: u64,
}

impl Health {
    /// The health of an output that can never work.
    pub fn never(error: OutputError) -> Self {
        Self {
            state: HealthState::Dark,
            error: Some(error),
            failures_in_a_row: 1,
            failures: 1,
            ..Self::default()
        }
    }
}
