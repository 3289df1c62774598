//! The options of all effects: names, kinds, units, defaults, limits and help, once.
//!
//! The parser, the documents, `klipper-lumen effects` and the endpoints all read [`OPTIONS`];
//! there is no other list of defaults.

use super::EffectKind::{
    self, Chase, Comet, Disco, Fire, Heartbeat, Kitt, Progress, Pulse, Rainbow, Solid, Thermal,
};
use crate::color::{Color, name};

/// One option of one or more effects.
#[derive(Clone, Copy, Debug)]
pub struct OptionSpec {
    /// Name in `[lumen_effect]` and as `name=value` in a spec.
    pub name: &'static str,
    /// A shorter name for use in a spec; empty where there is none.
    pub short: &'static str,
    /// What kind of value it takes, with its limits.
    pub kind: OptionKind,
    /// Unit, for people; empty where it has none.
    pub unit: &'static str,
    /// Default, as it would be written in a config; empty where unset is the default.
    pub default: &'static str,
    /// Defaults of single effects that differ from it.
    pub default_of: &'static [(EffectKind, &'static str)],
    /// The effects that read it.
    pub effects: &'static [EffectKind],
    /// What it does, one sentence without its default.
    pub help: &'static str,
    slot: fn(&mut Settings) -> Slot<'_>,
}

/// What an option takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum OptionKind {
    /// A number above the limit.
    Above(f32),
    /// A number from the first to the second limit.
    Within(f32, f32),
    /// Any number.
    Number,
    /// A whole number from the first to the second limit.
    Count(u32, u32),
    /// A colour in any written form.
    Color,
    /// `none`, `x`, `y` or `z`.
    Axis,
    /// The name of a heater or temperature sensor.
    Source,
}

