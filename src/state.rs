//! States of the printer as the lights show them, and the events that change them.
//!
//! [`STATES`] is the table of all states, in the order of their priority. The rules that derive a
//! state from events, samples and time are in [`machine`]. This module does not know effects,
//! colors or Klipper objects; the effects in the table are text.

mod filament;
mod heat;
mod job;
mod machine;
mod operations;
mod pause;
mod shutdown;
mod streamed_job;
mod table;
mod timelapse;

pub use machine::{StateMachine, Step};
pub use shutdown::Shutdown;
pub use table::{STATES, StateKind, StateSpec};

use crate::input::Trigger;
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
    /// The job is printing.
    Printing,
    /// A heater is heating up, or a job has started and has not extruded yet.
    Heating,
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

/// The alarm with the lowest priority. The alarms are the first rows of the table.
const LAST_ALARM: State = {
    let mut row = 0;
    while let StateKind::Alarm = STATES[row + 1].kind {
        row += 1;
    }
    STATES[row].state
};

impl State {
    /// All built-in states, highest priority first.
    pub const ALL: [Self; STATES.len()] = {
        let mut all = [Self::Idle; STATES.len()];
        let mut index = 0;
        while index < STATES.len() {
            all[index] = STATES[index].state;
            index += 1;
        }
        all
    };

    /// Returns the row of a built-in state in the table; `None` for a custom state.
    pub fn spec(self) -> Option<&'static StateSpec> {
        STATES.iter().find(|spec| spec.state == self)
    }

    /// Returns the name in `on_NAME` and `LUMEN_STATE STATE=NAME`.
    ///
    /// It is `custom` for all custom states; the plan holds their names.
    pub fn name(self) -> &'static str {
        self.spec().map_or("custom", |spec| spec.name)
    }

    /// Returns the built-in state with this name.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == word)
    }

    /// Returns whether the state is an alarm, which takes priority over everything a user has set.
    pub fn is_alarm(self) -> bool {
        // Asked in every frame. A test checks that the variants are in the order of the table.
        self <= LAST_ALARM
    }

    /// Returns whether a running command can show as this state.
    pub fn is_operation(self) -> bool {
        self.spec()
            .is_none_or(|spec| spec.kind == StateKind::Operation)
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
    /// An endstop or a probe has triggered. It does not change the state.
    Trigger(Trigger),
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
    fn the_order_of_the_variants_is_that_of_the_table() {
        assert!(State::ALL.is_sorted());
    }

    #[test]
    fn the_states_of_a_kind_stand_together() {
        let mut kinds: Vec<StateKind> = STATES.iter().map(|spec| spec.kind).collect();
        kinds.dedup();
        let others = kinds.iter().filter(|kind| **kind == StateKind::Other);
        let named = kinds.len() - others.count();
        assert_eq!(named, 3, "{kinds:?}");
    }

    #[test]
    fn each_command_shows_as_one_operation() {
        let mut known = Vec::new();
        for spec in STATES {
            assert!(spec.commands.is_empty() || spec.state.is_operation());
            for command in spec.commands {
                assert!(!known.contains(command), "{command}");
                known.push(command);
            }
        }
    }

    #[test]
    fn only_error_and_disconnected_are_alarms() {
        let alarms: Vec<State> = State::ALL.into_iter().filter(|s| s.is_alarm()).collect();
        assert_eq!(alarms, [State::Error, State::Disconnected]);
    }
}
