//! Running commands and filament.

use super::Printer;
use lumen::{Job, State};

#[test]
fn the_innermost_operation_shows() {
    let mut printer = Printer::ready();
    let level = printer.begin(State::Leveling);
    assert_eq!(printer.state(), State::Leveling);
    let home = printer.begin(State::Homing);
    assert_eq!(printer.state(), State::Homing);
    assert_eq!(printer.active(), [State::Homing, State::Leveling]);
    assert_eq!(printer.end(home), State::Leveling);
    assert_eq!(printer.end(level), State::Idle);
}

#[test]
fn an_operation_with_a_custom_state_shows() {
    let mut printer = Printer::ready();
    let purge = printer.begin(State::Custom(2));
    assert_eq!(printer.state(), State::Custom(2));
    let home = printer.begin(State::Homing);
    assert_eq!(printer.state(), State::Homing);
    printer.end(home);
    assert_eq!(printer.state(), State::Custom(2));
    assert_eq!(printer.end(purge), State::Idle);
}

#[test]
fn an_operation_shows_until_its_end() {
    let mut printer = Printer::ready();
    let mesh = printer.begin(State::Meshing);
    assert_eq!(printer.wait(3600.0), State::Meshing);
    assert_eq!(printer.end(mesh), State::Idle);
}

#[test]
fn ending_the_outer_operation_ends_nested_operations() {
    let mut printer = Printer::ready();
    let outer = printer.begin(State::Leveling);
    printer.begin(State::Homing);
    printer.begin(State::Probing);
    assert_eq!(printer.end(outer), State::Idle);
}

#[test]
fn a_manual_probe_continues_after_its_command() {
    let mut printer = Printer::ready();
    let calibrate = printer.begin(State::Probing);
    printer.measure(|sample| sample.manual_probe = true);
    assert_eq!(printer.end(calibrate), State::Probing);
    assert_eq!(printer.wait(1000.0), State::Probing);
    assert_eq!(
        printer.measure(|sample| sample.manual_probe = false),
        State::Idle
    );
}

#[test]
fn printing_shows_again_after_an_operation() {
    let mut printer = Printer::ready();
    printer.print();
    let home = printer.begin(State::Homing);
    assert_eq!(printer.state(), State::Homing);
    assert_eq!(printer.end(home), State::Printing);
}

#[test]
fn cancelling_shows_above_the_pause() {
    let mut printer = Printer::ready();
    printer.print();
    printer.job(Job::Paused);
    let cancel = printer.begin(State::Cancelled);
    assert_eq!(printer.state(), State::Cancelled);
    printer.job(Job::Cancelled);
    assert_eq!(printer.end(cancel), State::Cancelled);
}

#[test]
fn missing_filament_shows_above_the_pause_that_it_causes() {
    let mut printer = Printer::ready();
    printer.print();
    assert_eq!(printer.filament(false), State::Filament);
    let pause = printer.begin(State::Paused);
    assert_eq!(printer.state(), State::Filament);
    printer.job(Job::Paused);
    assert_eq!(printer.end(pause), State::Filament);
    assert_eq!(printer.filament(true), State::Paused);
}

#[test]
fn missing_filament_without_a_job_does_not_show() {
    let mut printer = Printer::ready();
    assert_eq!(printer.filament(false), State::Idle);
    assert_eq!(printer.wait(300.0), State::Bored);
    assert_eq!(printer.wait(600.0), State::Sleep);
}

#[test]
fn a_filament_change_that_leaves_the_job_paused_shows_until_it_resumes() {
    let mut printer = Printer::ready();
    printer.print();
    let change = printer.begin(State::Filament);
    let pause = printer.begin(State::Paused);
    assert_eq!(printer.state(), State::Filament);
    printer.job(Job::Paused);
    printer.end(pause);
    assert_eq!(printer.end(change), State::Filament);
    assert_eq!(printer.wait(1000.0), State::Filament);
    assert_eq!(printer.job(Job::Printing), State::Printing);
    assert_eq!(printer.job(Job::Paused), State::Paused);
}

#[test]
fn a_filament_change_shows_without_a_job() {
    let mut printer = Printer::ready();
    let load = printer.begin(State::Filament);
    assert_eq!(printer.state(), State::Filament);
    assert_eq!(printer.end(load), State::Idle);
}
