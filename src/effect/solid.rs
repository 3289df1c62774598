//! `solid`: one static color.

use super::{
    Arguments, BuildContext, Canvas, Context, Effect, EffectExample, EffectSettings, EffectSpec,
    Motion, effect_settings, rows,
};
use crate::color::{Color, Palette};

/// The effect.
pub const SPEC: EffectSpec = EffectSpec {
    name: "solid",
    help: "One color",
    synonyms: &["color", "constant", "fixed", "static", "steady"],
    arguments: Arguments::COLOR,
    options: SolidSettings::OPTIONS,
    example: EffectExample {
        text: "solid warm_white",
        length_s: 1.0,
    },
    defaults: SolidSettings::defaults,
};

effect_settings! {
    /// Settings of `solid`.
    pub struct SolidSettings {
        colors: Palette = rows::COLOR,
    }
}

impl EffectSettings for SolidSettings {
    fn spec(&self) -> &'static EffectSpec {
        &SPEC
    }

    fn tint(&self) -> Color {
        self.colors.first()
    }

    fn build(&self, _: &BuildContext) -> Box<dyn Effect> {
        Box::new(Solid {
            color: self.colors.first(),
        })
    }
}

/// Shows `base_color` on every pixel.
#[derive(Debug)]
struct Solid {
    color: Color,
}

impl Effect for Solid {
    fn draw(&mut self, canvas: &mut Canvas<'_>, _: &Context<'_>) -> Motion {
        canvas.fill(self.color);
        Motion::Still
    }
}
