//! `thermal`: a bar that fills from cold to hot.

use super::bar::{Bar, BarColors, BarShape};
use super::options::source;
use super::temperature_range::{TemperatureRange, range_problem};
use super::{
    Arguments, BuildContext, Canvas, Context, Effect, EffectExample, EffectInput, EffectSettings,
    EffectSpec, Motion, effect_settings, rows,
};
use crate::color::{Color, Palette};

/// The effect.
pub(crate) const SPEC: EffectSpec = EffectSpec {
    name: "thermal",
    help: "A bar that fills with the temperature of a heater or sensor",
    synonyms: &["temp", "thermometer"],
    arguments: Arguments {
        source: Some("temp_source"),
        colors: &["start_color", "end_color"],
        numbers: &[
            &[],
            &["gradient_curve"],
            &["range_min", "range_max"],
            &["gradient_curve", "range_min", "range_max"],
        ],
        usage: " [SOURCE] [COLOR ...] [CURVE] [LOW HIGH]",
        ..Arguments::NONE
    },
    options: ThermalSettings::OPTIONS,
    example: EffectExample {
        text: "thermal extruder ice lava",
        length_s: 6.0,
    },
    defaults: ThermalSettings::defaults,
};

effect_settings! {
    /// Settings of `thermal`.
    pub(crate) struct ThermalSettings {
        source: String = source("temp_source", "extruder")
            .short("source")
            .help("Heater or temperature sensor, by its full section name or its last word"),
        start_color: Color = rows::START_COLOR.default("ice"),
        end_color: Color = rows::END_COLOR.default("lava"),
        palette: Option<Palette> = rows::BAR_PALETTE,
        gradient_curve: Option<f32> = rows::GRADIENT_CURVE,
        low_c: Option<f32> = rows::RANGE_MIN_C
            .help("Temperature of the empty bar; if not set, temp_floor"),
        high_c: Option<f32> = rows::RANGE_MAX_C
            .help(
                "Temperature of the full bar if the source has no target; if not set, the highest \
                 temperature so far, at least 20 above the empty bar",
            ),
        trailing: Option<u32> = rows::TRAILING,
        leading: u32 = rows::LEADING,
        is_partial: bool = rows::PARTIAL,
        background: Option<Color> = rows::BACKGROUND,
    }
}

impl EffectSettings for ThermalSettings {
    fn spec(&self) -> &'static EffectSpec {
        &SPEC
    }

    fn tint(&self) -> Color {
        self.colors().last()
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
        Box::new(Thermal::new(self, cx))
    }
}

impl ThermalSettings {
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

/// Fills the group in proportion to the temperature of a heater or sensor within its range (see
/// [`TemperatureRange`]).
///
/// The bar moves smoothly between measurements. Before the first measurement, the whole group shows
/// the first color. A single pixel shows the last color with a brightness in proportion to the bar.
/// `direction: reverse` fills from the last pixel.
#[derive(Debug)]
struct Thermal {
    bar: Bar,
    range: TemperatureRange,
}

impl Thermal {
    fn new(settings: &ThermalSettings, cx: &BuildContext) -> Self {
        Self {
            bar: Bar::new(&settings.colors(), settings.shape(), cx.pixels),
            range: TemperatureRange::new(settings.low_c, settings.high_c, cx.input),
        }
    }
}

impl Effect for Thermal {
    fn draw(&mut self, canvas: &mut Canvas<'_>, cx: &Context<'_>) -> Motion {
        let Some(reading) = self.range.read(cx) else {
            self.bar.draw(canvas, None);
            return Motion::Still;
        };
        self.bar.draw(canvas, Some(reading.fraction));
        reading.motion.map_or(Motion::Still, |(end, per_second)| {
            self.bar.motion(cx.now, end, per_second)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::test::{at, context, draw_with, plan};
    use super::super::{Canvas, EffectPlan};
    use super::SPEC;
    use crate::color::Color;
    use crate::input::{Inputs, Sample, SourceSample};

    fn inputs(temperature: f32, target: Option<f32>) -> Inputs {
        let mut inputs = Inputs::default();
        measure(&mut inputs, 0.0, temperature, target);
        inputs
    }

    fn measure(inputs: &mut Inputs, time: f64, temperature: f32, target: Option<f32>) {
        let mut sample = Sample::default();
        sample.sources[0] = SourceSample {
            temperature: Some(temperature),
            target,
        };
        inputs.sample(at(time), &sample);
    }

    fn white(options: &str) -> EffectPlan {
        plan(&SPEC, &format!("start=white end=white {options}"))
    }

    fn lit(plan: &EffectPlan, inputs: &Inputs) -> f32 {
        let canvas = draw_with(plan, 10, 1.0, inputs).0;
        canvas.iter().map(|color| color.r).sum()
    }

    #[test]
    fn the_bar_fills_from_the_floor_to_the_target() {
        let lit = lit(&white(""), &inputs(125.0, Some(225.0)));
        assert!((lit - 5.0).abs() < 1e-4, "{lit}");
    }

    #[test]
    fn a_sensor_fills_the_configured_range() {
        let lit = lit(&white("low=20 high=60"), &inputs(30.0, None));
        assert!((lit - 2.5).abs() < 1e-4, "{lit}");
    }

    #[test]
    fn a_cooling_heater_empties_the_bar_from_its_highest_temperature() {
        let mut inputs = inputs(225.0, Some(0.0));
        let mut effect = white("").build(0, 10);
        let mut canvas = [Color::BLACK; 10];
        let mut lit = |inputs: &Inputs, time: f64| {
            effect.draw(&mut Canvas::new(&mut canvas), &context(time, inputs));
            canvas.iter().map(|color| color.r).sum::<f32>()
        };
        assert!((lit(&inputs, 1.0) - 10.0).abs() < 1e-4);
        measure(&mut inputs, 2.0, 125.0, Some(0.0));
        assert!((lit(&inputs, 3.0) - 5.0).abs() < 1e-4);
    }

    #[test]
    fn a_slightly_warm_sensor_does_not_fill_the_bar() {
        let lit = lit(&white(""), &inputs(30.0, None));
        assert!((lit - 2.5).abs() < 1e-4, "{lit}");
    }

    #[test]
    fn without_a_measurement_the_start_color_shows_and_a_cold_source_is_dark() {
        let plan = plan(&SPEC, "start=red");
        let (canvas, _) = draw_with(&plan, 2, 1.0, &Inputs::default());
        assert_eq!(canvas, [Color::rgb(1.0, 0.0, 0.0); 2]);
        assert!(lit(&white(""), &inputs(20.0, Some(200.0))).abs() < 1e-6);
    }

    #[test]
    fn a_target_below_the_floor_fills_the_bar_above_the_floor() {
        assert!((lit(&white(""), &inputs(30.0, Some(20.0))) - 10.0).abs() < 1e-6);
    }
}
