//! `lightning`: bolts of light at random places and times.

use super::options::{OptionKind, number};
use super::random::Random;
use super::{
    Arguments, BuildContext, Canvas, CanvasPixel, Context, Effect, EffectExample, EffectSettings,
    EffectSpec, Motion, effect_settings, rows,
};
use crate::color::{Color, Palette};
use crate::time::Span;

/// The effect.
pub(crate) const SPEC: EffectSpec = EffectSpec {
    name: "lightning",
    help: "Bolts of light at random places and times",
    synonyms: &["storm", "thunder", "thunderstorm"],
    arguments: Arguments::COLOR,
    options: LightningSettings::OPTIONS,
    example: EffectExample {
        text: "lightning rate=30",
        length_s: 8.0,
    },
    defaults: LightningSettings::defaults,
};

effect_settings! {
    /// Settings of `lightning`.
    pub(crate) struct LightningSettings {
        colors: Palette = rows::COLOR.default("c0d0ff"),
        palette: Option<Palette> = rows::PALETTE,
        speed_hz: f32 = rows::SPEED_HZ.default("2.5").help(
            "Flashes per second of one bolt; more than 3 can harm people with photosensitive \
             epilepsy",
        ),
        max_brightness: f32 = rows::MAX_BRIGHTNESS.default("1.0"),
        bolts_per_min: f32 = number("lightning_rate", OptionKind::Above(0.0), "15")
            .short("rate")
            .unit("bolts per minute")
            .help("How often lightning strikes"),
    }
}

impl EffectSettings for LightningSettings {
    fn spec(&self) -> &'static EffectSpec {
        &SPEC
    }

    fn tint(&self) -> Color {
        self.colors().first()
    }

    fn build(&self, cx: &BuildContext) -> Box<dyn Effect> {
        let speed_hz = f64::from(self.speed_hz);
        let flashes = (speed_hz * 60.0 / f64::from(self.bolts_per_min)).round();
        Box::new(Lightning {
            colors: self.colors().scale(self.max_brightness).colors().collect(),
            seed: cx.seed,
            speed_hz,
            decay_s: (LONGEST_FLASH * speed_hz.recip()).min(DECAY_S),
            slots: (flashes as u64).clamp(MOST_FLASHES, MOST_SLOTS),
        })
    }
}

impl LightningSettings {
    /// Returns the colors, of which each bolt has one.
    fn colors(&self) -> &Palette {
        self.palette.as_ref().unwrap_or(&self.colors)
    }
}

/// The highest number of flashes of one bolt.
const MOST_FLASHES: u64 = 3;

/// The length of a flash, and its longest part of the time from one flash to the next.
const DECAY_S: f64 = 0.3;
const LONGEST_FLASH: f64 = 0.9;

/// A limit of the slots of a bolt, so that their numbers cannot overflow.
const MOST_SLOTS: u64 = 1_000_000;

/// The shortest bolt as a part of the group, and the length of its soft ends.
const SHORTEST: f32 = 0.3;
const SOFT_END: f32 = 0.15;

/// The dimmest flash.
const DIMMEST: f32 = 0.35;

/// Strikes about `lightning_rate` times per minute. A bolt has a place, a color and one to three
/// flashes. All flashes are `1 / speed` seconds or more apart: time is divided into slots, and each
/// slot has at most one flash.
#[derive(Debug)]
struct Lightning {
    colors: Vec<Color>,
    seed: u64,
    speed_hz: f64,
    decay_s: f64,
    /// The slots that have one bolt.
    slots: u64,
}

/// One bolt.
#[derive(Debug)]
struct Bolt {
    first_slot: u64,
    flashes: u64,
    color: Color,
    center: f32,
    half: f32,
}

impl Lightning {
    fn bolt(&self, number: u64) -> Bolt {
        let mut random = Random::for_step(self.seed, number);
        let flashes = 1 + random.below(MOST_FLASHES as usize) as u64;
        let free = (self.slots - flashes + 1) as usize;
        let half = random.within(SHORTEST, 1.0) / 2.0;
        Bolt {
            first_slot: number
                .saturating_mul(self.slots)
                .saturating_add(random.below(free) as u64),
            flashes,
            color: match self.colors.len() {
                0 => Color::BLACK,
                count => self.colors[random.below(count)],
            },
            center: random.within(half, 1.0 - half),
            half,
        }
    }

    /// Returns the light of a flash, 0.0-1.0.
    fn light(&self, slot: u64, age_s: f64) -> f32 {
        let left = (1.0 - age_s / self.decay_s).max(0.0) as f32;
        let peak = Random::for_step(!self.seed, slot).within(DIMMEST, 1.0);
        peak * left * left
    }
}

impl Effect for Lightning {
    fn draw(&mut self, canvas: &mut Canvas<'_>, cx: &Context<'_>) -> Motion {
        let time = cx.elapsed_s() * self.speed_hz;
        let slot = time as u64;
        let bolt = self.bolt(slot / self.slots);
        let is_flash = slot
            .checked_sub(bolt.first_slot)
            .is_some_and(|flash| flash < bolt.flashes);
        let light = if is_flash {
            self.light(slot, time.fract() / self.speed_hz)
        } else {
            0.0
        };
        if light <= 0.0 {
            let next = bolt.first_slot.max(slot.saturating_add(1));
            canvas.clear();
            return Motion::Until(cx.start + Span::from_secs(next as f64 / self.speed_hz));
        }
        let per_pixel = (canvas.len().max(1) as f32).recip();
        canvas.set_each(|pixel| {
            let place = (pixel as f32 + 0.5) * per_pixel;
            let inside = (bolt.half - (place - bolt.center).abs()) / SOFT_END;
            CanvasPixel::new(bolt.color, light * inside.clamp(0.0, 1.0))
        });
        Motion::Moving
    }
}

#[cfg(test)]
mod tests {
    use super::super::test::{draw, plan};
    use super::SPEC;

    /// Returns the times at which the light rises, at 100 frames per second.
    fn flashes(options: &str, seconds: u32) -> Vec<f64> {
        let plan = plan(&SPEC, options);
        let mut last = 0.0;
        let mut times = Vec::new();
        for frame in 0..seconds * 100 {
            let time = f64::from(frame) * 0.01;
            let light: f32 = draw(&plan, 20, time).iter().map(|color| color.peak()).sum();
            if light > last {
                times.push(time);
            }
            last = light;
        }
        times
    }

    #[test]
    fn flashes_are_apart_and_as_frequent_as_set() {
        let times = flashes("speed=2.5 rate=20", 60);
        assert!((20..=60).contains(&times.len()), "{}", times.len());
        assert!(
            times.windows(2).all(|pair| pair[1] - pair[0] > 0.38),
            "{times:?}"
        );
    }
}
