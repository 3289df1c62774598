//! Tests of effects as the renderer runs them: any options, any length, any time.

mod flashes;
mod looks;

use crate::strip::row;
use lumen::{
    BUILT_IN_PALETTES, Canvas, Color, Context, EFFECTS, EffectPlan, EffectSpec, Inputs, Motion,
    OptionKind, PaletteNames, PlannedInput, RingPlace, Sample, SourceSample, TRANSFORM_OPTIONS,
    Trigger, find_effect,
};

use lumen::{EffectNames, ParsedEffect, Span, Time};
use proptest::prelude::*;
use proptest::sample::select;
use std::fmt::Write as _;

const SEED: u64 = 11;

/// The number of options of the effect that has the most.
const MOST_OPTIONS: usize = 20;

fn at(seconds: f64) -> Time {
    Time::from_secs(seconds)
}

fn plan(effect: &EffectSpec, options: &[(&str, String)]) -> EffectPlan {
    let mut settings = (effect.defaults)();
    for (name, text) in options {
        let stored = settings.store(name, text, &PaletteNames::default());
        assert_eq!(stored, Ok(()), "{name} = {text}");
    }
    EffectPlan {
        input: PlannedInput::new(settings.input(), Some(0), 25.0, &[[0.0, 200.0]; 3]),
        settings,
        ring: None,
    }
}

/// Returns the inputs of a printer that heats to 200 degrees, prints and moves along x. A sample is
/// taken every 0.25 s.
fn inputs_until(seconds: f64) -> Inputs {
    let mut inputs = Inputs::default();
    let samples = (seconds * 4.0) as u32;
    for index in 0..=samples {
        let time = f64::from(index) * 0.25;
        inputs.sample(at(time), &sample_at(time));
        if let Some(trigger) = trigger_at(index) {
            inputs.trigger(at(time), trigger);
        }
    }
    inputs
}

/// Returns the endstop that triggers with this sample.
fn trigger_at(sample: u32) -> Option<Trigger> {
    let names = match sample {
        2 => "stepper_x",
        5 => "stepper_y",
        8 | 9 => "probe",
        _ => return None,
    };
    Some(Trigger::from_names(names))
}

fn sample_at(seconds: f64) -> Sample {
    let mut sample = Sample {
        progress: Some((seconds as f32 / 4.0).min(1.0)),
        position: Some([(seconds as f32 * 40.0).min(100.0), 0.0, 0.0]),
        ..Sample::default()
    };
    sample.sources[0] = SourceSample {
        temperature: Some((25.0 + 60.0 * seconds as f32).min(200.0)),
        target: Some(200.0),
    };
    sample
}

/// Runs an effect from its start, frame by frame, with the same samples as the engine.
struct EffectRun {
    effect: Box<dyn lumen::Effect>,
    inputs: Inputs,
    samples: u32,
    canvas: Vec<Color>,
}

impl EffectRun {
    fn new(plan: &EffectPlan, pixels: usize) -> Self {
        Self {
            effect: plan.build(SEED, pixels),
            inputs: Inputs::default(),
            samples: 0,
            canvas: vec![Color::WHITE; pixels],
        }
    }

    /// Feeds the samples that are due; returns whether there were any.
    fn feed(&mut self, now: Time) -> bool {
        let before = self.samples;
        while now >= at(f64::from(self.samples) * 0.25) {
            let time = f64::from(self.samples) * 0.25;
            self.inputs.sample(at(time), &sample_at(time));
            if let Some(trigger) = trigger_at(self.samples) {
                self.inputs.trigger(at(time), trigger);
            }
            self.samples += 1;
        }
        self.samples > before
    }

    fn draw(&mut self, now: Time) -> Motion {
        let cx = Context {
            now,
            start: Time::ZERO,
            inputs: &self.inputs,
            source: Some(0),
        };
        self.effect.draw(&mut Canvas::new(&mut self.canvas), &cx)
    }
}

/// Returns a valid value of an option as text, chosen by `t` (0.0-1.0).
fn value(kind: OptionKind, t: f32) -> Option<String> {
    Some(match kind {
        OptionKind::Above(limit) => format!("{}", limit + 0.01 + t * 30.0),
        OptionKind::Within(low, high) => format!("{}", low + (high - low) * t),
        OptionKind::Number => format!("{}", -50.0 + t * 400.0),
        OptionKind::Count(low, high) => {
            format!("{}", low + (t * (high - low).min(60) as f32) as u32)
        }
        OptionKind::Color => format!("{t},{},0.5,{t}", 1.0 - t),
        OptionKind::Colors | OptionKind::Palette => colors(t),
        OptionKind::Axis => ["none", "x", "y", "z"][(t * 3.9) as usize].to_owned(),
        OptionKind::OneAxis => ["x", "y", "z"][(t * 2.9) as usize].to_owned(),
        OptionKind::Bool => ["no", "yes"][(t * 1.9) as usize].to_owned(),
        OptionKind::Choice(words) => words[(t * (words.len() as f32 - 0.1)) as usize].to_owned(),
        OptionKind::Endstops => ["x", "y,probe"][(t * 1.9) as usize].to_owned(),
        OptionKind::Source | OptionKind::Pixels => return None,
    })
}

