//! When the renderer wants to be called again.

use super::{Bench, at, bed, effect, group, one_pixel, part, plan, segment};
use lumen::effect::{EffectKind, Motion};
use lumen::state::{Event, State};
use lumen::time::Span;

#[test]
fn a_still_scene_waits_for_the_next_state() {
    let mut bench = Bench::ready(one_pixel());
    assert_eq!(bench.renderer.render(bench.now), Motion::Until(at(300.0)));
    bench.now = at(300.0);
    assert_eq!(bench.renderer.render(bench.now), Motion::Until(at(900.0)));
    assert_eq!(bench.renderer.state(), State::Bored);
    bench.now = at(900.0);
    assert_eq!(bench.renderer.render(bench.now), Motion::Still);
    assert_eq!(bench.renderer.state(), State::Sleep);
}

#[test]
fn a_fade_moves_until_it_is_over() {
    let mut bench = Bench::ready(one_pixel());
    bench.sample(&bed(22.0, 60.0));
    let begin = bench.now;
    assert_eq!(bench.renderer.render(begin), Motion::Moving);
    let almost = begin + Span::from_millis(399);
    assert_eq!(bench.renderer.render(almost), Motion::Moving);
    let end = begin + Span::from_millis(400);
    assert_eq!(bench.renderer.render(end), Motion::Still);
}

#[test]
fn an_effect_that_moves_moves_the_renderer() {
    let scene = part(State::Idle, effect(EffectKind::Rainbow), "rainbow");
    let mut bench = Bench::ready(plan(vec![group("case", &[segment(0, 0, 9)], vec![scene])]));
    assert_eq!(bench.renderer.render(bench.now), Motion::Moving);
}

#[test]
fn a_fault_shows_in_the_very_next_frame() {
    let mut bench = Bench::ready(one_pixel());
    let before = bench.pixel();
    bench.event(Event::Shutdown);
    bench.now += Span::from_nanos(16_666_667);
    bench.renderer.render(bench.now);
    assert_ne!(bench.pixel(), before);
}

#[test]
fn time_never_goes_back() {
    let mut bench = Bench::ready(one_pixel());
    bench.sample(&bed(22.0, 60.0));
    bench.wait(1.0);
    bench.renderer.event(at(0.0), Event::Activity);
    bench.renderer.render(at(0.0));
    assert_eq!(bench.pixel(), [0, 255, 0]);
}
