//! `kitt`: an eye sweeps back and forth, or follows an axis.

use super::color_cycle::ColorCycle;
use super::options::{axis, unset_pixels};
use super::{
    Arguments, Axis, BuildContext, Canvas, CanvasPixel, Context, Effect, EffectExample,
    EffectInput, EffectSettings, EffectSpec, Motion, PlannedInput, effect_settings, rows,
};
use crate::color::{Color, Palette};
use crate::time::{Span, Time};

/// The effect.
pub(crate) const SPEC: EffectSpec = EffectSpec {
    name: "kitt",
    help: "An eye sweeps back and forth, or follows an axis of the toolhead",
    synonyms: &["knight_rider", "knightrider", "larson", "scanner"],
    arguments: Arguments::COLOR,
    options: KittSettings::OPTIONS,
    example: EffectExample {
        text: "kitt",
        length_s: 4.0,
    },
    defaults: KittSettings::defaults,
};

effect_settings! {
    /// Settings of `kitt`.
    pub(crate) struct KittSettings {
        colors: Palette = rows::COLOR.default("red"),
        palette: Option<Palette> = rows::PALETTE,
        speed_hz: f32 = rows::SPEED_HZ.default("0.5"),
        max_brightness: f32 = rows::MAX_BRIGHTNESS,
        eye_size: Option<u32> = unset_pixels("kitt_eye_size", 1).short("eye").help(
            "Width of the eye; limited to half of the group; if not set, a twentieth of the \
             group, at least 3",
        ),
        tail_length: Option<u32> = unset_pixels("kitt_tail_length", 0).short("tail").help(
            "Length of the glow on each side of the eye; limited to half of the group; if not \
             set, a fifth of the group, at least 8",
        ),
        tracking_axis: Option<Axis> = axis("kitt_tracking_axis")
            .short("axis")
            .help(
                "Axis of the toolhead that the eye follows; the eye sweeps while the axis does \
                 not move",
            ),
    }
}

impl EffectSettings for KittSettings {
    fn spec(&self) -> &'static EffectSpec {
        &SPEC
    }

    fn tint(&self) -> Color {
        self.colors().first()
    }

    fn input(&self) -> EffectInput<'_> {
        self.tracking_axis
            .map_or(EffectInput::None, EffectInput::Axis)
    }

    fn build(&self, cx: &BuildContext) -> Box<dyn Effect> {
        Box::new(Kitt::new(self, cx))
    }
}

impl KittSettings {
    /// Returns the colors of the sweeps.
    fn colors(&self) -> &Palette {
        self.palette.as_ref().unwrap_or(&self.colors)
    }
}

/// The shortest eye and glow whose lengths are not set.
const MIN_EYE: usize = 3;
const MIN_TAIL: usize = 8;

/// The eye stops following an axis that has not moved for this long.
const FOLLOW_FOR: Span = Span::from_millis(2_000);

/// Duration of the transition between sweeping and following.
const BLEND: Span = Span::from_millis(500);

/// Sweeps an eye from one end of the group to the other and back, `speed` times per second.
///
/// The eye is `kitt_eye_size` pixels wide and has a glow of `kitt_tail_length` pixels on both
/// sides; each is limited to half of the group. With `kitt_tracking_axis` the eye follows the
/// toolhead along that axis, and sweeps again once the axis has not moved for two seconds. Each
/// sweep has the next color; while the eye follows an axis, it has the first one. A single pixel is
/// lit statically. `direction: reverse` swaps the ends, also those of the axis.
#[derive(Debug)]
struct Kitt {
    colors: ColorCycle,
    speed_hz: f64,
    eye_px: f32,
    tail_px: f32,
    /// The axis that the eye follows, and its lowest and highest position in mm.
    axis: Option<(usize, [f32; 2])>,
    following: Following,
}

/// Blends between sweeping (weight 0.0) and following the axis (weight 1.0).
#[derive(Clone, Copy, Debug, Default)]
struct Following {
    weight: f32,
    at: Time,
    until: Time,
}

impl Following {
    /// Advances to `now` and returns the weight; `moved` is when the axis last moved.
    fn update(&mut self, now: Time, moved: Option<Time>) -> f32 {
        if let Some(moved) = moved.filter(|moved| *moved + FOLLOW_FOR > self.until) {
            self.advance(moved);
            self.until = moved + FOLLOW_FOR;
        }
        self.advance(now);
        self.weight
    }

