//! `comet`: a head with a fading tail.

use super::options::{OptionKind, number, unset_pixels};
use super::{
    Arguments, BuildContext, Canvas, CanvasPixel, Context, Effect, EffectExample, EffectSettings,
    EffectSpec, Motion, effect_settings, rows,
};
use crate::color::{Color, Palette, PaletteTable};

/// The effect.
pub(crate) const SPEC: EffectSpec = EffectSpec {
    name: "comet",
    help: "A bright head with a fading tail",
    synonyms: &[],
    arguments: Arguments::COLOR,
    options: CometSettings::OPTIONS,
    example: EffectExample {
        text: "comet cyan",
        length_s: 4.0,
    },
    defaults: CometSettings::defaults,
};

effect_settings! {
    /// Settings of `comet`.
    pub struct CometSettings {
        colors: Palette = rows::COLOR,
        palette: Option<Palette> = rows::PALETTE,
        speed_px_s: Option<f32> = rows::GROUP_SPEED,
        max_brightness: f32 = rows::MAX_BRIGHTNESS,
        tail_length: Option<u32> = unset_pixels("comet_tail_length", 1).short("tail").help(
            "Length of the tail; limited to the length of the group; if not set, a third of it",
        ),
        fade_rate: f32 = number("comet_fade_rate", OptionKind::Within(0.0, 1.0), "0.5")
            .short("fade_rate")
            .help("How fast the tail fades; 0 fades linearly"),
    }
}

impl EffectSettings for CometSettings {
    fn spec(&self) -> &'static EffectSpec {
        &SPEC
    }

    fn tint(&self) -> Color {
        self.colors().first()
    }

    fn build(&self, cx: &BuildContext) -> Box<dyn Effect> {
        Box::new(Comet::new(self, cx.pixels))
    }
}

/// The part of the tail in which the colors change. The rest is dim and has the last color, which
/// would hardly be visible at the very end.
const COLORED_TAIL: f32 = 0.7;

impl CometSettings {
    /// Returns the colors from the head to the end of the tail.
    fn colors(&self) -> &Palette {
        self.palette.as_ref().unwrap_or(&self.colors)
    }
}

/// Moves a head along the group at `speed` pixels per second, with a tail of `comet_tail_length`.
///
/// Several colors follow each other from the head to the end of the tail. The tail is limited to
/// the length of the group. The comet moves smoothly between pixels at
/// constant total brightness. A single pixel shows the head statically. `direction: reverse` moves
/// the comet from the last pixel to the first.
#[derive(Debug)]
struct Comet {
    /// From the head (0.0) to the end of the colored part of the tail (1.0).
    colors: PaletteTable,
    peak: f32,
    speed_px_s: f64,
    /// Levels from the head (1.0) to the pixel after the tail (0.0).
    levels: Vec<f32>,
}

impl Comet {
    fn new(settings: &CometSettings, pixels: usize) -> Self {
        let tail = rows::tail_px(settings.tail_length, pixels).min(pixels.max(1));
        let exponent = 1.0 + 2.0 * settings.fade_rate;
        let level = |behind: usize| (1.0 - behind as f32 / tail as f32).powf(exponent);
        let colors = settings.colors().scale(settings.max_brightness);
        Self {
            colors: PaletteTable::new(&colors),
            peak: colors.peak(),
            speed_px_s: rows::speed_px_s(settings.speed_px_s, pixels as f64),
            levels: (0..=tail).map(level).collect(),
        }
    }
}

