//! `fire`: flickering embers.

use super::options::{OptionKind, number, unset_palette, unset_source};
use super::palettes::from_black;
use super::random::Random;
use super::steps::Steps;
use super::temperature_range::{TemperatureRange, range_problem};
use super::{
    Arguments, BuildContext, Canvas, Context, Effect, EffectExample, EffectInput, EffectSettings,
    EffectSpec, Motion, effect_settings, rows,
};
use crate::color::hsv::hsv;
use crate::color::{Color, Palette, PaletteTable};

/// The effect.
pub(crate) const SPEC: EffectSpec = EffectSpec {
    name: "fire",
    help: "Flickering embers",
    synonyms: &["flame", "flicker"],
    arguments: Arguments::PALETTE,
    options: FireSettings::OPTIONS,
    example: EffectExample {
        text: "fire",
        length_s: 3.0,
    },
    defaults: FireSettings::defaults,
};

effect_settings! {
    /// Settings of `fire`.
    pub(crate) struct FireSettings {
        speed_hz: f32 = rows::SPEED_HZ.default("10.0"),
        min_brightness: f32 = rows::MIN_BRIGHTNESS.default("0.0"),
        max_brightness: f32 = rows::MAX_BRIGHTNESS,
        palette: Option<Palette> = unset_palette("palette").short("color").help(
            "Colors from cold to hot, or a palette by its name; a single color begins at black",
        ),
        cooling: f32 = number("fire_cooling", OptionKind::Within(0.0, 1.0), "0.15")
            .short("cooling")
            .help("How fast the embers cool; higher values are darker"),
        diffusion: f32 = number("fire_diffusion", OptionKind::Within(0.0, 1.0), "0.2")
            .short("diffusion")
            .help("How much heat spreads to neighboring pixels"),
        source: Option<String> = unset_source("temp_source").short("source").help(
            "Heater or temperature sensor whose temperature fans the fire, by its full section \
             name or its last word; if not set, the fire burns always",
        ),
        low_c: Option<f32> = rows::RANGE_MIN_C
            .help("Temperature without fire; if not set, temp_floor"),
        high_c: Option<f32> = rows::RANGE_MAX_C.help(
            "Temperature of the full fire if the source has no target; if not set, the highest \
             temperature so far, at least 20 above the low end",
        ),
    }
}

impl EffectSettings for FireSettings {
    fn spec(&self) -> &'static EffectSpec {
        &SPEC
    }

    fn tint(&self) -> Color {
        self.palette.as_ref().map_or(EMBERS, Palette::last)
    }

    fn input(&self) -> EffectInput<'_> {
        match &self.source {
            Some(name) => EffectInput::Source(name),
            None => EffectInput::None,
        }
    }

    fn set_source(&mut self, full_name: &str) {
        self.source = Some(full_name.to_owned());
    }

    fn range_problem(&self, temp_floor_c: f32) -> Option<String> {
        let brightness = rows::order_problem(
            ("min_brightness", self.min_brightness),
            ("max_brightness", self.max_brightness),
        );
        brightness.or_else(|| {
            let range = range_problem(self.low_c, self.high_c, temp_floor_c);
            range.filter(|_| self.source.is_some())
        })
    }

    fn build(&self, cx: &BuildContext) -> Box<dyn Effect> {
        Box::new(Fire::new(self, cx))
    }
}

/// The color that represents the effect.
const EMBERS: Color = Color::rgb(1.0, 0.3, 0.0);

/// Steps that run before the first frame; until then all pixels are equally hot.
const WARM_UP_STEPS: u32 = 40;

/// Initial heat of every pixel.
const INITIAL_HEAT: f32 = 0.5;

/// The maximum number of steps per frame. A spark has cooled completely by then, so the steps of a
/// longer gap can be skipped.
const MAX_CATCH_UP: u64 = 128;

/// The probability of a spark per pixel and step, and the range of its heat.
const SPARK_CHANCE: f32 = 0.1;
const SPARK_HEAT: (f32, f32) = (0.2, 0.5);

/// The maximum random change of heat per step.
const FLICKER: f32 = 0.05;

