//! Benchmarks of drawing each effect: one frame of 150 and of 500 pixels with default settings.

#![allow(
    clippy::unwrap_used,
    reason = "an unknown effect must end the benchmark"
)]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use lumen::{
    Canvas, Color, Context, EFFECTS, EffectPlan, EffectSpec, Inputs, PaletteNames, PaletteTable,
    PlannedInput, RingPlace, Sample, SourceSample, Span, Time, find_effect,
};
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

/// Returns the plan of an effect with a palette.
fn with_palette(effect: &EffectSpec) -> EffectPlan {
    let mut plan = plan(effect, None);
    let palettes = PaletteNames::default();
    let stored = plan.settings.store("palette", "rainbow", &palettes);
    assert_eq!(stored, Ok(()));
    plan
}

/// Reads a palette at each of 150 places.
fn palette(criterion: &mut Criterion) {
    let names = PaletteNames::default();
    let palette = names.find("rainbow").unwrap_or_default();
    let table = PaletteTable::new(&palette);
    let mut canvas = vec![Color::BLACK; 150];
    let mut group = criterion.benchmark_group("palette");
    group.throughput(Throughput::Elements(canvas.len() as u64));
    group.bench_function("read", |bencher| {
        bencher.iter(|| {
            let table = black_box(&table);
            for (pixel, color) in canvas.iter_mut().enumerate() {
                *color = table.at(pixel as f32 / 149.0);
            }
            black_box(&mut canvas);
        });
    });
    group.finish();
    criterion.bench_function("palette/build", |bencher| {
        bencher.iter(|| PaletteTable::new(black_box(&palette)));
    });
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
            .chain([(
                "chase ring",
                plan(find_effect("chase").unwrap(), Some(ring)),
            )])
            .chain([
                ("comet palette", with_palette(find_effect("comet").unwrap())),
                ("chase palette", with_palette(find_effect("chase").unwrap())),
                ("fire palette", with_palette(find_effect("fire").unwrap())),
                ("kitt palette", with_palette(find_effect("kitt").unwrap())),
                ("pulse palette", with_palette(find_effect("pulse").unwrap())),
                (
                    "thermal palette",
                    with_palette(find_effect("thermal").unwrap()),
                ),
            ]);
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

criterion_group!(benches, palette, effects);
criterion_main!(benches);
