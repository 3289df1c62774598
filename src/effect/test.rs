//! Helpers for the unit tests of the effects.

use super::options::OptionKind::{
    Above, Color as ColorKind, Count, Endstops, Number, Palette, Source,
};
use super::{
    AnySettings, Canvas, Context, EFFECTS, EffectPlan, EffectSpec, Motion, PlannedInput, find,
};
use crate::color::{Color, PaletteNames};
use crate::input::Inputs;
use crate::time::Time;

/// Returns the time at `seconds`.
pub(super) fn at(seconds: f64) -> Time {
    Time::from_secs(seconds)
}

/// Returns the plan of an effect with `name=value` options.
pub(super) fn plan(effect: &EffectSpec, options: &str) -> EffectPlan {
    let mut settings = (effect.defaults)();
    for pair in options.split_whitespace() {
        let (word, value) = pair.split_once('=').unwrap();
        let option = effect.option(word).unwrap();
        store(&mut settings, option.name, value).unwrap();
    }
    let input = PlannedInput::new(settings.input(), Some(0), 25.0, &[[0.0, 300.0]; 3]);
    EffectPlan {
        settings,
        input,
        ring: None,
    }
}

fn store(settings: &mut AnySettings, name: &str, text: &str) -> Result<(), String> {
    settings.store(name, text, &PaletteNames::default())
}

/// Draws one frame of a new effect; returns the canvas and the motion.
pub(super) fn draw_with(
    plan: &EffectPlan,
    pixels: usize,
    seconds: f64,
    inputs: &Inputs,
) -> (Vec<Color>, Motion) {
    let mut canvas = vec![Color::WHITE; pixels];
    let cx = context(seconds, inputs);
    let motion = plan
        .build(1, pixels)
        .draw(&mut Canvas::new(&mut canvas), &cx);
    (canvas, motion)
}

