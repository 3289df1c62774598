//! Tests of where colors are written, and as which bytes.

use super::{Bench, RED, at, group, part, plan, segment, solid, strip};
use lumen::{Color, ColorOrder, PaletteNames, State};

#[test]
fn pixels_without_a_group_are_dark() {
    let mut plan = plan(vec![group(
        "case",
        &[segment(0, 1, 2)],
        vec![part(State::Idle, solid(RED), "solid red")],
    )]);
    plan.strips[0].strip.pixels = 4;
    let bench = Bench::ready(plan);
    assert_eq!(
        bench.pixels(),
        [[0, 0, 0], [255, 0, 0], [255, 0, 0], [0, 0, 0]]
    );
}

#[test]
fn a_group_may_span_strips_of_different_channel_orders() {
    let mut plan = plan(vec![group(
        "case",
        &[segment(0, 0, 0), segment(1, 1, 1)],
        vec![part(
            State::Idle,
            solid(Color::rgbw(1.0, 0.5, 0.0, 0.25)),
            "solid amber",
        )],
    )]);
    let grbw = ColorOrder::parse("GRBW").unwrap();
    plan.strips[0].strip.pixels = 1;
    plan.strips.push(strip("top", 2, grbw));
    let bench = Bench::ready(plan);
    assert_eq!(bench.renderer.frame(0), [255, 128, 0]);
    assert_eq!(bench.renderer.frame(1), [0, 0, 0, 0, 128, 255, 0, 64]);
    assert_eq!(bench.renderer.rgbw(0), [[255, 128, 0, 0]]);
    assert_eq!(bench.renderer.rgbw(1)[1], [255, 128, 0, 64]);
}

#[test]
fn reverse_mirrors_an_effect() {
    let mut rainbow = super::effect("rainbow");
    let palettes = PaletteNames::default();
    rainbow
        .settings
        .store("rainbow_spread", "0.5", &palettes)
        .unwrap();
    let scene = vec![part(State::Idle, rainbow, "rainbow")];
    let forward = plan(vec![group("case", &[segment(0, 0, 9)], scene)]);
    let mut reversed = forward.clone();
    reversed.groups[0].group.reverse = true;
    let mut expected = Bench::ready(forward).pixels();
    expected.reverse();
    assert_eq!(Bench::ready(reversed).pixels(), expected);
}

#[test]
fn group_and_global_brightness_dim_together() {
    let mut plan = plan(vec![group(
        "case",
        &[segment(0, 0, 0)],
        vec![part(State::Idle, solid(RED), "solid red")],
    )]);
    plan.brightness = 0.5;
    plan.groups[0].brightness = 0.5;
    assert_eq!(Bench::ready(plan).pixel(), [64, 0, 0]);
}

#[test]
fn unknown_strips_and_groups_are_empty() {
    let mut bench = Bench::ready(plan(Vec::new()));
    assert!(bench.renderer.frame(0).is_empty());
    assert!(bench.renderer.frame(9).is_empty());
    assert!(bench.renderer.rgbw(9).is_empty());
    assert_eq!(bench.renderer.shown(9).text, "");
    bench.set(9, super::command(RED, "solid red"));
    bench.renderer.clear(at(2.0), Some(9));
    bench.renderer.replace_with_fallback(9);
}

#[test]
fn the_same_seed_gives_the_same_frames() {
    let frames = || {
        let kinds = ["fire", "disco", "chase"];
        let groups = kinds.iter().enumerate().map(|(index, kind)| {
            let segments = [segment(0, index * 20, index * 20 + 19)];
            let scene = part(State::Idle, super::effect(kind), kind);
            group(kind, &segments, vec![scene])
        });
        let mut bench = Bench::ready(plan(groups.collect()));
        bench.wait(5.0);
        bench.pixels()
    };
    assert_eq!(frames(), frames());
}
