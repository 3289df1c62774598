//! `meteor`: a head with a tail that breaks up at random.

use super::random::Random;
use super::{
    Arguments, BuildContext, Canvas, CanvasPixel, Context, Effect, EffectExample, EffectSettings,
    EffectSpec, Motion, effect_settings, rows,
};
use crate::color::{Color, Palette, PaletteTable};

/// The effect.
pub(crate) const SPEC: EffectSpec = EffectSpec {
    name: "meteor",
    help: "A bright head with a tail that breaks up at random",
    synonyms: &["meteorite", "meteorshower", "shootingstar"],
    arguments: Arguments::COLOR,
    options: MeteorSettings::OPTIONS,
    example: EffectExample {
        text: "meteor white cyan blue",
        length_s: 5.0,
    },
    defaults: MeteorSettings::defaults,
};

effect_settings! {
    /// Settings of `meteor`.
    pub(crate) struct MeteorSettings {
        colors: Palette = rows::COLOR,
        palette: Option<Palette> = rows::PALETTE,
        speed_px_s: Option<f32> = rows::GROUP_SPEED
            .help("Speed of the effect; if not set, a meteor in 2.5 s"),
        max_brightness: f32 = rows::MAX_BRIGHTNESS.default("1.0"),
        tail_length: Option<u32> = rows::TAIL
            .help("Length of the tail; if not set, half of the group"),
    }
}

impl EffectSettings for MeteorSettings {
    fn spec(&self) -> &'static EffectSpec {
        &SPEC
    }

    fn tint(&self) -> Color {
        self.colors().first()
    }

    fn build(&self, cx: &BuildContext) -> Box<dyn Effect> {
        Box::new(Meteor::new(self, cx))
    }
}

impl MeteorSettings {
    /// Returns the colors from the head to the end of the tail.
    fn colors(&self) -> &Palette {
        self.palette.as_ref().unwrap_or(&self.colors)
    }
}

/// How fast a pixel of the tail fades at least, and how much faster at most.
const DECAY: (f32, f32) = (1.0, 3.0);

/// The part of the tail in which the colors change; the rest is dim.
const COLORED_TAIL: f32 = 0.6;

/// Moves a head toward the last pixel at `speed` pixels per second, and out of the group. When the
/// tail has left the group too, the next one starts. Each pixel of a tail fades at its own speed.
#[derive(Debug)]
struct Meteor {
    colors: PaletteTable,
    seed: u64,
    speed_px_s: f64,
    tail_px: f32,
    /// The way of one meteor.
    path_px: f64,
    rate: f32,
}

impl Meteor {
    fn new(settings: &MeteorSettings, cx: &BuildContext) -> Self {
        let half = (cx.pixels / 2).max(3) as f32;
        let tail_px = settings.tail_length.map_or(half, |px| px as f32);
        let path_px = cx.pixels as f64 + f64::from(tail_px) + 1.0;
        let colors = settings.colors().scale(settings.max_brightness);
        let speed_px_s = rows::speed_px_s(settings.speed_px_s, path_px);
        Self {
            rate: speed_px_s as f32 * colors.peak(),
            colors: PaletteTable::new(&colors),
            seed: cx.seed,
            speed_px_s,
            tail_px,
            path_px,
        }
    }
}

impl Effect for Meteor {
    fn draw(&mut self, canvas: &mut Canvas<'_>, cx: &Context<'_>) -> Motion {
        let passes = cx.elapsed_s() * self.speed_px_s / self.path_px;
        // It enters the group from before the first pixel.
        let head = (passes.fract() * self.path_px) as f32 - 1.0;
        let pass = Random::for_step(self.seed, passes as u64);
        let per_px = self.tail_px.recip();
        canvas.set_each(|pixel| {
            let behind = head - pixel as f32;
            if behind <= 0.0 {
                return CanvasPixel::new(self.colors.at(0.0), (1.0 + behind).max(0.0));
            }
            let place = behind * per_px;
            if place >= 1.0 {
                return CanvasPixel::new(Color::BLACK, 0.0);
            }
            let mut random = pass.for_step_of(pixel as u64);
            let faster = random.unit();
            let left = (1.0 - place * (DECAY.0 + (DECAY.1 - DECAY.0) * faster * faster)).max(0.0);
            CanvasPixel::new(self.colors.at(place / COLORED_TAIL), left * left)
        });
        Motion::for_rate(cx.now, self.rate)
    }
}

#[cfg(test)]
mod tests {
    use super::super::test::{draw, levels, plan};
    use super::SPEC;

    #[test]
    fn the_head_enters_and_leaves_the_group_and_the_tail_follows() {
        let plan = plan(&SPEC, "speed=10 tail=9");
        assert!(
            levels(&draw(&plan, 10, 0.0))
                .iter()
                .all(|level| *level <= 0.0)
        );
        let canvas = levels(&draw(&plan, 10, 0.6));
        assert!(canvas[5] > 0.99 && canvas[6] <= 0.01, "{canvas:?}");
        assert!((1..5).all(|pixel| canvas[pixel] < 1.0), "{canvas:?}");
        let gone = levels(&draw(&plan, 10, 1.5));
        assert!(gone.iter().all(|level| *level < 0.5), "{gone:?}");
    }

    #[test]
    fn the_tail_breaks_up_and_every_meteor_is_another_one() {
        let plan = plan(&SPEC, "speed=10 tail=20");
        let tail = |time| levels(&draw(&plan, 30, time))[5..20].to_vec();
        let first = tail(2.1);
        assert!(first.windows(2).any(|pair| pair[0] > pair[1]), "{first:?}");
        assert_ne!(first, tail(2.1 + 5.1));
    }
}
