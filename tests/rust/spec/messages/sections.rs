//! Messages about sections, `[lumen]` and `[lumen_effect]`.

use super::{Case, assert_messages, problems};

#[test]
fn unknown_sections() {
    const CASES: &[Case] = &[
        (
            "[lumen_grup case]",
            &[
                "Section 'lumen_grup case' is not a valid config section (did you mean 'lumen_group case'?)",
            ],
        ),
        (
            "[lumen_settings]\ntemp_floor: 25",
            &[
                "Section 'lumen_settings' is not a valid config section; move its options into [lumen]",
            ],
        ),
        (
            "[lumen logo]",
            &["Section 'lumen logo' is not a valid config section; write [lumen_group logo]"],
        ),
        (
            "[lumen_state heating]",
            &[
                "Section 'lumen_state heating' is not a valid config section; write 'on_heating' in [lumen_group NAME]",
            ],
        ),
        (
            "[lumen_state purge]",
            &[
                "Section 'lumen_state purge' is not a valid config section; write 'states: purge' in [lumen] and 'on_purge' in [lumen_group NAME]",
            ],
        ),
        (
            "[lumen_leds sb]",
            &["Section 'lumen_leds sb' is not a valid config section; write [lumen_group sb]"],
        ),
        (
            "[lumen_zebra x]",
            &[
                "Section 'lumen_zebra x' is not a valid config section (known: lumen, lumen_strip NAME, lumen_group NAME, lumen_effect NAME, lumen_palette NAME)NEWER",
            ],
        ),
        (
            "[lumen_group]",
            &["Section 'lumen_group' needs a name: write [lumen_group NAME]"],
        ),
        (
            "[lumen_group all]\ndriver: memory",
            &[
                "Section 'lumen_group all' must have another name: in commands, 'all' means every group",
            ],
        ),
        (
            "[lumen_strip a]\ndriver: memory\ncount: 1\n[lumen_strip  a]\ndriver: memory\ncount: 1",
            &["Section 'lumen_strip  a' is defined twice"],
        ),
    ];
    assert_messages(CASES, |lines| format!("[lumen]\n{lines}"));
}

#[test]
fn options_of_lumen() {
    const CASES: &[Case] = &[
        (
            "brightnes: 0.5",
            &["Option 'brightnes' is not valid in section 'lumen' (did you mean 'brightness'?)"],
        ),
        (
            "zebra: 1",
            &["Option 'zebra' is not valid in section 'lumen'NEWER"],
        ),
        (
            "brightness: 1.5",
            &["Option 'brightness' in section 'lumen' must be from 0 to 1, got 1.5"],
        ),
        (
            "fade: soon",
            &["Option 'fade' in section 'lumen' must be a number, got 'soon'"],
        ),
        (
            "fade:",
            &["Option 'fade' in section 'lumen' must be a number, got ''"],
        ),
        (
            "bored_timeout: 0",
            &["Option 'bored_timeout' in section 'lumen' must be above 0, got 0"],
        ),
        (
            "gpio_fps: 59.94",
            &[
                "Option 'gpio_fps' in section 'lumen' must be a whole number from 1 to 240, got 59.94",
            ],
        ),
        (
            "profiling_enabled: perhaps",
            &["Option 'profiling_enabled' in section 'lumen' must be True or False, got 'perhaps'"],
        ),
        (
            "max_brightness: 40",
            &["Option 'max_brightness' in section 'lumen' must be from 0 to 1, got 40"],
        ),
        (
            "unmapped: of",
            &["Option 'unmapped' in section 'lumen': unknown choice 'of' (did you mean 'off'?)"],
        ),
        (
            "debug: consol",
            &[
                "Option 'debug' in section 'lumen': unknown choice 'consol' (did you mean 'console'?)",
            ],
        ),
        (
            "heating_enter: 2\nheating_leave: 5",
            &[
                "Option 'heating_leave' in section 'lumen' must not be above 'heating_enter' (2), got 5",
            ],
        ),
        (
            "bed_x_min: 250",
            &[
                "Option 'bed_x_min' in section 'lumen': 'bed_x_min' (250) must be below 'bed_x_max' (200)",
            ],
        ),
    ];
    assert_messages(CASES, |lines| format!("[lumen]\n{lines}"));
}

#[test]
fn states_and_their_commands() {
    const CASES: &[Case] = &[
        (
            "states: purge, homing",
            &[
                "Option 'states' in section 'lumen': 'homing' is a built-in state; use it without declaring it",
            ],
        ),
        (
            "states: Purge, clean nozzle",
            &[
                "Option 'states' in section 'lumen': 'Purge' must consist of lowercase letters, digits and '_'",
                "Option 'states' in section 'lumen': 'clean nozzle' must consist of lowercase letters, digits and '_'",
            ],
        ),
        (
            "states: purge, purge",
            &["Option 'states' in section 'lumen': 'purge' is declared twice"],
        ),
        (
            "macro_homming: G28",
            &[
                "Option 'macro_homming' in section 'lumen': unknown state 'homming' (did you mean 'homing'?)",
            ],
        ),
        (
            "macro_printing: PRINT_START",
            &[
                "Option 'macro_printing' in section 'lumen': a command cannot show 'printing' (known: homing, meshing, leveling, probing, calibrating, cleaning, filament, snapshot, paused, cancelled)",
            ],
        ),
        (
            "macro_homing: G28 X, MY_HOME",
            &[
                "Option 'macro_homing' in section 'lumen': 'G28 X' must be the name of one command, without parameters",
            ],
        ),
        (
            "macro_cancelled: STOP\nmacro_paused: stop",
            &[
                "Option 'macro_paused' in section 'lumen': 'STOP' is also in 'macro_cancelled'; a command can show only one state",
            ],
        ),
    ];
    assert_messages(CASES, |lines| format!("[lumen]\n{lines}"));
}

