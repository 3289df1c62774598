//! `kitt`: an eye sweeps to and fro, or follows an axis.

use super::options::Settings;
use super::{Context, Effect, Motion};
use crate::color::Color;
use crate::time::{Span, Time};

/// An axis that has stood this long is not followed any more.
const FOLLOW_FOR: Span = Span::from_millis(2_000);

/// How long the eye takes from sweeping to following and back.
const BLEND: Span = Span::from_millis(500);

/// Sweeps an eye of `kitt_eye_size` pixels, with a glow of `kitt_tail_length` on both sides, from end
/// to end and back, `speed` times a second. With `kitt_tracking_axis` it follows the tool head along
/// that axis and sweeps again when the axis has stood for two seconds.
///
/// One pixel shows the eye, unmoved; `direction: reverse` swaps the ends, also of the axis; the speed
/// does not depend on the frame rate. Neither eye nor glow takes more than half of a short group.
#[derive(Debug)]
pub(super) struct Kitt {
    color: Color,
    speed_hz: f64,
    eye_px: f32,
    tail_px: f32,
    axis: Option<usize>,
    travel_mm: [f32; 2],
    following: Following,
}

/// How much the eye follows the axis.
#[derive(Clone, Copy, Debug, Default)]
struct Following {
    weight: f32,
    at: Time,
    until: Time,
}

impl Following {
    /// Lets time pass; the axis last moved at `moved`.
    fn pass(&mut self, now: Time, moved: Option<Time>) -> f32 {
        if let Some(moved) = moved.filter(|moved| *moved + FOLLOW_FOR > self.until) {
            self.advance(moved);
            self.until = moved + FOLLOW_FOR;
        }
        self.advance(now);
        self.weight
    }

    /// Exact between frames, so that the frame rate does not show.
    fn advance(&mut self, to: Time) {
        let released = self.until.clamp(self.at, to.max(self.at));
        self.weight = (self.weight + part(released.since(self.at))).min(1.0);
        self.weight = (self.weight - part(to.since(released))).max(0.0);
        self.at = to.max(self.at);
    }
}

fn part(span: Span) -> f32 {
    span.fraction_of(BLEND)
}

impl Kitt {
    pub(super) fn new(settings: &Settings, travel_mm: [f32; 2]) -> Self {
        Self {
            color: settings.base_color.scale(settings.max_brightness),
            speed_hz: f64::from(settings.speed),
            eye_px: settings.kitt_eye_size as f32,
            tail_px: settings.kitt_tail_length as f32,
            axis: settings.kitt_tracking_axis,
            travel_mm,
            following: Following::default(),
        }
    }

    /// Where the sweep is, 0.0-1.0.
    fn sweep(&self, elapsed_s: f64) -> f32 {
        let turn = 2.0 * (elapsed_s * self.speed_hz).fract();
        (1.0 - (1.0 - turn).abs()) as f32
    }

    /// Where the axis is, 0.0-1.0, and how much it counts.
    fn axis(&mut self, cx: &Context<'_>) -> Option<(f32, f32)> {
        let axis = self.axis?;
        let [low, high] = self.travel_mm;
        let mm = cx.inputs.position(axis)?.at(cx.now)?;
        let weight = self.following.pass(cx.now, cx.inputs.moved(axis));
        let place = ((mm - low) / (high - low).max(1.0)).clamp(0.0, 1.0);
        Some((place, weight * weight * (3.0 - 2.0 * weight)))
    }

    fn motion(&self, cx: &Context<'_>, pixels: usize, weight: f32) -> Motion {
        let moved = self.axis.and_then(|axis| cx.inputs.moved(axis));
        let position = self.axis.and_then(|axis| cx.inputs.position(axis));
        if weight < 1.0 {
            // A short glow is steeper than the edge of the eye.
            let slope = (2.5 / self.tail_px.max(1.0)).max(1.0);
            let steepest = slope * 2.0 * self.speed_hz as f32 * pixels as f32;
            let sweeping = Motion::of_change(cx.now, steepest * self.color.peak());
            return if weight > 0.0 {
                Motion::Moving
            } else {
                sweeping
            };
        }
        let glides = position.is_some_and(|position| position.motion(cx.now).is_some());
        match moved {
            _ if glides => Motion::Moving,
            Some(moved) => Motion::Until(moved + FOLLOW_FOR),
            None => Motion::Moving,
        }
    }
}

