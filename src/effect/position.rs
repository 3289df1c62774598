//! `position`: the whole group has the color of a position of the toolhead.

use super::axis_range::{AxisRange, range_problem};
use super::palettes::{from_black, steepest};
use super::{
    Arguments, Axis, BuildContext, Canvas, Context, Effect, EffectExample, EffectInput,
    EffectSettings, EffectSpec, Motion, effect_settings, rows,
};
use crate::color::{Color, Palette, PaletteTable};

/// The effect.
pub(crate) const SPEC: EffectSpec = EffectSpec {
    name: "position",
    help: "The whole group has the color of the place of the toolhead on an axis",
    synonyms: &["axis_color"],
    arguments: Arguments {
        axis: Some("axis"),
        colors: &["palette"],
        numbers: &[&[], &["range_min", "range_max"]],
        usage: " [AXIS] [COLOR ...] [LOW HIGH]",
        ..Arguments::NONE
    },
    options: PositionSettings::OPTIONS,
    example: EffectExample {
        text: "position x blue magenta orange",
        length_s: 6.0,
    },
    defaults: PositionSettings::defaults,
};

effect_settings! {
    /// Settings of `position`.
    pub(crate) struct PositionSettings {
        axis: Axis = rows::AXIS,
        palette: Palette = rows::GRADIENT.help(
            "Colors from the low to the high end, or a palette by its name; a single color begins \
             at black",
        ),
        max_brightness: f32 = rows::MAX_BRIGHTNESS.default("1.0"),
        low_mm: Option<f32> = rows::RANGE_MIN_MM
            .help("Position of the first color; if not set, the lowest of the axis"),
        high_mm: Option<f32> = rows::RANGE_MAX_MM
            .help("Position of the last color; if not set, the highest of the axis"),
    }
}

impl EffectSettings for PositionSettings {
    fn spec(&self) -> &'static EffectSpec {
        &SPEC
    }

    fn tint(&self) -> Color {
        self.palette.last()
    }

    fn input(&self) -> EffectInput<'_> {
        EffectInput::Axis(self.axis)
    }

    fn range_problem(&self, _: f32) -> Option<String> {
        range_problem(self.low_mm, self.high_mm)
    }

    fn build(&self, cx: &BuildContext) -> Box<dyn Effect> {
        let palette = self.palette.scale(self.max_brightness);
        let table = PaletteTable::new(&from_black(&palette));
        Box::new(Position {
            range: AxisRange::new(self.low_mm, self.high_mm, cx.input),
            steepest: steepest(&table),
            table,
        })
    }
}

/// Shows the color of a position on all pixels. It changes smoothly between samples. Before the
/// first one the group has the first color.
#[derive(Debug)]
struct Position {
    range: AxisRange,
    table: PaletteTable,
    steepest: f32,
}

impl Effect for Position {
    fn draw(&mut self, canvas: &mut Canvas<'_>, cx: &Context<'_>) -> Motion {
        canvas.fill(self.table.at(self.range.fraction(cx).unwrap_or(0.0)));
        match self.range.motion(cx) {
            Some((end, per_second)) => {
                Motion::for_rate(cx.now, per_second * self.steepest).min(Motion::Until(end))
            }
            None => Motion::Still,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::test::{at, draw_with, plan};
    use super::SPEC;
    use crate::color::Color;
    use crate::input::{Inputs, Sample};

    fn color(options: &str, z: f32) -> Color {
        let mut inputs = Inputs::default();
        let sample = Sample {
            position: Some([0.0, 0.0, z]),
            ..Sample::default()
        };
        inputs.sample(at(0.0), &sample);
        let options = format!("axis=z {options}");
        draw_with(&plan(&SPEC, &options), 2, 1.0, &inputs).0[1]
    }

    #[test]
    fn the_color_is_that_of_the_place_on_the_axis() {
        let [red, blue] = [Color::rgb(1.0, 0.0, 0.0), Color::rgb(0.0, 0.0, 1.0)];
        for (z, expected) in [
            (0.0, blue),
            (150.0, Color::WHITE),
            (300.0, red),
            (400.0, red),
        ] {
            let shown = color("palette=blue,white,red", z);
            assert!(shown.distance(expected) < 0.02, "{z}: {shown:?}");
        }
        assert!(color("palette=white low=0 high=5", 5.0).r > 0.99);
        assert!(color("palette=white low=0 high=5", 0.0).r < 0.01);
    }
}
