//! `progress`: a bar that shows the print progress.

use super::bar::{Bar, BarColors, BarShape};
use super::{
    Arguments, BuildContext, Canvas, Context, Effect, EffectExample, EffectInput, EffectSettings,
    EffectSpec, Motion, effect_settings, rows,
};
use crate::color::{Color, Palette};

/// The effect.
pub(crate) const SPEC: EffectSpec = EffectSpec {
    name: "progress",
    help: "A bar that fills with the progress of the print",
    synonyms: &["bar", "loading", "percent", "progress_bar"],
    arguments: Arguments {
        colors: &["start_color", "end_color"],
        numbers: &[&[], &["gradient_curve"]],
        usage: " [COLOR ...] [CURVE]",
        ..Arguments::NONE
    },
    options: ProgressSettings::OPTIONS,
    example: EffectExample {
        text: "progress steel matrix",
        length_s: 6.0,
    },
    defaults: ProgressSettings::defaults,
};

effect_settings! {
    /// Settings of `progress`.
    pub struct ProgressSettings {
        start_color: Color = rows::START_COLOR,
        end_color: Color = rows::END_COLOR,
        palette: Option<Palette> = rows::BAR_PALETTE,
        gradient_curve: Option<f32> = rows::GRADIENT_CURVE,
        trailing: Option<u32> = rows::TRAILING,
        leading: u32 = rows::LEADING,
        is_partial: bool = rows::PARTIAL,
        background: Option<Color> = rows::BACKGROUND,
    }
}

impl EffectSettings for ProgressSettings {
    fn spec(&self) -> &'static EffectSpec {
        &SPEC
    }

    fn tint(&self) -> Color {
        self.colors().last()
    }

    fn input(&self) -> EffectInput<'_> {
        EffectInput::Progress
    }

    fn build(&self, cx: &BuildContext) -> Box<dyn Effect> {
        Box::new(Progress(Bar::new(&self.colors(), self.shape(), cx.pixels)))
    }
}

impl ProgressSettings {
    fn colors(&self) -> BarColors<'_> {
        BarColors {
            start: self.start_color,
            end: self.end_color,
            palette: self.palette.as_ref(),
            curve: self.gradient_curve,
        }
    }

    fn shape(&self) -> BarShape {
        BarShape {
            trailing: self.trailing,
            leading: self.leading,
            is_partial: self.is_partial,
            background: self.background,
        }
    }
}

/// Fills the group from the first pixel, in proportion to the progress of the job.
///
/// The bar moves smoothly between updates. While the progress is unknown, the whole group shows the
/// first color. A single pixel shows the last color with a brightness in proportion to the
/// progress. `direction: reverse` fills from the last pixel.
#[derive(Debug)]
struct Progress(Bar);

impl Effect for Progress {
    fn draw(&mut self, canvas: &mut Canvas<'_>, cx: &Context<'_>) -> Motion {
        let progress = cx.inputs.progress();
        self.0.draw(canvas, progress.at(cx.now));
        progress
            .motion(cx.now)
            .map_or(Motion::Still, |(end, per_second)| {
                self.0.motion(cx.now, end, per_second)
            })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Motion;
    use super::super::test::{at, draw_with, plan};
    use super::SPEC;
    use crate::color::Color;
    use crate::input::{Inputs, Sample};

    fn inputs(progress: f32) -> Inputs {
        let mut inputs = Inputs::default();
        let sample = Sample {
            progress: Some(progress),
            ..Sample::default()
        };
        inputs.sample(at(0.0), &sample);
        inputs
    }

    #[test]
    fn the_last_pixel_is_dimmed_in_proportion() {
        let plan = plan(&SPEC, "start=white end=white");
        let (canvas, motion) = draw_with(&plan, 10, 1.0, &inputs(0.25));
        let levels: Vec<f32> = canvas.iter().map(|color| color.r).collect();
        assert_eq!(levels[..4], [1.0, 1.0, 0.5, 0.0]);
        assert_eq!(motion, Motion::Still);
    }

    #[test]
    fn one_pixel_shows_the_end_color_in_proportion() {
        let plan = plan(&SPEC, "start=red end=blue");
        let (canvas, _) = draw_with(&plan, 1, 1.0, &inputs(0.5));
        assert_eq!(canvas, [Color::rgb(0.0, 0.0, 0.5)]);
    }

    #[test]
    fn without_progress_it_shows_the_start_color() {
        let plan = plan(&SPEC, "start=red");
        let (canvas, _) = draw_with(&plan, 3, 1.0, &Inputs::default());
        assert_eq!(canvas, [Color::rgb(1.0, 0.0, 0.0); 3]);
    }

    #[test]
    fn the_bar_moves_smoothly_to_an_update_and_then_stops() {
        let mut inputs = inputs(0.0);
        let sample = Sample {
            progress: Some(1.0),
            ..Sample::default()
        };
        inputs.sample(at(0.5), &sample);
        let plan = plan(&SPEC, "start=white end=white");
        let (canvas, motion) = draw_with(&plan, 100, 0.75, &inputs);
        assert!((canvas[49].r, canvas[50].r) == (1.0, 0.0));
        assert_eq!(motion, Motion::Moving);
        assert_eq!(draw_with(&plan, 100, 1.0, &inputs).1, Motion::Still);
    }

    #[test]
    fn a_palette_covers_the_bar_without_a_curve() {
        let bar = |options: &str| draw_with(&plan(&SPEC, options), 5, 1.0, &inputs(1.0)).0;
        let canvas = bar("palette=red,white,blue");
        assert_eq!(canvas[0], Color::rgb(1.0, 0.0, 0.0));
        assert_eq!(
            (canvas[2], canvas[4]),
            (Color::WHITE, Color::rgb(0.0, 0.0, 1.0))
        );
        assert_eq!(bar("palette=red,white,blue curve=1"), canvas);
        assert_ne!(bar("palette=red,white,blue curve=2"), canvas);
        let two = plan(&SPEC, "start=red end=blue palette=black,white");
        assert_eq!(two.tint(), Color::WHITE);
    }
}
