//! Names from other LED plug-ins and common terms, with the matching names in Lumen.
//!
//! They are only used for suggestions in messages, except the names of klipper-led_effect's layers,
//! which a config can use.

use crate::color::PaletteNames;
use crate::effect::{AnySettings, EFFECTS, EffectSpec};
use crate::spec::section::unknown_word;
use crate::state::State;
use crate::text::{ConvertCase, shown};

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

/// Options that belong in another section or that Lumen does not have: section type, option, and
/// advice.
const OPTIONS: &[(&str, &str, &str)] = &[
    (
        "lumen_group",
        "autostart",
        "remove it; groups follow the printer automatically",
    ),
    (
        "lumen_group",
        "brightness",
        "write 'group_brightness' here, or 'brightness' in [lumen] for all groups",
    ),
    (
        "lumen_group",
        "max_brightness",
        "write 'group_brightness' here, or 'brightness' in [lumen] for all groups",
    ),
    (
        "lumen_group",
        "chain_count",
        "write 'index_end'; 'chain_count' belongs in Klipper's [neopixel NAME] or in [lumen_strip \
         NAME]",
    ),
    (
        "lumen_group",
        "count",
        "write 'index_end'; 'count' belongs in [lumen_strip NAME]",
    ),
    ("lumen_group", "index_stop", "write 'index_end'"),
    ("lumen_group", "index_last", "write 'index_end'"),
    ("lumen_group", "index_count", "write 'index_end'"),
    ("lumen_group", "led_count", "write 'index_end'"),
    ("lumen_group", "num_leds", "write 'index_end'"),
    ("lumen_group", "start", "write 'index_start'"),
    ("lumen_group", "end", "write 'index_end'"),
    ("lumen_group", "reverse", "write 'direction: reverse'"),
    (
        "lumen_group",
        "leds",
        "write 'driver: klipper', 'neopixel' and 'index_end'",
    ),
    (
        "lumen_group",
        "color",
        "write it after the effect, as in 'on_idle: solid red'",
    ),
    (
        "lumen_group",
        "effect",
        "write an effect for each state, as in 'on_idle: pulse red'",
    ),
    (
        "lumen_group",
        "endstops",
        "remove it; use 'on_homing' for the homing state",
    ),
    (
        "lumen_group",
        "fps",
        "remove it; 'gpio_fps' in [lumen] applies to all groups",
    ),
    (
        "lumen_group",
        "frame_rate",
        "remove it; 'gpio_fps' in [lumen] applies to all groups",
    ),
    (
        "lumen_group",
        "heater",
        "write it after the effect, as in 'on_heating: thermal extruder blue red'",
    ),
    (
        "lumen_group",
        "layers",
        "write an effect for each state, as in 'on_idle: pulse red'",
    ),
    (
        "lumen_group",
        "run_on_error",
        "remove it; use 'on_error' for the error state",
    ),
    (
        "lumen_group",
        "speed",
        "write it after the effect, as in 'on_idle: pulse red speed=2'",
    ),
    (
        "lumen_effect",
        "layers",
        "write 'effect' and its options, as in 'effect: pulse'",
    ),
    (
        "lumen_effect",
        "autostart",
        "remove it; use the effect in an 'on_...' option of a group",
    ),
    (
        "lumen_effect",
        "frame_rate",
        "remove it; 'gpio_fps' in [lumen] applies to all groups",
    ),
    (
        "lumen_effect",
        "leds",
        "remove it; use the effect in an 'on_...' option of a group",
    ),
    ("lumen_palette", "base_color", "write 'colors'"),
    ("lumen_palette", "gradient", "write 'colors'"),
    ("lumen_palette", "palette", "write 'colors'"),
    (
        "lumen_palette",
        "stops",
        "write them in 'colors', as in 'colors: black 0%, red 40%'",
    ),
    (
        "lumen_strip",
        "index_end",
        "write 'count'; 'index_end' belongs in [lumen_group NAME]",
    ),
    (
        "lumen",
        "frame_rate",
        "write 'gpio_fps', or 'mcu_bytes_per_second' for LEDs on an MCU",
    ),
];

/// Invalid section types, and advice; `NAME` is replaced with the name of the section.
const SECTIONS: &[(&str, &str)] = &[
    ("lumen", "write [lumen_group NAME]"),
    ("lumen_chain", "write [lumen_strip NAME]"),
    ("lumen_color", "write [lumen_palette NAME] with 'colors'"),
    ("lumen_colors", "write [lumen_palette NAME] with 'colors'"),
    ("lumen_config", "move its options into [lumen]"),
    ("lumen_lamp", "write [lumen_group NAME] with 'driver: pwm'"),
    ("lumen_gradient", "write [lumen_palette NAME]"),
    (
        "lumen_layer",
        "a group shows one effect in each state, as in 'on_idle: pulse red'",
    ),
    ("lumen_led", "write [lumen_group NAME]"),
    ("lumen_leds", "write [lumen_group NAME]"),
    ("lumen_light", "write [lumen_group NAME]"),
    ("lumen_lights", "write [lumen_group NAME]"),
    (
        "lumen_macro",
        "write the macro in [lumen], as in 'macro_homing: MY_HOME'",
    ),
    (
        "lumen_neopixel",
        "write [lumen_strip NAME] with 'driver: klipper' and 'neopixel: NAME'",
    ),
    ("lumen_preset", "write [lumen_effect NAME]"),
    ("lumen_segment", "write [lumen_group NAME]"),
    ("lumen_settings", "move its options into [lumen]"),
    ("lumen_state", "write 'on_NAME' in [lumen_group NAME]"),
    ("lumen_zone", "write [lumen_group NAME]"),
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