impl Effect for Kitt {
    fn draw(&mut self, canvas: &mut [Color], cx: &Context<'_>) -> Motion {
        if canvas.len() <= 1 {
            canvas.fill(self.color);
            return Motion::Still;
        }
        let sweep = self.sweep(cx.elapsed_s());
        let (place, weight) = self.axis(cx).unwrap_or((sweep, 0.0));
        let last = (canvas.len() - 1) as f32;
        let eye = (sweep + (place - sweep) * weight) * last;
        let size = self.eye_px.min(canvas.len() as f32 / 2.0);
        let whole = (size - 1.0) / 2.0;
        let tail = self.tail_px.min(canvas.len() as f32 / 2.0);
        for (pixel, color) in canvas.iter_mut().enumerate() {
            let outside = (pixel as f32 - eye).abs() - whole;
            *color = self.color.scale(level(outside, tail));
        }
        self.motion(cx, canvas.len(), weight)
    }
}

/// The level of a pixel this far beyond the last that the eye covers whole.
fn level(outside: f32, tail: f32) -> f32 {
    if outside <= 0.0 {
        return 1.0;
    }
    let edge = (1.0 - outside).max(0.0);
    if outside >= tail {
        return edge;
    }
    let left = 1.0 - outside / tail;
    // LUMEN's glow: to the power of 2.5.
    (left * left * left.sqrt()).max(edge)
}

#[cfg(test)]
mod tests {
    use super::super::EffectKind::Kitt;
    use super::super::test::{at, draw, draw_with, levels, plan};
    use super::super::{EffectPlan, Motion, build};
    use crate::color::Color;
    use crate::input::{Inputs, Sample};

    const SHARP: &str = "speed=0.5 eye=3 tail=0 max=1.0 color=white";

    #[test]
    fn it_sweeps_there_and_back_in_one_cycle() {
        let peak = |time| {
            let levels = levels(&draw(
                &plan(Kitt, "speed=0.5 eye=1 tail=0 max=1.0 color=white"),
                11,
                time,
            ));
            levels.iter().position(|level| *level > 0.99).unwrap()
        };
        assert_eq!([0.0, 0.5, 1.0, 1.5].map(peak), [0, 5, 10, 5]);
    }

    #[test]
    fn the_eye_is_as_wide_as_it_says_wherever_it_is() {
        for step in 20..80 {
            let canvas = draw(&plan(Kitt, SHARP), 21, f64::from(step) * 0.01);
            let lit: f32 = levels(&canvas).iter().sum();
            assert!((lit - 3.0).abs() < 1.01, "{lit}");
            assert!(levels(&canvas).iter().filter(|level| **level > 0.0).count() <= 4);
        }
    }

    fn moving(times: impl Iterator<Item = (f64, f32)>) -> Inputs {
        let mut inputs = Inputs::default();
        for (time, x) in times {
            let sample = Sample {
                position: Some([x, 0.0, 0.0]),
                ..Sample::default()
            };
            inputs.sample(at(time), &sample);
        }
        inputs
    }

    fn tracking() -> EffectPlan {
        EffectPlan {
            travel_mm: [0.0, 200.0],
            ..plan(Kitt, "axis=x eye=1 tail=0 max=1.0 color=white")
        }
    }

    #[test]
    fn it_follows_the_axis_while_that_moves_and_sweeps_again_later() {
        let inputs = moving([(0.0, 0.0), (0.1, 50.0)].into_iter());
        let mut effect = build(&tracking(), 0);
        let mut canvas = [Color::BLACK; 21];
        let mut seen = Vec::new();
        for frame in 0..240 {
            let cx = super::Context {
                now: at(f64::from(frame) / 60.0),
                start: at(0.0),
                inputs: &inputs,
            };
            seen.push((effect.draw(&mut canvas, &cx), levels(&canvas)[5]));
        }
        assert_eq!(seen[90], (Motion::Until(at(2.1)), 1.0));
        assert_eq!(seen[200].0, Motion::Moving, "sweeps");
    }

    #[test]
    fn without_a_position_it_sweeps() {
        let (canvas, motion) = draw_with(&tracking(), 21, 0.0, &Inputs::default());
        assert!((canvas[0].r - 1.0).abs() < 1e-6);
        assert_eq!(motion, Motion::Moving);
    }

    #[test]
    fn on_two_pixels_the_eye_goes_to_and_fro() {
        let plan = plan(Kitt, SHARP);
        assert_eq!(levels(&draw(&plan, 2, 0.0)), [1.0, 0.0]);
        assert_eq!(levels(&draw(&plan, 2, 0.5)), [0.5, 0.5]);
        assert_eq!(levels(&draw(&plan, 2, 1.0)), [0.0, 1.0]);
    }

    #[test]
    fn one_pixel_shows_the_eye() {
        assert_eq!(levels(&draw(&plan(Kitt, SHARP), 1, 0.4)), [1.0]);
    }
}
