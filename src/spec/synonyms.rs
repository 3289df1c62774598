//! Names from other LED plug-ins and common terms, with the matching names in Lumen.
//!
//! They are only used for suggestions in messages, except the names of klipper-led_effect's layers,
//! which a config can use.

mod tables;

use crate::color::PaletteNames;
use crate::effect::{AnySettings, EFFECTS, EffectSpec};
use crate::spec::section::unknown_word;
use crate::state::State;
use crate::text::{ConvertCase, shown};
use tables::{OPTIONS, SECTIONS};

/// A name of another plug-in that a config can use.
#[derive(Debug)]
pub(super) struct Alias {
    /// The name.
    pub(super) name: &'static str,
    /// The effect.
    pub(super) effect: &'static str,
    /// The options of the effect that differ from its defaults.
    pub(super) options: &'static [(&'static str, &'static str)],
}

/// The layers of klipper-led_effect whose names are not those of effects. `chase` is an effect of
/// another meaning here; its layer is `comets`.
const ALIASES: &[Alias] = &[
    alias(
        "breathing",
        "pulse",
        &[("min_brightness", "0"), ("max_brightness", "1")],
    ),
    alias("cylon", "kitt", &[("kitt_eye_size", "1")]),
    alias("heater", "temperature", &[("dark_when_off", "yes")]),
    alias("heaterfire", "fire", &[("temp_source", "extruder")]),
    alias("heatergauge", "thermal", &[]),
    alias("homing", "flash", &[]),
    alias("linearfade", "fade", &[]),
    alias("progressbar", "progress", &[]),
    alias("static", "solid", &[]),
    alias("stepper", "axis", &[]),
    alias("steppercolor", "position", &[]),
    alias("temperaturegauge", "thermal", &[]),
];

const fn alias(
    name: &'static str,
    effect: &'static str,
    options: &'static [(&'static str, &'static str)],
) -> Alias {
    Alias {
        name,
        effect,
        options,
    }
}

impl Alias {
    /// Stores its options.
    pub(super) fn apply(&self, settings: &mut AnySettings) {
        for (name, text) in self.options {
            // Every option in the table is valid; a test checks that.
            let _ = settings.store(name, text, &PaletteNames::default());
        }
    }
}

/// State names from `stealthburner_leds.cfg`, Klipper's objects and common use, with the states of
/// Lumen.
const STATES: &[(&str, State)] = &[
    ("abort", State::Cancelled),
    ("aborted", State::Cancelled),
    ("bed_mesh", State::Meshing),
    ("bedmesh", State::Meshing),
    ("boot", State::Startup),
    ("busy", State::Printing),
    ("calibrate", State::Calibrating),
    ("calibrating_z", State::Probing),
    ("camera", State::Snapshot),
    ("cancel", State::Cancelled),
    ("canceled", State::Cancelled),
    ("change_filament", State::Filament),
    ("clean", State::Cleaning),
    ("clean_nozzle", State::Cleaning),
    ("cold", State::Idle),
    ("cooling", State::Cooldown),
    ("cool_down", State::Cooldown),
    ("done", State::Complete),
    ("emergency", State::Error),
    ("end", State::Complete),
    ("fault", State::Error),
    ("filament_change", State::Filament),
    ("filament_runout", State::Filament),
    ("finish", State::Complete),
    ("finished", State::Complete),
    ("gantry_level", State::Leveling),
    ("heat", State::Heating),
    ("home", State::Homing),
    ("idling", State::Idle),
    ("init", State::Startup),
    ("level", State::Leveling),
    ("load", State::Filament),
    ("load_filament", State::Filament),
    ("m600", State::Filament),
    ("mesh", State::Meshing),
    ("off", State::Sleep),
    ("offline", State::Disconnected),
    ("on", State::Idle),
    ("part_ready", State::Complete),
    ("pause", State::Paused),
    ("pid", State::Calibrating),
    ("preheat", State::Heating),
    ("preheating", State::Heating),
    ("print", State::Printing),
    ("print_complete", State::Complete),
    ("print_done", State::Complete),
    ("probe", State::Probing),
    ("qgl", State::Leveling),
    ("quad_gantry_level", State::Leveling),
    ("ready", State::Idle),
    ("runout", State::Filament),
    ("shutdown", State::Error),
    ("sleeping", State::Sleep),
    ("standby", State::Idle),
    ("start", State::Startup),
    ("starting", State::Startup),
    ("stop", State::Cancelled),
    ("stopped", State::Cancelled),
    ("success", State::Complete),
    ("timelapse", State::Snapshot),
    ("unload", State::Filament),
    ("warning", State::Error),
    ("wipe", State::Cleaning),
    ("z_tilt", State::Leveling),
];

