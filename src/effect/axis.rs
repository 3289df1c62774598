//! `axis`: a bar that follows an axis of the toolhead.

use super::axis_range::{AxisRange, range_problem};
use super::bar::{Bar, BarColors, BarShape};
use super::{
    Arguments, Axis, BuildContext, Canvas, Context, Effect, EffectExample, EffectInput,
    EffectSettings, EffectSpec, Motion, effect_settings, rows,
};
use crate::color::{Color, Palette};

/// The effect.
pub(crate) const SPEC: EffectSpec = EffectSpec {
    name: "axis",
    help: "A bar as long as the place of the toolhead on an axis",
    synonyms: &["toolhead"],
    arguments: Arguments {
        axis: Some("axis"),
        colors: &["start_color", "end_color"],
        numbers: &[&[], &["range_min", "range_max"]],
        usage: " [AXIS] [COLOR ...] [LOW HIGH]",
        ..Arguments::NONE
    },
    options: AxisSettings::OPTIONS,
    example: EffectExample {
        text: "axis x blue cyan",
        length_s: 6.0,
    },
    defaults: AxisSettings::defaults,
};

effect_settings! {
    /// Settings of `axis`.
    pub(crate) struct AxisSettings {
        axis: Axis = rows::AXIS,
        start_color: Color = rows::START_COLOR.default("blue"),
        end_color: Color = rows::END_COLOR.default("cyan"),
        palette: Option<Palette> = rows::BAR_PALETTE,
        gradient_curve: Option<f32> = rows::GRADIENT_CURVE,
        low_mm: Option<f32> = rows::RANGE_MIN_MM
            .help("Position of the empty bar; if not set, the lowest of the axis"),
        high_mm: Option<f32> = rows::RANGE_MAX_MM
            .help("Position of the full bar; if not set, the highest of the axis"),
        trailing: Option<u32> = rows::TRAILING,
        leading: u32 = rows::LEADING,
        is_partial: bool = rows::PARTIAL,
        background: Option<Color> = rows::BACKGROUND,
    }
}

impl EffectSettings for AxisSettings {
    fn spec(&self) -> &'static EffectSpec {
        &SPEC
    }

    fn tint(&self) -> Color {
        self.colors().last()
    }

    fn input(&self) -> EffectInput<'_> {
        EffectInput::Axis(self.axis)
    }

    fn range_problem(&self, _: f32) -> Option<String> {
        range_problem(self.low_mm, self.high_mm)
    }

    fn build(&self, cx: &BuildContext) -> Box<dyn Effect> {
        let shape = BarShape {
            trailing: self.trailing,
            leading: self.leading,
            is_partial: self.is_partial,
            background: self.background,
        };
        Box::new(AxisBar {
            bar: Bar::new(&self.colors(), shape, cx.pixels),
            range: AxisRange::new(self.low_mm, self.high_mm, cx.input),
        })
    }
}

impl AxisSettings {
    fn colors(&self) -> BarColors<'_> {
        BarColors {
            start: self.start_color,
            end: self.end_color,
            palette: self.palette.as_ref(),
            curve: self.gradient_curve,
        }
    }
}

/// Fills the group from the first pixel up to the place of the toolhead on the axis.
///
/// The bar moves smoothly between samples. Before the first one, the whole group shows the first
/// color.
#[derive(Debug)]
struct AxisBar {
    bar: Bar,
    range: AxisRange,
}

impl Effect for AxisBar {
    fn draw(&mut self, canvas: &mut Canvas<'_>, cx: &Context<'_>) -> Motion {
        self.bar.draw(canvas, self.range.fraction(cx));
        let motion = self.range.motion(cx);
        motion.map_or(Motion::Still, |(end, per_second)| {
            self.bar.motion(cx.now, end, per_second)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::test::{at, draw_with, levels, plan};
    use super::SPEC;
    use crate::input::{Inputs, Sample};

    fn bar(options: &str, y: f32) -> Vec<f32> {
        let mut inputs = Inputs::default();
        let sample = Sample {
            position: Some([0.0, y, 0.0]),
            ..Sample::default()
        };
        inputs.sample(at(0.0), &sample);
        let options = format!("axis=y start=white end=white {options}");
        levels(&draw_with(&plan(&SPEC, &options), 6, 1.0, &inputs).0)
    }

    #[test]
    fn the_bar_is_as_long_as_the_place_on_the_axis() {
        assert_eq!(bar("", 125.0), [1.0, 1.0, 0.5, 0.0, 0.0, 0.0]);
        assert_eq!(
            bar("low=50 high=200", 125.0),
            [1.0, 1.0, 1.0, 0.0, 0.0, 0.0]
        );
        assert_eq!(bar("partial=no", 125.0), [1.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
        assert_eq!(bar("", 500.0), [1.0; 6]);
    }

    #[test]
    fn a_bar_can_be_a_marker_on_a_background() {
        assert_eq!(
            bar("trailing=1 leading=1", 125.0),
            [0.0, 0.5, 1.0, 0.5, 0.0, 0.0]
        );
        let marker = bar("trailing=1 leading=1 background=0.2,0,0", 125.0);
        assert_eq!(marker, [0.2, 0.6, 1.0, 0.6, 0.2, 0.2]);
        assert_eq!(bar("trailing=2", 0.0), [0.0; 6]);
    }
}