impl Effect for Comet {
    fn draw(&mut self, canvas: &mut Canvas<'_>, cx: &Context<'_>) -> Motion {
        if canvas.len() <= 1 {
            canvas.fill(self.colors.at(0.0));
            return Motion::Still;
        }
        let place = (cx.elapsed_s() * self.speed_px_s) % canvas.len() as f64;
        let (head, part) = (place as usize, place.fract() as f32);
        let pixels = canvas.len();
        let tail = (self.levels.len() - 1) as f32;
        let mut level = 0.0;
        canvas.clear();
        for (behind, pair) in self.levels.windows(2).enumerate() {
            level = pair[0] + (pair[1] - pair[0]) * part;
            let pixel = (head + pixels - behind) % pixels;
            let color = self
                .colors
                .at((behind as f32 + part) / (tail * COLORED_TAIL));
            canvas.set(pixel, CanvasPixel::new(color, level));
        }
        // The pixel that the head reaches next. The end of a tail as long as the group lights it
        // too.
        let is_lit = self.levels.len() > pixels;
        if !is_lit || part > level {
            let color = self.colors.at(0.0);
            canvas.set((head + 1) % pixels, CanvasPixel::new(color, part));
        }
        // A pixel goes from dark to full while the head moves by one pixel.
        Motion::for_rate(cx.now, self.speed_px_s as f32 * self.peak)
    }
}

#[cfg(test)]
mod tests {
    use super::super::test::{draw, levels, plan};
    use super::SPEC;

    const OPTIONS: &str = "speed=10 tail=4 fade_rate=0 max=1.0";

    #[test]
    fn the_tail_follows_the_head() {
        let levels = levels(&draw(&plan(&SPEC, OPTIONS), 10, 0.5));
        assert_eq!(levels[1..7], [0.0, 0.25, 0.5, 0.75, 1.0, 0.0]);
    }

    #[test]
    fn the_head_moves_smoothly_between_pixels() {
        let levels = levels(&draw(&plan(&SPEC, OPTIONS), 10, 0.55));
        assert!((levels[5] - 0.875).abs() < 1e-4, "{levels:?}");
        assert!((levels[6] - 0.5).abs() < 1e-4, "{levels:?}");
    }

    #[test]
    fn the_total_brightness_is_constant_between_pixels() {
        let plan = plan(&SPEC, "speed=10 tail=3 fade_rate=1 max=1.0");
        let light = |time| levels(&draw(&plan, 10, time)).iter().sum::<f32>();
        for step in 0..20 {
            let light = light(0.5 + f64::from(step) * 0.01);
            assert!((light - 36.0 / 27.0).abs() < 1e-3, "{light}");
        }
    }

    #[test]
    fn the_head_wraps_around_and_the_tail_follows() {
        let levels = levels(&draw(&plan(&SPEC, OPTIONS), 10, 1.1));
        assert_eq!((levels[1], levels[0]), (1.0, 0.75));
        assert!((levels[9] - 0.5).abs() < 1e-4, "{levels:?}");
    }

    #[test]
    fn the_tail_is_limited_to_the_group() {
        let plan = plan(&SPEC, "speed=10 tail=100 fade_rate=0 max=1.0");
        let levels = levels(&draw(&plan, 10, 0.9));
        assert!(
            levels.windows(2).all(|pair| pair[0] < pair[1]),
            "{levels:?}"
        );
    }

    #[test]
    fn one_pixel_shows_the_head() {
        assert_eq!(levels(&draw(&plan(&SPEC, OPTIONS), 1, 0.3)), [1.0]);
    }

    #[test]
    fn several_colors_go_from_the_head_to_the_tail() {
        let options = "speed=10 tail=10 fade_rate=0 max=1.0 color=red,blue";
        let canvas = draw(&plan(&SPEC, options), 20, 1.5);
        assert_eq!((canvas[15].r, canvas[15].b), (1.0, 0.0));
        // The last three tenths of the tail have the last color.
        assert!(
            (canvas[8].b - 0.3).abs() < 1e-5 && canvas[8].r < 1e-6,
            "{canvas:?}"
        );
        assert!((canvas[6].b - 0.1).abs() < 1e-5, "{canvas:?}");
        assert!(canvas[12].r > 0.0 && canvas[12].b > 0.0, "{canvas:?}");
    }
}
