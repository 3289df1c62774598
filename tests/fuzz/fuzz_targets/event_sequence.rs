//! Any events, samples and commands, in any order and at any time: the renderer draws frames.

#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use lumen::effect::Motion;
use lumen::input::{FilamentSample, Job, Sample, SourceSample};
use lumen::renderer::Renderer;
use lumen::spec::{Compiled, Facts, RawConfig, compile};
use lumen::state::{Event, Operation, Shutdown, State};
use lumen::time::{Span, Time};
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

/// Groups on two strips, which together show all effects.
const GROUPS: &[(&str, &[(&str, &str)])] = &[
    ("lumen", &[("states", "purge"), ("error_flash", "2")]),
    (
        "lumen_group plain",
        &[("driver", "memory"), ("index_end", "7")],
    ),
    (
        "lumen_group left",
        &[
            ("driver", "gpio"),
            ("gpio_pin", "10"),
            ("index_end", "5"),
            ("on_idle", "rainbow"),
            ("on_homing", "kitt axis=x"),
            ("on_bored", "chase 2"),
            ("on_heating", "thermal bed ice lava 1.5"),
            ("on_purge", "fire"),
            ("on_error", "heartbeat red fade=0"),
        ],
    ),
    (
        "lumen_group right",
        &[
            ("driver", "gpio"),
            ("gpio_pin", "10"),
            ("index_start", "6"),
            ("index_end", "6"),
            ("unmapped", "off"),
            ("on_idle", "disco"),
            ("on_bored", "chase 1"),
            ("on_cooldown", "thermal chamber 20 60"),
            ("on_printing", "progress"),
        ],
    ),
];

#[derive(Arbitrary, Debug)]
enum Step {
    Event(u8, u32),
    Begin(u8, u32),
    Sample(Measured),
    Set(u8, String),
    Force(u8, Option<u16>),
    Clear(Option<u8>),
    Reload,
    Render,
    Wait(u32),
    Follow,
}

#[derive(Arbitrary, Debug)]
struct Measured {
    job: u8,
    flags: u8,
    progress: Option<f32>,
    position: Option<[f32; 3]>,
    temperatures: [Option<f32>; 3],
    targets: [Option<f32>; 3],
}

static COMPILED: LazyLock<Compiled> = LazyLock::new(compiled);

fn compiled() -> Compiled {
    let section = |(title, options): &(&str, &[(&str, &str)])| {
        let options = options
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        ((*title).to_owned(), options.collect::<BTreeMap<_, _>>())
    };
    let raw = RawConfig {
        sections: GROUPS.iter().map(section).collect(),
        ..RawConfig::default()
    };
    let facts = Facts {
        heaters: vec!["extruder".into(), "heater_bed".into()],
        sensors: vec!["temperature_sensor chamber".into()],
        filament_sensors: None,
        travel: Some([[0.0, 200.0]; 3]),
        ..Facts::default()
    };
    compile(&raw, Some(&facts)).expect("the config is right")
}

fn state(byte: u8) -> State {
    let index = usize::from(byte) % (State::ALL.len() + 1);
    State::ALL
        .get(index)
        .copied()
        .unwrap_or(State::Custom(byte))
}

fn event(kind: u8, token: u32) -> Event {
    match kind % 7 {
        0 => Event::Ready,
        1 => Event::Shutdown(if token % 2 == 0 {
            Shutdown::Lost
        } else {
            Shutdown::Fault
        }),
        2 => Event::LinkLost,
        3 => Event::LinkFound,
        4 => Event::End(Operation(token)),
        5 => Event::CommandError,
        _ => Event::Activity,
    }
}

fn sample(measured: &Measured) -> Sample {
    const JOBS: [&str; 6] = [
        "standby",
        "printing",
        "paused",
        "complete",
        "cancelled",
        "error",
    ];
    let job = JOBS[usize::from(measured.job) % JOBS.len()];
    let flag = |bit: u8| measured.flags & (1 << bit) != 0;
    let mut sample = Sample {
        job: Job::parse(job).unwrap_or_default(),
        has_extruded: flag(0),
        is_paused: flag(1),
        manual_probe: flag(2),
        is_moving: flag(3),
        is_feeding: flag(4),
        is_commanded: flag(5),
        taking_frame: flag(6),
        filament: FilamentSample {
            enabled: 1,
            detected: u32::from(flag(7)),
        },
        progress: measured.progress,
        position: measured.position,
        ..Sample::default()
    };
    let pairs = measured.temperatures.iter().zip(&measured.targets);
    for (source, (temperature, target)) in sample.sources.iter_mut().zip(pairs) {
        *source = SourceSample {
            temperature: *temperature,
            target: *target,
        };
    }
    sample
}

fuzz_target!(|steps: Vec<Step>| {
    let plan = Arc::new(COMPILED.plan.clone());
    let mut effect_resolver = COMPILED.effect_resolver.clone();
    let mut now = Time::ZERO;
    let mut renderer = Renderer::new(Arc::clone(&plan), 1, now);
    let mut motion = renderer.render(now);
    for step in &steps {
        match step {
            Step::Event(kind, token) => renderer.event(now, event(*kind, *token)),
            Step::Begin(kind, token) => {
                renderer.event(now, Event::Begin(Operation(*token), state(*kind)));
            }
            Step::Sample(measured) => renderer.sample(now, &sample(measured)),
            Step::Set(group, text) => {
                if let Ok(command) = effect_resolver.effect(&plan, usize::from(*group), text, &[]) {
                    renderer.set(now, usize::from(*group), Box::new(command));
                }
            }
            Step::Force(kind, millis) => {
                let duration = millis.map(|millis| Span::from_millis(u64::from(millis)));
                renderer.force(now, state(*kind), duration);
            }
            Step::Clear(group) => renderer.clear(now, group.map(usize::from)),
            Step::Reload => drop(renderer.replace(now, Arc::clone(&plan))),
            Step::Render => {}
            Step::Wait(millis) => now += Span::from_millis(u64::from(*millis)),
            Step::Follow => match motion {
                Motion::Until(then) => now = now.max(then),
                Motion::Moving => now += Span::from_millis(16),
                Motion::Still => {}
            },
        }
        motion = renderer.render(now);
        if let Motion::Until(then) = motion {
            assert!(then > now);
        }
        for (index, strip) in plan.strips.iter().enumerate() {
            let bytes = strip.strip.pixels * strip.strip.order.bytes_per_pixel();
            assert_eq!(renderer.frame(index).len(), bytes);
        }
    }
});
