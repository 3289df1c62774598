//! Tests of painted frames from Klipper's own LED sections.

use super::{BLUE, Bench, command, group, one_pixel, part, plan, segment, solid, strip};
use super::{FADE, RED};
use lumen::{ColorOrder, Event, Motion, Plan, Shutdown, Span, State};
use std::sync::Arc;

const NOTHING: [u8; 4] = [0; 4];
const GREEN: [u8; 4] = [0, 255, 0, 0];

/// A strip of four pixels. A red group has the first two.
fn half() -> Plan {
    let scenes = vec![
        part(State::Idle, solid(RED), "solid red"),
        part(State::Error, solid(BLUE), "solid blue"),
    ];
    let mut plan = plan(vec![group("case", &[segment(0, 0, 1)], scenes)]);
    plan.strips = vec![strip("case", 4, ColorOrder::RGB)];
    plan
}

#[test]
fn painted_pixels_cover_a_group_unless_they_are_black() {
    let mut bench = Bench::ready(half());
    bench.renderer.paint(0, &[NOTHING, GREEN, GREEN, NOTHING]);
    bench.wait(0.02);
    let expected = [[255, 0, 0], [0, 255, 0], [0, 255, 0], [0; 3]];
    assert_eq!(bench.pixels(), expected);
    bench.renderer.paint(0, &[]);
    bench.wait(0.02);
    assert_eq!(bench.pixels(), [[255, 0, 0], [255, 0, 0], [0; 3], [0; 3]]);
}

#[test]
fn a_second_painted_frame_shows_over_a_still_group() {
    let mut bench = Bench::ready(half());
    bench.renderer.paint(0, &[GREEN, GREEN]);
    bench.wait(1.0);
    assert_ne!(bench.renderer.render(bench.now), Motion::Moving);
    bench.renderer.paint(0, &[[0, 0, 255, 0], GREEN]);
    bench.wait(0.02);
    assert_eq!(bench.pixels()[..2], [[0, 0, 255], [0, 255, 0]]);
}

#[test]
fn a_painted_frame_keeps_every_byte() {
    let mut plan = half();
    plan.groups.clear();
    let mut bench = Bench::ready(plan);
    for value in 0..=255 {
        bench.renderer.paint(0, &[[value, 255 - value, value, 0]]);
        bench.wait(0.02);
        assert_eq!(bench.pixel(), [value, 255 - value, value]);
    }
}

#[test]
fn a_painted_frame_may_be_longer_or_shorter_than_the_strip() {
    let mut bench = Bench::ready(half());
    bench.renderer.paint(0, &[GREEN; 9]);
    bench.wait(0.02);
    assert_eq!(bench.pixels(), [[0, 255, 0]; 4]);
    bench.renderer.paint(0, &[GREEN; 3]);
    bench.renderer.paint(7, &[GREEN; 3]);
    bench.wait(0.02);
    assert_eq!(bench.pixels()[2..], [[0, 255, 0], [0; 3]]);
}

#[test]
fn a_painted_frame_is_still() {
    let mut bench = Bench::ready(half());
    bench.renderer.paint(0, &[GREEN; 4]);
    bench.wait(0.02);
    assert_ne!(bench.renderer.render(bench.now), Motion::Moving);
    assert_eq!(bench.pixels(), [[0, 255, 0]; 4]);
}

#[test]
fn a_command_is_covered_too_and_its_fade_continues_below() {
    let mut bench = Bench::ready(half());
    bench.renderer.paint(0, &[GREEN, NOTHING]);
    bench.set(0, command(BLUE, "solid blue"));
    bench.wait(0.2);
    assert_eq!(bench.pixel(), [0, 255, 0]);
    assert!(bench.pixels()[1][2] > 0, "{:?}", bench.pixels());
    bench.wait(0.5);
    assert_eq!(bench.pixels()[..2], [[0, 255, 0], [0, 0, 255]]);
}

#[test]
fn an_alarm_covers_painted_frames() {
    let mut bench = Bench::ready(half());
    bench.renderer.paint(0, &[GREEN; 4]);
    bench.wait(0.02);
    bench.event(Event::Shutdown(Shutdown::Fault));
    bench.wait(1.0);
    let pixels = bench.pixels();
    assert_eq!(pixels, [[0, 0, 255], [0, 0, 255], [0, 255, 0], [0, 255, 0]]);
}

#[test]
fn a_painted_frame_is_switched_off_and_dimmed_with_everything() {
    let mut bench = Bench::ready(half());
    bench.renderer.paint(0, &[GREEN; 4]);
    bench.wait(0.02);
    bench.renderer.dim(bench.now, None, 0.5, Some(Span::ZERO));
    bench.wait(0.02);
    assert_eq!(bench.pixels(), [[0, 128, 0]; 4]);
    bench.renderer.switch(bench.now, None, false);
    bench.wait(1.0);
    assert_eq!(bench.pixels(), [[0; 3]; 4]);
    bench.renderer.switch(bench.now, None, true);
    bench.wait(1.0);
    assert_eq!(bench.pixels(), [[0, 128, 0]; 4]);
}

#[test]
fn a_painted_frame_is_kept_over_a_reload_by_the_name_of_its_strip() {
    let mut bench = Bench::ready(half());
    bench.renderer.paint(0, &[GREEN; 4]);
    bench.wait(0.02);
    let mut new = half();
    new.strips.insert(0, strip("top", 1, ColorOrder::RGB));
    new.groups[0].group.segments = vec![segment(1, 0, 1)];
    bench.renderer.replace(bench.now, Arc::new(new));
    bench.wait(FADE.as_secs() + 0.1);
    assert_eq!(bench.pixel(), [0; 3]);
    assert_eq!(bench.renderer.frame(1), [0, 255, 0].repeat(4));
}

#[test]
fn a_shown_effect_has_a_tint() {
    let mut bench = Bench::ready(one_pixel());
    assert_eq!(bench.renderer.shown(0).tint, RED);
    bench.set(0, command(BLUE, "solid blue"));
    assert_eq!(bench.renderer.shown(0).tint, BLUE);
}
