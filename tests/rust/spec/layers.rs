//! Stacks of layers, looks, and the order of groups: what they compile to, and the messages.

use super::{compiled, group, messages, printer};
use lumen::{Compiled, EffectNames, ParsedStack, Plan, RawConfig, State, Unmapped, compile};
use std::collections::BTreeMap;

const LOOK: &str = "\n[lumen_effect alarm]\nlayers: pulse white blend=add | solid 200000";

fn problems_of(text: &str) -> Vec<String> {
    ParsedStack::parse(text, None, &EffectNames::default())
        .err()
        .unwrap_or_default()
}

/// Compiles a group with `on_idle` over several lines.
fn lines(on_idle: &str) -> Result<Compiled, Vec<String>> {
    let options = [
        ("driver", "memory"),
        ("index_end", "20"),
        ("on_idle", on_idle),
    ];
    let options = options.map(|(name, text)| (name.to_owned(), text.to_owned()));
    let raw = RawConfig {
        sections: vec![
            ("lumen".to_owned(), BTreeMap::new()),
            ("lumen_group case".to_owned(), options.into()),
        ],
        ..RawConfig::default()
    };
    compile(&raw, Some(&printer())).map_err(|errors| messages(&errors))
}

/// Returns the names of the effects in a state, lowest first, and the text of the status.
fn shown(plan: &Plan, state: State) -> (Vec<&'static str>, &str) {
    let mut parts = plan.groups[0].scenes.iter();
    let part = parts.find(|part| part.state == state);
    let names = part.map(|part| part.effect.effects().map(|it| it.spec().name));
    let names = names.into_iter().flatten().collect();
    (names, part.map_or("", |part| &part.text))
}

#[test]
fn the_first_line_is_the_highest_layer() {
    let text = "\n  comet white speed=3 blend=add\n\n  pulse: red min=0\n  solid 200000";
    let compiled = lines(text).unwrap();
    let text = "comet white speed=3 blend=add | pulse red min=0 | solid 200000";
    let expected = (vec!["solid", "pulse", "comet"], text);
    assert_eq!(shown(&compiled.plan, State::Idle), expected);
    // The text of the status is the same stack.
    let again = lines(text).unwrap();
    assert_eq!(again.plan, compiled.plan);
}

#[test]
fn one_line_of_several_is_an_effect() {
    let compiled = lines("\npulse red\n").unwrap();
    assert_eq!(
        shown(&compiled.plan, State::Idle),
        (vec!["pulse"], "pulse red")
    );
}

#[test]
fn a_named_look_is_used_like_an_effect() {
    let config = group("on_idle: Alarm fade=2\non_error: comet red | alarm");
    let Compiled {
        plan,
        mut effect_resolver,
        ..
    } = compiled(&(config + LOOK));
    let idle = (vec!["solid", "pulse"], "alarm fade=2");
    assert_eq!(shown(&plan, State::Idle), idle);
    let error = (vec!["solid", "pulse", "comet"], "comet red | alarm");
    assert_eq!(shown(&plan, State::Error), error);
    let mut set = |text: &str, options: &[(&str, &str)]| {
        let options: Vec<_> = options
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        let found = effect_resolver.effect(&plan, 0, text, &options);
        found.map(|it| (it.effect.count(), it.text))
    };
    assert_eq!(
        set("alarm", &[("DURATION", "3")]),
        Ok((2, "alarm duration=3".to_owned()))
    );
    assert_eq!(
        set("alarm", &[("SPEED", "3")]),
        Err(
            "'speed' cannot follow 'alarm', whose layers have their own options; only fade and \
             duration can"
                .to_owned()
        )
    );
    assert_eq!(
        set("comet | pulse", &[("SPEED", "3")]),
        Err("'speed' belongs to one layer; write it after the effect of that layer".to_owned())
    );
    assert_eq!(
        set("comet | pulse", &[("FADE", "3")]),
        Ok((2, "comet | pulse fade=3".to_owned()))
    );
    assert_eq!(
        set("alarm | solid red", &[]),
        Err("layer 1: 'alarm' has layers of its own, so it must be the last layer".to_owned())
    );
    assert_eq!(
        set("solid red pixels=5-50 | off", &[]),
        Err("layer 1: 'pixels' goes to 50, but the group has 10 pixels".to_owned())
    );
}