/// Common driver names, with the drivers of Lumen.
const DRIVERS: &[(&str, &str)] = &[
    ("artnet", "ddp"),
    ("dotstar", "klipper"),
    ("e131", "ddp"),
    ("led", "klipper"),
    ("mcu", "klipper"),
    ("moonraker", "ddp"),
    ("neopixel", "klipper"),
    ("network", "ddp"),
    ("output_pin", "pwm"),
    ("pca9533", "klipper"),
    ("pca9632", "klipper"),
    ("pwm_pin", "pwm"),
    ("raspberry", "gpio"),
    ("rpi", "gpio"),
    ("rpi_ws281x", "gpio"),
    ("sk9822", "apa102"),
    ("spidev", "spi"),
    ("udp", "ddp"),
    ("wled", "ddp"),
    ("ws2812", "gpio"),
    ("ws281x", "gpio"),
];

/// Common heater names, with Klipper's names.
const HEATERS: &[(&str, &str)] = &[
    ("heatbed", "heater_bed"),
    ("hotbed", "heater_bed"),
    ("hotend", "extruder"),
    ("nozzle", "extruder"),
];

fn find<T: Copy>(table: &[(&str, T)], word: &str) -> Option<T> {
    let word = word.lowercase();
    let found = table.iter().find(|(known, _)| *known == word);
    found.map(|(_, own)| *own)
}

/// Returns the alias with this name, in any case.
pub(super) fn alias_named(word: &str) -> Option<&'static Alias> {
    ALIASES
        .iter()
        .find(|alias| alias.name.eq_ignore_ascii_case(word))
}

/// Returns the effect with this name or alias, in any case.
pub(super) fn effect_spec(word: &str) -> Option<&'static EffectSpec> {
    let word = word.lowercase();
    crate::effect::find(alias_named(&word).map_or(&*word, |alias| alias.effect))
}

/// Returns the Lumen effect for another name.
pub(super) fn effect(word: &str) -> Option<&'static str> {
    let alias = alias_named(word).map(|alias| alias.effect);
    let word = word.lowercase();
    let mut effects = EFFECTS.iter();
    let found = effects.find(|effect| effect.synonyms.contains(&word.as_str()));
    alias.or(found.map(|effect| effect.name))
}

/// Returns the Lumen driver for another name.
pub(super) fn driver(word: &str) -> Option<&'static str> {
    find(DRIVERS, word)
}

/// Returns Klipper's heater for another name.
pub(super) fn heater(word: &str) -> Option<&'static str> {
    find(HEATERS, word)
}

/// Returns the Lumen state for another name.
pub(super) fn state(word: &str) -> Option<State> {
    find(STATES, word)
}

/// Returns advice for an invalid section.
pub(super) fn section(kind: &str, name: &str) -> Option<String> {
    let advice = find(SECTIONS, kind)?;
    let shown = shown(name);
    if name.is_empty() {
        return (kind != "lumen").then(|| advice.to_owned());
    }
    if kind != "lumen_state" {
        return Some(advice.replace("NAME", &shown));
    }
    let line = match meant_state(name) {
        Some(state) => format!("write 'on_{state}' in [lumen_group NAME]"),
        None => {
            format!("write 'states: {shown}' in [lumen] and 'on_{shown}' in [lumen_group NAME]")
        }
    };
    Some(line)
}