/// Returns the context of a frame `seconds` after the start.
pub(super) fn context(seconds: f64, inputs: &Inputs) -> Context<'_> {
    Context {
        now: at(seconds),
        start: at(0.0),
        inputs,
        source: Some(0),
    }
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
fn every_effect_is_found_by_its_name_and_builds_itself() {
    for effect in EFFECTS.iter().copied() {
        assert_eq!(find(effect.name), Some(effect));
        assert_eq!((effect.defaults)().spec(), effect);
        let (canvas, _) = draw_with(&plan(effect, ""), 5, 0.25, &Inputs::default());
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
    let is_level = |level: f32| (0.0..=1.0).contains(&level);
    let is_color = |it: Color| [it.r, it.g, it.b, it.w].into_iter().all(is_level);
    for effect in EFFECTS {
        let options = effect.options.iter();
        for option in options.filter(|it| matches!(it.kind, Above(_) | Number)) {
            for value in ["3.4e38", "1e-38", "-3.4e38"] {
                if option.kind.number(value).is_ok() {
                    let plan = plan(effect, &format!("{}={value}", option.name));
                    assert!(sampled_colors(&plan).all(is_color), "{plan:?}");
                }
            }
        }
    }
}

fn problem(effect: &str, option: &str, text: &str) -> String {
    let effect = find(effect).unwrap();
    let option = effect.option(option).unwrap();
    store(&mut (effect.defaults)(), option.name, text).unwrap_err()
}

#[test]
fn every_option_is_described_and_its_default_is_valid() {
    for effect in EFFECTS {
        assert!(!effect.help.is_empty() && !effect.example.text.is_empty());
        for option in effect.options {
            let name = (effect.name, option.name);
            assert!(!option.help.is_empty(), "{name:?}");
            let mut settings = (effect.defaults)();
            if option.default.is_empty() {
                let can_be_unset = matches!(
                    option.kind,
                    Number | Above(_) | Palette | Count(..) | ColorKind | Source | Endstops
                );
                assert!(can_be_unset, "{name:?}");
            } else {
                assert_eq!(
                    store(&mut settings, option.name, option.default),
                    Ok(()),
                    "{name:?}"
                );
                assert_eq!(settings, (effect.defaults)(), "{name:?}");
            }
        }
    }
}

#[test]
fn no_two_options_of_an_effect_share_a_name() {
    for effect in EFFECTS {
        let options = effect.options.iter().chain(super::transform::OPTIONS);
        let words: Vec<&str> = options
            .flat_map(|option| [option.name, option.short])
            .filter(|word| !word.is_empty())
            .collect();
        for (index, word) in words.iter().enumerate() {
            assert!(!words[..index].contains(word), "{word} of {}", effect.name);
        }
    }
}

#[test]
fn every_argument_sets_an_option_of_the_effect() {
    for effect in EFFECTS {
        let arguments = &effect.arguments;
        let numbers = arguments.numbers.iter().copied().flatten();
        let names = arguments.colors.iter().chain(numbers).copied();
        for name in names.chain(arguments.source).chain(arguments.axis) {
            let is_option = effect.options.iter().any(|option| option.name == name);
            assert!(is_option, "{name} of {}", effect.name);
        }
        let takes_none = *arguments == super::Arguments::NONE;
        assert_eq!(arguments.usage.is_empty(), takes_none, "{}", effect.name);
    }
}

#[test]
fn a_value_is_stored_only_in_its_own_option() {
    for effect in EFFECTS {
        for option in effect.options.iter().chain(super::transform::OPTIONS) {
            let (mut settings, value) = ((effect.defaults)(), valid_value(option));
            store(&mut settings, option.name, value).unwrap();
            assert_ne!(settings, (effect.defaults)(), "{}", option.name);
            store(&mut settings, option.name, option.default).unwrap_or_default();
            if !option.default.is_empty() {
                assert_eq!(settings, (effect.defaults)(), "{}", option.name);
            }
        }
    }
}

/// Returns a value that is no default.
fn valid_value(option: &super::options::OptionSpec) -> &'static str {
    use super::options::OptionKind::{
        Axis, Bool, Choice, Color, Colors, Count, Endstops, OneAxis, Pixels, Source, Within,
    };
    match option.kind {
        Bool if option.default == "yes" => "no",
        Bool => "yes",
        Above(_) | Within(..) | Number => "0.93",
        Count(..) => "17",
        Color | Colors => "0.1,0.2,0.3",
        Palette => "sakura",
        Axis | OneAxis | Endstops => "z",
        Choice(words) => words[1],
        Source => "heater_generic oven",
        Pixels => "1-5",
    }
}

#[test]
fn an_error_names_the_valid_values() {
    assert_eq!(problem("pulse", "speed", "-1"), "must be above 0, got -1");
    assert_eq!(
        problem("pulse", "speed", "fast"),
        "must be a number, got 'fast'"
    );
    assert_eq!(
        problem("pulse", "max", "50%"),
        "must be a number, got '50%'; write 0.5"
    );
    assert_eq!(
        problem("pulse", "speed", "1,5"),
        "must be a number, got '1,5'; write 1.5"
    );
    assert_eq!(
        problem("pulse", "max", "1.5"),
        "must be from 0 to 1, got 1.5"
    );
    assert_eq!(
        problem("disco", "max_sparkle", "0"),
        "must be a whole number from 1 to 10000, got 0"
    );
    assert_eq!(
        problem("kitt", "axis", "q"),
        "must be none, x, y or z, got 'q'"
    );
    assert_eq!(
        problem("kitt", "color", "rde"),
        "unknown color 'rde' (did you mean 'red'?)"
    );
}

#[test]
fn nan_and_infinity_are_not_numbers() {
    assert_eq!(
        problem("pulse", "min", "nan"),
        "must be a number, got 'nan'"
    );
    assert_eq!(
        problem("pulse", "speed", "inf"),
        "must be a number, got 'inf'"
    );
}
