//! Properties of every spec and every config.

use super::printer;
use lumen::{
    BUILT_IN_PALETTES, COLOR_NAMES, EFFECTS, EffectNames, EffectSpec, GROUP_OPTIONS, MAIN_OPTIONS,
    MAX_SOURCES, OptionKind, OptionSpec, ParsedEffect, ParsedStack, Plan, RawConfig, STRIP_OPTIONS,
    TRANSFORM_OPTIONS, compile, limits::LAYERS, limits::PALETTE_COLORS,
};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use std::collections::BTreeMap;

fn color() -> impl Strategy<Value = String> {
    prop_oneof![
        select(COLOR_NAMES).prop_map(|(name, _)| name.to_owned()),
        any::<[u8; 3]>().prop_map(|[r, g, b]| format!("{r:02X}{g:02x}{b:02x}")),
        (0.0..=1.0_f32, 0.0..=1.0_f32).prop_map(|(a, b)| format!("{a}, {b} ,0.5")),
        (0..=360_u32, 0..=100_u32).prop_map(|(h, s)| format!("hsv({h}, {s}% 50%)")),
        (1000..=40_000_u32).prop_map(|kelvin| format!("{kelvin}K")),
    ]
}

fn palette() -> impl Strategy<Value = String> {
    select(BUILT_IN_PALETTES).prop_map(|(name, _)| name.to_owned())
}

fn value(option: &'static OptionSpec) -> BoxedStrategy<String> {
    match option.kind {
        OptionKind::Above(low) => (low + 0.001..low + 999.0)
            .prop_map(|n| n.to_string())
            .boxed(),
        OptionKind::Within(low, high) => (low..=high).prop_map(|n| n.to_string()).boxed(),
        OptionKind::Number => (-99.0..999.0_f32).prop_map(|n| n.to_string()).boxed(),
        OptionKind::Count(low, high) => (low..=high).prop_map(|n| n.to_string()).boxed(),
        OptionKind::Color | OptionKind::Colors => color().boxed(),
        OptionKind::Palette => palette().boxed(),
        OptionKind::Axis => select(vec!["none", "x", "Y", "z"])
            .prop_map(str::to_owned)
            .boxed(),
        OptionKind::OneAxis => select(vec!["x", "Y", "z"]).prop_map(str::to_owned).boxed(),
        OptionKind::Bool => select(vec!["yes", "False"]).prop_map(str::to_owned).boxed(),
        OptionKind::Choice(words) => select(words).prop_map(str::to_owned).boxed(),
        OptionKind::Source => source().boxed(),
        OptionKind::Pixels => select(vec!["3", "1-5"]).prop_map(str::to_owned).boxed(),
        OptionKind::Endstops => select(vec!["x", "stepper_y,Probe"])
            .prop_map(str::to_owned)
            .boxed(),
    }
}

fn source() -> impl Strategy<Value = String> {
    let names = vec![
        "bed",
        "extruder1",
        "heater_generic chamber",
        "temperature_sensor pi",
    ];
    select(names).prop_map(str::to_owned)
}

/// Positional values.
fn positional(effect: &EffectSpec) -> impl Strategy<Value = String> {
    let syntax = effect.arguments;
    let ring = proptest::option::of(0..1000_u32).prop_map(move |n| n.filter(|_| syntax.has_ring));
    let source =
        proptest::option::of(source()).prop_map(move |s| s.filter(|_| syntax.source.is_some()));
    let most = if effect.option("palette").is_some() {
        PALETTE_COLORS
    } else {
        syntax.colors.len()
    };
    let colors = prop_oneof![
        vec(color(), 0..=syntax.colors.len()),
        vec(color(), 0..=most),
        vec(palette(), 0..=most.min(1)),
    ];
    let numbers = select(syntax.numbers).prop_flat_map(|names| vec(0.001..999.0_f32, names.len()));
    (ring, source, colors, numbers).prop_map(|(ring, source, colors, numbers)| {
        let ring = ring.map(|n| n.to_string());
        let numbers = numbers.into_iter().map(|n| n.to_string());
        let words = ring.into_iter().chain(source).chain(colors).chain(numbers);
        words.collect::<Vec<_>>().join(" ")
    })
}

