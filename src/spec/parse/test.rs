//! Tests of the parser for effect specs.

use super::*;
use crate::color::Color;
use crate::effect::EffectSettings;
use crate::effect::chase::ChaseSettings;
use crate::effect::comet::CometSettings;
use crate::effect::progress::ProgressSettings;
use crate::effect::pulse::PulseSettings;
use crate::effect::solid::SolidSettings;
use crate::effect::thermal::ThermalSettings;

fn parsed(text: &str) -> ParsedEffect {
    ParsedEffect::parse(text, &EffectNames::default()).unwrap()
}

fn settings<T: EffectSettings + Clone>(text: &str) -> T {
    parsed(text).settings().of::<T>().unwrap().clone()
}

fn problems(text: &str) -> Vec<String> {
    ParsedEffect::parse(text, &EffectNames::default()).unwrap_err()
}

#[test]
fn a_positional_color_sets_the_color_of_the_effect() {
    let orange = Color::rgb(1.0, 0.5, 0.0);
    for text in [
        "pulse orange",
        "pulse: orange",
        "pulse:orange",
        "  pulse :  Orange ",
        "pulse 1.0,0.5,0",
        "pulse 1.0 , 0.5, 0",
        "pulse color=orange",
        "pulse base_color = orange",
    ] {
        let settings: PulseSettings = settings(text);
        assert_eq!(settings.colors.first(), orange, "{text}");
    }
    assert_eq!(
        settings::<SolidSettings>("solid ff8800").colors.first(),
        Color::rgb(1.0, 136.0 / 255.0, 0.0)
    );
    assert_eq!(
        settings::<SolidSettings>("solid 112233").colors.first(),
        Color::rgb(17.0 / 255.0, 34.0 / 255.0, 51.0 / 255.0)
    );
}

#[test]
fn the_syntax_of_lumen_for_thermal_and_progress_is_read() {
    let thermal: ThermalSettings = settings("thermal bed ice lava 2.5");
    assert_eq!(thermal.source, "bed");
    assert_eq!(thermal.start_color, Color::rgb(0.7, 0.9, 1.0));
    assert_eq!(thermal.end_color, Color::rgb(1.0, 0.2, 0.0));
    assert!((thermal.gradient_curve - 2.5).abs() < f32::EPSILON);
    let progress: ProgressSettings = settings("progress steel matrix 1.5");
    assert_eq!(progress.start_color, Color::rgb(0.5, 0.5, 0.6));
    assert!((progress.gradient_curve - 1.5).abs() < f32::EPSILON);
    assert_eq!(
        settings::<ThermalSettings>("thermal ice lava").source,
        "extruder"
    );
}

#[test]
fn thermal_takes_a_curve_a_range_or_both() {
    let numbers = |text| {
        let it: ThermalSettings = settings(text);
        (it.gradient_curve, it.low_c, it.high_c)
    };
    assert_eq!(numbers("thermal chamber 1.5"), (1.5, None, None));
    assert_eq!(
        numbers("thermal chamber ice lava 20 60"),
        (2.0, Some(20.0), Some(60.0))
    );
    assert_eq!(
        numbers("thermal chamber ice lava 1.5 20 60"),
        (1.5, Some(20.0), Some(60.0))
    );
}

#[test]
fn a_source_can_be_a_full_object_name() {
    let text = "thermal heater_generic chamber ice lava";
    assert_eq!(
        settings::<ThermalSettings>(text).source,
        "heater_generic chamber"
    );
    assert_eq!(parsed(text).to_string(), text);
    assert_eq!(
        settings::<ThermalSettings>("thermal source=temperature_sensor pi curve=1").source,
        "temperature_sensor pi"
    );
}

#[test]
fn the_number_of_a_chase_is_its_position_in_the_ring() {
    assert_eq!(parsed("chase 2").ring(), Some(2));
    assert_eq!(parsed("chase red blue").ring(), None);
    assert_eq!(
        settings::<ChaseSettings>("chase 1 green").color_1,
        Color::rgb(0.0, 1.0, 0.0)
    );
}

#[test]
fn pairs_accept_full_and_short_names() {
    let short: CometSettings = settings("comet red tail=4 fade_rate=0.9");
    let full = settings("comet red comet_tail_length=4 comet_fade_rate=0.9");
    assert_eq!(short, full);
    assert_eq!(short.tail_length, 4);
}

#[test]
fn a_fade_and_a_duration_are_read() {
    let parsed = parsed("pulse red fade=1.5 duration=10");
    assert_eq!(parsed.fade(), Some(Span::from_secs(1.5)));
    assert_eq!(parsed.duration(), Some(Span::from_secs(10.0)));
}

#[test]
fn an_option_can_be_added_to_a_parsed_spec() {
    let added = parsed("pulse red").add("speed", "2").unwrap();
    assert_eq!(added.to_string(), "pulse red speed=2");
    let twice = added.add("color", "blue").unwrap_err();
    assert_eq!(twice, ["'color' is set twice"]);
}

#[test]
fn an_added_value_must_be_one_value() {
    let several = parsed("solid").add("color", "red blue").unwrap_err();
    assert_eq!(several, ["'color' takes one value, got 'red blue'"]);
    let full = parsed("thermal")
        .add("source", "heater_generic oven")
        .unwrap();
    assert_eq!(full.to_string(), "thermal source=heater_generic oven");
}

#[test]
fn every_invalid_token_is_named() {
    assert_eq!(
        problems("pulse rde sped=2 max=1.5"),
        [
            "unknown color 'rde' (did you mean 'red'?)",
            "'pulse' has no option 'sped' (did you mean 'speed'?)",
            "'max' must be from 0 to 1, got 1.5",
        ]
    );
}
