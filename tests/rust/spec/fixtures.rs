//! The example configs of LUMEN, converted to Lumen's sections.

use super::{compiled, problems};
use lumen::{Compiled, Plan, State};

const EVERY_OPTION: &str = include_str!("../../fixtures/every_option.cfg");
const TRIDENT: &str = include_str!("../../fixtures/voron_trident.cfg");
const VORON_24: &str = include_str!("../../fixtures/voron_24.cfg");
const ENDER_3: &str = include_str!("../../fixtures/ender3_simple.cfg");
const SNIPPETS: &str = include_str!("../../fixtures/snippets.cfg");

fn strips(plan: &Plan) -> Vec<(&str, usize, &str)> {
    plan.strips
        .iter()
        .map(|it| {
            (
                it.strip.name.as_str(),
                it.strip.pixels,
                it.output.driver().name,
            )
        })
        .collect()
}

fn kind(plan: &Plan, group: &str, state: State) -> Option<&'static str> {
    let group = plan.groups.get(plan.group(group)?)?;
    Some(group.scene(state)?.effect.bottom().spec().name)
}

#[test]
fn every_option_of_lumen_1_is_accepted() {
    let Compiled {
        plan,
        warnings,
        commands,
        ..
    } = compiled(EVERY_OPTION);
    assert_eq!(
        strips(&plan),
        [
            ("gpio18", 30, "proxy"),
            ("toolhead", 6, "klipper"),
            ("caselight", 1, "pwm")
        ]
    );
    assert_eq!(plan.groups[0].scenes.len(), State::ALL.len());
    assert_eq!(commands.len(), 7);
    assert_eq!(commands["filament"].len(), 4);
    let obsolete = [
        "max_brightness",
        "profiling_enabled",
        "update_rate",
        "update_rate_printing",
    ];
    assert_eq!(warnings.len(), obsolete.len() + 1);
    let last = &warnings[obsolete.len()].text;
    assert!(
        last.starts_with("Groups without an 'on_...' option"),
        "{last}"
    );
    for (warning, option) in warnings.iter().zip(obsolete) {
        assert!(
            warning.text.starts_with(&format!("Option '{option}'")),
            "{warning}"
        );
    }
}

#[test]
fn three_sides_of_a_trident_are_one_ring_on_one_strip() {
    let Compiled { plan, warnings, .. } = compiled(TRIDENT);
    assert_eq!(warnings, []);
    assert_eq!(
        strips(&plan),
        [("gpio18", 51, "proxy"), ("sb_leds", 3, "klipper")]
    );
    let first = |group: &str| {
        let group = &plan.groups[plan.group(group).unwrap_or(usize::MAX)];
        let ring = group.scene(State::Bored)?.effect.bottom().ring?;
        Some((ring.first, ring.pixels))
    };
    assert_eq!(
        ["left", "center", "right"].map(first),
        [Some((0, 51)), Some((17, 51)), Some((34, 51))]
    );
    assert_eq!(kind(&plan, "emblem", State::Idle), None);
}

#[test]
fn a_chamber_without_a_heater_can_be_a_source() {
    let Compiled { plan, .. } = compiled(VORON_24);
    let heating = plan.groups[0]
        .scene(State::Heating)
        .and_then(|it| it.effect.bottom().source());
    assert_eq!(
        heating.map(|source| plan.sources[source].as_str()),
        Some("temperature_sensor chamber")
    );
    assert!(plan.wants_position && plan.wants_progress);
}

#[test]
fn the_simple_configs_compile() {
    assert_eq!(problems(ENDER_3), Vec::<String>::new());
    let Compiled { plan, warnings, .. } = compiled(SNIPPETS);
    assert_eq!(
        strips(&plan),
        [
            ("gpio10", 1, "spi"),
            ("caselight", 1, "pwm"),
            ("gpio18", 53, "proxy")
        ]
    );
    assert_eq!(warnings, []);
}
