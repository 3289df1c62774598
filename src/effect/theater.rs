//! `theater`: lights with gaps between them run along the group, as around a theater sign.

use super::options::pixels;
use super::stripes::Stripes;
use super::{
    Arguments, BuildContext, Canvas, Context, Effect, EffectExample, EffectSettings, EffectSpec,
    Motion, effect_settings, rows,
};
use crate::color::{Color, Palette};

/// The effect.
pub(crate) const SPEC: EffectSpec = EffectSpec {
    name: "theater",
    help: "Lights with gaps between them run along the group, as around a theater sign",
    synonyms: &["marquee", "theaterchase", "theatre", "theatrechase"],
    arguments: Arguments::COLOR,
    options: TheaterSettings::OPTIONS,
    example: EffectExample {
        text: "theater gold speed=4",
        length_s: 3.0,
    },
    defaults: TheaterSettings::defaults,
};

effect_settings! {
    /// Settings of `theater`.
    pub(crate) struct TheaterSettings {
        colors: Palette = rows::COLOR,
        palette: Option<Palette> = rows::PALETTE,
        speed_px_s: f32 = rows::SPEED_PX_S.default("3.0"),
        max_brightness: f32 = rows::MAX_BRIGHTNESS.default("1.0"),
        size: u32 = pixels("theater_size", 1, "1").short("size").help("Length of each light"),
        gap: u32 = pixels("theater_gap", 1, "2").short("gap").help("Length of the gaps"),
    }
}

impl EffectSettings for TheaterSettings {
    fn spec(&self) -> &'static EffectSpec {
        &SPEC
    }

    fn tint(&self) -> Color {
        self.colors().first()
    }

    fn build(&self, _: &BuildContext) -> Box<dyn Effect> {
        let colors = self.colors().scale(self.max_brightness).colors().collect();
        let lengths = (self.size, self.gap);
        Box::new(Theater(Stripes::new(colors, lengths, self.speed_px_s)))
    }
}

impl TheaterSettings {
    /// Returns the colors, one for each light.
    fn colors(&self) -> &Palette {
        self.palette.as_ref().unwrap_or(&self.colors)
    }
}

/// Moves lights toward the last pixel at `speed` pixels per second. They glide between the pixels.
/// Each light has the next color.
#[derive(Debug)]
struct Theater(Stripes);

impl Effect for Theater {
    fn draw(&mut self, canvas: &mut Canvas<'_>, cx: &Context<'_>) -> Motion {
        self.0.draw(canvas, cx)
    }
}

#[cfg(test)]
mod tests {
    use super::super::test::{draw, levels, plan};
    use super::SPEC;

    #[test]
    fn lights_and_gaps_alternate_and_move() {
        let plan = plan(&SPEC, "speed=1 gap=2");
        assert_eq!(levels(&draw(&plan, 5, 0.0)), [1.0, 0.0, 0.0, 1.0, 0.0]);
        assert_eq!(levels(&draw(&plan, 5, 1.5)), [0.0, 0.5, 0.5, 0.0, 0.5]);
    }

    #[test]
    fn each_light_has_the_next_color() {
        let canvas = draw(&plan(&SPEC, "gap=1 color=red,blue"), 5, 0.0);
        assert!(canvas[0].r > 0.9 && canvas[2].b > 0.9 && canvas[4].r > 0.9);
        assert!(canvas[1].peak() <= 0.0 && canvas[3].peak() <= 0.0);
    }
}
