//! `disco`: random sparkles.

use super::options::{unset_palette, unset_pixels};
use super::random::Random;
use super::{
    Arguments, BuildContext, Canvas, CanvasPixel, Context, Effect, EffectExample, EffectSettings,
    EffectSpec, Motion, effect_settings, rows,
};
use crate::color::hsv::hsv;
use crate::color::{Color, Palette, fade_level};
use crate::time::Span;

/// The effect.
pub(crate) const SPEC: EffectSpec = EffectSpec {
    name: "disco",
    help: "Random sparkles",
    synonyms: &["glitter", "party", "sparkle"],
    arguments: Arguments::PALETTE,
    options: DiscoSettings::OPTIONS,
    example: EffectExample {
        text: "disco",
        length_s: 3.0,
    },
    defaults: DiscoSettings::defaults,
};

effect_settings! {
    /// Settings of `disco`.
    pub(crate) struct DiscoSettings {
        speed_hz: f32 = rows::SPEED_HZ.default("3.0"),
        max_brightness: f32 = rows::MAX_BRIGHTNESS,
        palette: Option<Palette> = unset_palette("palette").short("color")
            .help("Colors of the sparkles, or a palette by its name; if not set, all hues"),
        min_sparkle: Option<u32> = unset_pixels("min_sparkle", 0).help(
            "Minimum number of pixels lit at the same time; if not set, 1, or 1 of 60 on a long \
             group",
        ),
        max_sparkle: Option<u32> = unset_pixels("max_sparkle", 1).help(
            "Maximum number of pixels lit at the same time; if not set, 6, or 1 of 10 on a long \
             group",
        ),
    }
}

impl EffectSettings for DiscoSettings {
    fn spec(&self) -> &'static EffectSpec {
        &SPEC
    }

    fn tint(&self) -> Color {
        self.palette.as_ref().map_or(Color::WHITE, Palette::first)
    }

    fn range_problem(&self, _: f32) -> Option<String> {
        rows::order_problem(
            ("min_sparkle", self.min_sparkle.unwrap_or(SPARKLES[0])),
            ("max_sparkle", self.max_sparkle.unwrap_or(SPARKLES[1])),
        )
    }

    fn build(&self, cx: &BuildContext) -> Box<dyn Effect> {
        Box::new(Disco::new(self, cx))
    }
}

/// The lowest and highest number of sparkles on a short group, if they are not set.
const SPARKLES: [u32; 2] = [1, 6];

/// A longer group has one sparkle for this many pixels.
const PIXELS_PER_SPARKLE: [usize; 2] = [60, 10];

/// Fade time of a sparkle; shorter if the next set is due earlier.
const FADE: Span = Span::from_millis(120);

/// The maximum rate at which a single pixel changes its hue; a higher rate would flash more than
/// three times a second.
const MAX_CHANGES_HZ: f32 = 2.5;

/// Lights `min_sparkle` to `max_sparkle` random pixels in random hues, or in random colors of the
/// palette, `speed` times per second.
///
/// Each set of sparkles fades into the next. Every group has its own sparkles. A single pixel
/// changes its hue. `direction: reverse` makes no visible difference.
#[derive(Debug)]
struct Disco {
    seed: u64,
    speed_hz: f64,
    sparkles: [u32; 2],
    level: f32,
    /// The colors to choose from; none chooses from all hues.
    colors: Vec<Color>,
    /// Number of the set in `sparks[1]`; `sparks[0]` holds the set before it.
    set: Option<u64>,
    sparks: [Vec<Color>; 2],
    /// All pixels; the first ones are those that the last set has lit.
    pixels: Vec<u32>,
}

impl Disco {
    fn new(settings: &DiscoSettings, cx: &BuildContext) -> Self {
        let sparks = vec![Color::BLACK; cx.pixels];
        let sparkles = |index: usize, set: Option<u32>| {
            let long = (cx.pixels / PIXELS_PER_SPARKLE[index]) as u32;
            set.unwrap_or(long.max(SPARKLES[index]))
        };
        Self {
            seed: cx.seed,
            speed_hz: f64::from(if cx.pixels == 1 {
                settings.speed_hz.min(MAX_CHANGES_HZ)
            } else {
                settings.speed_hz
            }),
            sparkles: [
                sparkles(0, settings.min_sparkle),
                sparkles(1, settings.max_sparkle),
            ],
            level: settings.max_brightness,
            colors: settings.palette.iter().flat_map(Palette::colors).collect(),
            set: None,
            sparks: [sparks.clone(), sparks],
            pixels: (0..cx.pixels as u32).collect(),
        }
    }

