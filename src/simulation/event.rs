//! Events of a printer as data.

use super::{SimulationError, refused, state_named};
use crate::input::Trigger;
use crate::plan::Plan;
use crate::state::{Event, Operation, Shutdown};
use crate::text::shown;
use serde::Deserialize;

/// An event of the printer, such as `{"event": "shutdown", "message": "Timer too close"}`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SimulatedEvent {
    /// `ready`, `shutdown`, `link_lost`, `link_found`, `begin`, `end`, `command_error`, `activity`
    /// or `trigger`.
    pub event: String,
    /// Klipper's message, for `shutdown`.
    pub message: String,
    /// Any number that no running command has, for `begin`; the same one for `end`.
    pub operation: u32,
    /// Name of the state that a command shows as, for `begin`.
    pub state: String,
    /// Names of the endstops, separated by commas, for `trigger`.
    pub endstops: String,
}

impl SimulatedEvent {
    pub(super) fn resolve(&self, plan: &Plan) -> Result<Event, SimulationError> {
        let operation = Operation(self.operation);
        Ok(match self.event.as_str() {
            "ready" => Event::Ready,
            "shutdown" => Event::Shutdown(Shutdown::from_message(&self.message)),
            "link_lost" => Event::LinkLost,
            "link_found" => Event::LinkFound,
            "begin" => Event::Begin(operation, state_named(plan, &self.state)?),
            "end" => Event::End(operation),
            "command_error" => Event::CommandError,
            "activity" => Event::Activity,
            "trigger" => Event::Trigger(Trigger::from_names(&self.endstops)),
            other => return Err(refused(format!("unknown event '{}'", shown(other)))),
        })
    }
}
