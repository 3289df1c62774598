//! Messages about groups and their pixels.

use super::{Case, assert_messages, group};

/// Returns a config with two strips, and a group with the given lines.
fn on_strips(lines: &str) -> String {
    format!(
        "[lumen]
        [lumen_strip case]
        driver: memory
        count: 30
        [lumen_strip top]
        driver: memory
        count: 9
        [lumen_group a]
        {lines}"
    )
}

#[test]
fn options_of_a_group() {
    const CASES: &[Case] = &[
        (
            "direction: revers",
            &[
                "Option 'direction' in section 'lumen_group case': unknown choice 'revers' (did you mean 'reverse'?)",
            ],
        ),
        (
            "direction: left",
            &[
                "Option 'direction' in section 'lumen_group case': unknown choice 'left' (known: standard, reverse)",
            ],
        ),
        (
            "group_brightness: 80",
            &[
                "Option 'group_brightness' in section 'lumen_group case' must be from 0 to 1, got 80",
            ],
        ),
        (
            "fade: -1",
            &["Option 'fade' in section 'lumen_group case' must be from 0 to 60, got -1"],
        ),
        (
            "index_start: 12",
            &[
                "Option 'index_start' in section 'lumen_group case' must not be above 'index_end' (10), got 12; 'direction: reverse' reverses a group",
            ],
        ),
        (
            "index_start: 0",
            &[
                "Option 'index_start' in section 'lumen_group case' must be a whole number from 1 to 10000, got 0",
            ],
        ),
        (
            "scale: 0",
            &["Option 'scale' in section 'lumen_group case' must be above 0, got 0"],
        ),
    ];
    assert_messages(CASES, group);
}

#[test]
fn pixels_of_a_group() {
    const CASES: &[Case] = &[
        (
            "on_idle: solid white",
            &[
                "Section 'lumen_group a' has no pixels: it needs 'driver' with its options, 'strip' or 'pixels'",
            ],
        ),
        (
            "strip: cse",
            &[
                "Option 'strip' in section 'lumen_group a': unknown strip 'cse' (did you mean 'case'?)",
            ],
        ),
        (
            "strip: zebra",
            &[
                "Option 'strip' in section 'lumen_group a': unknown strip 'zebra' (known: case, top)",
            ],
        ),
        (
            "strip: case\nindex_end: 40",
            &[
                "Option 'index_end' in section 'lumen_group a' must not be above 30, the length of strip 'case', got 40",
            ],
        ),
        (
            "strip: case\nindex_start: 31",
            &[
                "Option 'index_start' in section 'lumen_group a' must not be above 30, the length of strip 'case', got 31",
            ],
        ),
        (
            "strip: case\ndriver: spi\ncolor_order: GRB",
            &[
                "Option 'driver' in section 'lumen_group a' cannot be combined with 'strip'; set it in the section of the strip",
                "Option 'color_order' in section 'lumen_group a' cannot be combined with 'strip'; set it in the section of the strip",
            ],
        ),
        (
            "pixels: case 1-5\nindex_end: 5",
            &["Option 'index_end' in section 'lumen_group a' cannot be combined with 'pixels'"],
        ),
        (
            "pixels: case 1-5, cas 6, case 0-3, case 20-31, case ten",
            &[
                "Option 'pixels' in section 'lumen_group a': unknown strip 'cas' (did you mean 'case'?)",
                "Option 'pixels' in section 'lumen_group a': 'case 0-3' starts before the strip; pixel numbers start at 1",
                "Option 'pixels' in section 'lumen_group a': 'case 20-31' ends beyond strip 'case', which has 30 pixels",
                "Option 'pixels' in section 'lumen_group a': 'case ten' must be a strip and its pixels, as in 'case 1-20'",
            ],
        ),
        (
            "pixels: 1-5",
            &[
                "Option 'pixels' in section 'lumen_group a': '1-5' has no strip name; write the name first, as in 'case 1-5'",
            ],
        ),
        (
            "pixels:",
            &[
                "Option 'pixels' in section 'lumen_group a': '' must be a strip and its pixels, as in 'case 1-20'",
            ],
        ),
        (
            "pixels: case 1-5, top 1-9, case 10-5",
            &["Option 'pixels' in section 'lumen_group a': uses pixel 5 of strip 'case' twice"],
        ),
        (
            "pixels: case 1-12\n[lumen_group b]\nstrip: case\nindex_start: 10\nindex_end: 20\n[lumen_group c]\npixels: top 9, case 30-20",
            &[
                "Sections 'lumen_group a' and 'lumen_group b' both use pixels 10-12 of strip 'case'; if 'b' is to cover 'a' there, add 'over: a' to [lumen_group b]",
                "Sections 'lumen_group b' and 'lumen_group c' both use pixel 20 of strip 'case'; if 'c' is to cover 'b' there, add 'over: b' to [lumen_group c]",
            ],
        ),
    ];
    assert_messages(CASES, on_strips);
    assert_messages(
        &[(
            "strip: case",
            &[
                "Option 'strip' in section 'lumen_group a': unknown strip 'case'; declare it in [lumen_strip case] with 'driver' and 'count'",
            ],
        )],
        |lines| format!("[lumen]\n[lumen_group a]\n{lines}"),
    );
}

