//! `thermal`: a bar that fills from cold to hot.

use super::bar::Bar;
use super::{Context, Effect, EffectPlan, Motion};
use crate::color::Color;
use crate::input::SourceState;

/// Without a target and a `range_max`, a bar of fewer degrees than this is not full: a sensor that
/// hardly rose is not hot.
const LEAST_RANGE_C: f32 = 20.0;

/// Fills the group by the temperature of a heater or sensor, gliding between measurements.
///
/// The empty bar is at `range_min`, or at `temp_floor` where that is not set. The full bar is at the
/// heater's target; without one at `range_max`; without that (a heater that cools, a sensor) at the
/// highest temperature since the effect began, so that a cooldown empties the bar, and at least 20
/// degrees above the empty one. While nothing was measured, the whole group shows `start_color`.
///
/// One pixel shows `end_color` as bright as the bar is full; `direction: reverse` fills from the last
/// pixel; the frame rate changes nothing.
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

    /// The temperature of the full bar.
    fn full_c(&mut self, source: &SourceState) -> f32 {
        // The latest measurement, not the eased one: what was the highest must not depend on when
        // it was drawn.
        self.highest_c = self
            .highest_c
            .max(source.temperature.latest().unwrap_or(f32::MIN));
        source
            .target
            .filter(|target| *target > 0.0)
            .or(self.high_c)
            .unwrap_or_else(|| self.highest_c.max(self.low_c + LEAST_RANGE_C))
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
    fn it_fills_from_the_floor_to_the_target() {
        let lit = lit(&white(""), &inputs(125.0, Some(225.0)));
        assert!((lit - 5.0).abs() < 1e-4, "{lit}");
    }

    #[test]
    fn a_sensor_fills_its_range() {
        let lit = lit(&white("low=20 high=60"), &inputs(30.0, None));
        assert!((lit - 2.5).abs() < 1e-4, "{lit}");
    }

    #[test]
    fn a_heater_that_cools_empties_from_where_it_was() {
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
    fn a_sensor_that_is_hardly_warm_does_not_fill_the_bar() {
        let lit = lit(&white(""), &inputs(30.0, None));
        assert!((lit - 2.5).abs() < 1e-4, "{lit}");
    }

    #[test]
    fn nothing_measured_shows_the_start_color_and_cold_shows_nothing() {
        let plan = plan(Thermal, "start=red");
        let (canvas, _) = draw_with(&plan, 2, 1.0, &Inputs::default());
        assert_eq!(canvas, [Color::rgb(1.0, 0.0, 0.0); 2]);
        assert!(lit(&white(""), &inputs(20.0, Some(200.0))).abs() < 1e-6);
    }

    #[test]
    fn a_target_below_the_floor_is_full_once_above_it() {
        assert!((lit(&white(""), &inputs(30.0, Some(20.0))) - 10.0).abs() < 1e-6);
    }
}
