//! Start, faults and what a user forces.

use super::{Printer, seconds, settings};
use lumen::input::Job;
use lumen::state::Event;
use lumen::state::State;
use lumen::state::StateSettings;
use lumen::state::machine::Step;
use lumen::time::Span;
use lumen::time::Time;

#[test]
fn a_printer_starts_until_it_is_ready() {
    let mut printer = Printer::starting(settings());
    assert_eq!(printer.state(), State::Startup);
    assert_eq!(printer.wait(1000.0), State::Startup);
    assert_eq!(printer.measure(|_| {}), State::Startup);
    assert_eq!(printer.event(Event::Ready), State::Idle);
}

#[test]
fn a_shutdown_is_an_error_whatever_else_runs_and_only_a_restart_ends_it() {
    let mut printer = Printer::ready();
    printer.print();
    printer.begin(State::Homing);
    assert_eq!(printer.event(Event::Shutdown), State::Error);
    assert_eq!(printer.event(Event::Ready), State::Error);
    assert_eq!(printer.job(Job::Standby), State::Error);
    assert_eq!(printer.wait(100_000.0), State::Error);
}

#[test]
fn a_shutdown_before_ready_is_an_error() {
    let mut printer = Printer::starting(settings());
    assert_eq!(printer.event(Event::Shutdown), State::Error);
}

#[test]
fn a_failed_job_is_an_error_until_the_job_changes() {
    let mut printer = Printer::ready();
    printer.print();
    assert_eq!(printer.job(Job::Error), State::Error);
    assert_eq!(printer.event(Event::Activity), State::Error);
    assert_eq!(printer.wait(10_000.0), State::Error);
    assert_ne!(printer.job(Job::Standby), State::Error);
}

#[test]
fn a_failed_command_is_an_error_for_a_moment() {
    let mut printer = Printer::ready();
    assert_eq!(printer.event(Event::CommandError), State::Error);
    assert_eq!(printer.wait(2.9), State::Error);
    assert_eq!(printer.wait(0.1), State::Idle);
}

#[test]
fn a_failed_command_shows_nothing_where_the_user_wants_none() {
    let mut printer = Printer::ready_with(StateSettings {
        command_error_for: Span::ZERO,
        ..settings()
    });
    assert_eq!(printer.event(Event::CommandError), State::Idle);
}

#[test]
fn a_command_that_fails_during_the_start_is_no_error() {
    let mut printer = Printer::starting(settings());
    assert_eq!(printer.event(Event::CommandError), State::Startup);
}

#[test]
fn a_lost_link_shows_until_it_is_found_but_never_above_an_error() {
    let mut printer = Printer::ready();
    printer.print();
    assert_eq!(printer.event(Event::LinkLost), State::Disconnected);
    assert_eq!(printer.event(Event::Shutdown), State::Error);
    assert_eq!(printer.active()[..2], [State::Error, State::Disconnected]);

    let mut printer = Printer::ready();
    printer.print();
    printer.event(Event::LinkLost);
    assert_eq!(printer.event(Event::LinkFound), State::Printing);
}

#[test]
fn a_forced_state_shows_above_all_but_alarms() {
    let mut printer = Printer::ready();
    printer.print();
    printer.machine.force(printer.now, State::Custom(0), None);
    assert_eq!(printer.state(), State::Custom(0));
    assert_eq!(printer.machine.forced(), Some(State::Custom(0)));
    assert_eq!(printer.active(), [State::Printing]);
    assert_eq!(printer.event(Event::LinkLost), State::Disconnected);
    assert_eq!(printer.event(Event::LinkFound), State::Custom(0));
    assert_eq!(printer.machine.release(printer.now).state, State::Printing);
}

#[test]
fn a_forced_state_ends_with_its_time() {
    let mut printer = Printer::ready();
    let step = printer
        .machine
        .force(printer.now, State::Meshing, Some(seconds(10.0)));
    assert_eq!(
        step,
        Step {
            state: State::Meshing,
            next: Some(Time::from_secs(10.0))
        }
    );
    assert_eq!(printer.wait(10.0), State::Idle);
    assert_eq!(printer.machine.forced(), None);
}
