//! States: what the lights say the printer is doing; and the events that tell.
//!
//! The names and their order are the whole of the policy: [`State::ALL`] is the one table of
//! priorities. The rules that lead from events, inputs and time to a state are in `machine`. No
//! effect, color or Klipper object is known here.

mod commands;
mod filament;
mod heat;
mod job;
pub mod machine;
mod operations;
mod pause;
mod shutdown;
mod snapshot;
mod stream;

pub use commands::COMMANDS;
pub use shutdown::Shutdown;

use crate::time::Span;
use std::fmt;

/// What the printer is doing, as far as the lights are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    /// Klipper is shut down, the job ended with an error, or a command failed a moment ago.
    Error,
    /// Klipper does not respond, or has lost a printer that was at rest.
    Disconnected,
    /// Klipper starts.
    Startup,
    /// A state that the user declared, by its index in the plan's list.
    Custom(u8),
    /// The printer homes.
    Homing,
    /// A bed mesh is probed.
    Meshing,
    /// Gantry, bed or screws are levelled.
    Leveling,
    /// A probe measures, or its offset is set.
    Probing,
    /// Heaters, motion or sensors are calibrated.
    Calibrating,
    /// The nozzle is cleaned.
    Cleaning,
    /// Filament is missing, or is being changed.
    Filament,
    /// The camera takes a picture of the job.
    Snapshot,
    /// The job is paused.
    Paused,
    /// The job was cancelled a moment ago.
    Cancelled,
    /// A heater is on its way to its target, or a job has begun and nothing is extruded yet.
    Heating,
    /// The job extrudes.
    Printing,
    /// The job has ended well and nobody has come yet.
    Complete,
    /// Heaters are off and still hot.
    Cooldown,
    /// Nobody has used the printer for very long.
    Sleep,
    /// Nobody has used the printer for long.
    Bored,
    /// Ready, nothing to do.
    Idle,
}

impl State {
    /// Every state that Lumen knows by itself, highest priority first.
    ///
    /// The operations from `Homing` to `Cleaning` do not outrank each other: of those that run at
    /// once the innermost is shown. `Filament` outranks `Paused`, because a runout pauses too and
    /// the user must know which of the two it is; `Snapshot` does, because a timelapse pauses at
    /// every layer. Custom states stand where the user's command puts them: above everything but
    /// `Error` and `Disconnected`.
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

    /// The word in `on_WORD` and `LUMEN_STATE STATE=WORD`; `custom` for a user's own, whose name
    /// the plan keeps.
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

    /// The built-in state that a word names.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == word)
    }

    /// Whether the state asks a person to come, and so shows above what a user has set.
    pub const fn is_alarm(self) -> bool {
        matches!(self, Self::Error | Self::Disconnected)
    }

    /// Whether a running command can be shown as the state.
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

/// Identifies one running operation, so that its end finds its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Operation(pub u32);

/// Something that happened to the printer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Klipper is ready.
    Ready,
    /// Klipper has shut down, or its start has failed, for this reason.
    Shutdown(Shutdown),
    /// No heartbeat has come for too long.
    LinkLost,
    /// A heartbeat came again.
    LinkFound,
    /// A command began that shows as this state until its end.
    Begin(Operation, State),
    /// The operation ended, well or badly; what began within it ends too.
    End(Operation),
    /// A command reported an error.
    CommandError,
    /// A user asked for the lights: it wakes them and acknowledges the error of a job.
    Activity,
}

/// Thresholds and times of the state machine.
#[derive(Clone, Debug, PartialEq)]
pub struct StateSettings {
    /// Ambient temperature in degrees Celsius; 10 above it a heater that is off still cools.
    pub temp_floor_c: f32,
    /// A heater this far below its target, in degrees Celsius, is heating.
    pub heating_enter_c: f32,
    /// ... until it is this near.
    pub heating_leave_c: f32,
    /// Rest before the state is `bored`.
    pub bored_after: Span,
    /// Time in `bored` before the state is `sleep`.
    pub sleep_after: Span,
    /// How long `complete` shows without activity.
    pub complete_for: Span,
    /// How long `cancelled` shows.
    pub cancelled_for: Span,
    /// How long a failed command shows as an error; zero: not at all.
    pub command_error_for: Span,
    /// A pause of a moving printer shows after this time.
    pub pause_after: Span,
    /// How many of the plan's sources, from the first, are heaters whose heating is a state.
    pub heaters: usize,
    /// Which of them are extruders: bit n for heater n.
    pub extruders: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back() {
        for state in State::ALL {
            assert_eq!(State::parse(state.name()), Some(state));
        }
        assert_eq!(State::parse("custom"), None);
    }

    #[test]
    fn only_what_calls_a_person_is_an_alarm() {
        let alarms: Vec<State> = State::ALL.into_iter().filter(|s| s.is_alarm()).collect();
        assert_eq!(alarms, [State::Error, State::Disconnected]);
    }
}
