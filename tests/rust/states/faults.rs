//! Startup, faults and forced states.

use super::{Action, BED, NOZZLE, Printer, seconds, settings};
use lumen::{Event, Job, Shutdown, Span, State, StateSettings, Step, Time};

#[test]
fn startup_shows_until_klipper_is_ready() {
    let mut printer = Printer::starting(settings());
    assert_eq!(printer.state(), State::Startup);
    assert_eq!(printer.wait(1000.0), State::Startup);
    assert_eq!(printer.measure(|_| {}), State::Startup);
    assert_eq!(printer.event(Event::Ready), State::Idle);
}

#[test]
fn a_shutdown_is_an_error_that_only_a_restart_ends() {
    let mut printer = Printer::ready();
    printer.print();
    printer.begin(State::Homing);
    assert_eq!(
        printer.event(Event::Shutdown(Shutdown::Fault)),
        State::Error
    );
    assert_eq!(printer.event(Event::Ready), State::Error);
    assert_eq!(printer.job(Job::Standby), State::Error);
    assert_eq!(printer.wait(100_000.0), State::Error);
}

#[test]
fn a_shutdown_before_ready_is_an_error() {
    let mut printer = Printer::starting(settings());
    assert_eq!(
        printer.event(Event::Shutdown(Shutdown::Fault)),
        State::Error
    );
}

#[test]
fn a_failed_job_is_an_error_until_it_is_acknowledged_or_the_printer_is_used() {
    let ends: [(&str, Action); 6] = [
        ("LUMEN_WAKE", |p| _ = p.event(Event::Activity)),
        ("LUMEN_CLEAR", |p| _ = p.machine.release(p.now)),
        ("homing", |p| {
            let home = p.begin(State::Homing);
            p.end(home);
        }),
        ("heating", |p| _ = p.heater(BED, 22.0, 60.0)),
        ("a job", |p| _ = p.job(Job::Printing)),
        ("the file is cleared", |p| _ = p.job(Job::Standby)),
    ];
    for (name, end) in ends {
        let mut printer = Printer::ready();
        printer.print();
        assert_eq!(printer.job(Job::Error), State::Error);
        assert_eq!(printer.wait(10_000.0), State::Error);
        assert_eq!(printer.heater(NOZZLE, 210.0, 0.0), State::Error);
        assert_eq!(printer.measure(|s| s.is_moving = true), State::Error);
        end(&mut printer);
        assert!(!printer.active().contains(&State::Error), "{name}");
    }
}

#[test]
fn a_failed_command_during_a_job_is_not_an_error() {
    let mut printer = Printer::ready();
    printer.print();
    assert_eq!(printer.event(Event::CommandError), State::Printing);
}

#[test]
fn an_mcu_that_is_lost_at_rest_is_not_an_error() {
    let mut printer = Printer::ready();
    assert_eq!(
        printer.event(Event::Shutdown(Shutdown::Lost)),
        State::Disconnected
    );
    assert_eq!(printer.measure(|_| {}), State::Disconnected);
    assert_eq!(printer.wait(10_000.0), State::Disconnected);
    assert_eq!(
        printer.event(Event::Shutdown(Shutdown::Fault)),
        State::Error
    );
}

#[test]
fn an_mcu_that_is_lost_while_heating_or_printing_is_an_error() {
    let uses: [Action; 3] = [
        |p| _ = p.print(),
        |p| _ = p.heater(BED, 60.0, 60.0),
        |p| _ = p.job(Job::Paused),
    ];
    for begin in uses {
        let mut printer = Printer::ready();
        begin(&mut printer);
        assert_eq!(printer.event(Event::Shutdown(Shutdown::Lost)), State::Error);
    }
}

#[test]
fn an_mcu_that_does_not_respond_at_startup_is_not_an_error() {
    let mut printer = Printer::starting(settings());
    let unreachable = Event::Shutdown(Shutdown::Unreachable);
    assert_eq!(printer.event(unreachable), State::Disconnected);
    // The message arrives twice: as an event and as the state of Klipper.
    assert_eq!(printer.event(unreachable), State::Disconnected);
}

#[test]
fn a_failed_command_shows_as_an_error_for_its_duration() {
    let mut printer = Printer::ready();
    assert_eq!(printer.event(Event::CommandError), State::Error);
    assert_eq!(printer.wait(2.9), State::Error);
    assert_eq!(printer.wait(0.1), State::Idle);
}

#[test]
fn a_failed_command_does_not_show_if_its_duration_is_zero() {
    let mut printer = Printer::ready_with(StateSettings {
        command_error_for: Span::ZERO,
        ..settings()
    });
    assert_eq!(printer.event(Event::CommandError), State::Idle);
}

#[test]
fn a_failed_command_during_startup_is_not_an_error() {
    let mut printer = Printer::starting(settings());
    assert_eq!(printer.event(Event::CommandError), State::Startup);
}

#[test]
fn a_lost_link_shows_until_it_is_back_but_below_an_error() {
    let mut printer = Printer::ready();
    printer.print();
    assert_eq!(printer.event(Event::LinkLost), State::Disconnected);
    assert_eq!(
        printer.event(Event::Shutdown(Shutdown::Fault)),
        State::Error
    );
    assert_eq!(printer.active()[..2], [State::Error, State::Disconnected]);

    let mut printer = Printer::ready();
    printer.print();
    printer.event(Event::LinkLost);
    assert_eq!(printer.event(Event::LinkFound), State::Printing);
}

#[test]
fn a_forced_state_shows_above_everything_except_alarms() {
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
fn a_forced_state_ends_after_its_duration() {
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