/// Returns a palette as text, chosen by `t`: one, two or 16 colors, or a built-in palette.
fn colors(t: f32) -> String {
    let color = |index: usize| {
        let [r, g, b] = [0.37, 0.61, 0.83].map(|step| (t + step * index as f32).fract());
        format!("({r}, {g}, {b}, {t})")
    };
    let list = |count: usize| (0..count).map(color).collect::<Vec<_>>().join(" ");
    match (t * 100.0) as usize {
        0..30 => list(1),
        30..50 => list(2),
        50..70 => list(16),
        number => BUILT_IN_PALETTES[number % BUILT_IN_PALETTES.len()]
            .0
            .to_owned(),
    }
}

prop_compose! {
    fn any_plan()(
        effect in select(EFFECTS),
        values in proptest::collection::vec((any::<bool>(), 0.0f32..1.0), MOST_OPTIONS),
        ring in proptest::option::of((0usize..50, 0usize..200, any::<u64>())),
    ) -> EffectPlan {
        assert!(effect.options.len() + TRANSFORM_OPTIONS.len() <= MOST_OPTIONS);
        let options = effect.options.iter().chain(TRANSFORM_OPTIONS);
        let chosen = options.zip(values).filter(|(_, (set, _))| *set);
        let options = chosen.filter_map(|(option, (_, t))| Some((option.name, value(option.kind, t)?)));
        let mut plan = plan(effect, &options.collect::<Vec<_>>());
        plan.ring = ring.map(|(first, pixels, seed)| RingPlace { first, pixels, seed });
        plan
    }
}

