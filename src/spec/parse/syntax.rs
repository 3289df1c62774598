//! The positional values of each effect: values that are written without the name of an option.

use crate::effect::EffectKind::{
    self, Chase, Comet, Heartbeat, Kitt, Progress, Pulse, Solid, Thermal,
};

/// The positional values of an effect.
#[derive(Clone, Copy, Debug)]
pub struct EffectSyntax {
    effects: &'static [EffectKind],
    /// A position in a ring of groups comes first.
    pub ring: bool,
    /// A heater or sensor comes first.
    pub source: bool,
    /// The options that colors set, in order.
    pub colors: &'static [&'static str],
    /// The options that numbers set, for each possible count of numbers.
    pub numbers: &'static [&'static [&'static str]],
    usage: &'static str,
}

const PLAIN: EffectSyntax = EffectSyntax {
    effects: &[],
    ring: false,
    source: false,
    colors: &[],
    numbers: &[&[]],
    usage: "",
};

const SYNTAXES: &[EffectSyntax] = &[
    EffectSyntax {
        effects: &[Solid, Pulse, Heartbeat, Comet, Kitt],
        colors: &["base_color"],
        usage: " [COLOR]",
        ..PLAIN
    },
    EffectSyntax {
        effects: &[Chase],
        ring: true,
        colors: &["chase_color_1", "chase_color_2"],
        usage: " [RING_NUMBER] [COLOR_1 [COLOR_2]]",
        ..PLAIN
    },
    EffectSyntax {
        effects: &[Thermal],
        source: true,
        colors: &["start_color", "end_color"],
        numbers: &[
            &[],
            &["gradient_curve"],
            &["range_min", "range_max"],
            &["gradient_curve", "range_min", "range_max"],
        ],
        usage: " [SOURCE] [START_COLOR [END_COLOR]] [CURVE] [LOW HIGH]",
        ..PLAIN
    },
    EffectSyntax {
        effects: &[Progress],
        colors: &["start_color", "end_color"],
        numbers: &[&[], &["gradient_curve"]],
        usage: " [START_COLOR [END_COLOR]] [CURVE]",
        ..PLAIN
    },
];

impl EffectSyntax {
    /// Returns the syntax of an effect.
    pub fn of(kind: EffectKind) -> &'static Self {
        SYNTAXES
            .iter()
            .find(|syntax| syntax.effects.contains(&kind))
            .unwrap_or(&PLAIN)
    }

    /// Returns the usage text of a spec that begins with `word`: `pulse [COLOR] [OPTION=VALUE
    /// ...]`.
    pub fn usage(&self, word: &str) -> String {
        format!("{word}{} [OPTION=VALUE ...]", self.usage)
    }
}
