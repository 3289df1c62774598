//! Heaters and sensors.

use super::{group, messages, sections, warnings};
use lumen::{Facts, MAX_SOURCES, Plan, State, compile};

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

fn with(facts: Option<&Facts>, lines: &str) -> Result<Plan, Vec<String>> {
    let compiled = compile(&sections(&group(lines)), facts);
    compiled
        .map(|it| it.plan)
        .map_err(|errors| messages(&errors))
}

/// Returns the full name of the source of `thermal WORD` on a printer with the given objects.
fn followed(heaters: &[&str], sensors: &[&str], word: &str) -> Option<String> {
    let facts = Facts {
        heaters: names(heaters),
        sensors: names(sensors),
        filament_sensors: None,
        travel: None,
        ..Facts::default()
    };
    let plan = with(Some(&facts), &format!("on_heating: thermal {word}")).ok()?;
    let source = plan.groups[0]
        .scene(State::Heating)?
        .effect
        .bottom()
        .source()?;
    plan.sources.get(source).cloned()
}

#[test]
fn a_source_is_found_by_its_full_or_last_name() {
    let heaters = ["extruder", "extruder1", "heater_bed", "heater_generic Oven"];
    let sensors = ["temperature_sensor raspberry_pi", "temperature_fan chamber"];
    for (word, name) in [
        ("extruder", "extruder"),
        ("extruder1", "extruder1"),
        ("bed", "heater_bed"),
        ("heater_bed", "heater_bed"),
        ("oven", "heater_generic Oven"),
        ("heater_generic Oven", "heater_generic Oven"),
        ("chamber", "temperature_fan chamber"),
        ("raspberry_pi", "temperature_sensor raspberry_pi"),
    ] {
        assert_eq!(
            followed(&heaters, &sensors, word).as_deref(),
            Some(name),
            "{word}"
        );
    }
}

#[test]
fn a_heater_takes_priority_and_the_chamber_of_lumen_1_is_found() {
    let sensors = ["temperature_sensor chamber"];
    assert_eq!(
        followed(&["heater_generic chamber"], &sensors, "chamber").as_deref(),
        Some("heater_generic chamber")
    );
    assert_eq!(
        followed(&[], &["temperature_sensor chamber_temp"], "chamber").as_deref(),
        Some("temperature_sensor chamber_temp")
    );
}

#[test]
fn heaters_come_first_and_then_the_sensors_in_use() {
    let facts = Facts {
        heaters: names(&["extruder", "heater_bed"]),
        sensors: names(&["temperature_sensor pi", "temperature_sensor chamber"]),
        filament_sensors: None,
        travel: None,
        ..Facts::default()
    };
    let plan = with(
        Some(&facts),
        "on_heating: thermal bed\non_idle: thermal chamber high=60",
    );
    let sources = plan.map(|plan| (plan.sources, plan.states.heaters));
    assert_eq!(
        sources,
        Ok((
            names(&["extruder", "heater_bed", "temperature_sensor chamber"]),
            2
        ))
    );
}

#[test]
fn names_are_not_checked_for_an_unknown_printer() {
    let plan = with(
        None,
        "unmapped: off\non_heating: thermal bed\non_idle: thermal zebra high=60",
    );
    let sources = plan.map(|plan| (plan.sources, plan.states.heaters));
    assert_eq!(sources, Ok((names(&["heater_bed", "zebra"]), 0)));
}

#[test]
fn a_built_in_scene_without_room_for_its_source_is_a_warning() {
    let lines = |what: &str| -> String {
        let numbered = 0..MAX_SOURCES;
        numbered
            .map(|n| what.replace('#', &n.to_string()))
            .collect()
    };
    let config = group(&lines("on_s#: thermal t#\n"));
    let config = config.replace("[lumen]", &format!("[lumen]\nstates: {}", lines("s#, ")));
    let compiled = compile(&sections(&config), None);
    let warnings = compiled
        .map_err(|errors| messages(&errors))
        .map(|it| warnings(&it));
    assert_eq!(
        warnings,
        Ok(names(&[
            "Option 'on_cooldown' in section 'lumen_group case': the built-in effect of this state \
             cannot be used: 'extruder' is one source too many; at most 24 can be used, including all heaters"
        ]))
    );
}

#[test]
fn too_many_sources_are_an_error() {
    let many = |count: usize| (0..count).map(|n| format!("heater_generic h{n}")).collect();
    let full = Facts {
        heaters: many(MAX_SOURCES),
        sensors: names(&["temperature_sensor pi"]),
        filament_sensors: None,
        travel: None,
        ..Facts::default()
    };
    assert_eq!(
        with(Some(&full), "on_error: thermal pi"),
        Err(names(&[
            "Option 'on_error' in section 'lumen_group case': 'pi' is one source too many; at most 24 can be used, including all heaters"
        ]))
    );
}

#[test]
fn a_printer_with_too_many_heaters_still_starts() {
    let facts = Facts {
        heaters: (0..=MAX_SOURCES)
            .map(|n| format!("heater_generic h{n}"))
            .collect(),
        ..Facts::default()
    };
    let compiled = compile(&sections(&group("on_error: off")), Some(&facts));
    let found = compiled.map(|it| (it.plan.sources.len(), warnings(&it)));
    let warning = "The printer has 25 heaters; the lights follow the first 24";
    assert_eq!(found, Ok((24, names(&[warning]))));
}

#[test]
fn the_active_extruder_is_named_tool() {
    let heaters = ["extruder", "extruder1", "heater_bed"];
    assert_eq!(followed(&heaters, &[], "tool").as_deref(), Some("tool"));
    assert_eq!(
        followed(&heaters, &[], "extruder").as_deref(),
        Some("extruder")
    );
    let taken = ["temperature_sensor tool"];
    assert_eq!(
        followed(&heaters, &taken, "tool").as_deref(),
        Some("temperature_sensor tool")
    );
    assert_eq!(followed(&["heater_bed"], &[], "tool"), None);
}

#[test]
fn extruders_are_known_by_their_names() {
    let facts = Facts {
        heaters: names(&[
            "heater_bed",
            "extruder",
            "heater_generic extruder2",
            "extruder1",
        ]),
        ..Facts::default()
    };
    let plan = with(Some(&facts), "").unwrap();
    assert_eq!((plan.states.heaters, plan.states.extruders), (4, 0b1010));
}

#[test]
fn filament_sensors_are_all_or_those_in_the_option() {
    let facts = Facts {
        filament_sensors: Some(names(&[
            "filament_switch_sensor left",
            "filament_motion_sensor right",
        ])),
        ..Facts::default()
    };
    let sensors = |option: &str| {
        let compiled = compile(&sections(&format!("[lumen]\n{option}")), Some(&facts));
        compiled
            .map(|it| it.filament_sensors)
            .map_err(|it| messages(&it))
    };
    let (left, right) = (
        "filament_switch_sensor left",
        "filament_motion_sensor right",
    );
    assert_eq!(sensors(""), Ok(names(&[left, right])));
    assert_eq!(sensors("filament_sensors: none"), Ok(Vec::new()));
    assert_eq!(sensors("filament_sensors: right"), Ok(names(&[right])));
    assert_eq!(
        sensors("filament_sensors: filament_switch_sensor left, Right"),
        Ok(names(&[left, right]))
    );
    assert_eq!(
        sensors("filament_sensors: lefft"),
        Err(names(&[
            "Option 'filament_sensors' in section 'lumen': unknown filament sensor 'lefft' \
             (did you mean 'left'?)"
        ]))
    );
}
