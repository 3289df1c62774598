//! Tests of groups that share pixels.

use super::{BLUE, Bench, FADE, GREEN, RED, command, group, part, plan, segment, solid};
use lumen::{
    EffectPlan, Event, GroupPlan, LayerPlan, Motion, Override, Plan, ScenePart, Shutdown, Span,
    StackPlan, State, Unmapped,
};
use std::sync::Arc;

const NOTHING: [u8; 3] = [0; 3];
const R: [u8; 3] = [255, 0, 0];
const G: [u8; 3] = [0, 255, 0];
const B: [u8; 3] = [0, 0, 255];

/// An effect on the first pixel of its group only.
fn first_pixel(effect: EffectPlan) -> StackPlan {
    let layer = LayerPlan {
        pixels: Some(0..1),
        ..effect.into()
    };
    StackPlan::new(layer, Vec::new())
}

fn upper(scenes: Vec<ScenePart>) -> GroupPlan {
    GroupPlan {
        over: vec![1],
        unmapped: Unmapped::Off,
        ..group("bar", &[segment(0, 1, 2)], scenes)
    }
}

/// A red group of four pixels, and a group over its two middle ones.
fn shared(scenes: Vec<ScenePart>) -> Plan {
    let case = vec![
        part(State::Idle, solid(RED), "solid red"),
        part(State::Error, solid(BLUE), "solid blue"),
    ];
    plan(vec![
        upper(scenes),
        group("case", &[segment(0, 0, 3)], case),
    ])
}

fn shutdown(bench: &mut Bench) {
    bench.event(Event::Shutdown(Shutdown::Fault));
    bench.wait(1.0);
}

#[test]
fn the_upper_group_covers_the_lower_one() {
    let bench = Bench::ready(shared(vec![part(State::Idle, solid(GREEN), "solid green")]));
    assert_eq!(bench.pixels(), [R, G, G, R]);
}

#[test]
fn the_lower_group_shines_through_where_the_upper_one_shows_nothing() {
    let mut bench = Bench::ready(shared(vec![part(
        State::Heating,
        solid(GREEN),
        "solid green",
    )]));
    assert_eq!(bench.pixels(), [R; 4]);
    assert_eq!(bench.text(0), "off");
    let part_of = Override {
        effect: first_pixel(solid(GREEN)),
        ..*command(GREEN, "solid green pixels=1")
    };
    bench.set(0, Box::new(part_of));
    bench.wait(1.0);
    assert_eq!(bench.pixels(), [R, G, R, R]);
    bench.clear();
    bench.wait(1.0);
    assert_eq!(bench.pixels(), [R; 4]);
}

#[test]
fn a_fade_of_the_upper_group_goes_from_and_to_the_lower_one() {
    let mut bench = Bench::ready(shared(Vec::new()));
    bench.set(0, command(RED, "solid red"));
    // A fade to the same color shows no dip.
    for _ in 0..30 {
        bench.wait(0.0166);
        assert!(bench.pixels()[1][0] >= 253, "{:?}", bench.pixels());
    }
    bench.set(0, command(BLUE, "solid blue"));
    let mut last = bench.pixels()[1];
    for _ in 0..40 {
        bench.wait(0.0166);
        let pixel = bench.pixels()[1];
        assert!(pixel[2].abs_diff(last[2]) < 48, "{last:?} to {pixel:?}");
        last = pixel;
    }
    assert_eq!(bench.pixels(), [R, B, B, R]);
}

#[test]
fn a_group_that_is_switched_off_is_dark() {
    let mut bench = Bench::ready(shared(Vec::new()));
    bench.renderer.switch(bench.now, Some(0), false);
    bench.wait(1.0);
    assert_eq!(bench.pixels(), [R, NOTHING, NOTHING, R]);
    bench.renderer.switch(bench.now, Some(0), true);
    bench.renderer.switch(bench.now, Some(1), false);
    bench.wait(1.0);
    assert_eq!(bench.pixels(), [NOTHING; 4]);
}