    /// Integrates the weight exactly, so it does not depend on the frame rate.
    fn advance(&mut self, to: Time) {
        let released = self.until.clamp(self.at, to.max(self.at));
        self.weight = (self.weight + blend_fraction(released.since(self.at))).min(1.0);
        self.weight = (self.weight - blend_fraction(to.since(released))).max(0.0);
        self.at = to.max(self.at);
    }
}

fn blend_fraction(span: Span) -> f32 {
    span.fraction_of(BLEND)
}

impl Kitt {
    fn new(settings: &KittSettings, cx: &BuildContext) -> Self {
        let or = |length: Option<u32>, default: usize| length.map_or(default, |px| px as usize);
        let eye = or(settings.eye_size, (cx.pixels / 20).max(MIN_EYE));
        let tail = or(settings.tail_length, (cx.pixels / 5).max(MIN_TAIL));
        Self {
            colors: ColorCycle::new(settings.colors(), settings.max_brightness),
            speed_hz: f64::from(settings.speed_hz),
            eye_px: eye as f32,
            tail_px: tail as f32,
            axis: match cx.input {
                PlannedInput::Axis { axis, travel_mm } => Some((axis as usize, travel_mm)),
                _ => None,
            },
            following: Following::default(),
        }
    }

    /// Returns the position of the sweep, 0.0-1.0.
    fn sweep(&self, elapsed_s: f64) -> f32 {
        let turn = 2.0 * (elapsed_s * self.speed_hz).fract();
        (1.0 - (1.0 - turn).abs()) as f32
    }

    /// Returns the position of the axis (0.0-1.0) and its weight.
    fn axis(&mut self, cx: &Context<'_>) -> Option<(f32, f32)> {
        let (axis, [low, high]) = self.axis?;
        let mm = cx.inputs.position(axis)?.at(cx.now)?;
        let weight = self.following.update(cx.now, cx.inputs.moved(axis));
        let place = ((mm - low) / (high - low).max(1.0)).clamp(0.0, 1.0);
        Some((place, weight * weight * (3.0 - 2.0 * weight)))
    }

    fn motion(&self, cx: &Context<'_>, pixels: usize, weight: f32) -> Motion {
        let moved = self.axis.and_then(|(axis, _)| cx.inputs.moved(axis));
        let position = self.axis.and_then(|(axis, _)| cx.inputs.position(axis));
        if weight < 1.0 && self.colors.is_changing() {
            return Motion::Moving;
        }
        if weight < 1.0 {
            // The slope of a short glow exceeds that of the edge of the eye.
            let slope = (2.5 / self.tail_px.max(1.0)).max(1.0);
            let steepest = slope * 2.0 * self.speed_hz as f32 * pixels as f32;
            let sweeping = Motion::for_rate(cx.now, steepest * self.colors.peak());
            return if weight > 0.0 {
                Motion::Moving
            } else {
                sweeping
            };
        }
        let is_easing = position.is_some_and(|position| position.motion(cx.now).is_some());
        match moved {
            _ if is_easing => Motion::Moving,
            Some(moved) => Motion::Until(moved + FOLLOW_FOR),
            None => Motion::Moving,
        }
    }
}

impl Effect for Kitt {
    fn draw(&mut self, canvas: &mut Canvas<'_>, cx: &Context<'_>) -> Motion {
        if canvas.len() <= 1 {
            canvas.fill(self.colors.first());
            return Motion::Still;
        }
        let elapsed_s = cx.elapsed_s();
        let sweep = self.sweep(elapsed_s);
        let (place, weight) = self.axis(cx).unwrap_or((sweep, 0.0));
        let last = (canvas.len() - 1) as f32;
        let eye = (sweep + (place - sweep) * weight) * last;
        let size = self.eye_px.min(canvas.len() as f32 / 2.0);
        let half_px = (size - 1.0) / 2.0;
        let tail = self.tail_px.min(canvas.len() as f32 / 2.0);
        let mut color = self.colors.at(2.0 * elapsed_s * self.speed_hz);
        if self.colors.is_changing() && weight > 0.0 {
            color = color.mix(self.colors.first(), weight);
        }
        canvas.set_each(|pixel| {
            let outside = (pixel as f32 - eye).abs() - half_px;
            CanvasPixel::new(color, level(outside, tail))
        });
        self.motion(cx, canvas.len(), weight)
    }
}

/// Returns the level of a pixel that is `outside` pixels beyond the fully lit part of the eye.
fn level(outside: f32, tail: f32) -> f32 {
    if outside <= 0.0 {
        return 1.0;
    }
    let edge = (1.0 - outside).max(0.0);
    if outside >= tail {
        return edge;
    }
    let left = 1.0 - outside / tail;
    // LUMEN's glow: an exponent of 2.5.
    (left * left * left.sqrt()).max(edge)
}

