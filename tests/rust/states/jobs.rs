//! Print jobs from their start to their end.

use super::{Action, BED, NOZZLE, Printer, seconds, settings};
use lumen::{Event, Job, State};

#[test]
fn a_job_is_heating_until_it_extrudes_regardless_of_progress() {
    let mut printer = Printer::ready();
    let state = printer.measure(|sample| {
        sample.job = Job::Printing;
        sample.progress = Some(0.02);
    });
    assert_eq!(state, State::Heating);
    assert_eq!(printer.heater(NOZZLE, 210.0, 210.0), State::Heating);
    assert_eq!(printer.measure(|s| s.has_extruded = true), State::Printing);
}

#[test]
fn a_job_at_a_low_temperature_prints_when_it_extrudes() {
    let mut printer = Printer::ready();
    printer.job(Job::Printing);
    assert_eq!(printer.measure(|s| s.has_extruded = true), State::Printing);
}

#[test]
fn a_job_keeps_printing_when_its_temperature_falls() {
    let mut printer = Printer::ready();
    printer.print();
    assert_eq!(printer.heater(NOZZLE, 180.0, 210.0), State::Printing);
    assert_eq!(printer.heater(BED, 22.0, 110.0), State::Printing);
    // A retraction longer than the extruded length.
    assert_eq!(printer.measure(|s| s.has_extruded = false), State::Printing);
}

#[test]
fn the_next_job_heats_again_before_it_prints() {
    let mut printer = Printer::ready();
    printer.print();
    printer.job(Job::Complete);
    assert_eq!(
        printer.measure(|sample| {
            sample.job = Job::Printing;
            sample.has_extruded = false;
        }),
        State::Heating
    );
}

#[test]
fn a_pause_ends_when_the_job_resumes() {
    let mut printer = Printer::ready();
    printer.print();
    let pause = printer.begin(State::Paused);
    assert_eq!(printer.job(Job::Paused), State::Paused);
    assert_eq!(printer.end(pause), State::Paused);
    assert_eq!(printer.wait(3600.0), State::Paused);
    assert_eq!(printer.job(Job::Printing), State::Printing);
}

#[test]
fn a_pause_shows_above_heating() {
    let mut printer = Printer::ready();
    printer.print();
    printer.job(Job::Paused);
    assert_eq!(printer.heater(NOZZLE, 150.0, 210.0), State::Paused);
}

#[test]
fn a_cancelled_job_shows_for_its_duration_and_then_cools_down() {
    let mut printer = Printer::ready();
    printer.print();
    assert_eq!(printer.job(Job::Cancelled), State::Cancelled);
    printer.heater(NOZZLE, 210.0, 0.0);
    assert_eq!(printer.wait(4.9), State::Cancelled);
    assert_eq!(printer.wait(0.1), State::Cooldown);
}

#[test]
fn a_cancelled_job_still_shows_when_it_is_cleared_until_another_starts() {
    let mut printer = Printer::ready();
    printer.print();
    printer.job(Job::Cancelled);
    assert_eq!(printer.job(Job::Standby), State::Cancelled);
    let state = printer.measure(|sample| {
        sample.job = Job::Printing;
        sample.has_extruded = false;
    });
    assert_eq!(state, State::Heating);
    assert_eq!(printer.active(), [State::Heating]);
}

#[test]
fn a_complete_job_shows_for_its_duration() {
    let mut printer = Printer::ready();
    printer.print();
    printer.heater(NOZZLE, 22.0, 0.0);
    assert_eq!(printer.job(Job::Complete), State::Complete);
    assert_eq!(printer.wait(199.9), State::Complete);
    assert_eq!(printer.wait(0.1), State::Idle);
}

#[test]
fn a_complete_job_shows_until_the_printer_is_used() {
    let uses: [(&str, Action); 5] = [
        ("activity", |p| _ = p.event(Event::Activity)),
        ("a target", |p| _ = p.heater(BED, 22.0, 60.0)),
        ("motion", |p| _ = p.measure(|s| s.is_moving = true)),
        ("the job is cleared", |p| {
            p.job(Job::Standby);
            p.wait(0.3);
        }),
        ("an operation", |p| {
            let home = p.begin(State::Homing);
            p.end(home);
        }),
    ];
    for (name, use_printer) in uses {
        let mut printer = Printer::ready();
        printer.print();
        printer.heater(NOZZLE, 22.0, 0.0);
        printer.job(Job::Complete);
        use_printer(&mut printer);
        assert!(!printer.active().contains(&State::Complete), "{name}");
    }
}

#[test]
fn a_job_that_ended_before_ready_does_not_show() {
    for job in [Job::Complete, Job::Cancelled] {
        let mut printer = Printer::starting(settings());
        printer.event(Event::Ready);
        assert_eq!(printer.job(job), State::Idle);

        let mut printer = Printer::starting(settings());
        printer.job(Job::Printing);
        printer.job(job);
        assert_eq!(printer.event(Event::Ready), State::Idle);
    }
}

#[test]
fn a_streamed_job_keeps_the_progress_that_klipper_resets() {
    let mut printer = Printer::ready();
    let mut stream = |x: f32, progress: f32| {
        printer.now += seconds(0.25);
        printer.measure(|sample| {
            sample.position = Some([x, 0.0, 0.0]);
            sample.is_feeding = true;
            sample.progress = Some(progress);
        });
        (printer.state(), printer.machine.progress())
    };
    stream(0.0, 0.0);
    assert_eq!(stream(1.0, 0.4), (State::Printing, Some(0.4)));
    assert_eq!(stream(2.0, 0.0), (State::Printing, Some(0.4)));
    assert_eq!(stream(3.0, 0.5), (State::Printing, Some(0.5)));
}