#[test]
fn effects() {
    const CASES: &[Case] = &[
        (
            "[lumen_effect puls]\nspeed: 1",
            &["Section 'lumen_effect puls': unknown effect 'puls' (did you mean 'pulse'?)"],
        ),
        (
            "[lumen_effect alarm]\neffect: puls",
            &[
                "Option 'effect' in section 'lumen_effect alarm': unknown effect 'puls' (did you mean 'pulse'?)",
            ],
        ),
        (
            "[lumen_effect night]\neffect: Solid red",
            &[
                "Option 'effect' in section 'lumen_effect night' must be only the name of an effect; write 'effect: solid', and each option in a line of its own, as in 'color: red'",
            ],
        ),
        (
            "[lumen_effect night]\neffect: pulse speed=0.2",
            &[
                "Option 'effect' in section 'lumen_effect night' must be only the name of an effect; write 'effect: pulse', and each option in a line of its own, as in 'speed: 0.2'",
            ],
        ),
        (
            "[lumen_effect night]\neffect: pulse red speed=0.2 min=0.1",
            &[
                "Option 'effect' in section 'lumen_effect night' must be only the name of an effect; write 'effect: pulse', and each option in a line of its own, as in 'speed: 2'",
            ],
        ),
        (
            "[lumen_effect fire]\neffect: pulse",
            &[
                "Option 'effect' in section 'lumen_effect fire': 'fire' is a built-in effect; use another name for the variant of 'pulse'",
            ],
        ),
        (
            "[lumen_effect my alarm]\neffect: pulse",
            &["Section 'lumen_effect my alarm': the name of a variant must be one word"],
        ),
        (
            "[lumen_effect pulse]\nsped: 1\nspeed: -1\nbase_color:\nmax_brightness: half",
            &[
                "Option 'base_color' in section 'lumen_effect pulse': empty color; '#' starts a comment in printer.cfg, write ff8800 instead of #ff8800",
                "Option 'max_brightness' in section 'lumen_effect pulse' must be a number, got 'half'",
                "Option 'sped' is not valid in section 'lumen_effect pulse' (did you mean 'speed'?)",
                "Option 'speed' in section 'lumen_effect pulse' must be above 0, got -1; 'direction: reverse' in the group reverses the effect",
            ],
        ),
        (
            "[lumen_effect disco]\nmin_sparkle: 9",
            &[
                "Section 'lumen_effect disco': 'min_sparkle' (9) must not be above 'max_sparkle' (6)",
            ],
        ),
        (
            "[lumen_effect kitt]\nkitt_tracking_axis: a",
            &[
                "Option 'kitt_tracking_axis' in section 'lumen_effect kitt' must be none, x, y or z, got 'a'",
            ],
        ),
    ];
    assert_messages(CASES, |lines| format!("[lumen]\n{lines}"));
}