#[cfg(test)]
mod tests {
    use super::super::test::{at, context, draw, draw_with, levels, plan};
    use super::super::{Canvas, EffectPlan, Motion};
    use super::{Axis, PlannedInput, SPEC};
    use crate::color::Color;
    use crate::input::{Inputs, Sample};

    const SHARP: &str = "speed=0.5 eye=3 tail=0 max=1.0 color=white";

    #[test]
    fn one_cycle_sweeps_to_the_end_and_back() {
        let peak = |time| {
            let levels = levels(&draw(
                &plan(&SPEC, "speed=0.5 eye=1 tail=0 max=1.0 color=white"),
                11,
                time,
            ));
            levels.iter().position(|level| *level > 0.99).unwrap()
        };
        assert_eq!([0.0, 0.5, 1.0, 1.5].map(peak), [0, 5, 10, 5]);
    }

    #[test]
    fn the_eye_keeps_its_width_at_every_position() {
        for step in 20..80 {
            let canvas = draw(&plan(&SPEC, SHARP), 21, f64::from(step) * 0.01);
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
        let input = PlannedInput::Axis {
            axis: Axis::X,
            travel_mm: [0.0, 200.0],
        };
        EffectPlan {
            input,
            ..plan(&SPEC, "axis=x eye=1 tail=0 max=1.0 color=white")
        }
    }

    #[test]
    fn the_eye_follows_a_moving_axis_and_then_sweeps_again() {
        let inputs = moving([(0.0, 0.0), (0.1, 50.0)].into_iter());
        let mut effect = tracking().build(0, 21);
        let mut canvas = [Color::BLACK; 21];
        let mut frames = Vec::new();
        for frame in 0..240 {
            let cx = context(f64::from(frame) / 60.0, &inputs);
            let motion = effect.draw(&mut Canvas::new(&mut canvas), &cx);
            frames.push((motion, levels(&canvas)[5]));
        }
        assert_eq!(frames[90], (Motion::Until(at(2.1)), 1.0));
        assert_eq!(frames[200].0, Motion::Moving, "sweeps");
    }

    #[test]
    fn the_eye_sweeps_without_a_position() {
        let (canvas, motion) = draw_with(&tracking(), 21, 0.0, &Inputs::default());
        assert!((canvas[0].r - 1.0).abs() < 1e-6);
        assert_eq!(motion, Motion::Moving);
    }

    #[test]
    fn on_two_pixels_the_eye_moves_back_and_forth() {
        let plan = plan(&SPEC, SHARP);
        assert_eq!(levels(&draw(&plan, 2, 0.0)), [1.0, 0.0]);
        assert_eq!(levels(&draw(&plan, 2, 0.5)), [0.5, 0.5]);
        assert_eq!(levels(&draw(&plan, 2, 1.0)), [0.0, 1.0]);
    }

    #[test]
    fn one_pixel_shows_the_eye() {
        assert_eq!(levels(&draw(&plan(&SPEC, SHARP), 1, 0.4)), [1.0]);
    }

    #[test]
    fn each_sweep_has_the_next_color() {
        let plan = plan(&SPEC, "speed=0.5 eye=1 tail=0 max=1.0 color=red,blue");
        for (time, pixel, is_red) in [(0.5, 5, true), (1.5, 5, false), (2.5, 5, true)] {
            let shown = draw(&plan, 11, time)[pixel];
            assert_eq!(
                (shown.r > 0.99, shown.b > 0.99),
                (is_red, !is_red),
                "{time} s"
            );
        }
    }

    #[test]
    fn an_eye_that_follows_an_axis_has_the_first_color() {
        let mut plan = tracking();
        let palettes = crate::color::PaletteNames::default();
        plan.settings
            .store("base_color", "red blue", &palettes)
            .unwrap();
        plan.settings.store("speed", "0.25", &palettes).unwrap();
        let inputs = moving([(0.0, 0.0), (0.1, 50.0), (1.5, 100.0)].into_iter());
        let mut effect = plan.build(0, 21);
        let mut canvas = [Color::BLACK; 21];
        // The second sweep, which would be blue, begins after two seconds.
        for frame in 0..157 {
            let cx = context(f64::from(frame) / 60.0, &inputs);
            effect.draw(&mut Canvas::new(&mut canvas), &cx);
        }
        assert!(canvas[10].r > 0.9 && canvas[10].b < 1e-4, "{canvas:?}");
    }
}
