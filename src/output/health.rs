//! Health: how a way out fares, in one record.

use crate::output::OutputError;
use crate::time::Span;

/// How well frames reach their strips.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HealthState {
    /// They arrive.
    #[default]
    Ok,
    /// They arrive, and a fault is less than a minute ago.
    Degraded,
    /// They do not arrive; it is tried again.
    Dark,
    /// The driver does not return; it is not known what the strip shows.
    Abandoned,
}

impl HealthState {
    /// The word in the status.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Degraded => "degraded",
            Self::Dark => "dark",
            Self::Abandoned => "abandoned",
        }
    }
}

/// How a way out fares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// How well frames arrive.
    pub state: HealthState,
    /// Why they do not; while degraded, why they did not.
    pub error: Option<OutputError>,
    /// Faults since the last frame that arrived.
    pub failures_in_a_row: u32,
    /// Faults since the start.
    pub failures: u64,
    /// When it is tried again; `None` while nothing is to be repaired.
    pub retry_in: Option<Span>,
    /// Frames that arrived.
    pub frames: u64,
    /// Frames that were replaced by a later one before the wire was free.
    pub dropped: u64,
    /// How often it was lit again after a fault.
    pub reconnects: u64,
}

impl Health {
    /// The health of what can never be lit.
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
