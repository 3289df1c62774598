//! Messages about effect specs.

use super::{Case, assert_messages, group, problems, versioned};
use lumen::{EffectNames, ParsedEffect};

/// Returns the messages about a spec, without the section and the option.
fn messages(spec: &str) -> Vec<String> {
    ParsedEffect::parse(spec, &EffectNames::default())
        .err()
        .unwrap_or_default()
}

#[test]
fn invalid_tokens() {
    const CASES: &[Case] = &[
        (
            "puls red",
            &["unknown effect 'puls' (did you mean 'pulse'?)"],
        ),
        (
            "zebra",
            &[
                "unknown effect 'zebra' (known: off, solid, gradient, pattern, fade, pulse, heartbeat, blink, strobe, candle, rainbow, plasma, noise, aurora, fire, disco, twinkle, lightning, ripple, comet, ...)NEWER",
            ],
        ),
        (
            "",
            &["empty effect; '#' starts a comment; write 'off' for no light"],
        ),
        (
            "solid oragne",
            &["unknown color 'oragne' (did you mean 'orange'?)"],
        ),
        (
            "solid qqqqqq",
            &["unknown color 'qqqqqq'; write a name, RRGGBB, RRGGBBWW or three numbers 0.0-1.0"],
        ),
        (
            "solid 1.0,2.0,0",
            &["color '1.0,2.0,0' must be three or four numbers from 0.0 to 1.0"],
        ),
        (
            "solid 1.0 0.5 0",
            &["write the numbers of a color with commas: 1.0,0.5,0"],
        ),
        (
            "rainbow red",
            &[
                "unexpected 'red'; usage: rainbow [OPTION=VALUE ...] (options: speed, max, spread, fade)",
            ],
        ),
        (
            "pulse 2 orange",
            &[
                "unexpected '2'; usage: pulse [COLOR ...] [OPTION=VALUE ...], as in 'pulse speed=2' (options: color, palette, speed, min, max, fade)",
            ],
        ),
        (
            "pulse orange 2",
            &[
                "unexpected '2'; usage: pulse [COLOR ...] [OPTION=VALUE ...], as in 'pulse speed=2' (options: color, palette, speed, min, max, fade)",
            ],
        ),
        (
            "chase 1.5",
            &["the position in the ring must be a whole number, got 1.5"],
        ),
        (
            "chase -1",
            &["the position in the ring must be a whole number, got -1"],
        ),
        (
            "thermal bed ice lava -1",
            &["'gradient_curve' must be above 0, got -1"],
        ),
        (
            "thermal bed ice lava 1 2 3 4",
            &[
                "unexpected '4'; usage: thermal [SOURCE] [COLOR ...] [CURVE] [LOW HIGH] [OPTION=VALUE ...] (options: source, start, end, palette, curve, low, high, trailing, leading, partial, background, fade)",
            ],
        ),
        ("thermal bed 2 ice", &["'ice' must be before the numbers"]),
        (
            "progress steel matrix 1 2",
            &[
                "unexpected '2'; usage: progress [COLOR ...] [CURVE] [OPTION=VALUE ...] (options: start, end, palette, curve, trailing, leading, partial, background, fade)",
            ],
        ),
    ];
    for (spec, expected) in CASES {
        let expected: Vec<String> = expected.iter().map(|it| versioned(it)).collect();
        assert_eq!(messages(spec), expected, "{spec}");
    }
}

#[test]
fn names_of_other_plug_ins() {
    const CASES: &[Case] = &[
        (
            "Breathe red",
            &["unknown effect 'Breathe' (did you mean 'pulse'?)"],
        ),
        (
            "white",
            &["'white' is a color (did you mean 'solid white'?)"],
        ),
        (
            "comet red -1",
            &[
                "unexpected '-1'; usage: comet [COLOR ...] [OPTION=VALUE ...]; 'direction: reverse' in the group reverses the effect (options: color, palette, speed, max, tail, fade_rate, fade)",
            ],
        ),
        (
            "red pulse",
            &["the effect comes first, then its color: write 'pulse red'"],
        ),
        (
            "50%",
            &[
                "'50%' is a brightness, which only a lamp accepts ('driver: pwm'); write an effect, as in 'solid white'",
            ],
        ),
        ("pulse speed:2", &["write 'speed=2' instead of 'speed:2'"]),
        ("pulse red speed 2", &["write 'speed=2' instead of 'speed'"]),
        (
            "solid (255,0,0)",
            &[
                "color '(255,0,0)' must be three or four numbers from 0.0 to 1.0 (did you mean 'ff0000'?)",
            ],
        ),
    ];
    for (spec, expected) in CASES {
        assert_eq!(messages(spec), *expected, "{spec}");
    }
}

