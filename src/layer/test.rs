//! Tests of the layers and fades of one group.

use super::*;
use crate::effect::solid::SolidSettings;
use crate::effect::{AnySettings, EffectPlan, PlannedInput};
use proptest::prelude::*;

const FADE: Span = Span::from_millis(400);

fn at(seconds: f64) -> Time {
    Time::from_secs(seconds)
}

fn solid(r: f32, g: f32, b: f32) -> StackPlan {
    let effect = EffectPlan {
        settings: AnySettings::new(SolidSettings::from(Color::rgb(r, g, b))),
        input: PlannedInput::None,
        ring: None,
    };
    effect.into()
}

/// A stack of one pixel and its time.
struct Bench {
    crossfade: Crossfade,
    inputs: Inputs,
    now: Time,
}

impl Bench {
    fn new() -> Self {
        Self {
            crossfade: Crossfade::new(1, false),
            inputs: Inputs::default(),
            now: Time::ZERO,
        }
    }

    fn show(&mut self, plan: &StackPlan, fade: Span) {
        let params = StartParams { seed: 1, fade };
        self.crossfade.show(self.now, plan, params);
    }

    fn draw(&mut self) -> DrawResult {
        self.crossfade.draw(self.now, &self.inputs, InputSet::NONE)
    }

    /// Advances the time in one step and returns the color.
    fn after(&mut self, seconds: f64) -> Color {
        self.now += Span::from_secs(seconds);
        self.draw();
        self.crossfade.canvas()[0]
    }
}

/// Returns the largest perceptual difference of two colors, 0.0-1.0.
fn jump(a: Color, b: Color) -> f32 {
    let root = |c: Color| Color::rgbw(c.r.sqrt(), c.g.sqrt(), c.b.sqrt(), c.w.sqrt());
    root(a).distance(root(b))
}

#[test]
fn a_fade_starts_fast_and_ends_smoothly() {
    let mut bench = Bench::new();
    bench.show(&solid(1.0, 1.0, 1.0), FADE);
    assert_eq!(bench.after(0.0), Color::BLACK);
    let first = bench.after(0.017).r;
    assert!(
        first > 0.5 / 255.0,
        "{first} is not visible in the first frame"
    );
    let almost = bench.after(0.366).r;
    assert!((0.99..1.0).contains(&almost), "{almost}");
    assert_eq!(bench.after(0.017), Color::WHITE);
}

#[test]
fn a_fade_of_zero_length_is_a_cut() {
    let mut bench = Bench::new();
    bench.show(&solid(1.0, 0.0, 0.0), Span::ZERO);
    assert_eq!(bench.after(0.0), Color::rgb(1.0, 0.0, 0.0));
}

#[test]
fn a_layer_that_is_covered_is_dropped() {
    let mut bench = Bench::new();
    bench.show(&solid(1.0, 0.0, 0.0), FADE);
    bench.after(1.0);
    bench.show(&solid(0.0, 1.0, 0.0), FADE);
    bench.after(0.2);
    assert_eq!(bench.crossfade.running.len(), 2);
    bench.after(0.2);
    assert_eq!(bench.crossfade.running.len(), 1);
}

#[test]
fn an_effect_of_the_stack_that_is_shown_again_keeps_its_phase() {
    let mut bench = Bench::new();
    let red = solid(1.0, 0.0, 0.0);
    bench.show(&red, FADE);
    bench.after(1.0);
    bench.show(&solid(0.0, 1.0, 0.0), FADE);
    let before = bench.after(0.2);
    bench.show(&red, FADE);
    assert_eq!(bench.after(0.0), before);
    assert_eq!(bench.crossfade.running[0].start, Time::ZERO);
    assert_eq!(bench.after(0.4), Color::rgb(1.0, 0.0, 0.0));
    assert_eq!(bench.crossfade.running.len(), 1);
}

#[test]
fn an_equal_plan_is_no_change() {
    let mut bench = Bench::new();
    let red = solid(1.0, 0.0, 0.0);
    bench.show(&red, FADE);
    bench.after(1.0);
    bench.show(&red, FADE);
    bench.after(0.1);
    assert_eq!(bench.crossfade.running.len(), 1);
    assert_eq!(bench.crossfade.running[0].start, Time::ZERO);
}

