//! What the rest of the program knows about an effect: its name, help, arguments and options.

use super::options::OptionSpec;
use super::settings::AnySettings;
use super::transform;

/// An effect. Each file of an effect has one, named `SPEC`; [`EFFECTS`](super::EFFECTS) lists them.
#[derive(Clone, Copy, Debug)]
pub struct EffectSpec {
    /// Name in a config.
    pub name: &'static str,
    /// What it shows: one sentence, without a full stop.
    pub help: &'static str,
    /// Names of similar effects in other programs. A config that uses one gets a suggestion.
    pub synonyms: &'static [&'static str],
    /// The values that are written without the name of an option.
    pub arguments: Arguments,
    /// Its options, in the order of the documentation.
    pub options: &'static [OptionSpec],
    /// The picture in the documentation.
    pub example: EffectExample,
    /// Creates its settings with the defaults of all options.
    pub defaults: fn() -> AnySettings,
}

/// The values of an effect that are written without the name of an option, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arguments {
    /// Whether the position of the group in a ring of groups comes first.
    pub has_ring: bool,
    /// The option that a heater or sensor sets.
    pub source: Option<&'static str>,
    /// The options that colors set: one option that takes all of them, or one for each color. More
    /// colors than that, or a palette, set the option `palette`.
    pub colors: &'static [&'static str],
    /// The options that numbers set, for each possible count of numbers.
    pub numbers: &'static [&'static [&'static str]],
    /// The option that an axis sets.
    pub axis: Option<&'static str>,
    /// All of them, for the user: ` [COLOR ...]`. Empty if there are none, otherwise it begins with
    /// a space.
    pub usage: &'static str,
}

/// The effect as the documentation shows it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EffectExample {
    /// The text, as in a config.
    pub text: &'static str,
    /// The length of the picture in seconds.
    pub length_s: f32,
}

impl Arguments {
    /// No arguments.
    pub const NONE: Self = Self {
        has_ring: false,
        source: None,
        colors: &[],
        numbers: &[&[]],
        axis: None,
        usage: "",
    };
    /// Colors, which set `palette`.
    pub const PALETTE: Self = Self {
        colors: &["palette"],
        usage: " [COLOR ...]",
        ..Self::NONE
    };
    /// Colors, which set `base_color`.
    pub const COLOR: Self = Self {
        colors: &["base_color"],
        usage: " [COLOR ...]",
        ..Self::NONE
    };
}

impl EffectSpec {
    /// Returns the option with this full or short name; it can be one that every effect takes.
    pub fn option(&self, word: &str) -> Option<&'static OptionSpec> {
        let mut options = self.options.iter().chain(transform::OPTIONS);
        options.find(|it| it.name == word || (!word.is_empty() && it.short == word))
    }

    /// Returns the usage of the effect under the name `word`, such as
    /// `pulse [COLOR ...] [OPTION=VALUE ...]`.
    pub fn usage(&self, word: &str) -> String {
        format!("{word}{} [OPTION=VALUE ...]", self.arguments.usage)
    }
}

impl PartialEq for EffectSpec {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for EffectSpec {}