fn pixels() -> impl Strategy<Value = usize> {
    prop_oneof![0usize..4, 4usize..80, Just(1000)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn every_channel_is_between_zero_and_one(
        plan in any_plan(), pixels in pixels(), times in proptest::collection::vec(0.0f64..1e7, 1..4),
    ) {
        let mut times = times;
        times.sort_by(f64::total_cmp);
        let inputs = inputs_until(3.0);
        let mut effect = plan.build(SEED, pixels);
        let mut canvas = vec![Color::WHITE; pixels];
        for time in times {
            let cx = Context { now: at(time), start: Time::ZERO, inputs: &inputs, source: Some(0) };
            effect.draw(&mut Canvas::new(&mut canvas), &cx);
            for color in &canvas {
                for channel in [color.r, color.g, color.b, color.w] {
                    prop_assert!((-1e-5..=1.0 + 1e-5).contains(&channel), "{channel} at {time}");
                }
            }
        }
    }

    #[test]
    fn a_reversed_effect_is_the_effect_in_a_mirror(
        plan in any_plan(), pixels in pixels(), time in 0.0f64..1e4,
    ) {
        let inputs = inputs_until(3.0);
        let frame = |direction: &str| {
            let mut plan = plan.clone();
            for (name, text) in [("mirror", "no"), ("direction", direction)] {
                plan.settings.store(name, text, &PaletteNames::default()).unwrap();
            }
            let mut canvas = vec![Color::WHITE; pixels];
            let cx = Context { now: at(time), start: Time::ZERO, inputs: &inputs, source: Some(0) };
            plan.build(SEED, pixels).draw(&mut Canvas::new(&mut canvas), &cx);
            canvas
        };
        let mut mirrored = frame("standard");
        mirrored.reverse();
        prop_assert_eq!(frame("reverse"), mirrored);
    }

    #[test]
    fn the_same_plan_seed_and_inputs_give_the_same_canvas(plan in any_plan(), pixels in pixels()) {
        let (mut one, mut other) = (EffectRun::new(&plan, pixels), EffectRun::new(&plan, pixels));
        for frame in 0..20 {
            for run in [&mut one, &mut other] {
                let now = at(f64::from(frame) / 30.0);
                run.feed(now);
                run.draw(now);
            }
            prop_assert_eq!(&one.canvas, &other.canvas);
        }
    }

    #[test]
    fn frames_at_30_and_120_fps_agree(plan in any_plan(), pixels in 0usize..60) {
        let (mut slow, mut fast) = (EffectRun::new(&plan, pixels), EffectRun::new(&plan, pixels));
        for frame in 0u64..200 {
            let now = Time::ZERO + Span::from_nanos(frame * 1_000_000_000 / 120);
            fast.feed(now);
            fast.draw(now);
            if frame % 4 == 0 {
                slow.feed(now);
                slow.draw(now);
                for (a, b) in slow.canvas.iter().zip(&fast.canvas) {
                    prop_assert!(a.distance(*b) < 2e-3, "{a:?} and {b:?} at frame {frame}");
                }
            }
        }
    }

    #[test]
    fn drawing_only_when_motion_requires_it_shows_the_same(plan in any_plan(), pixels in 0usize..60) {
        let (mut eager, mut lazy) = (EffectRun::new(&plan, pixels), EffectRun::new(&plan, pixels));
        let mut motion = Motion::Moving;
        for frame in 0u64..240 {
            let now = Time::ZERO + Span::from_nanos(frame * 1_000_000_000 / 60);
            eager.feed(now);
            eager.draw(now);
            let has_samples = lazy.feed(now);
            let due = match motion {
                Motion::Moving => true,
                Motion::Until(then) => now >= then,
                Motion::Still => false,
            };
            if due || has_samples {
                motion = lazy.draw(now);
            }
            for (a, b) in lazy.canvas.iter().zip(&eager.canvas) {
                // Two steps of an 8-bit channel: one that is due with the next frame, and rounding.
                prop_assert!(a.distance(*b) < 2.0 / 255.0, "{a:?} and {b:?} at frame {frame}");
            }
        }
    }
}

/// Returns 20 frames of three seconds on 12 pixels, as text.
fn frames(plan: &EffectPlan) -> String {
    let mut text = String::new();
    let mut run = EffectRun::new(plan, 12);
    for step in 0..20u32 {
        let now = at(f64::from(step) * 0.15);
        run.feed(now);
        run.draw(now);
        let _ = writeln!(text, "{:4.2} s  {}", now.as_secs(), row(&run.canvas));
    }
    text
}

/// Options as in a config.
type Options = &'static [(&'static str, &'static str)];

/// Defaults of earlier versions that did not depend on the length of the group. Written into a
/// config, they must look as before.
const EARLIER_DEFAULTS: [(&str, Options); 2] = [
    ("comet", &[("speed", "15.0"), ("comet_tail_length", "10")]),
    ("chase", &[("speed", "15.0"), ("chase_size", "5")]),
];

/// Returns the options of an effect that had other defaults in earlier versions.
fn earlier_defaults(effect: &EffectSpec) -> Vec<(&'static str, String)> {
    let known = EARLIER_DEFAULTS
        .iter()
        .find(|(name, _)| *name == effect.name);
    let options = known.map_or(&[] as &[_], |(_, options)| options);
    options
        .iter()
        .map(|(name, text)| (*name, (*text).to_owned()))
        .collect()
}

#[test]
fn golden_frames_of_every_effect_at_its_defaults() {
    for effect in EFFECTS {
        let name = match earlier_defaults(effect).as_slice() {
            [] => effect.name.to_owned(),
            earlier => {
                insta::assert_snapshot!(effect.name, frames(&plan(effect, earlier)));
                format!("{}-default", effect.name)
            }
        };
        insta::assert_snapshot!(name, frames(&plan(effect, &[])));
    }
}

/// Returns the plan of an effect as in a config.
#[expect(clippy::unwrap_used, reason = "a helper function of tests")]
fn plan_of(spec: &str) -> EffectPlan {
    let parsed = ParsedEffect::parse(spec, &EffectNames::default()).unwrap();
    let settings = parsed.settings().clone();
    EffectPlan {
        input: PlannedInput::new(settings.input(), Some(0), 25.0, &[[0.0, 200.0]; 3]),
        settings,
        ring: None,
    }
}

#[test]
fn golden_frames_of_every_effect_with_several_colors() {
    let has_palette = |effect: &&&EffectSpec| effect.option("palette").is_some();
    for effect in EFFECTS.iter().filter(has_palette) {
        let colors = ("palette", "red, yellow, blue, white".to_owned());
        let name = format!("{}-colors", effect.name);
        let mut options = earlier_defaults(effect);
        options.push(colors);
        insta::assert_snapshot!(name, frames(&plan(effect, &options)));
    }
}

#[test]
fn one_color_as_a_palette_looks_like_the_color() {
    for effect in EFFECTS
        .iter()
        .filter(|it| it.option("base_color").is_some())
    {
        let palette = plan(effect, &[("palette", "orange".to_owned())]);
        let color = plan(effect, &[("base_color", "orange".to_owned())]);
        assert_eq!(frames(&palette), frames(&color), "{}", effect.name);
    }
}

#[test]
fn golden_frames_of_a_chase_around_a_ring() {
    let place = RingPlace {
        first: 0,
        pixels: 16,
        seed: 3,
    };
    let ring = EffectPlan {
        ring: Some(place),
        ..plan(
            find_effect("chase").unwrap(),
            &earlier_defaults(find_effect("chase").unwrap()),
        )
    };
    let mut run = EffectRun::new(&ring, 16);
    let mut text = String::new();
    for step in 0..24u32 {
        let now = at(f64::from(step) * 0.1);
        run.draw(now);
        let _ = writeln!(text, "{:4.2} s  {}", now.as_secs(), row(&run.canvas));
    }
    insta::assert_snapshot!("chase-ring", text);
}