/// Options without a positional value, as pairs.
fn pairs(effect: &EffectSpec) -> impl Strategy<Value = String> {
    let syntax = effect.arguments;
    let by_place = |name: &str| {
        let numbers = syntax.numbers.iter().flat_map(|names| names.iter());
        let mut placed = syntax.colors.iter().chain(numbers).copied();
        syntax.source == Some(name) || placed.any(|it| it == name)
    };
    let options = effect.options.iter().chain(TRANSFORM_OPTIONS);
    // An option that replaces others cannot be written beside positional values.
    let options = options.filter(|it| !by_place(it.name) && it.replaces.is_empty());
    let options: Vec<&'static OptionSpec> = options.collect();
    let count = options.len();
    subsequence(options, 0..=count).prop_flat_map(|options| {
        let pair = |option: &'static OptionSpec| {
            let OptionSpec { name, short, .. } = *option;
            (value(option), any::<bool>(), select(vec!["=", " = ", "= "])).prop_map(
                move |(value, long, is)| {
                    let key = if long || short.is_empty() {
                        name
                    } else {
                        short
                    };
                    format!(" {key}{is}{value}")
                },
            )
        };
        options
            .into_iter()
            .map(pair)
            .collect::<Vec<_>>()
            .prop_map(|pairs| pairs.concat())
    })
}

fn spec() -> impl Strategy<Value = String> {
    select(EFFECTS).prop_flat_map(|effect| {
        let head = select(vec![" ", ": ", " : ", "  "]);
        let fade = select(vec!["", " fade=0", " fade = 1.5 duration=3"]);
        (head, positional(effect), pairs(effect), fade).prop_map(
            move |(joint, placed, pairs, fade)| {
                format!("{}{joint}{placed}{pairs}{fade}", effect.name)
            },
        )
    })
}

/// A spec without the options that are for all layers together.
fn spec_of_layer() -> impl Strategy<Value = String> {
    select(EFFECTS).prop_flat_map(|effect| {
        (positional(effect), pairs(effect))
            .prop_map(move |(placed, pairs)| format!("{} {placed}{pairs}", effect.name))
    })
}

/// Options of layers.
fn layer_options() -> impl Strategy<Value = &'static str> {
    select(vec![
        "",
        " blend=add",
        " blend = Overlay opacity=0.5",
        " pixels=3",
        " pixels = 2-7 offset=-1.5",
    ])
}

/// Random valid and invalid tokens.
fn random_tokens() -> impl Strategy<Value = String> {
    let words = vec![
        "pulse",
        "thermal",
        "chase",
        "progress",
        "red",
        "ice",
        "bed",
        "heater_generic",
        "1",
        "2.5",
        "-1",
        "1e9",
        "inf",
        ",",
        "=",
        ":",
        "speed",
        "speed=",
        "speed=2",
        "color=red",
        "fade=0.5",
        "curve=",
        "ff8800",
        "1,1,1",
        "\u{e4}\u{f6}\u{fc}",
        "#",
        "",
    ];
    vec(select(words), 0..8).prop_map(|words| words.join(" "))
}

fn title() -> impl Strategy<Value = String> {
    let titles = vec![
        "lumen",
        "lumen_strip case",
        "lumen_strip top",
        "lumen_strip gpio18",
        "lumen_group a",
        "lumen_group b",
        "lumen_group c",
        "lumen_effect pulse",
        "lumen_effect alarm",
        "lumen_grup x",
    ];
    select(titles).prop_map(str::to_owned)
}

fn option() -> impl Strategy<Value = String> {
    let names = [MAIN_OPTIONS, STRIP_OPTIONS, GROUP_OPTIONS]
        .concat()
        .into_iter()
        .map(|it| it.name.to_owned());
    let lines = [
        "on_idle",
        "on_error",
        "on_bored",
        "on_purge",
        "macro_homing",
        "effect",
        "zebra",
    ];
    select(names.chain(lines.map(str::to_owned)).collect::<Vec<_>>())
}

