//! Tests of the parser for effect specs.

use super::*;
use crate::color::Color;
use crate::effect::EffectSettings;
use crate::effect::chase::ChaseSettings;
use crate::effect::comet::CometSettings;
use crate::effect::fire::FireSettings;
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

fn add(effect: ParsedEffect, key: &str, value: &str) -> Result<ParsedEffect, Vec<String>> {
    effect.add(key, value, &PaletteNames::default())
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
    assert_eq!(thermal.gradient_curve, Some(2.5));
    let progress: ProgressSettings = settings("progress steel matrix 1.5");
    assert_eq!(progress.start_color, Color::rgb(0.5, 0.5, 0.6));
    assert_eq!(progress.gradient_curve, Some(1.5));
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
    assert_eq!(numbers("thermal chamber 1.5"), (Some(1.5), None, None));
    assert_eq!(
        numbers("thermal chamber ice lava 20 60"),
        (None, Some(20.0), Some(60.0))
    );
    assert_eq!(
        numbers("thermal chamber ice lava 1.5 20 60"),
        (Some(1.5), Some(20.0), Some(60.0))
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

fn palette(text: &str) -> Vec<Color> {
    let names = PaletteNames::default();
    names.parse_palette(text).unwrap().colors().collect()
}

#[test]
fn several_colors_are_separated_by_spaces_or_commas() {
    let three = palette("red yellow green");
    for text in [
        "pulse red yellow green",
        "pulse: red, yellow, green",
        "pulse color=red,yellow,green",
        "pulse (1,0,0),(1,1,0),(0,1,0)",
        "pulse ff0000 hsv(60, 100%, 100%) rgb(0 255 0)",
        "pulse 1, 0, 0  1, 1, 0  0, 1, 0",
    ] {
        let settings: PulseSettings = settings(text);
        assert_eq!(
            settings.colors.colors().collect::<Vec<_>>(),
            three,
            "{text}"
        );
        let again = parsed(&parsed(text).to_string());
        assert_eq!(again.settings(), parsed(text).settings(), "{text}");
    }
    let added = add(parsed("pulse"), "color", "red yellow  green").unwrap();
    assert_eq!(added.to_string(), "pulse color=red,yellow,green");
    let added = add(parsed("pulse"), "color", "1,0,0 yellow").unwrap();
    assert_eq!(added.to_string(), "pulse color=(1,0,0),yellow");
}

#[test]
fn a_palette_is_written_by_its_name() {
    let party = palette("party");
    for text in [
        "comet party",
        "comet Party",
        "comet color=party",
        "comet palette = party",
    ] {
        let settings: CometSettings = settings(text);
        let colors = settings.palette.unwrap_or(settings.colors);
        assert_eq!(colors.colors().collect::<Vec<_>>(), party, "{text}");
    }
    let ocean: CometSettings = settings("comet ocean");
    assert_eq!(ocean.colors, Color::rgb(0.0, 0.4, 0.8).into());
    let ocean: CometSettings = settings("comet palette=ocean");
    assert_eq!(ocean.palette.map(|it| it.len()), Some(5));
    let lava: FireSettings = settings("fire lava");
    assert_eq!(lava.palette.map(|it| it.len()), Some(5));
}

#[test]
fn more_colors_than_two_or_a_palette_are_the_palette_of_a_bar() {
    let bar = |text| {
        let it: ThermalSettings = settings(text);
        let palette = it.palette.map(|it| it.colors().collect::<Vec<_>>());
        (it.source, palette, it.low_c)
    };
    let bed = || "bed".to_owned();
    assert_eq!(bar("thermal bed ice, lava"), (bed(), None, None));
    let three = palette("blue green red");
    let (source, colors, low_c) = bar("thermal bed blue green red 20 60");
    assert_eq!((source, colors, low_c), (bed(), Some(three), Some(20.0)));
    let heat = Some(palette("heat"));
    assert_eq!(bar("thermal bed heat"), (bed(), heat.clone(), None));
    assert_eq!(bar("thermal heat"), ("extruder".to_owned(), heat, None));
    let chase: ChaseSettings = settings("chase 1 red yellow blue");
    assert_eq!(chase.palette.map(|it| it.len()), Some(3));
}

#[test]
fn colors_replace_the_palette_of_a_variant() {
    let mut names = EffectNames::default();
    let mut variant = names.settings("progress").unwrap().clone();
    variant.store("palette", "heat", names.palettes()).unwrap();
    names.define("hot", variant);
    let bar = |text| {
        let parsed = ParsedEffect::parse(text, &names).unwrap();
        parsed.settings().of::<ProgressSettings>().unwrap().clone()
    };
    assert!(bar("hot").palette.is_some());
    assert_eq!(bar("hot red").palette, None);
    assert_eq!(bar("hot ocean aqua").end_color, Color::rgb(0.0, 1.0, 0.8));
}

#[test]
fn pairs_accept_full_and_short_names() {
    let short: CometSettings = settings("comet red tail=4 fade_rate=0.9");
    let full = settings("comet red comet_tail_length=4 comet_fade_rate=0.9");
    assert_eq!(short, full);
    assert_eq!(short.tail_length, Some(4));
}

#[test]
fn a_fade_and_a_duration_are_read() {
    let parsed = parsed("pulse red fade=1.5 duration=10");
    assert_eq!(parsed.fade(), Some(Span::from_secs(1.5)));
    assert_eq!(parsed.duration(), Some(Span::from_secs(10.0)));
}

#[test]
fn an_option_can_be_added_to_a_parsed_spec() {
    let added = add(parsed("pulse red"), "speed", "2").unwrap();
    assert_eq!(added.to_string(), "pulse red speed=2");
    let twice = add(added, "color", "blue").unwrap_err();
    assert_eq!(twice, ["'color' is set twice"]);
}

#[test]
fn an_added_value_must_be_one_value() {
    let several = add(parsed("pulse"), "speed", "1 2").unwrap_err();
    assert_eq!(several, ["'speed' takes one value, got '1 2'"]);
    let full = add(parsed("thermal"), "source", "heater_generic oven").unwrap();
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

#[test]
fn every_effect_takes_a_direction_copies_and_gaps() {
    let spec = "comet red direction=reverse mirror=yes repeat=2 spacing=1";
    assert_eq!(parsed(spec).to_string(), spec);
    let word = parsed("comet mirror red");
    assert_eq!(word.settings(), parsed("comet red mirror=yes").settings());
    assert_eq!(word.to_string(), "comet mirror=yes red");
    assert_ne!(word.settings(), parsed("comet red").settings());
    assert_eq!(
        problems("comet direction=back"),
        ["'direction' must be standard or reverse, got 'back'"]
    );
    assert_eq!(
        problems("comet repeat=0"),
        ["'repeat' must be a whole number from 1 to 1000, got 0"]
    );
    assert_eq!(
        problems("comet mirror=maybe"),
        ["'mirror' must be yes or no, got 'maybe'"]
    );
}

#[test]
fn the_layers_of_led_effect_are_effects() {
    for (alias, effect) in [
        ("breathing red", "pulse red min=0 max=1"),
        ("static red blue", "solid red blue"),
        ("linearfade red blue", "fade red blue"),
        ("Cylon red", "kitt red eye=1"),
        (
            "heater bed red blue",
            "temperature bed red blue dark_when_off=yes",
        ),
        ("heaterfire source=bed", "fire source=bed"),
        ("heatergauge bed", "thermal bed"),
        ("stepper y red", "axis y red"),
        (
            "steppercolor z black white",
            "position axis=z palette=black,white",
        ),
    ] {
        let (alias, effect) = (parsed(alias), parsed(effect));
        assert_eq!(alias.settings(), effect.settings());
        assert_eq!(parsed(&alias.to_string()), alias);
    }
    // The names of effects keep their meaning.
    assert_eq!(parsed("chase 1").spec().name, "chase");
}
