//! `disco`: random sparkles.

use super::options::Settings;
use super::random::Random;
use super::{Context, Effect, Motion};
use crate::color::Color;
use crate::color::hsv::hsv;
use crate::time::Span;

/// How long a sparkle takes to come and to go; less where the next is due sooner.
const FADE: Span = Span::from_millis(120);

/// Lights from `min_sparkle` to `max_sparkle` random pixels in random hues, `speed` times a second,
/// each set fading into the next. Every group has sparkles of its own.
///
/// One pixel changes its hue; `direction: reverse` changes nothing that could be seen; the speed does
/// not depend on the frame rate.
#[derive(Debug)]
pub(super) struct Disco {
    seed: u64,
    speed_hz: f64,
    sparkles: [u32; 2],
    level: f32,
    /// The set that is drawn, by its number, and the one before it.
    set: Option<u64>,
    sparks: [Vec<Color>; 2],
    pixels: Vec<u32>,
}

impl Disco {
    pub(super) fn new(settings: &Settings, seed: u64) -> Self {
        Self {
            seed,
            speed_hz: f64::from(settings.speed),
            sparkles: [settings.min_sparkle, settings.max_sparkle],
            level: settings.max_brightness,
            set: None,
            sparks: [Vec::new(), Vec::new()],
            pixels: Vec::new(),
        }
    }

    fn light(&mut self, set: u64, pixels: usize) {
        if self.pixels.len() != pixels {
            self.pixels.clear();
            self.pixels.extend(0..pixels as u32);
            self.set = None;
        }
        if self.set == Some(set) {
            return;
        }
        self.sparks.swap(0, 1);
        if self.set.is_none() || self.set != set.checked_sub(1) {
            self.sparkle(0, set.checked_sub(1));
        }
        self.sparkle(1, Some(set));
        self.set = Some(set);
    }

    /// Fills one of the two sets; what was before the first is dark.
    fn sparkle(&mut self, slot: usize, set: Option<u64>) {
        let pixels = self.pixels.len();
        let sparks = &mut self.sparks[slot];
        sparks.clear();
        sparks.resize(pixels, Color::BLACK);
        let Some(set) = set else {
            return;
        };
        let mut random = Random::of_step(self.seed, set);
        let [low, high] = self.sparkles.map(|count| (count as usize).min(pixels));
        let count = low + random.below(high.saturating_sub(low) + 1);
        // Whatever order the last set left, the choice must be that of this set.
        for (index, pixel) in self.pixels.iter_mut().enumerate() {
            *pixel = index as u32;
        }
        for chosen in 0..count.min(pixels) {
            let other = chosen + random.below(pixels - chosen);
            self.pixels.swap(chosen, other);
            sparks[self.pixels[chosen] as usize] = hsv(random.unit(), 1.0, self.level);
        }
    }
}

impl Effect for Disco {
    fn draw(&mut self, canvas: &mut [Color], cx: &Context<'_>) -> Motion {
        if canvas.is_empty() {
            return Motion::Still;
        }
        let sets = cx.elapsed_s() * self.speed_hz;
        let set = sets as u64;
        self.light(set, canvas.len());
        let period = Span::from_secs(self.speed_hz.recip());
        let begun = cx.start + Span::from_secs(set as f64 / self.speed_hz);
        let t = cx.now.since(begun).fraction_of(FADE.min(period));
        for (color, (from, to)) in canvas
            .iter_mut()
            .zip(self.sparks[0].iter().zip(&self.sparks[1]))
        {
            *color = if from == to { *to } else { from.fade(*to, t) };
        }
        if t < 1.0 {
            return Motion::Moving;
        }
        Motion::Until(begun + period)
    }
}

#[cfg(test)]
mod tests {
    use super::super::EffectKind::Disco;
    use super::super::Motion;
    use super::super::test::{draw, motion, plan};
    use crate::color::Color;

    fn lit(canvas: &[Color]) -> usize {
        canvas.iter().filter(|color| color.peak() > 0.0).count()
    }

    #[test]
    fn as_many_pixels_are_lit_as_allowed() {
        let plan = plan(Disco, "speed=2 min_sparkle=2 max_sparkle=4");
        for set in 0..50 {
            let count = lit(&draw(&plan, 30, f64::from(set) * 0.5 + 0.3));
            assert!((2..=4).contains(&count), "{count}");
        }
    }

    #[test]
    fn none_at_all_is_possible() {
        let plan = plan(Disco, "speed=2 min_sparkle=0 max_sparkle=1");
        let counts: Vec<usize> = (0..50)
            .map(|set| lit(&draw(&plan, 30, f64::from(set) * 0.5 + 0.3)))
            .collect();
        assert!(counts.contains(&0) && counts.contains(&1));
    }

    #[test]
    fn between_two_sets_it_is_still() {
        let plan = plan(Disco, "speed=2");
        assert_eq!(motion(&plan, 30, 0.55), Motion::Moving);
        assert!(matches!(motion(&plan, 30, 0.7), Motion::Until(_)));
    }

    #[test]
    fn one_pixel_changes_its_hue() {
        let plan = plan(Disco, "speed=1");
        let [first, second] = [0.5, 1.5].map(|time| draw(&plan, 1, time)[0]);
        assert!(first.peak() > 0.7 && second.peak() > 0.7);
        assert!(first.distance(second) > 0.0);
    }
}