enum Slot<'a> {
    Number(&'a mut f32),
    Unset(&'a mut Option<f32>),
    Count(&'a mut u32),
    Color(&'a mut Color),
    Axis(&'a mut Option<usize>),
    Source(&'a mut String),
}

/// The options of one effect, all set.
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

const MAX_COUNT: u32 = 10_000;

/// Every option of every effect, in the order of the documentation.
pub const OPTIONS: &[OptionSpec] = &[
    OptionSpec {
        name: "base_color",
        short: "color",
        kind: OptionKind::Color,
        unit: "",
        default: "white",
        default_of: &[(Kitt, "red")],
        effects: &[Solid, Pulse, Heartbeat, Comet, Kitt],
        help: "Color of the effect where its line names none",
        slot: |s| Slot::Color(&mut s.base_color),
    },
    OptionSpec {
        name: "speed",
        short: "",
        kind: OptionKind::Above(0.0),
        unit: "Hz; pixels/s for comet and chase",
        default: "1.0",
        default_of: &[
            (Pulse, "0.5"),
            (Disco, "3.0"),
            (Rainbow, "0.2"),
            (Fire, "10.0"),
            (Comet, "15.0"),
            (Chase, "15.0"),
            (Kitt, "0.5"),
        ],
        effects: &[Pulse, Heartbeat, Disco, Rainbow, Fire, Comet, Chase, Kitt],
        help: "How fast it moves",
        slot: |s| Slot::Number(&mut s.speed),
    },
    OptionSpec {
        name: "min_brightness",
        short: "min",
        kind: OptionKind::Within(0.0, 1.0),
        unit: "",
        default: "0.2",
        default_of: &[(Fire, "0.0")],
        effects: &[Pulse, Heartbeat, Fire],
        help: "Brightness at the darkest moment",
        slot: |s| Slot::Number(&mut s.min_brightness),
    },
    OptionSpec {
        name: "max_brightness",
        short: "max",
        kind: OptionKind::Within(0.0, 1.0),
        unit: "",
        default: "0.8",
        default_of: &[],
        effects: &[Pulse, Heartbeat, Disco, Rainbow, Fire, Comet, Chase, Kitt],
        help: "Brightness at the brightest moment",
        slot: |s| Slot::Number(&mut s.max_brightness),
    },
    OptionSpec {
        name: "min_sparkle",
        short: "",
        kind: OptionKind::Count(0, MAX_COUNT),
        unit: "pixels",
        default: "1",
        default_of: &[],
        effects: &[Disco],
        help: "Fewest pixels that are lit at once",
        slot: |s| Slot::Count(&mut s.min_sparkle),
    },
    OptionSpec {
        name: "max_sparkle",
        short: "",
        kind: OptionKind::Count(1, MAX_COUNT),
        unit: "pixels",
        default: "6",
        default_of: &[],
        effects: &[Disco],
        help: "Most pixels that are lit at once",
        slot: |s| Slot::Count(&mut s.max_sparkle),
    },
    OptionSpec {
        name: "rainbow_spread",
        short: "spread",
        kind: OptionKind::Within(0.0, 1.0),
        unit: "turns of the color circle",
        default: "1.0",
        default_of: &[],
        effects: &[Rainbow],
        help: "How much of the color circle the group shows at once; 0 is one color",
        slot: |s| Slot::Number(&mut s.rainbow_spread),
    },
    OptionSpec {
        name: "fire_cooling",
        short: "cooling",
        kind: OptionKind::Within(0.0, 1.0),
        unit: "",
        default: "0.15",
        default_of: &[],
        effects: &[Fire],
        help: "How quickly embers cool; more is darker and shorter",
        slot: |s| Slot::Number(&mut s.fire_cooling),
    },
    OptionSpec {
        name: "fire_diffusion",
        short: "diffusion",
        kind: OptionKind::Within(0.0, 1.0),
        unit: "",
        default: "0.0",
        default_of: &[],
        effects: &[Fire],
        help: "How much heat spreads to the neighbors",
        slot: |s| Slot::Number(&mut s.fire_diffusion),
    },
    OptionSpec {
        name: "comet_tail_length",
        short: "tail",
        kind: OptionKind::Count(1, MAX_COUNT),
        unit: "pixels",
        default: "10",
        default_of: &[],
        effects: &[Comet],
        help: "Length of the tail",
        slot: |s| Slot::Count(&mut s.comet_tail_length),
    },
    OptionSpec {
        name: "comet_fade_rate",
        short: "fade_rate",
        kind: OptionKind::Within(0.0, 1.0),
        unit: "",
        default: "0.5",
        default_of: &[],
        effects: &[Comet],
        help: "How quickly the tail darkens; 0 is even",
        slot: |s| Slot::Number(&mut s.comet_fade_rate),
    },
    OptionSpec {
        name: "chase_color_1",
        short: "",
        kind: OptionKind::Color,
        unit: "",
        default: "red",
        default_of: &[],
        effects: &[Chase],
        help: "Color of the one that hunts first",
        slot: |s| Slot::Color(&mut s.chase_color_1),
    },
    OptionSpec {
        name: "chase_color_2",
        short: "",
        kind: OptionKind::Color,
        unit: "",
        default: "blue",
        default_of: &[],
        effects: &[Chase],
        help: "Color of the one that is hunted first",
        slot: |s| Slot::Color(&mut s.chase_color_2),
    },
    OptionSpec {
        name: "chase_size",
        short: "size",
        kind: OptionKind::Count(1, MAX_COUNT),
        unit: "pixels",
        default: "5",
        default_of: &[],
        effects: &[Chase],
        help: "Length of each of the two",
        slot: |s| Slot::Count(&mut s.chase_size),
    },
    OptionSpec {
        name: "chase_offset_base",
        short: "",
        kind: OptionKind::Within(0.0, 1.0),
        unit: "of the group",
        default: "0.5",
        default_of: &[],
        effects: &[Chase],
        help: "Distance between the two on a single group",
        slot: |s| Slot::Number(&mut s.chase_offset_base),
    },
    OptionSpec {
        name: "chase_offset_variation",
        short: "",
        kind: OptionKind::Within(0.0, 1.0),
        unit: "of the group",
        default: "0.1",
        default_of: &[],
        effects: &[Chase],
        help: "How far that distance swings",
        slot: |s| Slot::Number(&mut s.chase_offset_variation),
    },
    OptionSpec {
        name: "chase_proximity_threshold",
        short: "",
        kind: OptionKind::Within(0.0, 1.0),
        unit: "of the ring",
        default: "0.15",
        default_of: &[],
        effects: &[Chase],
        help: "Distance below which both hurry, on a ring",
        slot: |s| Slot::Number(&mut s.chase_proximity_threshold),
    },
    OptionSpec {
        name: "chase_accel_factor",
        short: "",
        kind: OptionKind::Above(0.0),
        unit: "",
        default: "1.5",
        default_of: &[],
        effects: &[Chase],
        help: "How much faster they hurry, on a ring",
        slot: |s| Slot::Number(&mut s.chase_accel_factor),
    },
    OptionSpec {
        name: "chase_role_swap_interval",
        short: "",
        kind: OptionKind::Above(0.0),
        unit: "s",
        default: "7.0",
        default_of: &[],
        effects: &[Chase],
        help: "About how long until hunter and hunted swap, on a ring",
        slot: |s| Slot::Number(&mut s.chase_role_swap_interval),
    },
    OptionSpec {
        name: "chase_collision_pause",
        short: "",
        kind: OptionKind::Within(0.0, 60.0),
        unit: "s",
        default: "0.3",
        default_of: &[],
        effects: &[Chase],
        help: "How long both stand after they met, on a ring",
        slot: |s| Slot::Number(&mut s.chase_collision_pause),
    },
    OptionSpec {
        name: "kitt_eye_size",
        short: "eye",
        kind: OptionKind::Count(1, MAX_COUNT),
        unit: "pixels",
        default: "3",
        default_of: &[],
        effects: &[Kitt],
        help: "Width of the bright eye",
        slot: |s| Slot::Count(&mut s.kitt_eye_size),
    },
    OptionSpec {
        name: "kitt_tail_length",
        short: "tail",
        kind: OptionKind::Count(0, MAX_COUNT),
        unit: "pixels",
        default: "8",
        default_of: &[],
        effects: &[Kitt],
        help: "Length of the glow on each side of the eye",
        slot: |s| Slot::Count(&mut s.kitt_tail_length),
    },
    OptionSpec {
        name: "kitt_tracking_axis",
        short: "axis",
        kind: OptionKind::Axis,
        unit: "",
        default: "none",
        default_of: &[],
        effects: &[Kitt],
        help: "Axis of the tool head that the eye follows; it bounces when the axis stands",
        slot: |s| Slot::Axis(&mut s.kitt_tracking_axis),
    },
    OptionSpec {
        name: "temp_source",
        short: "source",
        kind: OptionKind::Source,
        unit: "",
        default: "extruder",
        default_of: &[],
        effects: &[Thermal],
        help: "Heater or temperature sensor, by its full or its last name",
        slot: |s| Slot::Source(&mut s.temp_source),
    },
    OptionSpec {
        name: "start_color",
        short: "start",
        kind: OptionKind::Color,
        unit: "",
        default: "steel",
        default_of: &[(Thermal, "ice")],
        effects: &[Thermal, Progress],
        help: "Color of the first pixel of the bar",
        slot: |s| Slot::Color(&mut s.start_color),
    },
    OptionSpec {
        name: "end_color",
        short: "end",
        kind: OptionKind::Color,
        unit: "",
        default: "matrix",
        default_of: &[(Thermal, "lava")],
        effects: &[Thermal, Progress],
        help: "Color of the last pixel of the bar",
        slot: |s| Slot::Color(&mut s.end_color),
    },
    OptionSpec {
        name: "gradient_curve",
        short: "curve",
        kind: OptionKind::Above(0.0),
        unit: "",
        default: "2.0",
        default_of: &[],
        effects: &[Thermal, Progress],
        help: "Above 1 keeps the start color longer, below 1 the end color",
        slot: |s| Slot::Number(&mut s.gradient_curve),
    },
    OptionSpec {
        name: "range_min",
        short: "low",
        kind: OptionKind::Number,
        unit: "degrees Celsius",
        default: "",
        default_of: &[],
        effects: &[Thermal],
        help: "Temperature of the empty bar; temp_floor where it is not set",
        slot: |s| Slot::Unset(&mut s.range_min),
    },
    OptionSpec {
        name: "range_max",
        short: "high",
        kind: OptionKind::Number,
        unit: "degrees Celsius",
        default: "",
        default_of: &[],
        effects: &[Thermal],
        help: "Temperature of the full bar where the source has no target",
        slot: |s| Slot::Unset(&mut s.range_max),
    },
];

/// The options that an effect reads.
pub fn of(kind: EffectKind) -> impl Iterator<Item = &'static OptionSpec> {
    OPTIONS
        .iter()
        .filter(move |option| option.effects.contains(&kind))
}

/// The option of an effect that a full or short name means.
pub fn find(kind: EffectKind, word: &str) -> Option<&'static OptionSpec> {
    of(kind).find(|option| option.name == word || (!word.is_empty() && option.short == word))
}

impl OptionSpec {
    /// The default for one effect, as it would be written in a config.
    pub fn default_for(&self, kind: EffectKind) -> &'static str {
        self.default_of
            .iter()
            .find(|(effect, _)| *effect == kind)
            .map_or(self.default, |(_, default)| default)
    }

    /// Reads `text` and stores it in `settings`.
    ///
    /// # Errors
    /// What is wrong with the value, to be put after the option's name: `must be above 0, got -1`.
    pub fn store(&self, settings: &mut Settings, text: &str) -> Result<(), String> {
        let text = text.trim();
        match (self.slot)(settings) {
            Slot::Number(slot) => *slot = self.number(text)?,
            Slot::Unset(slot) => *slot = Some(self.number(text)?),
            Slot::Count(slot) => *slot = self.count(text)?,
            Slot::Color(slot) => *slot = name::parse(text).map_err(|error| error.to_string())?,
            Slot::Axis(slot) => *slot = axis(text)?,
            Slot::Source(slot) => *slot = source(text)?,
        }
        Ok(())
    }

    fn number(&self, text: &str) -> Result<f32, String> {
        let value: f32 = text
            .parse()
            .ok()
            .filter(|value: &f32| value.is_finite())
            .ok_or_else(|| format!("must be a number, got '{text}'"))?;
        match self.kind {
            OptionKind::Above(limit) if value <= limit => {
                Err(format!("must be above {limit}, got {text}"))
            }
            OptionKind::Within(low, high) if !(low..=high).contains(&value) => {
                Err(format!("must be from {low} to {high}, got {text}"))
            }
            _ => Ok(value),
        }
    }

    fn count(&self, text: &str) -> Result<u32, String> {
        let (low, high) = match self.kind {
            OptionKind::Count(low, high) => (low, high),
            _ => (0, MAX_COUNT),
        };
        text.parse()
            .ok()
            .filter(|value| (low..=high).contains(value))
            .ok_or_else(|| format!("must be a whole number from {low} to {high}, got {text}"))
    }
}

fn axis(text: &str) -> Result<Option<usize>, String> {
    match text.to_ascii_lowercase().as_str() {
        "none" => Ok(None),
        "x" => Ok(Some(0)),
        "y" => Ok(Some(1)),
        "z" => Ok(Some(2)),
        _ => Err(format!("must be none, x, y or z, got '{text}'")),
    }
}

fn source(text: &str) -> Result<String, String> {
    if text.is_empty() {
        return Err("must name a heater or a temperature sensor".to_owned());
    }
    Ok(text.to_owned())
}

impl Settings {
    /// The defaults of an effect, from the table.
    pub fn defaults(kind: EffectKind) -> Self {
        let mut settings = Self::default();
        for option in OPTIONS {
            let default = option.default_for(kind);
            if !default.is_empty() {
                // Every default in the table reads: a test holds the table to it.
                let _ = option.store(&mut settings, default);
            }
        }
        settings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(kind: EffectKind, option: &str, text: &str) -> String {
        let mut settings = Settings::defaults(kind);
        find(kind, option)
            .unwrap()
            .store(&mut settings, text)
            .unwrap_err()
    }

    #[test]
    fn every_default_in_the_table_reads() {
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
    fn no_two_options_of_an_effect_share_a_word() {
        for kind in EffectKind::ALL {
            let words: Vec<&str> = of(kind)
                .flat_map(|option| [option.name, option.short])
                .filter(|word| !word.is_empty())
                .collect();
            for (index, word) in words.iter().enumerate() {
                assert!(!words[..index].contains(word), "{word} of {}", kind.name());
            }
        }
    }

    #[test]
    fn a_wrong_value_says_what_would_be_right() {
        assert_eq!(problem(Pulse, "speed", "-1"), "must be above 0, got -1");
        assert_eq!(
            problem(Pulse, "speed", "fast"),
            "must be a number, got 'fast'"
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
    fn not_a_number_is_not_a_number() {
        assert_eq!(problem(Pulse, "min", "nan"), "must be a number, got 'nan'");
        assert_eq!(
            problem(Pulse, "speed", "inf"),
            "must be a number, got 'inf'"
        );
    }
}
