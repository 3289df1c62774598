//! `thermal`: a bar that fills from cold to hot.

use super::bar::Bar;
use super::{Context, Effect, EffectPlan, Motion};
use crate::color::Color;
use crate::input::SourceState;

/// The minimum range of the bar without a target and `range_max`, so a sensor slightly above the
/// low end does not fill the bar.
const MIN_RANGE_C: f32 = 20.0;

/// Fills the group in proportion to the temperature of a heater or sensor.
///
/// The low end is `range_min`, or `temp_floor` if `range_min` is not set. The high end is the first
/// of these that exists:
///
/// * the target of the heater,
/// * `range_max`,
/// * the highest temperature since the effect started (a cooldown then empties the bar), at least
///   20 degrees above the low end.
///
/// The bar moves smoothly between measurements. Before the first measurement, the whole group shows
/// `start_color`. A single pixel shows `end_color` with a brightness in proportion to the bar.
/// `direction: reverse` fills from the last pixel.
#[derive(Debug)]
pub(super) struct Thermal {
    bar: Bar,
    source: Option<usize>,
    low_c: f32,
    high_c: Option<f32>,
    highest_c: f32,
}

impl Thermal {
    pub(super) fn new(plan: &EffectPlan) -> Self {
        Self {
            bar: Bar::new(&plan.settings),
            source: plan.source,
            low_c: plan.settings.range_min.unwrap_or(plan.floor_c),
            high_c: plan.settings.range_max,
            highest_c: f32::MIN,
        }
    }

    /// Returns the temperature of the full bar.
    fn full_c(&mut self, source: &SourceState) -> f32 {
        // Use the latest measurement, not the eased value: the maximum must not depend on the times
        // of the frames.
        self.highest_c = self
            .highest_c
            .max(source.temperature.latest().unwrap_or(f32::MIN));
        source
            .target
            .filter(|target| *target > 0.0)
            .or(self.high_c)
            .unwrap_or_else(|| self.highest_c.max(self.low_c + MIN_RANGE_C))
    }
}

impl Effect for Thermal {
    fn draw(&mut self, canvas: &mut [Color], cx: &Context<'_>) -> Motion {
        let source = self.source.and_then(|index| cx.inputs.source(index));
        let Some((source, now_c)) =
            source.and_then(|source| Some((source, source.temperature.at(cx.now)?)))
        else {
            self.bar.draw(canvas, None);
            return Motion::Still;
        };
        let range_c = self.full_c(source) - self.low_c;
        let fraction = if range_c > 0.0 {
            (now_c - self.low_c) / range_c
        } else {
            f32::from(u8::from(now_c > self.low_c))
        };
        self.bar.draw(canvas, Some(fraction));
        source
            .temperature
            .motion(cx.now)
            .map_or(Motion::Still, |(end, c_per_second)| {
                self.bar
                    .motion(cx.now, end, c_per_second / range_c.max(1.0))
            })
    }

    fn move_source(&mut self, index: usize) {
        self.source = Some(index);
    }
}

#[cfg(test)]
mod tests {
    use super::super::EffectKind::Thermal;
    use super::super::test::{at, draw_with, plan};
    use super::super::{EffectPlan, build};
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
        plan(Thermal, &format!("start=white end=white {options}"))
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
        let mut effect = build(&white(""), 0);
        let mut canvas = [Color::BLACK; 10];
        let mut lit = |inputs: &Inputs, time: f64| {
            let cx = super::Context {
                now: at(time),
                start: at(0.0),
                inputs,
            };
            effect.draw(&mut canvas, &cx);
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
        let plan = plan(Thermal, "start=red");
        let (canvas, _) = draw_with(&plan, 2, 1.0, &Inputs::default());
        assert_eq!(canvas, [Color::rgb(1.0, 0.0, 0.0); 2]);
        assert!(lit(&white(""), &inputs(20.0, Some(200.0))).abs() < 1e-6);
    }

    #[test]
    fn a_target_below_the_floor_fills_the_bar_above_the_floor() {
        assert!((lit(&white(""), &inputs(30.0, Some(20.0))) - 10.0).abs() < 1e-6);
    }
}
