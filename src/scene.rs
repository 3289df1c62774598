//! Scenes: what a group shows in which state when the config does not say.
//!
//! The table holds plain specs, compiled by the same parser as the user's own. They say little:
//! a still, dim white while nothing happens; orange light that runs while the printer prepares; a
//! white bar that fills with the print; and only what asks a person to come beats or breathes in
//! amber and red. Shop printers do the same, and their users copy it.

use crate::state::State;

/// What a group without any `on_...` line shows, state by state.
///
/// `thermal` here follows the active extruder, or the first heater of a printer that has none.
pub const DEFAULTS: &[(State, &str)] = &[
    // Come here.
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
    // Preparing.
    (State::Startup, "pulse white speed=0.25 min=0.02 max=0.25"),
    (State::Homing, "comet orange speed=24 tail=12"),
    (State::Leveling, "kitt orange speed=0.6 tail=6"),
    (State::Meshing, "kitt orange speed=0.4 tail=6"),
    (State::Probing, "kitt orange speed=0.4 tail=6"),
    (State::Calibrating, "kitt orange speed=0.3 tail=8"),
    (State::Cleaning, "comet orange speed=18 tail=8"),
    (State::Heating, "comet orange speed=12 tail=12"),
    // At work.
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

/// What a lamp shows without an `on_...` option: steady light, in the words of lamps.
///
/// A lamp lights a room and may hang on a relay, so it never flashes: where a strip would, it is
/// full.
pub const fn lamp(state: State) -> &'static str {
    match state {
        State::Startup | State::Disconnected | State::Cooldown | State::Idle => "dim",
        State::Bored => "0.1 fade=2",
        State::Sleep => "off fade=4",
        _ => "on",
    }
}

/// The state whose line stands in where a group has none for this one.
///
/// A picture shows the job in the light of the job.
pub const fn stand_in(state: State) -> Option<State> {
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
