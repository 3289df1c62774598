//! Golden frames of options, and of looks that are common with klipper-led_effect.

use super::{Options, frames, plan, plan_of};
use lumen::find_effect;

/// Options that change the look of an effect, one golden frame for each.
const VARIANTS: &[(&str, &str, Options)] = &[
    (
        "gradient-still",
        "gradient",
        &[("speed", "0"), ("palette", "red, lime, blue")],
    ),
    (
        "gradient-reverse",
        "gradient",
        &[("direction", "reverse"), ("speed", "0.5")],
    ),
    ("comet-mirror", "comet", &[("mirror", "yes")]),
    (
        "comets-repeat",
        "comets",
        &[("repeat", "2"), ("comet_count", "1")],
    ),
    ("wipe-spacing", "wipe", &[("spacing", "1")]),
    (
        "pattern-moving",
        "pattern",
        &[("speed", "2"), ("palette", "red, red, white")],
    ),
    ("candle-each", "candle", &[("candle_each", "yes")]),
    ("fire-source", "fire", &[("temp_source", "bed")]),
    (
        "temperature-low",
        "temperature",
        &[("range_min", "100"), ("palette", "blue")],
    ),
    (
        "progress-marker",
        "progress",
        &[("bar_trailing", "2"), ("bar_leading", "1")],
    ),
    (
        "progress-background",
        "progress",
        &[("background", "0.1, 0.1, 0.1")],
    ),
    ("progress-whole", "progress", &[("bar_partial", "no")]),
    ("thermal-background", "thermal", &[("background", "blue")]),
    (
        "axis-marker",
        "axis",
        &[("bar_trailing", "1"), ("bar_leading", "1")],
    ),
];

#[test]
fn golden_frames_of_options() {
    for (name, effect, options) in VARIANTS {
        let options: Vec<_> = options
            .iter()
            .map(|(name, text)| (*name, (*text).to_owned()))
            .collect();
        let effect = find_effect(effect).unwrap();
        insta::assert_snapshot!(*name, frames(&plan(effect, &options)));
    }
}

/// Common looks of klipper-led_effect as effects, each of one layer.
const LOOKS: &[(&str, &str)] = &[
    (
        "sunset_bar",
        "gradient red (1.0, 0.4, 0.0) (1.0, 0.9, 0.0) speed=0.2",
    ),
    (
        "sunset_bar_back",
        "gradient red (1.0, 0.4, 0.0) (1.0, 0.9, 0.0) speed=0.2 direction=reverse",
    ),
    (
        "ember_breath",
        "breathing red (1.0, 0.4, 0.0) (1.0, 0.9, 0.0) speed=0.25",
    ),
    (
        "two_tone_comet",
        "comet white (0.0, 0.8, 1.0) (0.0, 0.0, 0.6) max=1.0",
    ),
    ("picket", "comets (0.2, 1.0, 0.2) (0.0, 0.2, 0.0)"),
    ("starfield", "twinkle white (0.6, 0.0, 1.0)"),
    (
        "thermometer",
        "heater extruder blue (0.0, 1.0, 0.0) red low=40",
    ),
    (
        "furnace",
        "fire black (0.8, 0.1, 0.0) (1.0, 0.6, 0.0) (1.0, 1.0, 0.6) source=bed low=30 max=1.0",
    ),
    (
        "fill_on_dim",
        "progress (0.0, 0.6, 0.0) (0.0, 0.3, 0.0) background=(0.1, 0.1, 0.1)",
    ),
    ("marker", "progress white white trailing=2 leading=1"),
    ("axis_x", "stepper x (0.0, 0.4, 1.0) (0.0, 0.4, 1.0)"),
    ("blinker", "blink red"),
    (
        "slow_fade",
        "linearfade red (0.0, 1.0, 0.0) blue speed=0.08333",
    ),
    ("stripes", "pattern red red white speed=1"),
    ("scanner", "cylon red"),
    ("tri_gradient_still", "static red (0.0, 1.0, 0.0) blue"),
];

#[test]
fn golden_frames_of_looks() {
    for (name, spec) in LOOKS {
        insta::assert_snapshot!(format!("look-{name}"), frames(&plan_of(spec)));
    }
}