#[test]
fn a_look_is_offered_with_its_layers() {
    let compiled = compiled(&(group("on_idle: alarm") + LOOK + "\nshow: True"));
    let offer = &compiled.offer.effects[0];
    assert_eq!(
        (&*offer.name, offer.effect, offer.is_shown),
        ("alarm", "layers", true)
    );
    assert_eq!(offer.options[0].0, "layers");
}

#[test]
fn all_mistakes_of_all_layers_are_reported() {
    for (text, expected) in [
        (
            "puls red\ncomet speed=-1 opacity=2\nsolid blend=ad",
            &[
                "layer 1: unknown effect 'puls' (did you mean 'pulse'?)",
                "layer 2: 'speed' must be above 0, got -1; 'direction: reverse' in the group reverses the effect",
                "layer 2: 'opacity' must be from 0 to 1, got 2",
                "layer 3: unknown blend mode 'ad' (did you mean 'add'?)",
            ][..],
        ),
        (
            "pulse red\nmin=0",
            &[
                "layer 2: 'min=0' is an option; each line is a layer: an effect with all its options",
            ],
        ),
        (
            "pulse red | | off",
            &["layer 2: empty effect; '#' starts a comment; write 'off' for no light"],
        ),
        (
            "pulse fade=1 | solid fade=2",
            &["'fade' is set twice; it is for all layers together"],
        ),
        (
            "off|off|off|off|off|off|off|off|off",
            &["at most 8 layers can be blended, got 9"],
        ),
        (
            "pulse opcity=1",
            &["'pulse' has no option 'opcity' (did you mean 'opacity'?)"],
        ),
        (
            "pulse pixels=5-1",
            &["'pixels' must begin with the lower pixel: 1-5"],
        ),
        (
            "pulse pixels=1-3,7",
            &["'pixels' takes one range, such as 1-5, got '1-3,7'; write a layer for each"],
        ),
        (
            "pulse pixels=all",
            &["'pixels' must be a pixel of the group or a range, such as 3 or 1-5, got 'all'"],
        ),
        ("pulse offset=x", &["'offset' must be a number, got 'x'"]),
    ] {
        assert_eq!(problems_of(text), expected, "{text}");
    }
}

#[test]
fn every_text_of_a_stack_reads_back() {
    for text in [
        "comet white blend=Add opacity=0.5 | solid red pixels=1-5 offset=-1.5",
        "pulse red yellow green | off fade=1",
        "thermal bed | chase 1",
    ] {
        let names = EffectNames::default();
        let stack = ParsedStack::parse(text, None, &names).unwrap();
        assert_eq!(stack.to_string(), text);
        assert_eq!(
            ParsedStack::parse(&stack.to_string(), None, &names),
            Ok(stack)
        );
    }
}

#[test]
fn a_lamp_takes_layers_too() {
    let names = EffectNames::default();
    let stack = ParsedStack::parse("pulse white\ndim", Some(0.3), &names).unwrap();
    assert_eq!(stack.to_string(), "pulse white | dim");
}

#[test]
fn the_short_form_of_a_lamp_takes_options_but_no_color() {
    let names = EffectNames::default();
    let parse = |text| ParsedStack::parse(text, Some(0.3), &names);
    for text in ["dim fade=2", "On", "0.4 duration=5 fade=1"] {
        assert_eq!(parse(text).unwrap().to_string(), text);
    }
    for text in ["dim red", "on color=red", "0.5 palette=ocean"] {
        let word = text.split(' ').next().unwrap();
        let problem = format!("'{word}' is white already; only options such as fade=2 can follow");
        assert_eq!(parse(text), Err(vec![problem]));
    }
}

