//! Tests of the blend modes.

use super::*;
use proptest::prelude::*;

fn of(name: &str, t: f32, b: f32) -> f32 {
    find(name).unwrap().channel(t, b)
}

fn close(a: f32, b: f32) -> bool {
    (a - b).abs() < 1e-5
}

#[test]
fn the_formulas_are_those_of_the_textbooks() {
    for (name, t, b, expected) in [
        ("over", 0.3, 0.8, 0.3),
        ("top", 0.3, 0.8, 0.3),
        ("bottom", 0.3, 0.8, 0.8),
        ("add", 0.3, 0.6, 0.9),
        ("add", 0.7, 0.6, 1.0),
        ("average", 0.4, 0.8, 0.6),
        ("subtract", 0.3, 0.8, 0.5),
        ("subtract", 0.8, 0.3, 0.0),
        ("subtract_b", 0.8, 0.3, 0.5),
        ("difference", 0.3, 0.8, 0.5),
        ("difference", 0.8, 0.3, 0.5),
        ("multiply", 0.5, 0.6, 0.3),
        ("divide", 0.3, 0.6, 0.5),
        ("divide", 0.3, 0.0, 0.0),
        ("divide_inv", 0.6, 0.3, 0.5),
        ("divide_inv", 0.0, 0.3, 0.0),
        ("screen", 0.5, 0.6, 0.8),
        ("overlay", 0.6, 0.25, 0.3),
        ("overlay", 0.6, 0.75, 0.8),
        ("lighten", 0.3, 0.8, 0.8),
        ("darken", 0.3, 0.8, 0.3),
    ] {
        let found = of(name, t, b);
        assert!(close(found, expected), "{name}({t}, {b}) = {found}");
    }
}

#[test]
fn every_mode_has_a_name_of_its_own() {
    for blend in BLENDS {
        assert_eq!(find(blend.name), Some(blend));
        assert!(!blend.help.ends_with('.') && !blend.formula.is_empty());
    }
    assert_eq!(find("normal"), None);
}

fn any_channel() -> impl Strategy<Value = f32> {
    prop_oneof![
        0.0f32..=1.0,
        Just(0.0),
        Just(1.0),
        Just(f32::NAN),
        Just(-1e-6),
        Just(1e30)
    ]
}

fn level() -> impl Strategy<Value = f32> {
    prop_oneof![0.0f32..=1.0, Just(0.0), Just(1.0)]
}

proptest! {
    #[test]
    fn every_result_is_between_zero_and_one(
        mode in 0..BLENDS.len(), t in any_channel(), b in level(), opacity in level(), part in level(),
    ) {
        let blend = &BLENDS[mode];
        let mut below = [Color::rgbw(b, b, 0.5, b)];
        let colors = [Color::rgbw(t, 0.5, t, t)];
        blend.apply(&mut below, LayerLight { colors: &colors, coverage: &[part] }, opacity);
        for channel in [below[0].r, below[0].g, below[0].b, below[0].w] {
            prop_assert!((0.0..=1.0).contains(&channel), "{blend:?} gives {channel}");
        }
    }

    #[test]
    fn a_layer_without_opacity_changes_nothing(mode in 0..BLENDS.len(), t in level(), b in level()) {
        let below = Color::rgbw(b, t, b, 0.25);
        let shown = BLENDS[mode].color(Color::rgbw(t, t, 1.0, b), below, 0.0);
        prop_assert!(shown.distance(below) < 1e-6);
    }

    #[test]
    fn black_and_white_are_neutral_where_a_textbook_says_so(b in level()) {
        for name in ["add", "screen", "lighten", "subtract", "difference"] {
            prop_assert!(close(of(name, 0.0, b), b), "black {name} {b}");
        }
        for name in ["multiply", "darken"] {
            prop_assert!(close(of(name, 1.0, b), b), "white {name} {b}");
        }
        prop_assert!(close(of("overlay", 0.5, b), b));
        prop_assert!(close(of("difference", b, b), 0.0));
        prop_assert!(close(of("average", b, b), b));
    }

    #[test]
    fn the_order_does_not_matter_where_a_textbook_says_so(t in level(), b in level()) {
        for name in ["add", "average", "difference", "multiply", "screen", "lighten", "darken"] {
            prop_assert!(close(of(name, t, b), of(name, b, t)), "{name}");
        }
        prop_assert!(close(of("subtract", t, b), of("subtract_b", b, t)));
        prop_assert!(close(of("divide", t, b), of("divide_inv", b, t)));
    }

    #[test]
    fn an_uncovered_pixel_shows_what_is_below(b in level(), opacity in level()) {
        let mut below = [Color::rgb(b, 0.0, 1.0)];
        let colors = [Color::BLACK];
        OVER.apply(&mut below, LayerLight { colors: &colors, coverage: &[0.0] }, opacity);
        prop_assert_eq!(below[0], Color::rgb(b, 0.0, 1.0));
    }
}
