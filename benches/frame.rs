//! Benchmarks of one frame: the whole renderer, from the time to the bytes of all strips.
//!
//! Times are **per pixel**; a frame of 3 groups of 50 takes 150 times as long.

use criterion::{Criterion, criterion_group, criterion_main};
use lumen::{
    AnySettings, Color, ColorOrder, EffectPlan, Event, FinishPlan, Group, GroupPlan, LayerPlan,
    LightChannels, OutputPlan, PixelFormat, Plan, PlannedInput, Priority, Renderer, ScenePart,
    Segment, SolidSettings, Span, StackPlan, State, StateSettings, Strip, StripPlan, Time,
    Unmapped, White, blend, blend::BlendSpec, blend::OVER, find_effect,
};
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

const GROUPS: usize = 3;
const FRAME: Span = Span::from_nanos(16_666_667);

fn part(state: State, name: &str, fade: Span) -> ScenePart {
    let solid = || AnySettings::new(SolidSettings::from(Color::rgb(1.0, 0.5, 0.25)));
    let effect = find_effect(name).filter(|effect| effect.name != "solid");
    ScenePart {
        state,
        effect: EffectPlan {
            settings: effect.map_or_else(solid, |effect| (effect.defaults)()),
            input: PlannedInput::None,
            ring: None,
        }
        .into(),
        text: name.to_owned(),
        fade,
        is_built_in: false,
    }
}

/// Groups of `pixels` side by side on one strip.
fn plan(pixels: usize, scenes: &[ScenePart]) -> Plan {
    let group = |index: usize| GroupPlan {
        group: Group {
            name: format!("group{index}"),
            segments: vec![Segment {
                strip: 0,
                first: index * pixels,
                last: (index + 1) * pixels - 1,
            }],
            reverse: false,
        },
        brightness: 0.8,
        scenes: scenes.to_vec(),
        unmapped: Unmapped::Keep,
        light: LightChannels::Rgb,
        over: Vec::new(),
    };
    Plan {
        strips: vec![StripPlan {
            owner: String::new(),
            strip: Strip {
                name: "case".to_owned(),
                pixels: GROUPS * pixels,
                order: ColorOrder::GRB,
                format: PixelFormat::Bytes,
            },
            output: OutputPlan::Memory,
            finish: FinishPlan::default(),
        }],
        groups: (0..GROUPS).map(group).collect(),
        custom_states: Vec::new(),
        sources: Vec::new(),
        brightness: 0.5,
        max_current_ma: None,
        fps: 60,
        fade: Span::ZERO,
        states: StateSettings {
            temp_floor_c: 25.0,
            heating_enter_c: 5.0,
            heating_leave_c: 2.0,
            bored_after: Span::from_secs(1e9),
            sleep_after: Span::from_secs(1e9),
            complete_for: Span::ZERO,
            cancelled_for: Span::ZERO,
            command_error_for: Span::ZERO,
            pause_after: Span::ZERO,
            heaters: 0,
            extruders: 0,
        },
        wants_position: false,
        wants_progress: false,
        has_debug_log: false,
        priority: Priority::Normal,
    }
}

fn blend(name: &str) -> &'static BlendSpec {
    blend::find(name).unwrap_or(OVER)
}

/// Scenes with a rainbow over a solid color.
fn layers(blend: &'static BlendSpec) -> [ScenePart; 2] {
    let [mut idle, rainbow] = [
        part(State::Idle, "solid", Span::ZERO),
        part(State::Idle, "rainbow", Span::ZERO),
    ];
    let layer = |part: &ScenePart| LayerPlan {
        blend,
        ..part.effect.bottom().clone().into()
    };
    idle.effect = StackPlan::new(layer(&idle), vec![layer(&rainbow)]);
    [part(State::Startup, "fire", Span::ZERO), idle]
}

/// The strips on which a rainbow costs more than on an RGB strip.
fn finishes() -> [(&'static str, ColorOrder, PixelFormat, FinishPlan); 3] {
    let gamma = FinishPlan {
        gamma: 2.2,
        ..FinishPlan::default()
    };
    let white = FinishPlan {
        white: White::Extract([1.0, 0.9, 0.6]),
        ..FinishPlan::default()
    };
    let grbw = ColorOrder::parse("GRBW").unwrap_or(ColorOrder::GRB);
    let usual = FinishPlan::default();
    let shared = PixelFormat::SharedBrightness;
    [
        (
            "rainbow with gamma",
            ColorOrder::GRB,
            PixelFormat::Bytes,
            gamma,
        ),
        ("rainbow with white", grbw, PixelFormat::Bytes, white),
        ("rainbow on apa102", ColorOrder::GRB, shared, usual),
    ]
}

/// Renders `frames` frames, 1/60 s apart.
#[expect(
    clippy::disallowed_methods,
    reason = "a benchmark measures the real time"
)]
fn run(renderer: &mut Renderer, now: &mut Time, frames: u64) -> Duration {
    let begin = Instant::now();
    for _ in 0..frames {
        *now += FRAME;
        black_box(renderer.render(*now));
        black_box(renderer.frame(0));
    }
    begin.elapsed()
}

fn frame(c: &mut Criterion) {
    // Longer than any measurement, so that it lies within the fade.
    let endless = Span::from_secs(1e9);
    let scenes = |idle, fade| {
        [
            part(State::Startup, "fire", Span::ZERO),
            part(State::Idle, idle, fade),
        ]
    };
    let cases = [
        ("solid", scenes("solid", Span::ZERO)),
        ("rainbow", scenes("rainbow", Span::ZERO)),
        ("fire", scenes("fire", Span::ZERO)),
        ("fire to rainbow", scenes("rainbow", endless)),
        ("rainbow over solid", layers(OVER)),
        ("rainbow added to solid", layers(blend("add"))),
        ("rainbow overlaid on solid", layers(blend("overlay"))),
    ];
    for pixels in [50, 166] {
        let mut group = c.benchmark_group(format!("pixel of {GROUPS} x {pixels}"));
        for (name, scenes) in &cases {
            let mut now = Time::ZERO;
            let mut renderer = Renderer::new(Arc::new(plan(pixels, scenes)), 7, now);
            run(&mut renderer, &mut now, 10);
            renderer.event(now, Event::Ready);
            group.bench_function(*name, |bencher| {
                bencher.iter_custom(|frames| {
                    run(&mut renderer, &mut now, frames) / (GROUPS * pixels) as u32
                });
            });
        }
        for (name, order, format, plan_finish) in finishes() {
            let mut now = Time::ZERO;
            let mut plan = plan(pixels, &scenes("rainbow", Span::ZERO));
            plan.strips[0].strip.order = order;
            plan.strips[0].strip.format = format;
            plan.strips[0].finish = plan_finish;
            let mut renderer = Renderer::new(Arc::new(plan), 7, now);
            run(&mut renderer, &mut now, 10);
            renderer.event(now, Event::Ready);
            group.bench_function(name, |bencher| {
                bencher.iter_custom(|frames| {
                    run(&mut renderer, &mut now, frames) / (GROUPS * pixels) as u32
                });
            });
        }
        group.finish();
    }
}

criterion_group!(benches, frame);
criterion_main!(benches);
