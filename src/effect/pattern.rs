//! `pattern`: a list of colors, repeated along the group.

use super::options::{OptionKind, number, pixels};
use super::stripes::Stripes;
use super::{
    Arguments, BuildContext, Canvas, Context, Effect, EffectExample, EffectSettings, EffectSpec,
    Motion, effect_settings, rows,
};
use crate::color::{Color, Palette};

/// The effect.
pub(crate) const SPEC: EffectSpec = EffectSpec {
    name: "pattern",
    help: "A list of colors, repeated pixel by pixel along the group",
    synonyms: &["candycane", "colorpattern", "stripes", "tricolor"],
    arguments: Arguments::COLOR,
    options: PatternSettings::OPTIONS,
    example: EffectExample {
        text: "pattern red red white speed=1",
        length_s: 6.0,
    },
    defaults: PatternSettings::defaults,
};

effect_settings! {
    /// Settings of `pattern`.
    pub(crate) struct PatternSettings {
        colors: Palette = rows::COLOR.default("red,white"),
        palette: Option<Palette> = rows::PALETTE,
        speed_px_s: f32 = number("speed", OptionKind::Within(0.0, 10_000.0), "0")
            .unit("pixels/s")
            .help("Speed toward the last pixel; 0 stands still"),
        max_brightness: f32 = rows::MAX_BRIGHTNESS.default("1.0"),
        size: u32 = pixels("pattern_size", 1, "1").short("size").help("Length of each color"),
    }
}

impl EffectSettings for PatternSettings {
    fn spec(&self) -> &'static EffectSpec {
        &SPEC
    }

    fn tint(&self) -> Color {
        self.colors().first()
    }

    fn build(&self, _: &BuildContext) -> Box<dyn Effect> {
        let colors = self.colors().scale(self.max_brightness).colors().collect();
        Box::new(ColorPattern(Stripes::new(
            colors,
            (self.size, 0),
            self.speed_px_s,
        )))
    }
}

impl PatternSettings {
    /// Returns the colors in their order along the group.
    fn colors(&self) -> &Palette {
        self.palette.as_ref().unwrap_or(&self.colors)
    }
}

/// Repeats the colors along the group. They glide toward the last pixel at `speed` pixels per
/// second. The color `black` is transparent in layers.
#[derive(Debug)]
struct ColorPattern(Stripes);

impl Effect for ColorPattern {
    fn draw(&mut self, canvas: &mut Canvas<'_>, cx: &Context<'_>) -> Motion {
        self.0.draw(canvas, cx)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Motion;
    use super::super::test::{draw, levels, motion, plan};
    use super::SPEC;
    use crate::color::Color;

    const RED: Color = Color::rgb(1.0, 0.0, 0.0);

    #[test]
    fn the_colors_repeat_and_stand_still() {
        let plan = plan(&SPEC, "color=red,red,white");
        let canvas = draw(&plan, 5, 7.0);
        assert_eq!(canvas, [RED, RED, Color::WHITE, RED, RED]);
        assert_eq!(motion(&plan, 5, 7.0), Motion::Still);
        let wide = draw(
            &super::super::test::plan(&SPEC, "color=red,white size=2"),
            5,
            7.0,
        );
        assert_eq!(wide, [RED, RED, Color::WHITE, Color::WHITE, RED]);
    }

    #[test]
    fn the_colors_glide_toward_the_last_pixel() {
        let plan = plan(&SPEC, "color=white,black,black speed=1");
        assert_eq!(levels(&draw(&plan, 4, 1.0)), [0.0, 1.0, 0.0, 0.0]);
        assert_eq!(levels(&draw(&plan, 4, 1.25)), [0.0, 0.75, 0.25, 0.0]);
        assert_eq!(levels(&draw(&plan, 4, 3.0)), [1.0, 0.0, 0.0, 1.0]);
    }
}