#[test]
fn invalid_pairs() {
    const CASES: &[Case] = &[
        (
            "pulse speed=-1",
            &[
                "'speed' must be above 0, got -1; 'direction: reverse' in the group reverses the effect",
            ],
        ),
        (
            "pulse speed=fast",
            &["'speed' must be a number, got 'fast'"],
        ),
        (
            "pulse speed=1,5 max=80%",
            &[
                "'speed' must be a number, got '1,5'; write 1.5",
                "'max' must be a number, got '80%'; write 0.8",
            ],
        ),
        ("pulse speed=", &["'speed' must be a number, got ''"]),
        (
            "pulse sped=2",
            &["'pulse' has no option 'sped' (did you mean 'speed'?)"],
        ),
        (
            "solid speed=2",
            &["'solid' has no option 'speed' (known: base_color, color, palette, fade)"],
        ),
        (
            "rainbow color=red",
            &[
                "'rainbow' has no option 'color' (known: speed, max_brightness, max, rainbow_spread, spread, fade)",
            ],
        ),
        (
            "pulse =2",
            &[
                "'pulse' has no option '' (known: base_color, color, palette, speed, min_brightness, min, max_brightness, max, fade)",
            ],
        ),
        (
            "pulse color=",
            &["empty color; '#' starts a comment in printer.cfg, write ff8800 instead of #ff8800"],
        ),
        ("pulse red color=blue", &["'color' is set twice"]),
        (
            "pulse red fade=-1",
            &["'fade' must be from 0 to 60, got -1"],
        ),
        (
            "pulse red duration=0",
            &["'duration' must be above 0, got 0"],
        ),
        (
            "comet tail=0",
            &["'tail' must be a whole number from 1 to 10000, got 0"],
        ),
    ];
    for (spec, expected) in CASES {
        assert_eq!(messages(spec), *expected, "{spec}");
    }
}

#[test]
fn colors_and_palettes() {
    const CASES: &[Case] = &[
        (
            "pulse rde yelow 1,1",
            &[
                "unknown color 'rde' (did you mean 'red'?)",
                "unknown color 'yelow' (did you mean 'yellow'?)",
                "color '1,1' must be three or four numbers from 0.0 to 1.0",
            ],
        ),
        (
            "pulse red 50%",
            &["unknown color '50%'; write a name, RRGGBB, RRGGBBWW or three numbers 0.0-1.0"],
        ),
        (
            "pulse a a a a a a a a a a a a a a a a a",
            &["'base_color' must have at most 16 colors, got 17"],
        ),
        (
            "pulse rainbo",
            &["unknown color 'rainbo' (did you mean 'rainbow'?)"],
        ),
        (
            "pulse palette=oceen",
            &["unknown palette 'oceen' (did you mean 'ocean'?)"],
        ),
        (
            "pulse palette=zzz",
            &[
                "unknown palette 'zzz' (known: rainbow, party, heat, fire, lava, ocean, forest, cloud, sunset, aurora, icefire, autumn, sakura, pastel, temperature)NEWER",
            ],
        ),
        (
            "pulse palette ocean",
            &["write 'palette=ocean' instead of 'palette'"],
        ),
        (
            "comet white party",
            &["'party' is a palette; it cannot be one of several colors"],
        ),
        (
            "comet red palette=ocean",
            &["'palette' cannot be combined with 'base_color'"],
        ),
        (
            "progress palette=ocean start=red",
            &["'start' cannot be combined with 'palette'"],
        ),
        (
            "progress start=red,blue",
            &["'start' takes one color, got 'red,blue'"],
        ),
        (
            "off red",
            &["unexpected 'red'; usage: off [OPTION=VALUE ...] (options: fade)"],
        ),
        (
            "solid 500K",
            &["color temperature '500K' must be from 1000K to 40000K"],
        ),
        (
            "solid hsv(400, 100%, 50%) red",
            &["color 'hsv(400,100%,50%)' is not valid; write it as in 'hsv(210, 80%, 60%)'"],
        ),
        (
            "solid rgb(1 1 0)",
            &["color 'rgb(1 1 0)' is not valid; write it as in 'rgb(255, 136, 0)'"],
        ),
        ("party", &["unknown effect 'party' (did you mean 'disco'?)"]),
    ];
    for (spec, expected) in CASES {
        let expected: Vec<String> = expected.iter().map(|it| versioned(it)).collect();
        assert_eq!(messages(spec), expected, "{spec}");
    }
}

