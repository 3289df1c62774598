//! The resting states `bored` and `sleep`, and waking from them.

use super::{Action, BED, NOZZLE, Printer};
use lumen::{Event, Job, State};

#[test]
fn an_unused_printer_gets_bored_and_then_sleeps() {
    let mut printer = Printer::ready();
    assert_eq!(printer.wait(299.9), State::Idle);
    assert_eq!(printer.wait(0.1), State::Bored);
    assert_eq!(printer.wait(599.9), State::Bored);
    assert_eq!(printer.wait(0.1), State::Sleep);
    assert_eq!(printer.wait(1e6), State::Sleep);
}

#[test]
fn idle_time_starts_at_the_end_of_an_operation() {
    let mut printer = Printer::ready();
    let mesh = printer.begin(State::Meshing);
    printer.wait(1000.0);
    assert_eq!(printer.end(mesh), State::Idle);
    assert_eq!(printer.wait(299.9), State::Idle);
    assert_eq!(printer.wait(0.1), State::Bored);
}

#[test]
fn a_cooled_down_printer_is_bored_before_it_sleeps() {
    let mut printer = Printer::ready();
    printer.heater(NOZZLE, 200.0, 200.0);
    printer.heater(NOZZLE, 200.0, 0.0);
    assert_eq!(printer.cool_down_to(31.0), State::Cooldown);
    assert_eq!(printer.cool_down_to(30.0), State::Bored);
    assert_eq!(printer.wait(599.9), State::Bored);
    assert_eq!(printer.wait(0.1), State::Sleep);
}

#[test]
fn any_use_wakes_the_printer() {
    let wakes: [(&str, State, Action); 6] = [
        ("activity", State::Idle, |p| _ = p.event(Event::Activity)),
        ("an operation", State::Homing, |p| {
            _ = p.begin(State::Homing);
        }),
        ("a target", State::Heating, |p| {
            _ = p.heater(BED, 22.0, 60.0);
        }),
        ("a job", State::Heating, |p| _ = p.job(Job::Printing)),
        ("motion", State::Idle, |p| {
            _ = p.measure(|s| s.is_moving = true);
        }),
        ("a lumen command", State::Idle, |p| {
            p.machine.note_activity(p.now);
            p.wait(0.0);
        }),
    ];
    for (name, expected, wake) in wakes {
        for rest in [300.0, 900.0] {
            let mut printer = Printer::ready();
            printer.wait(rest);
            wake(&mut printer);
            assert_eq!(printer.state(), expected, "{name} after {rest} s");
        }
    }
}

#[test]
fn a_working_printer_does_not_rest() {
    let kinds: [Action; 4] = [
        |p| _ = p.measure(|s| s.is_moving = true),
        |p| _ = p.measure(|s| s.is_commanded = true),
        |p| _ = p.measure(|s| s.manual_probe = true),
        |p| _ = p.measure(|s| s.bed_screws = true),
    ];
    for work in kinds {
        let mut printer = Printer::ready();
        work(&mut printer);
        let state = printer.wait(100_000.0);
        assert!(!matches!(state, State::Bored | State::Sleep), "{state}");
    }
}

#[test]
fn a_command_in_a_single_sample_does_not_count_as_work() {
    let mut printer = Printer::ready();
    printer.wait(299.0);
    printer.measure(|sample| sample.is_commanded = true);
    printer.wait(0.25);
    printer.measure(|sample| sample.is_commanded = false);
    assert_eq!(printer.wait(0.75), State::Bored);
}

#[test]
fn a_failed_command_does_not_wake_the_lights() {
    let mut printer = Printer::ready();
    printer.wait(900.0);
    assert_eq!(printer.event(Event::CommandError), State::Error);
    assert_eq!(printer.wait(3.0), State::Sleep);
}

#[test]
fn sleep_starts_at_once_when_the_last_target_is_cleared_late() {
    let mut printer = Printer::ready();
    printer.heater(BED, 34.0, 34.0);
    assert_eq!(printer.wait(5000.0), State::Bored);
    assert_eq!(printer.heater(BED, 34.0, 0.0), State::Sleep);
}

#[test]
fn a_move_between_two_samples_wakes_the_printer() {
    let mut printer = Printer::ready();
    printer.measure(|sample| sample.position = Some([10.0, 0.0, 0.0]));
    assert_eq!(printer.wait(900.0), State::Sleep);
    let state = printer.measure(|sample| sample.position = Some([20.0, 0.0, 0.0]));
    assert_eq!(state, State::Idle);
}
