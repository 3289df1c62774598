//! States of the printer as the lights show them, and the events that change them.
//!
//! [`State::ALL`] is the table of priorities. The rules that derive a state from events, samples
//! and time are in [`machine`]. This module does not know effects, colors or Klipper objects.

mod filament;
mod gcode_commands;
mod heat;
mod job;
pub mod machine;
mod operations;
mod pause;
mod shutdown;
mod streamed_job;
mod timelapse;

pub use gcode_commands::COMMANDS;
pub use shutdown::Shutdown;

use crate::time::Span;
use std::fmt;

/// A state of the printer that the lights can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    /// Klipper is shut down, the job ended with an error, or a command has just failed.
    Error,
    /// Klipper does not respond, or has lost the MCU while the printer was at rest.
    Disconnected,
    /// Klipper is starting.
    Startup,
    /// A custom state, by its index in the plan.
    Custom(u8),
    /// The printer is homing.
    Homing,
    /// A bed mesh is being probed.
    Meshing,
    /// The gantry, the bed or its screws are being leveled.
    Leveling,
    /// A probe is measuring, or its offset is being set.
    Probing,
    /// Heaters, motion or sensors are being calibrated.
    Calibrating,
    /// The nozzle is being cleaned.
    Cleaning,
    /// Filament is missing or is being changed.
    Filament,
    /// A timelapse camera is taking a picture.
    Snapshot,
    /// The job is paused.
    Paused,
    /// The job has just been cancelled.
    Cancelled,
    /// A heater is heating up, or a job has started and has not extruded yet.
    Heating,
    /// The job is printing.
    Printing,
    /// The job is complete and the printer has not been used since.
    Complete,
    /// The heaters are off and still hot.
    Cooldown,
    /// The printer has not been used for a very long time.
    Sleep,
    /// The printer has not been used for a long time.
    Bored,
    /// The printer is ready and has nothing to do.
    Idle,
}

impl State {
    /// All built-in states, highest priority first.
    ///
    /// The operations from `Homing` to `Cleaning` have the same priority: the innermost running one
    /// is shown. `Filament` takes priority over `Paused`, because a runout also pauses the job and
    /// the user must be able to distinguish the two. `Snapshot` takes priority over `Paused`,
    /// because a timelapse pauses at every layer. A custom state has the priority of an operation;
    /// if a command forces it, only `Error` and `Disconnected` take priority over it.
    pub const ALL: [Self; 20] = [
        Self::Error,
        Self::Disconnected,
        Self::Startup,
        Self::Homing,
        Self::Meshing,
        Self::Leveling,
        Self::Probing,
        Self::Calibrating,
        Self::Cleaning,
        Self::Filament,
        Self::Snapshot,
        Self::Paused,
        Self::Cancelled,
        Self::Printing,
        Self::Heating,
        Self::Complete,
        Self::Cooldown,
        Self::Sleep,
        Self::Bored,
        Self::Idle,
    ];

    /// Returns the name in `on_NAME` and `LUMEN_STATE STATE=NAME`.
    ///
    /// It is `custom` for all custom states; the plan holds their names.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Disconnected => "disconnected",
            Self::Startup => "startup",
            Self::Custom(_) => "custom",
            Self::Homing => "homing",
            Self::Meshing => "meshing",
            Self::Leveling => "leveling",
            Self::Probing => "probing",
            Self::Calibrating => "calibrating",
            Self::Cleaning => "cleaning",
            Self::Filament => "filament",
            Self::Snapshot => "snapshot",
            Self::Paused => "paused",
            Self::Cancelled => "cancelled",
            Self::Heating => "heating",
            Self::Printing => "printing",
            Self::Complete => "complete",
            Self::Cooldown => "cooldown",
            Self::Sleep => "sleep",
            Self::Bored => "bored",
            Self::Idle => "idle",
        }
    }

    /// Returns the built-in state with this name.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == word)
    }

    /// Returns whether the state is an alarm, which takes priority over everything a user has set.
    pub const fn is_alarm(self) -> bool {
        matches!(self, Self::Error | Self::Disconnected)
    }

    /// Returns whether a running command can show as this state.
    pub const fn is_operation(self) -> bool {
        matches!(
            self,
            Self::Custom(_)
                | Self::Homing
                | Self::Meshing
                | Self::Leveling
                | Self::Probing
                | Self::Calibrating
                | Self::Cleaning
                | Self::Filament
                | Self::Snapshot
                | Self::Paused
                | Self::Cancelled
        )
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Identifies a running operation; matches its end to its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Operation(pub u32);

/// Something that happened to the printer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Klipper is ready.
    Ready,
    /// Klipper has shut down or has failed to start.
    Shutdown(Shutdown),
    /// The heartbeat of the extra is overdue.
    LinkLost,
    /// The heartbeat has resumed.
    LinkFound,
    /// A command has started; it shows as this state until it ends.
    Begin(Operation, State),
    /// An operation has ended, successfully or not. All operations nested in it end too.
    End(Operation),
    /// A command has failed.
    CommandError,
    /// A user has used the lights. This wakes them and acknowledges the error of a job.
    Activity,
}

/// Settings of the state machine: thresholds and times.
#[derive(Clone, Debug, PartialEq)]
pub struct StateSettings {
    /// Ambient temperature in degrees Celsius. Heaters more than 10 degrees above it are hot.
    pub temp_floor_c: f32,
    /// Heating starts when a heater is this far below its target, in degrees Celsius.
    pub heating_enter_c: f32,
    /// Heating ends when a heater is this close to its target, in degrees Celsius.
    pub heating_leave_c: f32,
    /// Idle time before the state becomes `bored`.
    pub bored_after: Span,
    /// Time in `bored` before the state becomes `sleep`.
    pub sleep_after: Span,
    /// Maximum duration of `complete`; activity ends it earlier.
    pub complete_for: Span,
    /// Duration of `cancelled`.
    pub cancelled_for: Span,
    /// Time that a failed command shows as `error`; zero disables it.
    pub command_error_for: Span,
    /// Delay before a pause of a moving printer shows.
    pub pause_after: Span,
    /// Number of sources in the plan, from the first, that are heaters with a `heating` state.
    pub heaters: usize,
    /// Bit mask of the extruders: bit n is heater n.
    pub extruders: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_name_parses_to_its_state() {
        for state in State::ALL {
            assert_eq!(State::parse(state.name()), Some(state));
        }
        assert_eq!(State::parse("custom"), None);
    }

    #[test]
    fn only_error_and_disconnected_are_alarms() {
        let alarms: Vec<State> = State::ALL.into_iter().filter(|s| s.is_alarm()).collect();
        assert_eq!(alarms, [State::Error, State::Disconnected]);
    }
}
