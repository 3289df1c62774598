//! Benchmarks of the engine without its effects: posts, reports, steps, reloads, wire encoding.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use lumen::{
    ClockKind, Engine, Event, Options, OutputMode, RawConfig, Sample, Span, StripType, compile,
    ws2812_spi::SpiEncoder,
};
use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Less than the mailbox holds.
const POSTS: u64 = 200;

fn section(name: String, options: &[(&str, &str)]) -> (String, BTreeMap<String, String>) {
    let options = options.iter();
    let owned = options.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    (name, owned.collect())
}

/// Three groups of 50 pixels on one memory strip. All show `effect`.
fn engine(effect: &str, clock: ClockKind) -> Option<Engine> {
    let strip = [("driver", "memory"), ("count", "150")];
    let mut sections = vec![
        section("lumen".into(), &[]),
        section("lumen_strip case".into(), &strip),
    ];
    for (index, pixels) in ["case 1-50", "case 51-100", "case 101-150"]
        .iter()
        .enumerate()
    {
        let group = [
            ("pixels", *pixels),
            ("on_idle", effect),
            ("on_startup", effect),
        ];
        sections.push(section(format!("lumen_group g{index}"), &group));
    }
    let options = Options {
        clock,
        outputs: OutputMode::Discarded,
        seed: 1,
    };
    let engine = Engine::start(
        compile(
            &RawConfig {
                sections,
                ..RawConfig::default()
            },
            None,
        )
        .ok()?,
        options,
    )
    .ok()?;
    engine.event(Event::Ready).ok()?;
    Some(engine)
}

/// Measures a second of frames with all steps and writes.
fn seconds(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("second");
    for effect in ["solid white", "rainbow", "fire"] {
        let Some(engine) = engine(effect, ClockKind::Manual) else {
            continue;
        };
        let second = Span::from_secs(1.0);
        group.bench_function(effect, |bencher| {
            bencher.iter(|| engine.advance(second).is_ok());
        });
    }
    group.finish();
}

#[expect(
    clippy::disallowed_methods,
    reason = "a benchmark measures the real time"
)]
fn timed(posts: u64, post: impl Fn()) -> Duration {
    let begin = Instant::now();
    (0..posts).for_each(|_| post());
    begin.elapsed()
}

/// Measures posts to a sleeping engine, which handles them between two measurements.
fn posts(criterion: &mut Criterion) {
    let Some(engine) = engine("solid white", ClockKind::Real) else {
        return;
    };
    let mut group = criterion.benchmark_group("post");
    let same = Sample::default();
    group.bench_function("heartbeat", |bencher| bencher.iter(|| engine.heartbeat()));
    group.bench_function("same sample", |bencher| {
        bencher.iter(|| engine.sample(black_box(&same)));
    });
    group.bench_function("event", |bencher| {
        bencher.iter_custom(|count| {
            let mut sum = Duration::ZERO;
            for first in (0..count).step_by(POSTS as usize) {
                let posts = POSTS.min(count - first);
                sum += timed(posts, || drop(black_box(engine.event(Event::Activity))));
                std::thread::park_timeout(Duration::from_millis(20));
            }
            sum
        });
    });
    group.finish();
}

fn reports(criterion: &mut Criterion) {
    let Some(engine) = engine("rainbow", ClockKind::Real) else {
        return;
    };
    let mut group = criterion.benchmark_group("report");
    group.bench_function("status", |bencher| bencher.iter(|| engine.status()));
    group.bench_function("metrics", |bencher| bencher.iter(|| engine.metrics()));
    group.finish();
}

/// A config whose outputs each have a thread, or one with many groups. Configs with different
/// `round` differ in all outputs, so that a reload opens them again.
fn large(strips: usize, groups: usize, round: usize) -> RawConfig {
    let mut sections = vec![section("lumen".into(), &[])];
    for strip in 0..strips {
        let (port, count) = (format!("{}", 40_000 + round * strips + strip), "60");
        let ddp = [
            ("driver", "ddp"),
            ("host", "127.0.0.1"),
            ("port", &*port),
            ("count", count),
        ];
        sections.push(section(format!("lumen_strip s{strip}"), &ddp));
        let pixels = format!("s{strip} 1-60");
        sections.push(section(
            format!("lumen_group s{strip}"),
            &[("pixels", &*pixels)],
        ));
    }
    let count = groups.max(1).to_string();
    let memory = [("driver", "memory"), ("count", &*count)];
    sections.push(section("lumen_strip m".into(), &memory));
    for group in 0..groups {
        let pixels = format!("m {}", group + 1);
        sections.push(section(
            format!("lumen_group m{group}"),
            &[("pixels", &*pixels)],
        ));
    }
    RawConfig {
        sections,
        ..RawConfig::default()
    }
}

/// Returns the longest of the calls that klippy makes while another thread works.
fn longest_call_during(work: impl FnOnce() + Send, call: impl Fn()) -> Duration {
    std::thread::scope(|scope| {
        let work = scope.spawn(work);
        let mut longest = timed(1, &call);
        while !work.is_finished() {
            longest = longest.max(timed(1, &call));
        }
        longest
    })
}

/// Measures how long the reactor waits at most while a config is built, by the kind of config.
fn reloads(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("longest call in a reload");
    group.sample_size(20);
    for (name, strips, groups) in [("8 ddp strips", 8, 0), ("2000 groups", 0, 2_000)] {
        let configs = [0, 1].map(|round| large(strips, groups, round));
        let options = Options::default();
        let first = compile(&configs[1], None).ok();
        let Some(engine) = first.and_then(|it| Engine::start(it, options).ok()) else {
            continue;
        };
        let begin = || {
            let ended = engine.begin("homing").and_then(|it| engine.end(it));
            drop(black_box(ended));
        };
        let status = || drop(black_box(engine.status()));
        let calls: [(&str, &dyn Fn()); 2] = [("begin", &begin), ("status", &status)];
        for (word, call) in calls {
            // The same CPU load without the engine.
            group.bench_function(
                BenchmarkId::new(format!("{word} beside a compile"), name),
                |it| {
                    it.iter_custom(|count| {
                        let rounds = (0..count as usize).map(|round| &configs[round % 2]);
                        let work = |raw| move || drop(black_box(compile(raw, None)));
                        rounds.map(|raw| longest_call_during(work(raw), call)).sum()
                    });
                },
            );
            group.bench_function(BenchmarkId::new(word, name), |it| {
                it.iter_custom(|count| {
                    let rounds = (0..count as usize).map(|round| &configs[round % 2]);
                    let configs = rounds.filter_map(|raw| compile(raw, None).ok());
                    let work = |next| {
                        let engine = &engine;
                        move || drop(black_box(engine.reload(next)))
                    };
                    configs
                        .map(|next| longest_call_during(work(next), call))
                        .sum()
                });
            });
        }
    }
    group.finish();
}

fn wire(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("encode");
    for pixels in [150, 500] {
        let frame: Vec<u8> = (0..pixels * 3).map(|byte| byte as u8).collect();
        let encoder = SpiEncoder::new(StripType::Ws281x);
        let mut bytes = Vec::new();
        group.throughput(Throughput::Elements(pixels as u64));
        group.bench_function(BenchmarkId::from_parameter(pixels), |bencher| {
            bencher.iter(|| encoder.encode(black_box(&frame), black_box(&mut bytes)));
        });
    }
    group.finish();
}

criterion_group!(benches, seconds, posts, reports, reloads, wire);
criterion_main!(benches);