fn overlapping(bar: &str, more: &str) -> String {
    format!(
        "[lumen]\n[lumen_strip case]\ndriver: memory\ncount: 30\n[lumen_group bar]\npixels: case 5-10\n{bar}\n\
         [lumen_group case]\npixels: case 1-20\n{more}"
    )
}

#[test]
fn groups_share_pixels_if_their_order_is_stated() {
    let plan = compiled(&overlapping("over: case", "")).plan;
    assert_eq!(
        (&*plan.groups[0].over, &*plan.groups[1].over),
        (&[1][..], &[][..])
    );
    assert_eq!(plan.groups[0].unmapped, Unmapped::Off);
    // Only the built-in alarm, which everything below has priority over.
    let scenes: Vec<_> = plan.groups[0].scenes.iter().map(|it| it.state).collect();
    assert_eq!(scenes, [State::Error]);
    assert!(plan.groups[0].scenes[0].is_built_in);
    let plan = compiled(&overlapping("over: case\nunmapped: default", "")).plan;
    assert!(plan.groups[0].scene(State::Idle).is_some());
    let third = "[lumen_group third]\npixels: case 10-25\nover: case, bar";
    compiled(&overlapping("over: case", third));
}

#[test]
fn mistakes_in_the_order_are_reported() {
    for (bar, more, expected) in [
        (
            "",
            "",
            &[
                "Sections 'lumen_group bar' and 'lumen_group case' both use pixels 5-10 of strip 'case'; \
               if 'case' is to cover 'bar' there, add 'over: bar' to [lumen_group case]",
            ][..],
        ),
        (
            "over: cas",
            "",
            &[
                "Option 'over' in section 'lumen_group bar': unknown group 'cas' (did you mean 'case'?)",
            ],
        ),
        (
            "over: bar, case",
            "",
            &["Option 'over' in section 'lumen_group bar' must not name the group itself"],
        ),
        (
            "over: ",
            "",
            &[
                "Option 'over' in section 'lumen_group bar' must be the names of groups, as in 'over: case'",
            ],
        ),
        (
            "over: case",
            "over: bar",
            &[
                "Option 'over' in section 'lumen_group bar' must not form a circle: bar over case over bar",
            ],
        ),
        (
            "over: case",
            "[lumen_group third]\npixels: case 10-25\nover: case",
            &[
                "Sections 'lumen_group bar' and 'lumen_group third' both use pixel 10 of strip 'case'; if \
               'third' is to cover 'bar' there, add 'over: case, bar' to [lumen_group third]",
            ],
        ),
    ] {
        let found = super::problems(&overlapping(bar, more));
        // A group without an order is reported too.
        assert_eq!(found.first().map(String::as_str), expected.first().copied());
        assert!(found.len() <= 2, "{found:?}");
    }
}

#[test]
fn mistakes_in_a_look_are_reported() {
    for (look, expected) in [
        (
            "layers: puls | solid rde",
            &[
                "Option 'layers' in section 'lumen_effect mine': layer 1: unknown effect 'puls' (did you mean 'pulse'?)",
                "Option 'layers' in section 'lumen_effect mine': layer 2: unknown color 'rde' (did you mean 'red'?)",
            ][..],
        ),
        (
            "layers: comet | solid red fade=2",
            &[
                "Option 'layers' in section 'lumen_effect mine': 'fade' must follow the name of the section where it is used",
            ],
        ),
        (
            "layers: comet | other\n[lumen_effect other]\nlayers: pulse | off",
            &[
                "Option 'layers' in section 'lumen_effect mine': layer 2: 'other' has layers itself; write its layers here",
            ],
        ),
        (
            "layers: comet | off\neffect: pulse\nspeed: 3",
            &[
                "Option 'effect' in section 'lumen_effect mine' cannot be combined with 'layers'; write it in the line of a layer",
                "Option 'speed' in section 'lumen_effect mine' cannot be combined with 'layers'; write it in the line of a layer",
            ],
        ),
    ] {
        let config = format!("{}\n[lumen_effect mine]\n{look}", group("on_idle: off"));
        assert_eq!(super::problems(&config), expected, "{look}");
    }
}
