//! `comets`: several comets move along the group in equal distances.

use super::options::unset_count;
use super::{
    Arguments, BuildContext, Canvas, CanvasPixel, Context, Effect, EffectExample, EffectSettings,
    EffectSpec, Motion, effect_settings, rows,
};
use crate::color::{Color, Palette, PaletteTable};

/// The effect.
pub(crate) const SPEC: EffectSpec = EffectSpec {
    name: "comets",
    help: "Several comets move along the group in equal distances",
    synonyms: &["multi_comet", "multicomet", "running"],
    arguments: Arguments::COLOR,
    options: CometsSettings::OPTIONS,
    example: EffectExample {
        text: "comets 33ff33 003300",
        length_s: 2.5,
    },
    defaults: CometsSettings::defaults,
};

effect_settings! {
    /// Settings of `comets`.
    pub(crate) struct CometsSettings {
        colors: Palette = rows::COLOR,
        palette: Option<Palette> = rows::PALETTE,
        speed_px_s: Option<f32> = rows::GROUP_SPEED,
        max_brightness: f32 = rows::MAX_BRIGHTNESS.default("1.0"),
        count: Option<u32> = unset_count("comet_count", (1, 1000))
            .short("count")
            .help("Number of comets; if not set, one for each 10 pixels, from 2 to 8"),
        tail_length: Option<u32> = rows::TAIL
            .help("Length of the tail; if not set, it ends before the next comet"),
    }
}

impl EffectSettings for CometsSettings {
    fn spec(&self) -> &'static EffectSpec {
        &SPEC
    }

    fn tint(&self) -> Color {
        self.colors().first()
    }

    fn build(&self, cx: &BuildContext) -> Box<dyn Effect> {
        Box::new(Comets::new(self, cx.pixels))
    }
}

impl CometsSettings {
    /// Returns the colors from the head to the end of the tail.
    fn colors(&self) -> &Palette {
        self.palette.as_ref().unwrap_or(&self.colors)
    }
}

/// The part of the way to the next comet that a tail of no set length takes.
const TAIL: f32 = 0.8;

/// The part of the tail in which the colors change; the rest is dim.
const COLORED_TAIL: f32 = 0.7;

/// Moves comets toward the last pixel, at `speed` pixels per second. They glide between the pixels.
/// Several colors follow each other from the head to the end of the tail.
#[derive(Debug)]
struct Comets {
    colors: PaletteTable,
    speed_px_s: f64,
    /// The distance from one head to the next.
    spacing_px: f32,
    tail_px: f32,
    rate: f32,
}

impl Comets {
    fn new(settings: &CometsSettings, pixels: usize) -> Self {
        let default_count = (pixels / 10).clamp(2, 8);
        let count = settings.count.map_or(default_count, |count| count as usize);
        let length = pixels.max(1) as f32;
        let spacing_px = (length / count as f32).max(1.0);
        let tail_px = settings
            .tail_length
            .map_or(spacing_px * TAIL, |px| px as f32);
        let colors = settings.colors().scale(settings.max_brightness);
        let speed_px_s = rows::speed_px_s(settings.speed_px_s, pixels as f64);
        Self {
            rate: speed_px_s as f32 * colors.peak(),
            colors: PaletteTable::new(&colors),
            speed_px_s,
            spacing_px,
            tail_px: tail_px.clamp(1.0, spacing_px),
        }
    }
}

impl Effect for Comets {
    fn draw(&mut self, canvas: &mut Canvas<'_>, cx: &Context<'_>) -> Motion {
        let spacing = self.spacing_px;
        let head = ((cx.elapsed_s() * self.speed_px_s) % f64::from(spacing)) as f32;
        let (per_px, per_color) = (self.tail_px.recip(), (self.tail_px * COLORED_TAIL).recip());
        let per_spacing = spacing.recip();
        canvas.set_each(|pixel| {
            let behind = head - pixel as f32;
            let behind = behind - spacing * (behind * per_spacing).floor();
            let tail = (1.0 - behind * per_px).max(0.0);
            // The head reaches the next pixel gradually.
            let ahead = (1.0 - (spacing - behind)).max(0.0);
            if ahead > tail {
                return CanvasPixel::new(self.colors.at(0.0), ahead.min(1.0));
            }
            CanvasPixel::new(self.colors.at(behind * per_color), (tail * tail).min(1.0))
        });
        Motion::for_rate(cx.now, self.rate)
    }
}

#[cfg(test)]
mod tests {
    use super::super::test::{draw, levels, plan};
    use super::SPEC;

    #[test]
    fn comets_are_in_equal_distances_and_move_together() {
        let plan = plan(&SPEC, "count=3 tail=4 speed=10");
        let canvas = levels(&draw(&plan, 30, 0.5));
        let heads: Vec<usize> = (0..30).filter(|pixel| canvas[*pixel] > 0.99).collect();
        assert_eq!(heads, [5, 15, 25]);
        assert!(canvas[4] < 1.0 && canvas[4] > canvas[3] && canvas[3] > canvas[2]);
        assert!(canvas[6] <= 0.0 && canvas[1] <= 0.0);
    }

    #[test]
    fn a_comet_glides_between_two_pixels() {
        let canvas = levels(&draw(&plan(&SPEC, "count=3 tail=4 speed=10"), 30, 0.55));
        assert!((canvas[6] - 0.5).abs() < 1e-3, "{canvas:?}");
        assert!(canvas[5] > 0.7, "{canvas:?}");
    }

    #[test]
    fn the_default_passes_the_group_in_the_same_time_at_any_length() {
        for pixels in [20, 200] {
            let canvas = levels(&draw(&plan(&SPEC, "count=1"), pixels, 1.25));
            assert!(canvas[pixels / 2] > 0.99, "{pixels}");
        }
    }
}
