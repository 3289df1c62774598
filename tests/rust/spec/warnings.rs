//! Warnings.

use super::{compiled, group, warnings};
use lumen::State;

#[test]
fn obsolete_options_of_lumen_1_give_advice() {
    let compiled = compiled(
        "[lumen]
        max_brightness: 0.4
        update_rate: 0.1
        update_rate_printing: 5.0
        profiling_enabled: True
        config_path: ~/lumen.cfg",
    );
    assert_eq!(
        warnings(&compiled),
        [
            "Option 'config_path' in section 'lumen' has no effect; Lumen's sections are in printer.cfg or a file that it includes",
            "Option 'max_brightness' in section 'lumen' has no effect; use 'brightness'",
            "Option 'profiling_enabled' in section 'lumen' has no effect; run LUMEN_STATUS PROFILE=1 to measure",
            "Option 'update_rate' in section 'lumen' has no effect; Lumen sends a frame when something changes",
            "Option 'update_rate_printing' in section 'lumen' has no effect; Lumen sends a frame when something changes",
        ]
    );
}

#[test]
fn options_of_other_effects_give_a_warning() {
    let compiled = compiled(
        "[lumen]
        [lumen_effect thermal]
        speed: 1.0
        gradient_curve: 2.0",
    );
    assert_eq!(
        warnings(&compiled),
        [
            "Option 'speed' in section 'lumen_effect thermal' has no effect; 'thermal' does not read it"
        ]
    );
}

#[test]
fn options_of_other_drivers_give_a_warning() {
    let compiled = compiled(&group(
        "proxy_host: 127.0.0.1\nneopixel: case\non_error: solid red",
    ));
    assert_eq!(
        warnings(&compiled),
        [
            "Option 'neopixel' in section 'lumen_group case' has no effect with 'driver: gpio'",
            "Option 'proxy_host' in section 'lumen_group case' has no effect with 'driver: gpio'",
        ]
    );
}

#[test]
fn groups_with_another_look_than_in_lumen_1_are_listed_once() {
    let changes = |lines: &str, all: &str| {
        let config = format!(
            "{}\n[lumen_group lid]\ndriver: memory\n{lines}",
            group(lines)
        );
        let old = format!("[lumen]\nupdate_rate: 0.1\n{all}");
        let mut warnings = warnings(&compiled(&config.replace("[lumen]", &old)));
        assert!(warnings.remove(0).contains("'update_rate'"), "{warnings:?}");
        // A config without options of LUMEN 1 is a new one.
        let new = format!("[lumen]\n{all}");
        let of_new = self::warnings(&compiled(&config.replace("[lumen]", &new)));
        assert_eq!(of_new, [""; 0]);
        warnings
    };
    assert_eq!(
        changes("on_idle: solid white", ""),
        [
            "Groups without an 'on_...' option for some states now show the built-in effects in \
             these states, instead of the last effect: case, lid; write 'unmapped: default' in \
             [lumen] to keep this, or 'unmapped: keep' for the old behavior"
        ]
    );
    for word in ["default", "keep", "off"] {
        let unmapped = format!("unmapped: {word}");
        assert_eq!(changes("on_idle: solid white", &unmapped), [""; 0]);
        let own = format!("on_idle: solid white\n{unmapped}");
        assert_eq!(changes(&own, ""), [""; 0]);
    }
    assert_eq!(changes("", ""), [""; 0]);
    let whole: Vec<String> = State::ALL
        .iter()
        .map(|it| format!("on_{it}: solid white\n"))
        .collect();
    assert_eq!(changes(&whole.concat(), ""), [""; 0]);
}
