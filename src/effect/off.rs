//! `off`: all pixels off.

use super::{
    Arguments, BuildContext, Canvas, Context, Effect, EffectExample, EffectSettings, EffectSpec,
    Motion, effect_settings,
};
use crate::color::Color;

/// The effect.
pub(crate) const SPEC: EffectSpec = EffectSpec {
    name: "off",
    help: "All pixels off",
    synonyms: &["black", "dark", "none"],
    arguments: Arguments::NONE,
    options: OffSettings::OPTIONS,
    example: EffectExample {
        text: "off",
        length_s: 1.0,
    },
    defaults: OffSettings::defaults,
};

effect_settings! {
    /// Settings of `off`, which has no options.
    pub(crate) struct OffSettings {}
}

impl EffectSettings for OffSettings {
    fn spec(&self) -> &'static EffectSpec {
        &SPEC
    }

    fn tint(&self) -> Color {
        Color::BLACK
    }

    fn build(&self, _: &BuildContext) -> Box<dyn Effect> {
        Box::new(Off)
    }
}

/// Switches every pixel off.
#[derive(Debug)]
struct Off;

impl Effect for Off {
    fn draw(&mut self, canvas: &mut Canvas<'_>, _: &Context<'_>) -> Motion {
        canvas.fill(Color::BLACK);
        Motion::Still
    }
}