fn text() -> impl Strategy<Value = String> {
    let words = vec![
        "1",
        "5",
        "10",
        "40",
        "0",
        "-3",
        "0.5",
        "gpio",
        "spi",
        "memory",
        "proxy",
        "klipper",
        "pwm",
        "18",
        "gpio10",
        "case",
        "top",
        "case 1-5",
        "case 3-9, top 9-1, 20",
        "GRB",
        "RGBW",
        "sk6812",
        "off",
        "keep",
        "reverse",
        "purge",
        "G28, M600",
        "chase 1",
        "chase 2",
        "pulse red",
        "thermal chamber 20 60",
        "kitt axis=x",
        "alarm",
        "progress",
        "True",
        "comet red | pulse blend=add\nsolid blue",
        "solid red pixels=1-2 | off",
    ];
    prop_oneof![8 => select(words).prop_map(str::to_owned), 1 => random_tokens(), 1 => ".*"]
}

fn config() -> impl Strategy<Value = RawConfig> {
    let section = (title(), btree_map(option(), text(), 0..9));
    vec(section, 0..6).prop_map(|sections| RawConfig {
        sections,
        ..RawConfig::default()
    })
}

/// A mostly valid config, which often compiles to a plan.
fn mostly_valid() -> impl Strategy<Value = RawConfig> {
    let group = |name: &'static str| {
        let lines = vec![
            "off",
            "chase 1",
            "chase 2 red",
            "thermal bed",
            "kitt axis=y",
            "progress 3",
            "chase 3 blend=add | thermal bed\nsolid red",
        ];
        (0..12_usize, vec(select(lines), 3), any::<bool>()).prop_map(
            move |(more, specs, is_over)| {
                let states = ["on_idle", "on_bored", "on_error"];
                let lines = states
                    .into_iter()
                    .zip(specs)
                    .map(|(state, spec)| (state, spec.to_owned()));
                let is_over = is_over && name == "b";
                let start = match name {
                    "a" => 1,
                    _ if is_over => 7,
                    _ => 13,
                };
                let over = is_over.then(|| ("over", "a".to_owned()));
                let pixels = [
                    ("index_start", start.to_string()),
                    ("index_end", (start + more).to_string()),
                ];
                let driver = [("driver", "gpio".to_owned()), ("gpio_pin", "10".to_owned())];
                let options = driver.into_iter().chain(pixels).chain(lines).chain(over);
                let options = options.map(|(name, text)| (name.to_owned(), text));
                let options: BTreeMap<String, String> = options.collect();
                (format!("lumen_group {name}"), options)
            },
        )
    };
    (group("a"), group("b"), option(), text()).prop_map(|(mut a, b, name, text)| {
        // Sometimes add a random option, valid or invalid.
        if name.starts_with("on_") || text.len() == 1 {
            a.1.insert(name, text);
        }
        RawConfig {
            sections: vec![a, b],
            ..RawConfig::default()
        }
    })
}

