//! Drawing one frame of each effect, with its default settings.

use super::{Case, PIXELS};
use lumen::{Canvas, Color, Context, EFFECTS, EffectPlan, EffectSpec, Inputs, PaletteNames, PlannedInput, RingPlace, Sample, SourceSample, Span, Time, find_effect};
use std::hint::black_box;

const FRAME_NS: u64 = 1_000_000_000 / 60;

pub(super) fn cases() -> impl Iterator<Item = Case> {
    let ring = RingPlace {
        first: 0,
        pixels: PIXELS,
        seed: 1,
    };
    let palettes: [&'static EffectSpec; 6] = [
        find_effect("chase").unwrap(),
        find_effect("comet").unwrap(),
        find_effect("fire").unwrap(),
        find_effect("kitt").unwrap(),
        find_effect("pulse").unwrap(),
        find_effect("thermal").unwrap(),
    ];
    let named =
        |name: &str, build: fn(&EffectSpec) -> EffectPlan, spec: &'static EffectSpec| Case {
            name: format!("effect {name}"),
            build: Box::new(move || runner(&build(spec))),
        };
    let usual = EFFECTS
        .iter()
        .map(move |it| named(it.name, |it| plan(it, None), it));
    let palette =
        move |it: &'static EffectSpec| named(&format!("{} palette", it.name), with_palette, it);
    usual.chain(palettes.into_iter().map(palette)).chain([Case {
        name: "effect chase ring".to_owned(),
        build: Box::new(move || runner(&plan(find_effect("chase").unwrap(), Some(ring)))),
    }])
}

fn plan(effect: &EffectSpec, ring: Option<RingPlace>) -> EffectPlan {
    let settings = (effect.defaults)();
    EffectPlan {
        input: PlannedInput::new(settings.input(), Some(0), 25.0, &[[0.0, 200.0]; 3]),
        settings,
        ring,
    }
}

fn with_palette(effect: &EffectSpec) -> EffectPlan {
    let mut plan = plan(effect, None);
    let stored = plan
        .settings
        .store("palette", "rainbow", &PaletteNames::default());
    assert_eq!(stored, Ok(()));
    plan
}

fn inputs() -> Inputs {
    let mut inputs = Inputs::default();
    let mut sample = Sample {
        progress: Some(0.63),
        ..Sample::default()
    };
    sample.sources[0] = SourceSample {
        temperature: Some(150.0),
        target: Some(210.0),
    };
    inputs.sample(Time::ZERO, &sample);
    inputs
}

fn runner(plan: &EffectPlan) -> super::DrawFrame {
    let inputs = inputs();
    let mut effect = plan.build(1, PIXELS);
    let mut canvas = vec![Color::BLACK; PIXELS];
    Box::new(move |frame| {
        let cx = Context {
            now: Time::ZERO + Span::from_nanos(FRAME_NS * frame),
            start: Time::ZERO,
            inputs: &inputs,
            source: Some(0),
        };
        black_box(effect.draw(&mut Canvas::new(black_box(&mut canvas)), &cx));
    })
}
