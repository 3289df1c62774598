//! The options of all effects: names, kinds, units, defaults, limits and help.
//!
//! The parser, the generated documents, `klipper-lumen effects` and the endpoints all read
//! [`OPTIONS`]. The defaults are not defined anywhere else.

mod table;

pub use table::OPTIONS;

use super::EffectKind;
use crate::color::{Color, name};
use crate::text::{shown, write_number};

/// The upper limit of pixel counts; no strip has as many pixels.
const MAX_COUNT: u32 = 10_000;

/// One option of one or more effects.
#[derive(Clone, Copy, Debug)]
pub struct OptionSpec {
    /// Name in `[lumen_effect]` and as `name=value` in a spec.
    pub name: &'static str,
    /// A shorter name for use in a spec; empty if the option has none.
    pub short: &'static str,
    /// Type of the value and its limits.
    pub kind: OptionKind,
    /// Unit, for display; empty if the value has none.
    pub unit: &'static str,
    /// Default as written in a config; empty if the option is unset by default.
    pub default: &'static str,
    /// Defaults of the effects that differ from `default`.
    pub default_of: &'static [(EffectKind, &'static str)],
    /// The effects that use the option.
    pub effects: &'static [EffectKind],
    /// Description: one sentence, without the default.
    pub help: &'static str,
    slot: fn(&mut Settings) -> Field<'_>,
}

/// The type of an option's value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum OptionKind {
    /// A number above the limit.
    Above(f32),
    /// A number in this inclusive range.
    Within(f32, f32),
    /// Any number.
    Number,
    /// A whole number in this inclusive range.
    Count(u32, u32),
    /// A color in any notation.
    Color,
    /// `none`, `x`, `y` or `z`.
    Axis,
    /// The name of a heater or temperature sensor.
    Source,
}

enum Field<'a> {
    Number(&'a mut f32),
    Unset(&'a mut Option<f32>),
    Count(&'a mut u32),
    Color(&'a mut Color),
    Axis(&'a mut Option<usize>),
    Source(&'a mut String),
}

/// The resolved options of one effect.
#[derive(Clone, Debug, Default, PartialEq)]
#[allow(
    missing_docs,
    reason = "each field is the option of the same name in OPTIONS, documented there"
)]
pub struct Settings {
    pub base_color: Color,
    pub speed: f32,
    pub min_brightness: f32,
    pub max_brightness: f32,
    pub min_sparkle: u32,
    pub max_sparkle: u32,
    pub rainbow_spread: f32,
    pub fire_cooling: f32,
    pub fire_diffusion: f32,
    pub comet_tail_length: u32,
    pub comet_fade_rate: f32,
    pub chase_color_1: Color,
    pub chase_color_2: Color,
    pub chase_size: u32,
    pub chase_offset_base: f32,
    pub chase_offset_variation: f32,
    pub chase_proximity_threshold: f32,
    pub chase_accel_factor: f32,
    pub chase_role_swap_interval: f32,
    pub chase_collision_pause: f32,
    pub kitt_eye_size: u32,
    pub kitt_tail_length: u32,
    pub kitt_tracking_axis: Option<usize>,
    pub temp_source: String,
    pub start_color: Color,
    pub end_color: Color,
    pub gradient_curve: f32,
    pub range_min: Option<f32>,
    pub range_max: Option<f32>,
}

/// Returns the options of an effect.
pub fn for_effect(kind: EffectKind) -> impl Iterator<Item = &'static OptionSpec> {
    OPTIONS
        .iter()
        .filter(move |option| option.effects.contains(&kind))
}

/// Returns the option of an effect with this full or short name.
pub fn find(kind: EffectKind, word: &str) -> Option<&'static OptionSpec> {
    for_effect(kind)
        .find(|option| option.name == word || (!word.is_empty() && option.short == word))
}

impl OptionSpec {
    /// Returns the default for one effect, as written in a config.
    pub fn default_for(&self, kind: EffectKind) -> &'static str {
        self.default_of
            .iter()
            .find(|(effect, _)| *effect == kind)
            .map_or(self.default, |(_, default)| default)
    }

    /// Parses `text` and stores the value in `settings`.
    ///
    /// # Errors
    /// Describes the problem in words that follow the option's name: `must be above 0, got -1`.
    pub fn store(&self, settings: &mut Settings, text: &str) -> Result<(), String> {
        let text = text.trim();
        match (self.slot)(settings) {
            Field::Number(slot) => *slot = self.kind.number(text)?,
            Field::Unset(slot) => *slot = Some(self.kind.number(text)?),
            Field::Count(slot) => *slot = self.kind.count(text)?,
            Field::Color(slot) => *slot = name::parse(text).map_err(|error| error.to_string())?,
            Field::Axis(slot) => *slot = axis(text)?,
            Field::Source(slot) => *slot = source(text)?,
        }
        Ok(())
    }
}