#[test]
fn a_shorter_fade_shortens_a_running_fade() {
    let mut bench = Bench::new();
    let red = solid(1.0, 0.0, 0.0);
    bench.show(&red, Span::from_secs(10.0));
    bench.after(1.0);
    bench.show(&red, Span::ZERO);
    assert_eq!(bench.after(0.0), Color::rgb(1.0, 0.0, 0.0));
}

#[test]
fn a_layer_that_was_never_drawn_is_dropped() {
    let mut bench = Bench::new();
    let red = solid(1.0, 0.0, 0.0);
    bench.show(&red, FADE);
    bench.after(1.0);
    bench.show(&solid(0.0, 1.0, 0.0), Span::ZERO);
    bench.show(&solid(0.0, 0.0, 1.0), FADE);
    assert_eq!(bench.after(0.0), Color::rgb(1.0, 0.0, 0.0));
    bench.after(1.0);
    bench.show(&solid(0.0, 1.0, 0.0), Span::ZERO);
    bench.show(&solid(0.0, 0.0, 1.0), FADE);
    assert_eq!(bench.after(0.0), Color::rgb(0.0, 0.0, 1.0));
}

#[test]
fn a_still_stack_is_drawn_once() {
    let mut bench = Bench::new();
    bench.show(&solid(1.0, 0.0, 0.0), FADE);
    let still = |changed| DrawResult {
        motion: Motion::Still,
        has_changed: changed,
    };
    bench.after(0.2);
    bench.now = at(0.4);
    assert_eq!(bench.draw(), still(true));
    bench.now = at(0.5);
    assert_eq!(bench.draw(), still(false));
}

#[test]
fn the_fallback_fades_in_from_what_was_shown() {
    let mut bench = Bench::new();
    bench.show(&solid(1.0, 0.0, 0.0), FADE);
    let before = bench.after(1.0);
    bench
        .crossfade
        .replace_with_fallback(bench.now, Color::WHITE, FADE);
    assert_eq!(bench.after(0.0), before);
    assert_eq!(bench.after(0.4), Color::WHITE);
}

#[test]
fn a_resized_stack_keeps_what_it_showed() {
    let mut bench = Bench::new();
    bench.show(&solid(1.0, 0.0, 0.0), FADE);
    bench.after(1.0);
    bench.crossfade.resize(2, false);
    bench.draw();
    let red = Color::rgb(1.0, 0.0, 0.0);
    assert_eq!(bench.crossfade.canvas(), [red, Color::BLACK]);
    bench.crossfade.resize(0, false);
    bench.draw();
    assert!(bench.crossfade.canvas().is_empty());
}

const STEP_S: f64 = 0.001;

/// Reversed fades are recomputed. A step of a strip is 40 times this.
const ROUNDING: f32 = 1e-4;

proptest! {
    #[test]
    fn an_interruption_never_jumps(
        shows in prop::collection::vec((0..6_u8, 20..600_u64, 1..500_u32), 1..24)
    ) {
        let mut bench = Bench::new();
        let mut last = bench.after(0.0);
        let mut shortest_s: f32 = 1.0;
        for (color, fade_ms, steps) in shows {
            let bit = |bit: u8| f32::from(((color + 1) >> bit) & 1);
            let fade = Span::from_millis(fade_ms);
            bench.show(&solid(bit(0), bit(1), bit(2)), fade);
            prop_assert!(bench.crossfade.running.len() <= MAX_RUNNING);
            prop_assert!(jump(last, bench.after(0.0)) <= ROUNDING);
            shortest_s = shortest_s.min(fade.as_secs() as f32);
            // A fade begins with twice its mean speed, and all layers may fade at once.
            let fastest = MAX_RUNNING as f32 * 2.0 / shortest_s;
            for _ in 0..steps {
                let color = bench.after(STEP_S);
                prop_assert!(jump(last, color) <= fastest * STEP_S as f32 + ROUNDING);
                last = color;
            }
        }
        let settled = bench.after(1.0);
        prop_assert_eq!(bench.after(1.0), settled);
        prop_assert_eq!(bench.crossfade.running.len(), 1);
    }
}
