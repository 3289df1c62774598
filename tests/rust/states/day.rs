//! One day of a printer, from startup to an error.

use super::{BED, NOZZLE, Printer, settings};
use lumen::{Event, Job, Shutdown, State};

#[test]
fn a_day_with_a_print_shows_its_states_in_order() {
    let mut printer = Printer::starting(settings());
    let mut day = vec![printer.state()];
    let mut note = |state: State| {
        if day.last() != Some(&state) {
            day.push(state);
        }
    };
    printer.wait(4.0);
    note(printer.event(Event::Ready));
    note(printer.measure(|_| {}));
    printer.wait(60.0);
    note(printer.measure(|sample| {
        sample.job = Job::Printing;
        sample.sources[BED].target = Some(60.0);
    }));
    let home = printer.begin(State::Homing);
    note(printer.wait(1.0));
    printer.wait(20.0);
    note(printer.end(home));
    note(printer.heater(BED, 60.0, 60.0));
    let mesh = printer.begin(State::Meshing);
    note(printer.state());
    let home = printer.begin(State::Homing);
    note(printer.wait(5.0));
    note(printer.end(home));
    printer.wait(90.0);
    note(printer.end(mesh));
    note(printer.heater(NOZZLE, 150.0, 210.0));
    note(printer.heater(NOZZLE, 209.0, 210.0));
    note(printer.measure(|sample| sample.has_extruded = true));
    note(printer.wait(1800.0));
    let pause = printer.begin(State::Paused);
    note(printer.job(Job::Paused));
    note(printer.end(pause));
    note(printer.wait(600.0));
    note(printer.job(Job::Printing));
    note(printer.wait(600.0));
    note(printer.filament(false));
    let pause = printer.begin(State::Paused);
    note(printer.job(Job::Paused));
    note(printer.end(pause));
    let load = printer.begin(State::Filament);
    note(printer.filament(true));
    note(printer.end(load));
    note(printer.job(Job::Printing));
    note(printer.wait(3600.0));
    printer.heater(BED, 60.0, 0.0);
    printer.heater(NOZZLE, 210.0, 0.0);
    note(printer.job(Job::Complete));
    printer.sample.sources[BED].temperature = Some(24.0);
    note(printer.cool_down_to(191.0));
    note(printer.wait(0.0));
    note(printer.cool_down_to(185.0));
    note(printer.cool_down_to(30.0));
    note(printer.wait(1000.0));
    note(printer.event(Event::Activity));
    note(printer.wait(300.0));
    note(printer.wait(600.0));
    note(printer.measure(|sample| sample.is_moving = true));
    note(printer.event(Event::Shutdown(Shutdown::Fault)));
    assert_eq!(
        day,
        [
            State::Startup,
            State::Idle,
            State::Heating,
            State::Homing,
            State::Heating,
            State::Meshing,
            State::Homing,
            State::Meshing,
            State::Heating,
            State::Printing,
            State::Paused,
            State::Printing,
            State::Filament,
            State::Printing,
            State::Complete,
            State::Cooldown,
            State::Bored,
            State::Sleep,
            State::Idle,
            State::Bored,
            State::Sleep,
            State::Idle,
            State::Error,
        ]
    );
}