/// Cools and sparks each pixel `speed` times per second and interpolates between the steps.
///
/// `fire_diffusion` spreads heat to the neighbors. A palette has the colors of the heat, from cold
/// to hot. LUMEN ran one step per frame and ignored `speed`. `direction: reverse` makes no visible
/// difference.
#[derive(Debug)]
struct Fire {
    random: Random,
    speed_hz: f64,
    keep: f32,
    diffusion: f32,
    low: f32,
    high: f32,
    /// The colors from `low` to `high`, if they are set.
    palette: Option<PaletteTable>,
    /// The temperature that fans the fire, if it follows one.
    range: Option<TemperatureRange>,
    steps: Steps,
    before: Vec<f32>,
    heat: Vec<f32>,
}

impl Fire {
    fn new(settings: &FireSettings, cx: &BuildContext) -> Self {
        let heat = vec![INITIAL_HEAT; cx.pixels];
        let mut fire = Self {
            random: Random::new(cx.seed),
            speed_hz: f64::from(settings.speed_hz),
            keep: 1.0 - settings.cooling,
            diffusion: settings.diffusion,
            low: settings.min_brightness,
            high: settings.max_brightness,
            palette: settings.palette.as_ref().map(|it| table(settings, it)),
            range: settings
                .source
                .is_some()
                .then(|| TemperatureRange::new(settings.low_c, settings.high_c, cx.input)),
            steps: Steps::new(MAX_CATCH_UP),
            before: heat.clone(),
            heat,
        };
        (0..WARM_UP_STEPS).for_each(|_| fire.step());
        fire
    }

    fn step(&mut self) {
        std::mem::swap(&mut self.before, &mut self.heat);
        for pixel in 0..self.heat.len() {
            let mut heat = self.spread(pixel) * self.keep;
            if self.random.unit() < SPARK_CHANCE {
                heat += self.random.within(SPARK_HEAT.0, SPARK_HEAT.1);
            }
            heat += self.random.within(-FLICKER, FLICKER);
            self.heat[pixel] = heat.clamp(0.0, 1.0);
        }
    }

    /// Returns the heat of a pixel after diffusion.
    fn spread(&self, pixel: usize) -> f32 {
        let own = self.before[pixel];
        if self.diffusion <= 0.0 {
            return own;
        }
        let left = self.before[pixel.saturating_sub(1)];
        let right = self.before.get(pixel + 1).copied().unwrap_or(own);
        own + (f32::midpoint(left, right) - own) * self.diffusion
    }
}

/// Returns the color of a heat of 0.0-1.0, between two levels of brightness.
#[inline]
fn embers(heat: f32, low: f32, high: f32) -> Color {
    hsv(0.15 * heat, 1.0 - 0.3 * heat, low + (high - low) * heat)
}

/// Returns the colors of the palette at `max_brightness`, without the part that is darker than
/// `min_brightness`.
fn table(settings: &FireSettings, palette: &Palette) -> PaletteTable {
    let (low, high) = (settings.min_brightness, settings.max_brightness);
    let first = if high > 0.0 {
        (low / high).min(1.0).sqrt()
    } else {
        0.0
    };
    let palette = from_black(palette);
    PaletteTable::from_fn(|place| palette.at(first + (1.0 - first) * place).scale(high))
}

impl Effect for Fire {
    fn draw(&mut self, canvas: &mut Canvas<'_>, cx: &Context<'_>) -> Motion {
        if canvas.is_empty() {
            return Motion::Still;
        }
        let due = self.steps.due(cx.elapsed_s(), self.speed_hz);
        for _ in 0..due.steps {
            self.step();
        }
        let fanned = match &mut self.range {
            // Only the light depends on the temperature, not the steps, so it is the same at every
            // frame rate.
            Some(range) => range.read(cx).map_or(0.0, |it| it.fraction.clamp(0.0, 1.0)),
            None => 1.0,
        };
        let (before, heat) = (&self.before[..canvas.len()], &self.heat[..canvas.len()]);
        let heat = |pixel: usize| {
            let (before, heat) = (before[pixel], heat[pixel]);
            (before + (heat - before) * due.fraction) * fanned
        };
        if let Some(palette) = &self.palette {
            // Heat is light, and equal steps of a palette are equal steps for the eye.
            canvas.set_each(|pixel| palette.at(heat(pixel).sqrt()));
        } else {
            let (low, high) = (self.low, self.high);
            canvas.set_each(|pixel| embers(heat(pixel), low, high));
        }
        Motion::for_rate(cx.now, SPARK_HEAT.1 * self.speed_hz as f32)
    }
}

