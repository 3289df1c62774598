//! What may follow each effect without a name.

use crate::effect::EffectKind::{
    self, Chase, Comet, Heartbeat, Kitt, Progress, Pulse, Solid, Thermal,
};

/// What an effect takes by place.
#[derive(Clone, Copy, Debug)]
pub struct EffectSyntax {
    effects: &'static [EffectKind],
    /// A place in a ring of groups comes first.
    pub ring: bool,
    /// A heater or sensor comes first.
    pub source: bool,
    /// The options that colors set, in their order.
    pub colors: &'static [&'static str],
    /// The options that numbers set, for each count of numbers.
    pub numbers: &'static [&'static [&'static str]],
    words: &'static str,
}

const PLAIN: EffectSyntax = EffectSyntax {
    effects: &[],
    ring: false,
    source: false,
    colors: &[],
    numbers: &[&[]],
    words: "",
};

const FORMS: &[EffectSyntax] = &[
    EffectSyntax {
        effects: &[Solid, Pulse, Heartbeat, Comet, Kitt],
        colors: &["base_color"],
        words: " [COLOR]",
        ..PLAIN
    },
    EffectSyntax {
        effects: &[Chase],
        ring: true,
        colors: &["chase_color_1", "chase_color_2"],
        words: " [RING_NUMBER] [COLOR_1 [COLOR_2]]",
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
        words: " [SOURCE] [START_COLOR [END_COLOR]] [CURVE] [LOW HIGH]",
        ..PLAIN
    },
    EffectSyntax {
        effects: &[Progress],
        colors: &["start_color", "end_color"],
        numbers: &[&[], &["gradient_curve"]],
        words: " [START_COLOR [END_COLOR]] [CURVE]",
        ..PLAIN
    },
];

impl EffectSyntax {
    /// What an effect takes.
    pub fn of(kind: EffectKind) -> &'static Self {
        FORMS
            .iter()
            .find(|form| form.effects.contains(&kind))
            .unwrap_or(&PLAIN)
    }

    /// How a spec that begins with `word` is written: `pulse [COLOR] [OPTION=VALUE ...]`.
    pub fn usage(&self, word: &str) -> String {
        format!("{word}{} [OPTION=VALUE ...]", self.words)
    }
}
