//! Helpers for the unit tests of the effects.

use super::options::{self, Settings};
use super::{Context, EffectKind, EffectPlan, Motion, build};
use crate::color::Color;
use crate::input::Inputs;
use crate::time::Time;

/// Returns the time at `seconds`.
pub(super) fn at(seconds: f64) -> Time {
    Time::from_secs(seconds)
}

/// Returns the plan of an effect with `name=value` options.
pub(super) fn plan(kind: EffectKind, options: &str) -> EffectPlan {
    let mut settings = Settings::defaults(kind);
    for pair in options.split_whitespace() {
        let (word, value) = pair.split_once('=').unwrap();
        let option = options::find(kind, word).unwrap();
        option.store(&mut settings, value).unwrap();
    }
    EffectPlan {
        kind,
        settings,
        source: Some(0),
        ring: None,
        travel_mm: [0.0, 300.0],
        floor_c: 25.0,
    }
}

/// Draws one frame of a new effect; returns the canvas and the motion.
pub(super) fn draw_with(
    plan: &EffectPlan,
    pixels: usize,
    seconds: f64,
    inputs: &Inputs,
) -> (Vec<Color>, Motion) {
    let mut canvas = vec![Color::WHITE; pixels];
    let cx = Context {
        now: at(seconds),
        start: at(0.0),
        inputs,
    };
    let motion = build(plan, 1).draw(&mut canvas, &cx);
    (canvas, motion)
}

/// Draws one frame of a new effect without inputs.
pub(super) fn draw(plan: &EffectPlan, pixels: usize, seconds: f64) -> Vec<Color> {
    draw_with(plan, pixels, seconds, &Inputs::default()).0
}

/// Returns the motion of a new effect without inputs.
pub(super) fn motion(plan: &EffectPlan, pixels: usize, seconds: f64) -> Motion {
    draw_with(plan, pixels, seconds, &Inputs::default()).1
}

/// Returns the red channel of a canvas, rounded to 1/10,000.
pub(super) fn levels(canvas: &[Color]) -> Vec<f32> {
    canvas
        .iter()
        .map(|color| (color.r * 1e4).round() / 1e4)
        .collect()
}

#[test]
fn every_effect_is_built_as_its_kind() {
    for kind in EffectKind::ALL {
        assert_eq!(EffectKind::parse(kind.name()), Some(kind));
        let (canvas, _) = draw_with(&plan(kind, ""), 5, 0.25, &Inputs::default());
        assert_eq!(canvas.len(), 5);
    }
}

/// Returns the colors of new effects at times up to 11 days.
fn sampled_colors(plan: &EffectPlan) -> impl Iterator<Item = Color> {
    [0.0, 0.4, 7.0, 1e6]
        .into_iter()
        .flat_map(|seconds| draw(plan, 6, seconds))
}

#[test]
fn extreme_numbers_still_give_valid_colors() {
    use options::OptionKind::{Above, Number};
    let is_level = |level: f32| (0.0..=1.0).contains(&level);
    let is_color = |it: Color| [it.r, it.g, it.b, it.w].into_iter().all(is_level);
    for kind in EffectKind::ALL {
        let open = options::for_effect(kind).filter(|it| matches!(it.kind, Above(_) | Number));
        for option in open {
            for value in ["3.4e38", "1e-38", "-3.4e38"] {
                if option.kind.number(value).is_ok() {
                    let plan = plan(kind, &format!("{}={value}", option.name));
                    assert!(sampled_colors(&plan).all(is_color), "{plan:?}");
                }
            }
        }
    }
}
