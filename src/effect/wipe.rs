//! `wipe`: a color fills the group from one end to the other, then the next one.

use super::wave::turn;
use super::{
    Arguments, BuildContext, Canvas, CanvasPixel, Context, Effect, EffectExample, EffectSettings,
    EffectSpec, Motion, effect_settings, rows,
};
use crate::color::{Color, Palette};

/// The effect.
pub(crate) const SPEC: EffectSpec = EffectSpec {
    name: "wipe",
    help: "A color fills the group from one end to the other, then the next color does",
    synonyms: &["colorwipe", "fill", "sweep"],
    arguments: Arguments::COLOR,
    options: WipeSettings::OPTIONS,
    example: EffectExample {
        text: "wipe orange",
        length_s: 4.0,
    },
    defaults: WipeSettings::defaults,
};

effect_settings! {
    /// Settings of `wipe`.
    pub(crate) struct WipeSettings {
        colors: Palette = rows::COLOR
            .help("Color, if the effect is written without one; or several colors, or a palette; \
                   after a single color the group is wiped dark"),
        palette: Option<Palette> = rows::PALETTE,
        speed_hz: f32 = rows::SPEED_HZ.default("0.5").help("Wipes per second"),
        max_brightness: f32 = rows::MAX_BRIGHTNESS.default("1.0"),
    }
}

impl EffectSettings for WipeSettings {
    fn spec(&self) -> &'static EffectSpec {
        &SPEC
    }

    fn tint(&self) -> Color {
        self.colors().first()
    }

    fn build(&self, cx: &BuildContext) -> Box<dyn Effect> {
        let colors = self.colors().scale(self.max_brightness);
        let mut wipes: Vec<Color> = colors.colors().collect();
        if wipes.len() == 1 {
            wipes.push(Color::BLACK);
        }
        Box::new(Wipe {
            colors: wipes,
            speed_hz: f64::from(self.speed_hz),
            rate: self.speed_hz * cx.pixels as f32 * colors.peak(),
        })
    }
}

impl WipeSettings {
    /// Returns the colors, one for each wipe.
    fn colors(&self) -> &Palette {
        self.palette.as_ref().unwrap_or(&self.colors)
    }
}

/// Fills the group from the first pixel on, `speed` times per second. Each wipe has the next color.
/// The group is dark before the first one. A single color alternates with a dark group.
#[derive(Debug)]
struct Wipe {
    colors: Vec<Color>,
    speed_hz: f64,
    rate: f32,
}

impl Effect for Wipe {
    fn draw(&mut self, canvas: &mut Canvas<'_>, cx: &Context<'_>) -> Motion {
        let wipes = cx.elapsed_s() * self.speed_hz;
        let number = wipes as u64;
        let edge = turn(wipes) * canvas.len() as f32;
        let color = rows::in_turn(&self.colors, number);
        let below = match number.checked_sub(1) {
            Some(last) => rows::in_turn(&self.colors, last),
            None => Color::BLACK,
        };
        let [full, full_below] = [color, below].map(|it| f32::from(u8::from(it.peak() > 0.0)));
        canvas.set_each(|pixel| {
            let part = (edge - pixel as f32).clamp(0.0, 1.0);
            CanvasPixel::new(color, full * part)
                + CanvasPixel::new(below, full_below * (1.0 - part))
        });
        Motion::for_rate(cx.now, self.rate)
    }
}

#[cfg(test)]
mod tests {
    use super::super::test::{draw, levels, plan};
    use super::SPEC;

    #[test]
    fn one_color_fills_the_dark_group_and_is_wiped_away() {
        let plan = plan(&SPEC, "speed=1 color=white");
        assert_eq!(levels(&draw(&plan, 4, 0.375)), [1.0, 0.5, 0.0, 0.0]);
        assert_eq!(levels(&draw(&plan, 4, 1.0)), [1.0; 4]);
        assert_eq!(levels(&draw(&plan, 4, 1.375)), [0.0, 0.5, 1.0, 1.0]);
    }

    #[test]
    fn each_wipe_has_the_next_color() {
        let canvas = draw(&plan(&SPEC, "speed=1 color=red,blue"), 4, 1.5);
        assert!(canvas[0].b > 0.9 && canvas[3].r > 0.9);
    }
}