/// Returns the state with this name in any case, or the state for another name.
pub(crate) fn meant_state(word: &str) -> Option<State> {
    State::parse(&word.lowercase()).or_else(|| state(word))
}

/// Returns advice for an option that a section type does not have.
pub(super) fn option(kind: &str, option: &str) -> Option<&'static str> {
    let found = OPTIONS
        .iter()
        .find(|(section, name, _)| *section == kind && *name == option);
    found.map(|(_, _, advice)| *advice)
}

/// Returns the `on_...` option that was probably meant, such as `on_idle` for `idle`, `on idle` or
/// `on-ready`.
pub(super) fn state_option(option: &str) -> Option<String> {
    let word = option.replace([' ', '-'], "_");
    let word = word.strip_prefix("on_").unwrap_or(&word);
    meant_state(word).map(|state| format!("on_{state}"))
}

/// Returns advice for an invalid value of an effect option, or an empty text.
pub(super) fn advice(option: &str, text: &str) -> &'static str {
    if option == "speed" && text.trim_start().starts_with('-') {
        return "; 'direction: reverse' in the group reverses the effect";
    }
    ""
}

/// Returns the message for an unknown effect.
pub(super) fn unknown_effect<'a>(
    word: &str,
    known: impl IntoIterator<Item = &'a str> + Clone,
) -> String {
    if let Some(own) = effect(word) {
        return format!("unknown effect '{}' (did you mean '{own}'?)", shown(word));
    }
    unknown_word("effect", word, known)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the synonyms of all effects, each with the name of the effect.
    fn effect_synonyms() -> impl Iterator<Item = (&'static str, &'static str)> {
        EFFECTS
            .iter()
            .flat_map(|effect| effect.synonyms.iter().map(|word| (effect.name, *word)))
    }

    #[test]
    fn every_suggestion_exists_and_no_synonym_is_a_lumen_name() {
        for (own, word) in effect_synonyms() {
            assert!(crate::effect::find(word).is_none(), "{word}");
            assert_eq!(
                effect(word),
                Some(own),
                "{word} is a synonym of two effects"
            );
        }
        for (word, _) in STATES {
            assert!(State::parse(word).is_none(), "{word}");
        }
        for (word, own) in DRIVERS {
            let drivers = crate::spec::options::DRIVERS;
            assert!(drivers.contains(own) && !drivers.contains(word), "{word}");
        }
    }

    #[test]
    fn every_alias_is_an_effect_with_valid_options() {
        for alias in ALIASES {
            assert!(crate::effect::find(alias.name).is_none(), "{}", alias.name);
            let is_synonym = effect_synonyms().any(|(_, word)| word == alias.name);
            assert!(!is_synonym, "{} is a synonym too", alias.name);
            let spec = effect_spec(alias.name).unwrap();
            for (name, text) in alias.options {
                let mut settings = (spec.defaults)();
                let stored = settings.store(name, text, &PaletteNames::default());
                assert_eq!(stored, Ok(()), "{} {name}", alias.name);
                assert_ne!(settings, (spec.defaults)(), "{} {name}", alias.name);
            }
        }
    }

    #[test]
    fn a_state_without_its_prefix_suggests_the_option() {
        for (option, meant) in [
            ("idle", "on_idle"),
            ("on idle", "on_idle"),
            ("on-ready", "on_idle"),
            ("heating", "on_heating"),
        ] {
            assert_eq!(state_option(option).as_deref(), Some(meant));
        }
        assert_eq!(state_option("led"), None);
    }

    #[test]
    fn an_effect_of_another_plug_in_suggests_a_lumen_effect() {
        assert_eq!(
            unknown_effect("Breathe", ["pulse"]),
            "unknown effect 'Breathe' (did you mean 'pulse'?)"
        );
    }
}
