//! What the user should know although it stops nothing.

use super::{compiled, group};

#[test]
fn options_of_lumen_that_do_nothing_here_say_what_does() {
    let compiled = compiled(
        "[lumen]
        max_brightness: 0.4
        update_rate: 0.1
        update_rate_printing: 5.0
        profiling_enabled: True
        config_path: ~/lumen.cfg",
    );
    assert_eq!(
        compiled.warnings,
        [
            "Option 'config_path' in section 'lumen' has no effect; sections are in printer.cfg or a file that it includes",
            "Option 'max_brightness' in section 'lumen' has no effect; use 'brightness'",
            "Option 'profiling_enabled' in section 'lumen' has no effect; LUMEN_STATUS PROFILE=1 measures when asked",
            "Option 'update_rate' in section 'lumen' has no effect; frames are sent when something changes",
            "Option 'update_rate_printing' in section 'lumen' has no effect; frames are sent when something changes",
        ]
    );
}

#[test]
fn options_that_another_effect_reads_are_told() {
    let compiled = compiled(
        "[lumen]
        [lumen_effect thermal]
        speed: 1.0
        gradient_curve: 2.0",
    );
    assert_eq!(
        compiled.warnings,
        [
            "Option 'speed' in section 'lumen_effect thermal' has no effect; 'thermal' does not read it"
        ]
    );
}

#[test]
fn options_that_another_driver_reads_are_told() {
    let compiled = compiled(&group(
        "proxy_host: 127.0.0.1\nneopixel: case\non_error: solid red",
    ));
    assert_eq!(
        compiled.warnings,
        [
            "Option 'neopixel' in section 'lumen_group case' has no effect with 'driver: gpio'",
            "Option 'proxy_host' in section 'lumen_group case' has no effect with 'driver: gpio'",
        ]
    );
}

#[test]
fn a_printer_whose_failure_nobody_would_see_is_told() {
    let silent = compiled(&group("on_idle: solid white"));
    assert_eq!(
        silent.warnings,
        ["No lumen_group shows that the printer has failed; give one of them an 'on_error' line"]
    );
    assert_eq!(compiled(&group("")).warnings, Vec::<String>::new());
    assert_eq!(compiled("[lumen]").warnings, Vec::<String>::new());
}
