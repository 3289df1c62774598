//! Benchmarks of drawing each effect: one frame of 150 and of 500 pixels with default settings.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use lumen::color::Color;
use lumen::effect::{
    Canvas, Context, EFFECTS, EffectPlan, EffectSpec, PlannedInput, RingPlace, chase,
};
use lumen::input::{Inputs, Sample, SourceSample};
use lumen::time::{Span, Time};
use std::hint::black_box;

const FRAME: Span = Span::from_nanos(1_000_000_000 / 60);

fn plan(effect: &EffectSpec, ring: Option<RingPlace>) -> EffectPlan {
    let settings = (effect.defaults)();
    EffectPlan {
        input: PlannedInput::new(settings.input(), Some(0), 25.0, &[[0.0, 200.0]; 3]),
        settings,
        ring,
    }
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

fn effects(criterion: &mut Criterion) {
    let inputs = inputs();
    let mut group = criterion.benchmark_group("effect");
    for pixels in [150usize, 500] {
        let ring = RingPlace {
            first: 0,
            pixels,
            seed: 1,
        };
        let plans = EFFECTS
            .iter()
            .map(|effect| (effect.name, plan(effect, None)))
            .chain([("chase ring", plan(&chase::SPEC, Some(ring)))]);
        group.throughput(Throughput::Elements(pixels as u64));
        for (name, plan) in plans {
            let mut effect = plan.build(1, pixels);
            let mut canvas = vec![Color::BLACK; pixels];
            let mut now = Time::ZERO;
            group.bench_function(BenchmarkId::new(name, pixels), |bencher| {
                bencher.iter(|| {
                    now += FRAME;
                    let cx = Context {
                        now,
                        start: Time::ZERO,
                        inputs: &inputs,
                        source: Some(0),
                    };
                    black_box(effect.draw(&mut Canvas::new(black_box(&mut canvas)), &cx))
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, effects);
criterion_main!(benches);