#[test]
fn palettes() {
    const CASES: &[Case] = &[
        (
            "[lumen_palette a]",
            &[
                "Option 'colors' in section 'lumen_palette a' must be specified, as in 'colors: black, red 40%, white'",
            ],
        ),
        (
            "[lumen_palette a]\ncolors: rde, red 120%",
            &[
                "Option 'colors' in section 'lumen_palette a': unknown color 'rde' (did you mean 'red'?)",
            ],
        ),
        (
            "[lumen_palette a]\ncolors: red 120%",
            &["Option 'colors' in section 'lumen_palette a': '120%' must be from 0% to 100%"],
        ),
        (
            "[lumen_palette a]\ncolors: red, 50%, blue, 20% 30%",
            &[
                "Option 'colors' in section 'lumen_palette a': '30%' must follow a color, as in 'red 40%'",
            ],
        ),
        (
            "[lumen_palette a]\ncolors: red 50%, blue 20%",
            &[
                "Option 'colors' in section 'lumen_palette a': the places must not decrease: 20% follows 50%",
            ],
        ),
        (
            "[lumen_palette a]\ncolors: red, red, red, red, red, red, red, red, red, red, red, red, red, red, red, red, red",
            &["Option 'colors' in section 'lumen_palette a' must have at most 16 colors, got 17"],
        ),
        (
            "[lumen_palette a]\ncolors: party",
            &[
                "Option 'colors' in section 'lumen_palette a': unknown color 'party'; write a name, RRGGBB, RRGGBBWW or three numbers 0.0-1.0",
            ],
        ),
        (
            "[lumen_palette a]\ncolor: red\ncolors: red",
            &["Option 'color' is not valid in section 'lumen_palette a' (did you mean 'colors'?)"],
        ),
        (
            "[lumen_palette a]\nstops: red 10%\ncolors: red",
            &[
                "Option 'stops' is not valid in section 'lumen_palette a'; write them in 'colors', as in 'colors: black 0%, red 40%'",
            ],
        ),
        (
            "[lumen_palette two words]\ncolors: red",
            &[
                "Section 'lumen_palette two words': the name of a palette must be one word of letters, digits, '_', '-' or '.'",
            ],
        ),
        (
            "[lumen_palette 2700K]\ncolors: red",
            &["Section 'lumen_palette 2700K': the name of a palette must not be a number"],
        ),
        (
            "[lumen_palette ff8800]\ncolors: red",
            &["Section 'lumen_palette ff8800': the name of a palette must not be a number"],
        ),
        (
            "[lumen_palette]\ncolors: red",
            &["Section 'lumen_palette' needs a name: write [lumen_palette NAME]"],
        ),
        (
            "[lumen_pallete a]\ncolors: red",
            &[
                "Section 'lumen_pallete a' is not a valid config section (did you mean 'lumen_palette a'?)",
            ],
        ),
        (
            "[lumen_gradient a]\ncolors: red",
            &["Section 'lumen_gradient a' is not a valid config section; write [lumen_palette a]"],
        ),
    ];
    assert_messages(CASES, |lines| format!("[lumen]\n{lines}"));
}

#[test]
fn palettes_of_effects() {
    const CASES: &[Case] = &[
        (
            "[lumen_effect comet]\npalette: mien\n[lumen_palette mine]\ncolors: red",
            &[
                "Option 'palette' in section 'lumen_effect comet': unknown palette 'mien' (did you mean 'mine'?)",
            ],
        ),
        (
            "[lumen_effect comet]\nbase_color: mien\n[lumen_palette mine]\ncolors: red",
            &[
                "Option 'base_color' in section 'lumen_effect comet': unknown color 'mien' (did you mean 'mine'?)",
            ],
        ),
        (
            "[lumen_effect comet]\nbase_color: red, blue\npalette: ocean",
            &[
                "Option 'palette' in section 'lumen_effect comet' cannot be combined with 'base_color'",
            ],
        ),
        (
            "[lumen_effect progress]\nend_color: blue\npalette: ocean",
            &[
                "Option 'palette' in section 'lumen_effect progress' cannot be combined with 'end_color'",
            ],
        ),
        // A mistake in a palette is not repeated for the effects that use it.
        (
            "[lumen_palette a]\ncolors: rde\n[lumen_effect comet]\npalette: a",
            &[
                "Option 'colors' in section 'lumen_palette a': unknown color 'rde' (did you mean 'red'?)",
            ],
        ),
    ];
    assert_messages(CASES, |lines| format!("[lumen]\n{lines}"));
}

#[test]
fn options_of_led_effect() {
    for (option, advice) in [
        (
            "autostart",
            "remove it; use the effect in an 'on_...' option of a group",
        ),
        (
            "frame_rate",
            "remove it; 'gpio_fps' in [lumen] applies to all groups",
        ),
        (
            "leds",
            "remove it; use the effect in an 'on_...' option of a group",
        ),
        (
            "heater",
            "write it after the effect, as in 'layers: heater extruder blue red'",
        ),
        (
            "endstops",
            "write it after the effect, as in 'layers: flash red endstops=x,y'",
        ),
        (
            "stepper",
            "write it after the effect, as in 'layers: stepper x blue'",
        ),
        (
            "run_on_error",
            "remove it; use the effect in 'on_error' of a group",
        ),
        (
            "recalculate",
            "remove it; LUMEN_SET takes the options of an effect, as in SPEED=20",
        ),
        (
            "analog_pin",
            "remove it; use LUMEN_SET in a [gcode_button NAME]",
        ),
        (
            "button_pins",
            "remove it; use LUMEN_SET in a [gcode_button NAME]",
        ),
    ] {
        let expected =
            format!("Option '{option}' is not valid in section 'lumen_effect a'; {advice}");
        for shown in ["layers: comet red", "effect: comet"] {
            let config = format!("[lumen]\n[lumen_effect a]\n{shown}\n{option}: 1");
            assert_eq!(problems(&config), [expected.as_str()], "{shown}");
        }
    }
    assert_eq!(
        problems("[lumen_effect a]\neffect: flash\nendstops: x, y"),
        [""; 0]
    );
}

#[test]
fn wrong_layers_are_not_reported_again_where_they_are_used() {
    let config = "[lumen]
        [lumen_group a]
        driver: memory
        index_end: 3
        on_idle: sunset
        on_error: sunset
        [lumen_effect sunset]
        layers: gradient 0.2 1 top (1,0,0)";
    let found = problems(config);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].starts_with("Option 'layers' in section 'lumen_effect sunset': "));
}
