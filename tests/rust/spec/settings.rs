//! The settings in `[lumen]`.

use super::{compiled, plan, printer, sections};
use lumen::{PlannedInput, Span, State, StateSettings, Unmapped, compile};

fn seconds(seconds: f64) -> Span {
    Span::from_secs(seconds)
}

#[test]
fn an_empty_section_has_the_defaults_of_lumen_1() {
    let plan = plan("[lumen]");
    let states = StateSettings {
        temp_floor_c: 25.0,
        heating_enter_c: 5.0,
        heating_leave_c: 2.0,
        bored_after: seconds(300.0),
        sleep_after: seconds(600.0),
        complete_for: seconds(1800.0),
        cancelled_for: seconds(5.0),
        command_error_for: seconds(3.0),
        pause_after: seconds(3.0),
        heaters: 2,
        extruders: 1,
    };
    assert_eq!(plan.states, states);
    assert!((plan.brightness - 1.0).abs() < f32::EPSILON);
}

#[test]
fn set_options_are_used() {
    let plan = plan(
        "[lumen]
        gpio_fps: 240
        brightness: 0.5
        unmapped: off
        bored_timeout: 30
        error_flash: 0
        [lumen_group case]
        driver: memory
        on_error: solid red
        [lumen_group top]
        driver: memory
        unmapped: keep
        group_brightness: 0.2
        on_idle: solid red",
    );
    assert_eq!(plan.fps, 240);
    assert_eq!(plan.states.bored_after, seconds(30.0));
    assert_eq!(plan.states.command_error_for, Span::ZERO);
    assert_eq!(plan.groups[0].unmapped, Unmapped::Off);
    assert_eq!(plan.groups[1].unmapped, Unmapped::Keep);
    assert!((plan.groups[1].brightness - 0.2).abs() < f32::EPSILON);
}

#[test]
fn commands_are_listed_by_state_in_uppercase() {
    let compiled = compiled(
        "[lumen]
        macro_homing: g28, MY_HOME,, g28
        macro_paused:",
    );
    let commands: Vec<(&str, &[String])> = compiled
        .commands
        .iter()
        .map(|(state, names)| (state.as_str(), names.as_slice()))
        .collect();
    assert_eq!(
        commands,
        [
            (
                "homing",
                ["G28".to_owned(), "MY_HOME".to_owned()].as_slice()
            ),
            ("paused", &[])
        ]
    );
}

#[test]
fn the_travel_of_an_axis_is_from_the_config_klipper_or_the_default() {
    const TRACKED: &str = "[lumen_group a]
        driver: memory
        index_end: 9
        on_printing: kitt axis=x
        on_error: kitt axis=y
        on_idle: kitt red";
    let travel_mm = |input| match input {
        PlannedInput::Axis { travel_mm, .. } => travel_mm,
        _ => [0.0, 0.0],
    };
    let travel = |lines: &str, known: bool| {
        let raw = sections(&format!("[lumen]\n{lines}\n{TRACKED}"));
        let facts = printer();
        let plan = compile(&raw, known.then_some(&facts)).map(|it| it.plan);
        plan.map(|plan| {
            assert!(plan.wants_position);
            [State::Printing, State::Error, State::Idle].map(|state| {
                plan.groups[0]
                    .scene(state)
                    .map(|it| travel_mm(it.effect.bottom().input))
            })
        })
    };
    let still = Some([0.0, 0.0]);
    assert_eq!(
        travel("", true),
        Ok([Some([0.0, 200.0]), Some([-5.0, 210.0]), still])
    );
    assert_eq!(
        travel("bed_x_max: 180", true),
        Ok([Some([0.0, 180.0]), Some([-5.0, 210.0]), still])
    );
    assert_eq!(
        travel("", false),
        Ok([Some([0.0, 300.0]), Some([0.0, 300.0]), still])
    );
}
