//! Heating and cooling down.

use super::{BED, NOZZLE, Printer, settings};
use lumen::{Event, State};

#[test]
fn heating_starts_and_ends_at_different_distances_from_the_target() {
    let mut printer = Printer::ready();
    assert_eq!(printer.heater(NOZZLE, 22.0, 200.0), State::Heating);
    assert_eq!(printer.heater(NOZZLE, 197.0, 200.0), State::Heating);
    assert_eq!(printer.heater(NOZZLE, 198.0, 200.0), State::Idle);
    for ripple in [195.0, 203.0, 196.0, 204.0] {
        assert_eq!(printer.heater(NOZZLE, ripple, 200.0), State::Idle);
    }
    assert_eq!(printer.heater(NOZZLE, 194.9, 200.0), State::Heating);
}

#[test]
fn each_heater_has_its_own_hysteresis() {
    let mut printer = Printer::ready();
    printer.heater(NOZZLE, 22.0, 200.0);
    printer.heater(BED, 58.0, 60.0);
    assert_eq!(printer.heater(NOZZLE, 200.0, 200.0), State::Idle);
    assert_eq!(printer.heater(BED, 22.0, 60.0), State::Heating);
}

#[test]
fn a_sensor_does_not_count_as_a_heater() {
    let mut printer = Printer::ready();
    assert_eq!(printer.heater(2, 22.0, 60.0), State::Idle);
    assert_eq!(printer.heater(3, 90.0, 0.0), State::Idle);
}

#[test]
fn a_printer_that_holds_its_temperature_gets_bored_but_does_not_sleep() {
    let mut printer = Printer::ready();
    printer.heater(BED, 60.0, 60.0);
    assert_eq!(printer.state(), State::Idle);
    assert_eq!(printer.wait(300.0), State::Bored);
    assert_eq!(printer.wait(100_000.0), State::Bored);
}

#[test]
fn heating_ends_when_the_target_is_cleared() {
    let mut printer = Printer::ready();
    printer.heater(NOZZLE, 30.0, 200.0);
    assert_eq!(printer.heater(NOZZLE, 30.0, 0.0), State::Idle);
}

#[test]
fn cooldown_lasts_from_heaters_off_to_near_ambient() {
    let mut printer = Printer::ready();
    printer.heater(NOZZLE, 45.0, 45.0);
    assert_eq!(printer.heater(NOZZLE, 45.0, 0.0), State::Cooldown);
    assert_eq!(printer.cool_down_to(31.0), State::Cooldown);
    assert_eq!(printer.cool_down_to(30.0), State::Idle);
}

#[test]
fn a_printer_that_was_hot_at_ready_cools_down() {
    let mut printer = Printer::starting(settings());
    printer.sample.sources[BED].temperature = Some(80.0);
    printer.event(Event::Ready);
    assert_eq!(printer.measure(|_| {}), State::Cooldown);
}

#[test]
fn a_temperature_that_does_not_fall_is_not_a_cooldown() {
    let mut printer = Printer::ready();
    printer.heater(NOZZLE, 50.0, 50.0);
    assert_eq!(printer.heater(NOZZLE, 50.0, 0.0), State::Cooldown);
    printer.wait(100.0);
    assert_eq!(printer.heater(NOZZLE, 49.5, 0.0), State::Cooldown);
    assert_eq!(printer.wait(119.9), State::Cooldown);
    assert_eq!(printer.wait(0.1), State::Idle);
    // A later fall is ignored until the heaters are used again.
    assert_eq!(printer.heater(NOZZLE, 40.0, 0.0), State::Idle);
    printer.heater(NOZZLE, 60.0, 60.0);
    assert_eq!(printer.heater(NOZZLE, 60.0, 0.0), State::Cooldown);
}

#[test]
fn a_room_warmer_than_the_floor_is_not_a_cooldown() {
    let mut printer = Printer::ready();
    for c in [30.0, 35.5, 38.0] {
        assert_eq!(printer.heater(BED, c, 0.0), State::Idle);
    }
}