#[cfg(test)]
mod tests {
    use super::super::test::at;
    use super::super::test::{context, draw_with, plan};
    use super::super::{Canvas, EffectPlan};
    use super::SPEC;
    use crate::color::Color;
    use crate::input::{Inputs, Sample, SourceSample};

    fn burn(plan: &EffectPlan, fps: u32, seconds: u32) -> Vec<Color> {
        let inputs = Inputs::default();
        let mut effect = plan.build(5, 40);
        let mut canvas = vec![Color::BLACK; 40];
        for frame in 0..=fps * seconds {
            let cx = context(f64::from(frame) / f64::from(fps), &inputs);
            effect.draw(&mut Canvas::new(&mut canvas), &cx);
        }
        canvas
    }

    #[test]
    fn speed_is_independent_of_the_frame_rate() {
        let plan = plan(&SPEC, "speed=10");
        let slow = burn(&plan, 30, 3);
        for (a, b) in slow.iter().zip(burn(&plan, 120, 3)) {
            assert!(a.distance(b) < 1e-4);
        }
        assert_ne!(
            slow,
            burn(&super::super::test::plan(&SPEC, "speed=5"), 30, 3)
        );
    }

    #[test]
    fn the_colors_are_red_to_yellow() {
        let canvas = burn(&plan(&SPEC, "max=1.0"), 60, 5);
        assert!(
            canvas
                .iter()
                .all(|color| color.r >= color.g && color.g >= color.b)
        );
        assert!(canvas.iter().any(|color| color.r > 0.2));
    }

    #[test]
    fn a_temperature_fans_the_fire() {
        let light = |temperature: f32| -> f32 {
            let mut inputs = Inputs::default();
            let mut sample = Sample::default();
            sample.sources[0] = SourceSample {
                temperature: Some(temperature),
                target: Some(225.0),
            };
            inputs.sample(at(0.0), &sample);
            let plan = plan(&SPEC, "source=bed max=1.0");
            let canvas = draw_with(&plan, 40, 1.0, &inputs).0;
            canvas.iter().map(|color| color.r).sum()
        };
        assert!(light(25.0) <= 0.0);
        assert!(light(225.0) > 1.5 * light(125.0) && light(125.0) > 0.0);
    }

    #[test]
    fn diffusion_smooths_the_heat() {
        let roughness = |options: &str| -> f32 {
            let canvas = burn(&plan(&SPEC, options), 60, 5);
            canvas
                .windows(2)
                .map(|pair| pair[0].distance(pair[1]))
                .sum()
        };
        assert!(roughness("diffusion=1.0") < roughness("diffusion=0.0"));
    }

    #[test]
    fn a_palette_has_the_colors_of_the_heat() {
        let canvas = burn(&plan(&SPEC, "max=1.0 palette=black,blue,cyan"), 60, 5);
        let is_cold = |color: &Color| color.b >= color.g - 1e-4 && color.r < 1e-4;
        assert!(canvas.iter().all(is_cold), "{canvas:?}");
        assert!(canvas.iter().any(|color| color.g > 0.05), "{canvas:?}");
    }

    #[test]
    fn a_single_color_begins_at_black_and_ends_at_the_highest_brightness() {
        let canvas = burn(&plan(&SPEC, "max=0.5 palette=red"), 60, 5);
        let levels: Vec<f32> = canvas.iter().map(|color| color.r).collect();
        assert!(levels.iter().all(|level| (0.0..=0.5).contains(level)));
        assert!(levels.iter().any(|level| *level > 0.1), "{levels:?}");
        assert!(levels.iter().any(|level| *level < 0.05), "{levels:?}");
    }

    #[test]
    fn the_lowest_brightness_hides_the_dark_part_of_a_palette() {
        let canvas = burn(&plan(&SPEC, "min=0.5 max=1.0 palette=red"), 60, 5);
        // Black to red in Oklab has the cube of the place, and the place is at least the root of
        // 0.5.
        let least = 0.5_f32.sqrt().powi(3);
        assert!(
            canvas.iter().all(|color| color.r >= least - 1e-3),
            "{canvas:?}"
        );
    }
}
