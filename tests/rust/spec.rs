//! Compiling the text of a config to a plan or to messages.

mod catalog;
mod command_effects;
mod finish;
mod fixtures;
mod hardware;
mod klipper_neopixels;
mod layers;
mod layout;
mod leds;
mod messages;
mod objects;
mod palettes;
mod properties;
mod rings;
mod scenes;
mod settings;
mod temperature_sources;
mod warnings;

use lumen::{Compiled, Facts, Plan, RawConfig, SpecError, compile};
use std::collections::BTreeMap;

/// Parses the sections of a config file: the part of Klipper's syntax that these tests need.
fn sections(text: &str) -> RawConfig {
    let mut raw = RawConfig::default();
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or("").trim();
        if let Some(title) = line.strip_prefix('[') {
            let title = title.trim_end_matches(']').to_owned();
            raw.sections.push((title, BTreeMap::new()));
        } else if let (Some((name, value)), Some((_, options))) =
            (line.split_once(':'), raw.sections.last_mut())
        {
            options.insert(name.trim().to_lowercase(), value.trim().to_owned());
        }
    }
    raw
}

/// A printer with an extruder, a bed and a chamber.
fn printer() -> Facts {
    Facts {
        heaters: vec!["extruder".into(), "heater_bed".into()],
        sensors: vec!["temperature_sensor chamber".into()],
        filament_sensors: None,
        travel: Some([[0.0, 200.0], [-5.0, 210.0], [0.0, 180.0]]),
        ..Facts::default()
    }
}

fn compiled(text: &str) -> Compiled {
    compiled_with(text, &[])
}

/// Compiles a config for a printer with Klipper LEDs that have the given channels.
fn compiled_with(text: &str, leds: &[(&str, &[&str])]) -> Compiled {
    let owned = |it: &[&str]| it.iter().map(|channels| (*channels).to_owned()).collect();
    let leds = leds
        .iter()
        .map(|(name, it)| ((*name).to_owned(), owned(it)));
    let raw = RawConfig {
        leds: leds.collect(),
        ..sections(text)
    };
    let outcome = compile(&raw, Some(&printer()));
    let problems = outcome.as_ref().err().map_or(Vec::new(), |it| messages(it));
    assert_eq!(problems, Vec::<String>::new());
    outcome.unwrap_or_else(|_| unreachable!())
}

fn plan(text: &str) -> Plan {
    compiled(text).plan
}

fn messages(errors: &[SpecError]) -> Vec<String> {
    errors.iter().map(ToString::to_string).collect()
}

/// Returns the texts of all warnings.
fn warnings(compiled: &Compiled) -> Vec<String> {
    compiled.warnings.iter().map(ToString::to_string).collect()
}

/// Returns all error messages about a config.
fn problems(text: &str) -> Vec<String> {
    let outcome = compile(&sections(text), Some(&printer()));
    outcome.err().map_or(Vec::new(), |errors| messages(&errors))
}

/// Returns a config with one group on pin 10 and the given lines.
fn group(lines: &str) -> String {
    format!("[lumen]\n[lumen_group case]\ndriver: gpio\ngpio_pin: 10\nindex_end: 10\n{lines}")
}
