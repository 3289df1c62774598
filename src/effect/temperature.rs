//! `temperature`: the whole group has the color of a temperature.

use super::options::{flag, source};
use super::palettes::{from_black, steepest};
use super::temperature_range::{TemperatureRange, range_problem};
use super::{
    Arguments, BuildContext, Canvas, CanvasPixel, Context, Effect, EffectExample, EffectInput,
    EffectSettings, EffectSpec, Motion, effect_settings, rows,
};
use crate::color::{Color, Palette, PaletteTable};

/// The effect.
pub(crate) const SPEC: EffectSpec = EffectSpec {
    name: "temperature",
    help: "The whole group has the color of a temperature",
    synonyms: &["tempcolor"],
    arguments: Arguments {
        source: Some("temp_source"),
        colors: &["palette"],
        numbers: &[&[], &["range_min", "range_max"]],
        usage: " [SOURCE] [COLOR ...] [LOW HIGH]",
        ..Arguments::NONE
    },
    options: TemperatureSettings::OPTIONS,
    example: EffectExample {
        text: "temperature extruder blue lime red",
        length_s: 6.0,
    },
    defaults: TemperatureSettings::defaults,
};

effect_settings! {
    /// Settings of `temperature`.
    pub(crate) struct TemperatureSettings {
        source: String = source("temp_source", "extruder")
            .short("source")
            .help("Heater or temperature sensor, by its full section name or its last word"),
        palette: Palette = rows::GRADIENT.default("temperature").help(
            "Colors from cold to hot, or a palette by its name; a single color begins at black",
        ),
        max_brightness: f32 = rows::MAX_BRIGHTNESS.default("1.0"),
        low_c: Option<f32> = rows::RANGE_MIN_C
            .help("Temperature of the first color; if not set, temp_floor"),
        high_c: Option<f32> = rows::RANGE_MAX_C.help(
            "Temperature of the last color if the source has no target; if not set, the highest \
             temperature so far, at least 20 above the low end",
        ),
        is_dark_when_off: bool = flag("dark_when_off", "no")
            .help("Whether the group is dark while the heater has no target"),
    }
}

impl EffectSettings for TemperatureSettings {
    fn spec(&self) -> &'static EffectSpec {
        &SPEC
    }

    fn tint(&self) -> Color {
        self.palette.last()
    }

    fn input(&self) -> EffectInput<'_> {
        EffectInput::Source(&self.source)
    }

    fn set_source(&mut self, full_name: &str) {
        full_name.clone_into(&mut self.source);
    }

    fn range_problem(&self, temp_floor_c: f32) -> Option<String> {
        range_problem(self.low_c, self.high_c, temp_floor_c)
    }

    fn build(&self, cx: &BuildContext) -> Box<dyn Effect> {
        let palette = self.palette.scale(self.max_brightness);
        let table = PaletteTable::new(&from_black(&palette));
        Box::new(Temperature {
            range: TemperatureRange::new(self.low_c, self.high_c, cx.input),
            steepest: steepest(&table),
            table,
            is_dark_when_off: self.is_dark_when_off,
        })
    }
}

/// Shows the color of a temperature within its range (see [`TemperatureRange`]) on all pixels. The
/// color changes smoothly between measurements. Before the first one the group has the first color.
#[derive(Debug)]
struct Temperature {
    range: TemperatureRange,
    table: PaletteTable,
    steepest: f32,
    is_dark_when_off: bool,
}

impl Effect for Temperature {
    fn draw(&mut self, canvas: &mut Canvas<'_>, cx: &Context<'_>) -> Motion {
        let reading = self.range.read(cx);
        if self.is_dark_when_off && reading.is_some_and(|it| it.is_off) {
            canvas.clear();
            return Motion::Still;
        }
        let color = self.table.at(reading.map_or(0.0, |it| it.fraction));
        canvas.set_each(|_| CanvasPixel::from(color));
        match reading.and_then(|it| it.motion) {
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
    use crate::input::{Inputs, Sample, SourceSample};

    fn color(options: &str, temperature: f32, target: Option<f32>) -> Color {
        let mut inputs = Inputs::default();
        let mut sample = Sample::default();
        sample.sources[0] = SourceSample {
            temperature: Some(temperature),
            target,
        };
        inputs.sample(at(0.0), &sample);
        draw_with(&plan(&SPEC, options), 2, 1.0, &inputs).0[1]
    }

    #[test]
    fn the_color_goes_from_the_floor_to_the_target() {
        let colors = "palette=blue,white,red";
        let [red, blue] = [Color::rgb(1.0, 0.0, 0.0), Color::rgb(0.0, 0.0, 1.0)];
        for (temperature, expected) in [(25.0, blue), (125.0, Color::WHITE), (225.0, red)] {
            let shown = color(colors, temperature, Some(225.0));
            assert!(shown.distance(expected) < 0.02, "{temperature}: {shown:?}");
        }
        assert_eq!(color("palette=blue,red low=20 high=60", 70.0, None), red);
    }

    #[test]
    fn a_single_color_has_the_brightness_of_the_temperature() {
        assert!(color("palette=red", 25.0, Some(225.0)).peak() < 0.01);
        assert!(color("palette=red", 225.0, Some(225.0)).peak() > 0.99);
    }

    #[test]
    fn a_heater_without_a_target_can_be_dark() {
        assert_eq!(color("dark_when_off=yes", 100.0, Some(0.0)), Color::BLACK);
        assert!(color("dark_when_off=yes", 100.0, Some(150.0)).peak() > 0.1);
        assert!(color("dark_when_off=yes", 100.0, None).peak() > 0.1);
        assert!(color("", 100.0, Some(0.0)).peak() > 0.1);
    }
}
