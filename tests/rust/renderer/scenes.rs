//! Tests of which scene a group shows.

use super::{BLUE, Bench, GREEN, RED, bed, command, group, one_pixel, part, plan, segment, solid};
use lumen::{Event, Operation, Shutdown, Source, State, Unmapped};

#[test]
fn a_group_is_dark_until_a_state_has_a_scene_for_it() {
    let mut bench = Bench::starting(one_pixel());
    bench.wait(1.0);
    assert_eq!((bench.text(0), bench.pixel()), ("off", [0, 0, 0]));
    bench.event(Event::Ready);
    bench.wait(1.0);
    assert_eq!((bench.text(0), bench.pixel()), ("solid red", [255, 0, 0]));
}

#[test]
fn a_state_without_a_scene_keeps_the_last_one() {
    let mut bench = Bench::ready(one_pixel());
    bench.event(Event::Begin(Operation(1), State::Homing));
    bench.wait(1.0);
    assert_eq!(bench.renderer.state(), State::Homing);
    assert_eq!((bench.text(0), bench.pixel()), ("solid red", [255, 0, 0]));
}

#[test]
fn a_state_without_a_scene_is_dark_with_unmapped_off() {
    let mut plan = one_pixel();
    plan.groups[0].unmapped = Unmapped::Off;
    let mut bench = Bench::ready(plan);
    bench.event(Event::Begin(Operation(1), State::Homing));
    bench.wait(1.0);
    assert_eq!((bench.text(0), bench.pixel()), ("off", [0, 0, 0]));
    bench.event(Event::End(Operation(1)));
    bench.wait(1.0);
    assert_eq!(bench.pixel(), [255, 0, 0]);
}

#[test]
fn the_kept_scene_is_the_one_before_an_alarm() {
    let mut plan = one_pixel();
    plan.groups[0].scenes[2].state = State::Disconnected;
    let mut bench = Bench::ready(plan);
    bench.event(Event::Begin(Operation(1), State::Homing));
    bench.event(Event::LinkLost);
    bench.wait(1.0);
    assert_eq!(bench.pixel(), [0, 0, 255]);
    bench.event(Event::LinkFound);
    bench.wait(1.0);
    assert_eq!(bench.renderer.state(), State::Homing);
    assert_eq!((bench.text(0), bench.pixel()), ("solid red", [255, 0, 0]));
}

#[test]
fn the_kept_scene_is_updated_beneath_a_command() {
    let mut bench = Bench::ready(one_pixel());
    bench.set(0, command(BLUE, "solid blue"));
    bench.sample(&bed(22.0, 60.0));
    bench.event(Event::Begin(Operation(1), State::Homing));
    bench.clear();
    bench.wait(1.0);
    assert_eq!((bench.text(0), bench.pixel()), ("solid green", [0, 255, 0]));
}

#[test]
fn a_forced_state_shows_its_scene_until_it_ends() {
    let mut bench = Bench::ready(one_pixel());
    bench.renderer.force(bench.now, State::Heating, None);
    bench.wait(1.0);
    assert_eq!(bench.renderer.forced(), Some(State::Heating));
    assert_eq!(bench.renderer.active().collect::<Vec<_>>(), [State::Idle]);
    assert_eq!((bench.text(0), bench.pixel()), ("solid green", [0, 255, 0]));
    bench.clear();
    bench.wait(1.0);
    assert_eq!(bench.renderer.forced(), None);
    assert_eq!(bench.pixel(), [255, 0, 0]);
}

#[test]
fn a_forced_state_without_a_scene_keeps_the_previous_forced_one() {
    let mut bench = Bench::ready(one_pixel());
    for state in [State::Heating, State::Error, State::Homing, State::Printing] {
        bench.renderer.force(bench.now, state, None);
        bench.wait(1.0);
    }
    assert_eq!((bench.text(0), bench.pixel()), ("solid green", [0, 255, 0]));
    bench.clear();
    bench.event(Event::Begin(Operation(1), State::Homing));
    bench.wait(1.0);
    assert_eq!((bench.text(0), bench.pixel()), ("solid red", [255, 0, 0]));
}

#[test]
fn a_forced_state_is_not_kept() {
    let mut bench = Bench::ready(one_pixel());
    bench.event(Event::Begin(Operation(1), State::Homing));
    bench.renderer.force(bench.now, State::Heating, None);
    bench.wait(1.0);
    bench.clear();
    bench.wait(1.0);
    assert_eq!(bench.pixel(), [255, 0, 0]);
}

#[test]
fn an_alarm_shows_above_a_command_and_the_command_above_the_state() {
    let mut bench = Bench::ready(one_pixel());
    bench.set(0, command(GREEN, "solid green"));
    bench.sample(&bed(22.0, 60.0));
    bench.wait(1.0);
    assert_eq!(bench.renderer.shown(0).source, Source::Command);
    assert_eq!(bench.pixel(), [0, 255, 0]);
    bench.event(Event::Shutdown(Shutdown::Fault));
    bench.wait(1.0);
    assert_eq!(bench.renderer.shown(0).source, Source::State);
    assert_eq!((bench.text(0), bench.pixel()), ("solid blue", [0, 0, 255]));
}

#[test]
fn an_alarm_without_a_scene_leaves_the_command() {
    let mut bench = Bench::ready(one_pixel());
    bench.set(0, command(GREEN, "solid green"));
    bench.event(Event::LinkLost);
    bench.wait(1.0);
    assert_eq!(bench.renderer.state(), State::Disconnected);
    assert_eq!(bench.text(0), "solid green");
}

#[test]
fn a_forced_error_is_not_an_alarm() {
    let mut bench = Bench::ready(one_pixel());
    bench.set(0, command(GREEN, "solid green"));
    bench.renderer.force(bench.now, State::Error, None);
    bench.wait(1.0);
    assert_eq!(bench.text(0), "solid green");
}

#[test]
fn each_group_has_its_own_scenes() {
    let scene = |state, color| vec![part(state, solid(color), "solid")];
    let mut bench = Bench::ready(plan(vec![
        group("left", &[segment(0, 0, 0)], scene(State::Idle, RED)),
        group("right", &[segment(0, 1, 1)], scene(State::Homing, GREEN)),
    ]));
    bench.event(Event::Begin(Operation(1), State::Homing));
    bench.wait(1.0);
    assert_eq!(bench.pixels(), [[255, 0, 0], [0, 255, 0]]);
}
