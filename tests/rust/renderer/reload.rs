//! Tests of replacing the plan.

use super::{
    BED, BLUE, Bench, GREEN, RED, command, effect, group, one_pixel, part, plan, segment, solid,
};
use lumen::{Event, Operation, PaletteNames, Plan, PlannedInput, Sample, State};
use std::sync::Arc;

fn rainbow() -> Plan {
    let scene = part(State::Idle, effect("rainbow"), "rainbow");
    plan(vec![group("case", &[segment(0, 0, 9)], vec![scene])])
}

#[test]
fn the_old_plan_is_returned_to_the_caller() {
    let mut bench = Bench::ready(one_pixel());
    let old = bench.renderer.replace(bench.now, Arc::new(rainbow()));
    assert_eq!(*old, one_pixel());
}

#[test]
fn an_unchanged_effect_keeps_its_phase() {
    let (mut reloaded, mut other) = (Bench::ready(rainbow()), Bench::ready(rainbow()));
    let mut plan = rainbow();
    plan.groups[0]
        .scenes
        .insert(0, part(State::Homing, solid(RED), "solid red"));
    reloaded.renderer.replace(reloaded.now, Arc::new(plan));
    for _ in 0..30 {
        reloaded.wait(0.02);
        other.wait(0.02);
        assert_eq!(reloaded.pixels(), other.pixels());
    }
}

#[test]
fn a_changed_effect_fades_in() {
    let mut bench = Bench::ready(one_pixel());
    let mut plan = one_pixel();
    plan.groups[0].scenes[0] = part(State::Idle, solid(GREEN), "solid green");
    bench.renderer.replace(bench.now, Arc::new(plan));
    bench.renderer.render(bench.now);
    assert_eq!(bench.pixel(), [255, 0, 0]);
    bench.wait(0.1);
    assert!(bench.pixel()[0] > 0 && bench.pixel()[1] > 0);
    bench.wait(0.4);
    assert_eq!(bench.pixel(), [0, 255, 0]);
}

#[test]
fn a_command_stays_on_its_group_when_the_group_moves() {
    let mut bench = Bench::ready(one_pixel());
    bench.set(0, command(BLUE, "solid blue"));
    bench.wait(1.0);
    let mut moved = one_pixel();
    let first = group("door", &[segment(0, 1, 1)], Vec::new());
    moved.groups.insert(0, first);
    moved.strips[0].strip.pixels = 2;
    bench.renderer.replace(bench.now, Arc::new(moved));
    bench.wait(1.0);
    assert_eq!(bench.pixels(), [[0, 0, 255], [0, 0, 0]]);
    assert_eq!(bench.text(1), "solid blue");
}

#[test]
fn a_group_that_grows_keeps_what_it_showed() {
    let mut bench = Bench::ready(one_pixel());
    let mut plan = one_pixel();
    plan.groups[0].group.segments = vec![segment(0, 0, 1)];
    plan.strips[0].strip.pixels = 2;
    bench.renderer.replace(bench.now, Arc::new(plan));
    bench.renderer.render(bench.now);
    assert_eq!(bench.pixels()[0], [255, 0, 0]);
    bench.wait(0.5);
    assert_eq!(bench.pixels(), [[255, 0, 0], [255, 0, 0]]);
}

#[test]
fn running_operations_continue() {
    let mut bench = Bench::ready(one_pixel());
    bench.event(Event::Begin(Operation(1), State::Custom(0)));
    let mut plan = one_pixel();
    plan.custom_states = vec!["wipe".to_owned(), "purge".to_owned()];
    bench.renderer.replace(bench.now, Arc::new(plan));
    assert_eq!(bench.renderer.state(), State::Custom(1));
    bench.renderer.replace(
        bench.now,
        Arc::new(Plan {
            custom_states: Vec::new(),
            ..one_pixel()
        }),
    );
    assert_eq!(bench.renderer.state(), State::Idle);
}

#[test]
fn a_forced_custom_state_is_found_by_its_name() {
    let mut bench = Bench::ready(one_pixel());
    bench.renderer.force(bench.now, State::Custom(0), None);
    let mut plan = one_pixel();
    plan.custom_states = vec!["wipe".to_owned(), "purge".to_owned()];
    bench.renderer.replace(bench.now, Arc::new(plan));
    assert_eq!(bench.renderer.forced(), Some(State::Custom(1)));
}

#[test]
fn temperatures_are_found_by_their_names() {
    let thermal = |source| {
        let mut thermal = effect("thermal");
        let palettes = PaletteNames::default();
        thermal
            .settings
            .store("range_max", "100", &palettes)
            .unwrap();
        thermal.input = PlannedInput::Source {
            index: source,
            floor_c: 25.0,
        };
        let scene = part(State::Idle, thermal, "thermal bed");
        plan(vec![group("case", &[segment(0, 0, 9)], vec![scene])])
    };
    let mut sample = Sample::default();
    sample.sources[1].temperature = Some(62.5);
    let mut bench = Bench::ready(thermal(1));
    bench.sample(&sample);
    bench.wait(1.0);
    let before = bench.pixels();
    let mut plan = thermal(0);
    plan.sources = vec!["heater_bed".to_owned()];
    bench.renderer.replace(bench.now, Arc::new(plan));
    bench.wait(1.0);
    assert_eq!(bench.pixels(), before);
}

#[test]
fn a_command_keeps_its_source_and_ends_with_it() {
    let mut bench = Bench::ready(one_pixel());
    let mut thermal = command(BLUE, "thermal bed");
    let mut following = effect("thermal");
    following.input = BED;
    following.settings.set_source("heater_bed");
    thermal.effect = following.into();
    bench.set(0, thermal);
    let mut plan = one_pixel();
    plan.sources = vec!["heater_bed".to_owned()];
    bench.renderer.replace(bench.now, Arc::new(plan));
    assert_eq!(bench.text(0), "thermal bed");
    bench.renderer.replace(
        bench.now,
        Arc::new(Plan {
            sources: Vec::new(),
            ..one_pixel()
        }),
    );
    assert_eq!(bench.text(0), "solid red");
}