/// Asserts the invariants of every plan.
fn assert_valid(plan: &Plan) {
    assert!(plan.sources.len() <= MAX_SOURCES && plan.states.heaters <= plan.sources.len());
    assert!((1..=240).contains(&plan.fps));
    let mut used: Vec<(usize, usize, usize)> = Vec::new();
    for (index, group) in plan.groups.iter().enumerate() {
        assert!(group.group.pixels() > 0);
        assert!(
            group
                .over
                .iter()
                .all(|it| *it < plan.groups.len() && *it != index)
        );
        let places = group.group.places();
        used.extend(places.iter().map(|it| (it.strip, it.pixel, index)));
        for part in &group.scenes {
            assert_eq!(
                group
                    .scenes
                    .iter()
                    .filter(|it| it.state == part.state)
                    .count(),
                1
            );
            assert!((1..=LAYERS).contains(&part.effect.count()));
            for layer in part.effect.layers() {
                let source = layer.effect.source();
                assert!(source.is_none_or(|source| source < plan.sources.len()));
                let length = group.group.pixels();
                let part = layer.pixels.clone().unwrap_or(0..length);
                assert!(part.end <= length);
                if let Some(ring) = layer.effect.ring {
                    assert!(ring.first + part.len() <= ring.pixels);
                }
            }
        }
    }
    assert!(
        used.iter()
            .all(|(strip, pixel, _)| *pixel < plan.strips[*strip].strip.pixels)
    );
    used.sort_unstable();
    for pair in used.windows(2) {
        let [(strip, pixel, group), (other_strip, other_pixel, other)] = [pair[0], pair[1]];
        let is_over =
            plan.groups[group].over.contains(&other) || plan.groups[other].over.contains(&group);
        let is_same = (strip, pixel) == (other_strip, other_pixel);
        assert!(
            !is_same || is_over,
            "a pixel has two groups without an order"
        );
    }
}

fn reads_back(text: &str) -> Option<ParsedEffect> {
    let words = EffectNames::default();
    let spec = ParsedEffect::parse(text, &words).ok()?;
    let printed = spec.to_string();
    assert_eq!(
        ParsedEffect::parse(&printed, &words).as_ref(),
        Ok(&spec),
        "{text} -> {printed}"
    );
    Some(spec)
}

proptest! {
    #[test]
    fn every_valid_spec_parses_and_its_text_parses_to_the_same_spec(text in spec()) {
        let problems = ParsedEffect::parse(&text, &EffectNames::default()).err();
        prop_assert_eq!(problems, None, "{}", text);
        prop_assert!(reads_back(&text).is_some());
    }

    #[test]
    fn random_text_gives_messages_or_a_valid_spec(text in prop_oneof![random_tokens(), ".*"]) {
        if let Err(problems) = ParsedEffect::parse(&text, &EffectNames::default()) {
            prop_assert!(!problems.is_empty() && problems.iter().all(|it| !it.is_empty()));
        }
        reads_back(&text);
    }

    #[test]
    fn every_stack_of_valid_specs_reads_back(
        specs in vec((spec_of_layer(), layer_options()), 1..=LAYERS), is_line in any::<bool>(),
    ) {
        let lines: Vec<String> = specs.into_iter().map(|(spec, options)| spec + options).collect();
        let text = lines.join(if is_line { "\n  " } else { "|" });
        let names = EffectNames::default();
        let stack = ParsedStack::parse(&text, None, &names);
        prop_assert!(stack.is_ok(), "{stack:?}");
        let printed = stack.as_ref().map(ToString::to_string).unwrap_or_default();
        prop_assert_eq!(ParsedStack::parse(&printed, None, &names), stack);
    }

    #[test]
    fn random_stacks_give_messages_or_read_back(
        texts in vec(prop_oneof![random_tokens(), ".*"], 0..12)
    ) {
        let names = EffectNames::default();
        match ParsedStack::parse(&texts.join("|"), None, &names) {
            Ok(stack) => prop_assert_eq!(ParsedStack::parse(&stack.to_string(), None, &names), Ok(stack)),
            Err(problems) => prop_assert!(!problems.is_empty()),
        }
    }

    #[test]
    fn a_config_compiles_to_a_valid_plan_or_gives_messages(raw in prop_oneof![config(), mostly_valid()]) {
        for facts in [None, Some(&printer())] {
            match compile(&raw, facts) {
                Ok(compiled) => assert_valid(&compiled.plan),
                Err(errors) => {
                    prop_assert!(!errors.is_empty());
                    for error in errors {
                        prop_assert!(error.to_string().contains(&error.section), "{}", error);
                    }
                }
            }
        }
    }

    #[test]
    fn the_same_config_gives_the_same_plan(raw in mostly_valid()) {
        let plan = |raw| compile(raw, Some(&printer())).ok().map(|it| it.plan);
        prop_assert_eq!(plan(&raw), plan(&raw));
    }
}