    fn prepare(&mut self, set: u64) {
        if self.set == Some(set) {
            return;
        }
        self.sparks.swap(0, 1);
        if self.set.is_none() || self.set != set.checked_sub(1) {
            self.fill_set(0, set.checked_sub(1));
        }
        self.fill_set(1, Some(set));
        self.set = Some(set);
    }

    /// Fills one of the two sets; `None` fills it with black.
    fn fill_set(&mut self, slot: usize, set: Option<u64>) {
        let pixels = self.pixels.len();
        let sparks = &mut self.sparks[slot];
        sparks.fill(Color::BLACK);
        let Some(set) = set else {
            return;
        };
        let mut random = Random::for_step(self.seed, set);
        let [low, high] = self.sparkles.map(|count| (count as usize).min(pixels));
        let count = low + random.below(high.saturating_sub(low) + 1);
        // Reset the order: the choice must depend on this set only.
        for (index, pixel) in self.pixels.iter_mut().enumerate() {
            *pixel = index as u32;
        }
        for chosen in 0..count.min(pixels) {
            let other = chosen + random.below(pixels - chosen);
            self.pixels.swap(chosen, other);
            let color = match self.colors.len() {
                0 => hsv(random.unit(), 1.0, self.level),
                count => self.colors[random.below(count)].scale(self.level),
            };
            sparks[self.pixels[chosen] as usize] = color;
        }
    }
}

impl Effect for Disco {
    fn draw(&mut self, canvas: &mut Canvas<'_>, cx: &Context<'_>) -> Motion {
        if canvas.is_empty() {
            return Motion::Still;
        }
        let sets = cx.elapsed_s() * self.speed_hz;
        let set = sets as u64;
        self.prepare(set);
        let period = Span::from_secs(self.speed_hz.recip());
        let started = cx.start + Span::from_secs(set as f64 / self.speed_hz);
        let t = cx.now.since(started).fraction_of(FADE.min(period));
        let [before, sparks] = &self.sparks;
        let (before, sparks) = (&before[..canvas.len()], &sparks[..canvas.len()]);
        canvas.set_each(|pixel| {
            let (from, to) = (before[pixel], sparks[pixel]);
            // Where nothing sparkles, nothing is covered.
            let [covered, covers] = [from, to].map(|it| f32::from(u8::from(it != Color::BLACK)));
            if from == to {
                return CanvasPixel::lit(to, covers);
            }
            CanvasPixel::lit(from.fade(to, t), fade_level(covered, covers, t))
        });
        if t < 1.0 {
            return Motion::Moving;
        }
        Motion::Until(started + period)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Motion;
    use super::super::test::{draw, motion, plan};
    use super::SPEC;
    use crate::color::Color;

    fn lit(canvas: &[Color]) -> usize {
        canvas.iter().filter(|color| color.peak() > 0.0).count()
    }

    #[test]
    fn the_number_of_lit_pixels_stays_within_the_limits() {
        let plan = plan(&SPEC, "speed=2 min_sparkle=2 max_sparkle=4");
        for set in 0..50 {
            let count = lit(&draw(&plan, 30, f64::from(set) * 0.5 + 0.3));
            assert!((2..=4).contains(&count), "{count}");
        }
    }

    #[test]
    fn a_set_can_be_empty() {
        let plan = plan(&SPEC, "speed=2 min_sparkle=0 max_sparkle=1");
        let counts: Vec<usize> = (0..50)
            .map(|set| lit(&draw(&plan, 30, f64::from(set) * 0.5 + 0.3)))
            .collect();
        assert!(counts.contains(&0) && counts.contains(&1));
    }

    #[test]
    fn the_canvas_is_static_between_two_fades() {
        let plan = plan(&SPEC, "speed=2");
        assert_eq!(motion(&plan, 30, 0.55), Motion::Moving);
        assert!(matches!(motion(&plan, 30, 0.7), Motion::Until(_)));
    }

    #[test]
    fn one_pixel_changes_its_hue() {
        let plan = plan(&SPEC, "speed=1");
        let [first, second] = [0.5, 1.5].map(|time| draw(&plan, 1, time)[0]);
        assert!(first.peak() > 0.7 && second.peak() > 0.7);
        assert!(first.distance(second) > 0.0);
    }

    #[test]
    fn sparkles_have_the_colors_of_the_palette() {
        let plan = plan(&SPEC, "speed=2 max=1.0 max_sparkle=6 palette=red,blue");
        let [red, blue] = [Color::rgb(1.0, 0.0, 0.0), Color::rgb(0.0, 0.0, 1.0)];
        let shown: Vec<Color> = (0..30)
            .flat_map(|set| draw(&plan, 30, f64::from(set) * 0.5 + 0.3))
            .filter(|color| color.peak() > 0.0)
            .collect();
        assert!(shown.iter().all(|color| [red, blue].contains(color)));
        assert!(shown.contains(&red) && shown.contains(&blue));
    }
}