#[test]
fn an_upper_group_does_not_hide_the_alarm_of_a_lower_one() {
    let mut built_in = part(State::Error, solid(GREEN), "solid green");
    built_in.is_built_in = true;
    let mut bench = Bench::ready(shared(vec![built_in.clone()]));
    bench.set(0, command(RED, "solid red"));
    bench.wait(1.0);
    shutdown(&mut bench);
    assert_eq!(bench.pixels(), [B; 4]);
    // Where there is no group below, the built-in alarm shows.
    let mut longer = shared(vec![built_in]);
    longer.groups[0].group.segments = vec![segment(0, 3, 4)];
    longer.strips[0].strip.pixels = 5;
    let mut bench = Bench::ready(longer);
    shutdown(&mut bench);
    assert_eq!(bench.pixels(), [B, B, B, B, G]);
    // An alarm of its own covers that of the lower group.
    let own = vec![part(State::Error, solid(GREEN), "solid green")];
    let mut bench = Bench::ready(shared(own));
    shutdown(&mut bench);
    assert_eq!(bench.pixels(), [B, G, G, B]);
}

#[test]
fn groups_are_drawn_in_their_order() {
    let scene = |color| vec![part(State::Idle, solid(color), "")];
    let at = |name, over: &[usize], color| GroupPlan {
        over: over.to_vec(),
        ..group(name, &[segment(0, 0, 1)], scene(color))
    };
    for (overs, expected) in [
        ([vec![1], vec![2], vec![]], R),
        ([vec![], vec![0], vec![0, 1]], B),
        ([vec![2], vec![0, 2], vec![]], G),
    ] {
        let groups = vec![
            at("a", &overs[0], RED),
            at("b", &overs[1], GREEN),
            at("c", &overs[2], BLUE),
        ];
        assert_eq!(Bench::ready(plan(groups)).pixels(), [expected; 2]);
    }
}

#[test]
fn brightness_dims_each_group_by_itself() {
    let mut plan = shared(vec![part(State::Idle, solid(GREEN), "solid green")]);
    plan.groups[0].brightness = 0.5;
    plan.groups[1].brightness = 0.25;
    let bench = Bench::ready(plan);
    assert_eq!(
        bench.pixels(),
        [[64, 0, 0], [0, 128, 0], [0, 128, 0], [64, 0, 0]]
    );
}

#[test]
fn painted_pixels_cover_both_groups() {
    let mut bench = Bench::ready(shared(vec![part(State::Idle, solid(GREEN), "solid green")]));
    let white = [255, 255, 255, 0];
    bench.renderer.paint(0, &[[0; 4], white, [0; 4], white]);
    bench.wait(0.02);
    assert_eq!(bench.pixels(), [R, [255; 3], G, [255; 3]]);
    // A flash covers painted pixels; where it shows nothing, they stay.
    let flash = Override {
        effect: first_pixel(solid(BLUE)),
        fade: Some(Span::ZERO),
        duration: Some(Span::from_secs(1.0)),
        ..*command(BLUE, "solid blue pixels=1")
    };
    bench.renderer.flash(bench.now, 0, Box::new(flash));
    bench.wait(0.5);
    assert_eq!(bench.pixels(), [R, B, R, [255; 3]]);
}

#[test]
fn still_groups_are_still() {
    let mut bench = Bench::ready(shared(vec![part(State::Idle, solid(GREEN), "solid green")]));
    assert_ne!(bench.renderer.render(bench.now), Motion::Moving);
}

#[test]
fn a_reload_changes_the_order() {
    let scenes = || vec![part(State::Idle, solid(GREEN), "solid green")];
    let mut bench = Bench::ready(shared(scenes()));
    let mut plan = shared(scenes());
    plan.groups[0].over = Vec::new();
    plan.groups[0].group.segments = vec![segment(0, 4, 5)];
    plan.strips[0].strip.pixels = 6;
    bench.renderer.replace(bench.now, Arc::new(plan));
    bench.wait(1.0);
    assert_eq!(bench.pixels(), [R, R, R, R, G, G]);
    bench
        .renderer
        .replace(bench.now, Arc::new(shared(Vec::new())));
    // The effect of the old plan fades out over the lower group.
    bench.wait(FADE.as_secs() / 2.0);
    let fading = bench.pixels()[1];
    assert!(fading[0] > 0 && fading[1] > 0, "{fading:?}");
    bench.wait(1.0);
    assert_eq!(bench.pixels(), [R; 4]);
    bench
        .renderer
        .replace(bench.now, Arc::new(shared(scenes())));
    bench.wait(1.0);
    assert_eq!(bench.pixels(), [R, G, G, R]);
}
