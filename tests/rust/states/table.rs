//! The priority of states: which one shows if several are active.

use super::{Action, BED, NOZZLE, Printer};
use lumen::{Event, Job, Shutdown, State};

/// An action that enters each state that does not end by itself, lowest priority first.
fn entries() -> Vec<(State, Action)> {
    vec![
        (State::Idle, |_| {}),
        (State::Bored, |p| _ = p.wait(300.0)),
        (State::Cooldown, |p| {
            p.heater(NOZZLE, 200.0, 200.0);
            p.heater(NOZZLE, 200.0, 0.0);
        }),
        (State::Complete, |p| {
            p.print();
            p.heater(NOZZLE, 200.0, 0.0);
            p.job(Job::Complete);
        }),
        (State::Heating, |p| _ = p.heater(BED, 22.0, 60.0)),
        (State::Printing, |p| _ = p.print()),
        (State::Cancelled, |p| {
            p.print();
            p.job(Job::Cancelled);
        }),
        (State::Paused, |p| _ = p.job(Job::Paused)),
        (State::Snapshot, |p| {
            p.begin(State::Snapshot);
            p.measure(|s| s.taking_frame = true);
        }),
        (State::Filament, |p| {
            _ = p.filament(false);
        }),
        (State::Cleaning, |p| _ = p.begin(State::Cleaning)),
        (State::Calibrating, |p| _ = p.begin(State::Calibrating)),
        (State::Probing, |p| _ = p.begin(State::Probing)),
        (State::Leveling, |p| _ = p.begin(State::Leveling)),
        (State::Meshing, |p| _ = p.begin(State::Meshing)),
        (State::Homing, |p| _ = p.begin(State::Homing)),
        (State::Disconnected, |p| _ = p.event(Event::LinkLost)),
        (State::Error, |p| {
            _ = p.event(Event::Shutdown(Shutdown::Fault));
        }),
    ]
}

#[test]
fn each_state_shows_above_the_states_below_it_in_the_table() {
    let mut printer = Printer::ready();
    let mut shown = Vec::new();
    for (state, enter) in entries() {
        enter(&mut printer);
        assert_eq!(printer.state(), state);
        shown.push(state);
    }
    let mut table = State::ALL.to_vec();
    table.retain(|state| shown.contains(state));
    table.reverse();
    assert_eq!(shown, table);
}

#[test]
fn active_states_are_listed_once_and_highest_first() {
    let mut printer = Printer::ready();
    printer.print();
    printer.begin(State::Meshing);
    printer.begin(State::Homing);
    printer.begin(State::Meshing);
    printer.event(Event::LinkLost);
    assert_eq!(
        printer.active(),
        [
            State::Disconnected,
            State::Meshing,
            State::Homing,
            State::Printing
        ]
    );
}
