//! `blink`: the whole group is on and off in turn.

use super::options::{OptionKind, number};
use super::{
    Arguments, BuildContext, Canvas, CanvasPixel, Context, Effect, EffectExample, EffectSettings,
    EffectSpec, Motion, effect_settings, rows,
};
use crate::color::{Color, Palette};
use crate::time::Span;

/// The effect.
pub(crate) const SPEC: EffectSpec = EffectSpec {
    name: "blink",
    help: "The whole group is on and off in turn",
    synonyms: &["flashing"],
    arguments: Arguments::COLOR,
    options: BlinkSettings::OPTIONS,
    example: EffectExample {
        text: "blink red",
        length_s: 3.0,
    },
    defaults: BlinkSettings::defaults,
};

effect_settings! {
    /// Settings of `blink`.
    pub(crate) struct BlinkSettings {
        colors: Palette = rows::COLOR,
        palette: Option<Palette> = rows::PALETTE,
        speed_hz: f32 = rows::SPEED_HZ.help(
            "How often the group is on; above 3 it can harm people with photosensitive epilepsy",
        ),
        max_brightness: f32 = rows::MAX_BRIGHTNESS.default("1.0"),
        duty: f32 = number("blink_duty", OptionKind::Within(0.0, 1.0), "0.5")
            .short("duty")
            .help("Part of the time in which the group is on"),
    }
}

impl EffectSettings for BlinkSettings {
    fn spec(&self) -> &'static EffectSpec {
        &SPEC
    }

    fn tint(&self) -> Color {
        self.colors().first()
    }

    fn build(&self, _: &BuildContext) -> Box<dyn Effect> {
        Box::new(Blink {
            colors: self.colors().scale(self.max_brightness).colors().collect(),
            speed_hz: f64::from(self.speed_hz),
            duty: f64::from(self.duty),
        })
    }
}

impl BlinkSettings {
    /// Returns the colors, one for each time.
    fn colors(&self) -> &Palette {
        self.palette.as_ref().unwrap_or(&self.colors)
    }
}

/// Turns the group on and off, `speed` times per second; each time it has the next color. It starts
/// on.
#[derive(Debug)]
struct Blink {
    colors: Vec<Color>,
    speed_hz: f64,
    duty: f64,
}

impl Effect for Blink {
    fn draw(&mut self, canvas: &mut Canvas<'_>, cx: &Context<'_>) -> Motion {
        let cycles = cx.elapsed_s() * self.speed_hz;
        let is_on = cycles.fract() < self.duty;
        let color = rows::in_turn(&self.colors, cycles as u64);
        canvas.set_each(|_| CanvasPixel::new(color, f32::from(u8::from(is_on))));
        let next = cycles.floor() + if is_on { self.duty } else { 1.0 };
        Motion::Until(cx.start + Span::from_secs(next / self.speed_hz))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Motion;
    use super::super::test::{at, draw, motion, plan};
    use super::SPEC;

    #[test]
    fn the_group_is_on_for_the_duty_and_off_for_the_rest() {
        let plan = plan(&SPEC, "speed=1 duty=0.25 color=white");
        for (time, level) in [(0.0, 1.0), (0.2, 1.0), (0.3, 0.0), (0.9, 0.0), (1.1, 1.0)] {
            let shown = draw(&plan, 2, time)[1].r;
            assert!((shown - level).abs() < 1e-6, "{time} s: {shown}");
        }
        assert_eq!(motion(&plan, 2, 1.1), Motion::Until(at(1.25)));
        assert_eq!(motion(&plan, 2, 1.3), Motion::Until(at(2.0)));
    }

    #[test]
    fn each_time_has_the_next_color() {
        let plan = plan(&SPEC, "speed=2 color=red,blue");
        let shown = [0.1, 0.6, 1.1].map(|time| draw(&plan, 1, time)[0]);
        assert!(shown[0].r > 0.9 && shown[1].b > 0.9 && shown[2].r > 0.9);
    }
}
