//! LEDs that Klipper drives: Klipper's own sections define their channels.

use super::{compiled, compiled_with, problems, warnings};
use lumen::{Compiled, PixelLeds, PixelLeds::Rgb, PixelLeds::Rgbw, PixelLeds::White};

const MIXED: &[&str] = &["GRB", "GRB", "GRB", "GRBW"];

/// Returns a strip of four LEDs in two groups with the given lines.
fn two_groups(first: &str, second: &str) -> String {
    format!(
        "[lumen]
        unmapped: default
        [lumen_group logo]
        driver: klipper
        neopixel: sb
        index_end: 2
        {first}
        [lumen_group nozzle]
        driver: klipper
        neopixel: sb
        index_start: 3
        index_end: 4
        {second}"
    )
}

fn leds(compiled: &Compiled, strip: usize) -> Vec<PixelLeds> {
    let strip = &compiled.plan.strips[strip];
    (0..strip.strip.pixels).map(|it| strip.leds(it)).collect()
}

#[test]
fn each_led_of_a_chain_has_its_own_channels() {
    let compiled = compiled_with(&two_groups("", ""), &[("neopixel sb", MIXED)]);
    assert_eq!(leds(&compiled, 0), [Rgb, Rgb, Rgb, Rgbw]);
    assert_eq!(warnings(&compiled), Vec::<String>::new());
}

#[test]
fn a_group_has_a_white_channel_if_all_its_leds_have_one() {
    let mixed: &[&str] = &["GRB", "GRB", "GRBW", "GRBW"];
    let compiled = compiled_with(&two_groups("", ""), &[("neopixel sb", mixed)]);
    let lights = &compiled.offer.lights;
    let channels: Vec<_> = lights.iter().map(|light| light.channels.name()).collect();
    assert_eq!(channels, ["RGB", "RGBW"]);
}

#[test]
fn a_color_order_that_klipper_defines_is_ignored_with_a_warning() {
    // The same for two that differ, and for an invalid one: an update must not stop a printer.
    let config = two_groups("color_order: GRBW", "color_order: GRB, GRBW");
    let compiled = compiled_with(&config, &[("neopixel sb", MIXED)]);
    assert_eq!(leds(&compiled, 0), [Rgb, Rgb, Rgb, Rgbw]);
    let ignored = |group| {
        format!(
            "Option 'color_order' in section 'lumen_group {group}' has no effect; [neopixel sb] \
             defines the channels of its LEDs"
        )
    };
    assert_eq!(warnings(&compiled), [ignored("logo"), ignored("nozzle")]);
}

#[test]
fn before_klipper_is_connected_the_color_order_is_used() {
    let order = |first: &str, second: &str| {
        let compiled = compiled(&two_groups(first, second));
        assert_eq!(warnings(&compiled), Vec::<String>::new());
        leds(&compiled, 0)
    };
    assert_eq!(order("", ""), [Rgb; 4]);
    assert_eq!(order("color_order: GRBW", "color_order: GRB"), [Rgbw; 4]);
    assert_eq!(order("color_order: GRB, GRBW", ""), [Rgb; 4]);
}

#[test]
fn leds_with_unknown_channels_are_rgb_by_default() {
    let of = |line: &str| {
        let config = format!(
            "[lumen]
            [lumen_group bar]
            driver: klipper
            led: pca9632 bar
            {line}"
        );
        let compiled = compiled_with(&config, &[("pca9632 bar", &[""])]);
        (leds(&compiled, 0), warnings(&compiled))
    };
    let warning = "Section 'lumen_group bar': Klipper does not know whether [pca9632 bar] has a \
                   white LED, so Lumen uses RGB; write 'color_order: RGBW' if it has one, else \
                   'color_order: RGB'";
    assert_eq!(of(""), (vec![Rgb], vec![warning.to_owned()]));
    assert_eq!(of("color_order: RGB"), (vec![Rgb], vec![]));
    assert_eq!(of("color_order: RGBW"), (vec![Rgbw], vec![]));
}

#[test]
fn a_strip_of_several_sections_has_the_channels_of_each() {
    let config = "[lumen]
        [lumen_strip rail]
        driver: klipper
        led: sb, led logo, dotstar bed
        count: 6
        [lumen_group rail]
        strip: rail";
    let facts: &[(&str, &[&str])] = &[
        ("dotstar bed", &["RGB", "RGB"]),
        ("led logo", &["W"]),
        ("neopixel sb", &["GRB", "GRBW", "GRB"]),
    ];
    let compiled = compiled_with(config, facts);
    assert_eq!(leds(&compiled, 0), [Rgb, Rgbw, Rgb, White, Rgb, Rgb]);
}

#[test]
fn a_lamp_on_an_led_section_has_its_channels() {
    let config = "[lumen]
        [lumen_group room]
        driver: pwm
        pin_name: ceiling";
    let compiled = compiled_with(config, &[("led ceiling", &["W"])]);
    assert_eq!(leds(&compiled, 0), [White]);
    assert_eq!(warnings(&compiled), Vec::<String>::new());
    let plain = compiled_with(config, &[("neopixel sb", MIXED)]);
    assert_eq!(leds(&plain, 0), [Rgb]);
}

#[test]
fn options_for_white_leds_are_warnings_only_if_klipper_has_none() {
    let of = |channels: &[&str]| {
        let config = two_groups("white: off", "");
        warnings(&compiled_with(&config, &[("neopixel sb", channels)]))
    };
    assert_eq!(of(MIXED), Vec::<String>::new());
    assert_eq!(
        of(&["GRB"; 4]),
        [
            "Option 'white' in section 'lumen_group logo' has no effect; Klipper's section of \
             this strip has no white LED"
        ]
    );
    assert_eq!(
        warnings(&compiled(&two_groups("white: off", ""))),
        Vec::<String>::new()
    );
}

#[test]
fn other_drivers_reject_an_invalid_order() {
    let config = "[lumen]\n[lumen_group a]\ndriver: memory\ncolor_order: GRB, GRBW";
    assert_eq!(
        problems(config),
        [
            "Option 'color_order' in section 'lumen_group a' must have R, G and B once and W at \
             most once, got 'GRB, GRBW'"
        ]
    );
}
