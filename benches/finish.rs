//! Benchmarks of the finish of one strip, from colors to bytes. Times are **per pixel**.

use criterion::{Criterion, criterion_group, criterion_main};
use lumen::{
    Color, ColorOrder, Finish, FinishPlan, PixelFormat, PowerPlan, Segment, Span, Strip, Time,
    White,
};
use std::hint::black_box;
use std::time::{Duration, Instant};

const PIXELS: usize = 300;
const FRAME: Span = Span::from_nanos(16_666_667);
const ALL: Segment = Segment {
    strip: 0,
    first: 0,
    last: PIXELS - 1,
};

/// The colors of some frames, computed in advance, so that the measured code only reads them, like
/// a canvas.
fn canvases() -> Vec<Vec<Color>> {
    let color = |level: usize, pixel: usize| {
        Color::rgb(level as f32 / 8.0, 0.5, pixel as f32 / PIXELS as f32)
    };
    (0..8)
        .map(|level| (0..PIXELS).map(|pixel| color(level, pixel)).collect())
        .collect()
}

/// Finishes `frames` frames, each from a canvas. Without canvases nothing changes.
#[expect(
    clippy::disallowed_methods,
    reason = "a benchmark measures the real time"
)]
fn run(finish: &mut Finish, frames: u64, canvases: &[Vec<Color>]) -> Duration {
    let begin = Instant::now();
    let mut retarget = canvases.iter().cycle();
    for number in 0..frames {
        if let (Some(canvas), [frame]) = (retarget.next(), finish.frames_mut()) {
            frame.put_run(ALL, canvas, 0.8, true);
        }
        let now = Time::ZERO + Span::from_nanos(FRAME.as_nanos() * number);
        black_box(finish.run(now));
        black_box(finish.frames()[0].bytes());
    }
    begin.elapsed() / PIXELS as u32
}

fn limited(max_ma: f32) -> FinishPlan {
    FinishPlan {
        power: PowerPlan {
            max_current_ma: Some(max_ma),
            ..PowerPlan::default()
        },
        ..FinishPlan::default()
    }
}

fn finish(c: &mut Criterion) {
    let usual = FinishPlan::default();
    let rounded = FinishPlan {
        dither: false,
        ..usual.clone()
    };
    let balanced = FinishPlan {
        white_balance: [1.0, 0.85, 0.7],
        white: White::Extract([1.0, 0.9, 0.6]),
        ..usual.clone()
    };
    let bent = FinishPlan {
        gamma: 2.2,
        ..usual.clone()
    };
    let cases = [
        ("still", "GRB", &usual),
        ("rounded", "GRB", &rounded),
        ("dithered", "GRB", &usual),
        ("below its limit", "GRB", &limited(1e5)),
        ("at its limit", "GRB", &limited(2000.0)),
        ("with white", "GRBW", &balanced),
        ("with gamma", "GRB", &bent),
        ("apa102", "BGR", &usual),
    ];
    let canvases = canvases();
    let mut group = c.benchmark_group(format!("pixel of {PIXELS}"));
    for (name, order, plan) in cases {
        let strip = Strip {
            name: "case".to_owned(),
            pixels: PIXELS,
            order: ColorOrder::parse(order).unwrap_or(ColorOrder::GRB),
            format: match name {
                "apa102" => PixelFormat::SharedBrightness,
                _ => PixelFormat::Bytes,
            },
        };
        let canvases = match name {
            "still" => &[],
            _ => canvases.as_slice(),
        };
        let mut finish = Finish::new([(&strip, plan)], None);
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|frames| run(&mut finish, frames, canvases));
        });
    }
    group.finish();
}

criterion_group!(benches, finish);
criterion_main!(benches);
