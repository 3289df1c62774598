//! Default scenes: the effect of each state for a group without `on_...` options.
//!
//! The table holds effect specs in the same syntax as the config, compiled by the same parser. The
//! defaults follow commercial printers: static dim white at rest, moving orange light during
//! preparation, and a white bar for the print progress. Only states that need a person pulse or
//! beat in amber or red.

use crate::state::State;

/// The default effect spec of each state, for groups without any `on_...` option.
///
/// `thermal` follows the active extruder, or the first heater of a printer without an extruder.
pub const DEFAULTS: &[(State, &str)] = &[
    // A person is needed.
    (
        State::Error,
        "heartbeat red speed=0.9 min=0.05 max=1.0 fade=0.1",
    ),
    (
        State::Disconnected,
        "pulse steel speed=0.25 min=0.02 max=0.4",
    ),
    (State::Filament, "heartbeat amber speed=0.6 min=0.1 max=0.8"),
    (State::Paused, "pulse amber speed=0.4 min=0.15 max=0.8"),
    // Preparation.
    (State::Startup, "pulse white speed=0.25 min=0.02 max=0.25"),
    (State::Homing, "comet orange speed=24 tail=12"),
    (State::Leveling, "kitt orange speed=0.6 tail=6"),
    (State::Meshing, "kitt orange speed=0.4 tail=6"),
    (State::Probing, "kitt orange speed=0.4 tail=6"),
    (State::Calibrating, "kitt orange speed=0.3 tail=8"),
    (State::Cleaning, "comet orange speed=18 tail=8"),
    (State::Heating, "comet orange speed=12 tail=12"),
    // Print job.
    (State::Printing, "progress white white 1.0"),
    (State::Snapshot, "progress white white 1.0"),
    (State::Cancelled, "solid orange"),
    (State::Complete, "solid green"),
    (State::Cooldown, "thermal ice orange 1.0"),
    // At rest.
    (State::Idle, "solid dimwhite"),
    (State::Bored, "solid 0.1,0.1,0.1 fade=2"),
    (State::Sleep, "off fade=4"),
];

/// Returns the default spec of a lamp for a state: constant light, in the syntax for lamps.
///
/// A lamp lights a room and can be connected to a relay, so it never flashes. In states that flash
/// on a strip, the lamp is fully on.
pub const fn lamp(state: State) -> &'static str {
    match state {
        State::Startup | State::Disconnected | State::Cooldown | State::Idle => "dim",
        State::Bored => "0.1 fade=2",
        State::Sleep => "off fade=4",
        _ => "on",
    }
}

/// Returns the state whose `on_...` option applies if a group has none for `state`.
///
/// A timelapse snapshot shows the same light as the print.
pub const fn fallback_state(state: State) -> Option<State> {
    match state {
        State::Snapshot => Some(State::Printing),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_a_default() {
        for state in State::ALL {
            let lines = DEFAULTS.iter().filter(|(known, _)| *known == state);
            assert_eq!(lines.count(), 1, "{state}");
        }
    }
}
