//! `solid`: one static color, or a static gradient.

use super::{
    Arguments, BuildContext, Canvas, Context, Effect, EffectExample, EffectSettings, EffectSpec,
    Motion, effect_settings, rows,
};
use crate::color::{Color, Palette};

/// The effect.
pub(crate) const SPEC: EffectSpec = EffectSpec {
    name: "solid",
    help: "One color, or a gradient of several colors",
    synonyms: &["color", "constant", "fixed", "steady"],
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
        palette: Option<Palette> = rows::PALETTE,
    }
}

impl EffectSettings for SolidSettings {
    fn spec(&self) -> &'static EffectSpec {
        &SPEC
    }

    fn tint(&self) -> Color {
        self.colors().first()
    }

    fn build(&self, cx: &BuildContext) -> Box<dyn Effect> {
        let last = cx.pixels.saturating_sub(1).max(1) as f32;
        let colors = self.colors();
        let pixels = (0..cx.pixels).map(|pixel| colors.at(pixel as f32 / last));
        Box::new(Solid {
            pixels: pixels.collect(),
        })
    }
}

impl From<Color> for SolidSettings {
    /// Creates a solid of one color.
    fn from(color: Color) -> Self {
        Self {
            colors: color.into(),
            palette: None,
        }
    }
}

impl SolidSettings {
    /// Returns the colors from the first to the last pixel.
    fn colors(&self) -> &Palette {
        self.palette.as_ref().unwrap_or(&self.colors)
    }
}

/// Shows one color on every pixel. Several colors are a gradient from the first to the last pixel;
/// a single pixel shows the first. `direction: reverse` starts the gradient at the last pixel.
#[derive(Debug)]
struct Solid {
    pixels: Vec<Color>,
}

impl Effect for Solid {
    fn draw(&mut self, canvas: &mut Canvas<'_>, _: &Context<'_>) -> Motion {
        let pixels = &self.pixels[..canvas.len()];
        canvas.set_each(|pixel| pixels[pixel]);
        Motion::Still
    }
}

#[cfg(test)]
mod tests {
    use super::super::Motion;
    use super::super::test::{draw, motion, plan};
    use super::*;

    const RED: Color = Color::rgb(1.0, 0.0, 0.0);
    const BLUE: Color = Color::rgb(0.0, 0.0, 1.0);

    #[test]
    fn several_colors_are_a_still_gradient_from_end_to_end() {
        let plan = plan(&SPEC, "color=red,white,blue");
        let canvas = draw(&plan, 5, 0.0);
        assert_eq!([canvas[0], canvas[2], canvas[4]], [RED, Color::WHITE, BLUE]);
        assert_eq!(motion(&plan, 5, 0.0), Motion::Still);
        assert_eq!(draw(&plan, 1, 0.0), [RED]);
        assert_eq!(draw(&plan, 2, 0.0), [RED, BLUE]);
    }

    #[test]
    fn a_palette_replaces_the_color() {
        let plan = plan(&SPEC, "color=red palette=heat");
        assert_eq!(draw(&plan, 3, 0.0)[0], Color::BLACK);
    }
}