#[test]
fn values_that_contradict_each_other() {
    const CASES: &[Case] = &[
        (
            "on_idle: pulse red min=0.9",
            &[
                "Option 'on_idle' in section 'lumen_group case': 'min_brightness' (0.9) must not be above 'max_brightness' (0.8)",
            ],
        ),
        (
            "on_heating: thermal bed ice lava 60 20",
            &[
                "Option 'on_heating' in section 'lumen_group case': 'range_min' (60) must be below 'range_max' (20)",
            ],
        ),
        (
            "on_heating: thermal bed high=20",
            &[
                "Option 'on_heating' in section 'lumen_group case': 'temp_floor' (25) must be below 'range_max' (20)",
            ],
        ),
    ];
    assert_messages(CASES, group);
}

#[test]
fn heaters_and_sensors() {
    const CASES: &[Case] = &[
        (
            "on_heating: thermal chamer ice lava",
            &[
                "Option 'on_heating' in section 'lumen_group case': unknown heater or sensor 'chamer' (did you mean 'chamber'?)",
            ],
        ),
        (
            "on_heating: thermal source=enclosure",
            &[
                "Option 'on_heating' in section 'lumen_group case': unknown heater or sensor 'enclosure' (known: extruder, bed, chamber)",
            ],
        ),
        (
            "on_heating: thermal icee lava",
            &[
                "Option 'on_heating' in section 'lumen_group case': unknown heater or sensor 'icee' (did you mean the color 'ice'?)",
            ],
        ),
    ];
    assert_messages(CASES, group);
}

#[test]
fn names_of_variants() {
    let config = format!(
        "{}\n[lumen_effect alarm]\neffect: pulse",
        group("on_error: alrm\non_idle: alarm 3")
    );
    assert_eq!(
        problems(&config),
        [
            "Option 'on_error' in section 'lumen_group case': unknown effect 'alrm' (did you mean 'alarm'?)",
            "Option 'on_idle' in section 'lumen_group case': unexpected '3'; usage: alarm [COLOR ...] [OPTION=VALUE ...], as in 'alarm speed=3' (options: color, palette, speed, min, max, fade)",
        ]
    );
}

#[test]
fn layers_as_in_led_effect() {
    for (layer, word) in [
        ("gradient 0.2 1 top (1.0,0.0,0.0),(1.0,0.4,0.0)", "gradient"),
        ("chase 0.5 0.5 top (0.2,1.0,0.2),(0.0,0.2,0.0)", "comets"),
        ("static 0 0 add (1,0,0)", "solid"),
        ("heater 40 0 difference (0,0,1)", "heater"),
    ] {
        let expected = format!(
            "write klipper-led_effect's layer as '{word} COLORS', with its numbers and its blend \
             mode as options, such as 'blend=add'; docs/led_effect.md has all layers"
        );
        let problem = format!("Option 'on_idle' in section 'lumen_group case': {expected}");
        assert_eq!(
            problems(&group(&format!("on_idle: {layer}"))),
            [problem],
            "{layer}"
        );
    }
}