impl OptionKind {
    /// Parses a number within the limits.
    ///
    /// # Errors
    /// Describes the problem: `must be above 0, got -1`.
    pub fn number(self, text: &str) -> Result<f32, String> {
        let value: f32 = text
            .parse()
            .ok()
            .filter(|value: &f32| value.is_finite())
            .ok_or_else(|| {
                let is_share = matches!(self, Self::Within(low, high) if low >= 0.0 && high <= 1.0);
                let hint = write_number(text, is_share);
                format!("must be a number, got '{}'{hint}", shown(text))
            })?;
        match self {
            Self::Above(limit) if value <= limit => {
                Err(format!("must be above {limit}, got {}", shown(text)))
            }
            Self::Within(low, high) if !(low..=high).contains(&value) => {
                Err(format!("must be from {low} to {high}, got {}", shown(text)))
            }
            _ => Ok(value),
        }
    }

    /// Parses a whole number within the limits.
    ///
    /// # Errors
    /// Describes the problem: `must be a whole number from 1 to 9, got 0`.
    pub fn count(self, text: &str) -> Result<u32, String> {
        let (low, high) = match self {
            Self::Count(low, high) => (low, high),
            _ => (0, MAX_COUNT),
        };
        text.parse()
            .ok()
            .filter(|value| (low..=high).contains(value))
            .ok_or_else(|| {
                format!(
                    "must be a whole number from {low} to {high}, got {}{}",
                    shown(text),
                    write_number(text, false)
                )
            })
    }
}

fn axis(text: &str) -> Result<Option<usize>, String> {
    match text.to_ascii_lowercase().as_str() {
        "none" => Ok(None),
        "x" => Ok(Some(0)),
        "y" => Ok(Some(1)),
        "z" => Ok(Some(2)),
        _ => Err(format!("must be none, x, y or z, got '{}'", shown(text))),
    }
}

fn source(text: &str) -> Result<String, String> {
    if text.is_empty() {
        return Err("must name a heater or a temperature sensor".to_owned());
    }
    Ok(text.to_owned())
}

impl Settings {
    /// Returns the defaults of an effect.
    pub fn defaults(kind: EffectKind) -> Self {
        let mut settings = Self::default();
        for option in OPTIONS {
            let default = option.default_for(kind);
            if !default.is_empty() {
                // Every default in the table is valid; a test checks that.
                let _ = option.store(&mut settings, default);
            }
        }
        settings
    }
}

#[cfg(test)]
mod tests {
    use super::EffectKind::{Disco, Kitt, Pulse};
    use super::*;

    fn problem(kind: EffectKind, option: &str, text: &str) -> String {
        let mut settings = Settings::defaults(kind);
        find(kind, option)
            .unwrap()
            .store(&mut settings, text)
            .unwrap_err()
    }

    #[test]
    fn every_default_in_the_table_is_valid() {
        for option in OPTIONS {
            for kind in EffectKind::ALL {
                let default = option.default_for(kind);
                let mut settings = Settings::default();
                assert!(
                    default.is_empty() || option.store(&mut settings, default).is_ok(),
                    "{} of {}",
                    option.name,
                    kind.name()
                );
            }
        }
    }

    #[test]
    fn no_two_options_of_an_effect_share_a_name() {
        for kind in EffectKind::ALL {
            let words: Vec<&str> = for_effect(kind)
                .flat_map(|option| [option.name, option.short])
                .filter(|word| !word.is_empty())
                .collect();
            for (index, word) in words.iter().enumerate() {
                assert!(!words[..index].contains(word), "{word} of {}", kind.name());
            }
        }
    }

    #[test]
    fn an_error_names_the_valid_values() {
        assert_eq!(problem(Pulse, "speed", "-1"), "must be above 0, got -1");
        assert_eq!(
            problem(Pulse, "speed", "fast"),
            "must be a number, got 'fast'"
        );
        assert_eq!(
            problem(Pulse, "max", "50%"),
            "must be a number, got '50%'; write 0.5"
        );
        assert_eq!(
            problem(Pulse, "speed", "1,5"),
            "must be a number, got '1,5'; write 1.5"
        );
        assert_eq!(problem(Pulse, "max", "1.5"), "must be from 0 to 1, got 1.5");
        assert_eq!(
            problem(Disco, "max_sparkle", "0"),
            "must be a whole number from 1 to 10000, got 0"
        );
        assert_eq!(
            problem(Kitt, "axis", "q"),
            "must be none, x, y or z, got 'q'"
        );
        assert_eq!(
            problem(Kitt, "color", "rde"),
            "unknown color 'rde' (did you mean 'red'?)"
        );
    }

    #[test]
    fn nan_and_infinity_are_not_numbers() {
        assert_eq!(problem(Pulse, "min", "nan"), "must be a number, got 'nan'");
        assert_eq!(
            problem(Pulse, "speed", "inf"),
            "must be a number, got 'inf'"
        );
    }
}