#[test]
fn led_lists_of_other_plug_ins() {
    const CASES: &[Case] = &[
        (
            "pixels: case (1-5, 7)",
            &[
                "Option 'pixels' in section 'lumen_group a': write 'case 1-5, case 7' instead of 'case (1-5, 7)'",
            ],
        ),
        (
            "pixels: neopixel:sb_leds (1-8)",
            &[
                "Option 'pixels' in section 'lumen_group a': remove it; write 'driver: klipper', 'neopixel: sb_leds' and 'index_end: 8' instead of 'neopixel:sb_leds (1-8)'",
            ],
        ),
        (
            "driver: klipper\nneopixel: sb_leds\npixels: 2-8",
            &[
                "Option 'pixels' in section 'lumen_group a': write 'index_start: 2' and 'index_end: 8' instead; 'pixels' is for [lumen_strip NAME]",
            ],
        ),
        (
            "driver: klipper\nled: neopixel:sb_leds (1-8)",
            &[
                "Option 'led' in section 'lumen_group a': write 'neopixel: sb_leds' and 'index_end: 8' instead of 'neopixel:sb_leds (1-8)'",
            ],
        ),
        (
            "driver: klipper\nleds: neopixel:sb_leds (2-8)",
            &[
                "Option 'leds' is not valid in section 'lumen_group a'; write 'neopixel: sb_leds', 'index_start: 2' and 'index_end: 8'",
            ],
        ),
        (
            "driver: klipper\npin: PA1",
            &[
                "Option 'pin' is not valid in section 'lumen_group a'; write 'neopixel', the name of Klipper's section that has the pin",
            ],
        ),
        (
            "driver: gpio\npin: 18",
            &["Option 'pin' is not valid in section 'lumen_group a'; write 'gpio_pin: 18'"],
        ),
        (
            "driver: gpio\npin: lumen:gpio10\nindex_end: 8",
            &["Option 'pin' is not valid in section 'lumen_group a'; write 'gpio_pin: 10'"],
        ),
    ];
    assert_messages(CASES, on_strips);
}

#[test]
fn options_of_other_sections() {
    const CASES: &[Case] = &[
        (
            "bored_timeout: 60",
            &[
                "Option 'bored_timeout' is not valid in section 'lumen_group case'; it belongs in [lumen]",
            ],
        ),
        (
            "rainbow_spread: 2",
            &[
                "Option 'rainbow_spread' is not valid in section 'lumen_group case'; it belongs after the effect, as in 'on_idle: rainbow rainbow_spread=VALUE', or in [lumen_effect NAME]",
            ],
        ),
        (
            "index_stop: 8",
            &["Option 'index_stop' is not valid in section 'lumen_group case'; write 'index_end'"],
        ),
    ];
    assert_messages(CASES, group);
}

#[test]
fn states() {
    const CASES: &[Case] = &[
        (
            "on_heatng: solid red",
            &[
                "Option 'on_heatng' in section 'lumen_group case': unknown state 'heatng' (did you mean 'heating'?)",
            ],
        ),
        (
            "on_purge: solid red",
            &[
                "Option 'on_purge' in section 'lumen_group case': unknown state 'purge' (known: error, disconnected, startup, homing, meshing, leveling, probing, calibrating, cleaning, filament, snapshot, paused, cancelled, printing, heating, complete, cooldown, sleep, bored, idle); declare custom states in [lumen], as in 'states: purge'",
            ],
        ),
        (
            "on_error: heartbeat rde duration=3\non_idle:",
            &[
                "Option 'on_error' in section 'lumen_group case': unknown color 'rde' (did you mean 'red'?)",
                "Option 'on_idle' in section 'lumen_group case': empty effect; '#' starts a comment; write 'off' for no light",
            ],
        ),
        (
            "on_error: heartbeat red duration=3",
            &[
                "Option 'on_error' in section 'lumen_group case': 'duration' is for LUMEN_SET; an 'on_...' option applies as long as the state is active",
            ],
        ),
    ];
    assert_messages(CASES, group);
}
