//! The engine's steady state with the manual clock; the render thread runs the same steps.
#![expect(clippy::unwrap_used, reason = "functions of tests, called by tests")]

use super::counting::{alive, allocations};
use lumen::{
    ClockKind, EFFECTS, Engine, Event, Facts, Job, Options, OutputMode, RawConfig, Sample,
    SourceSample, Span, State, compile,
};

/// Effects beside those of the examples. `chase 2` forms a ring with the example of `chase`.
const OTHERS: [&str; 13] = [
    "chase 2",
    "chase",
    "thermal bed",
    "kitt red axis=x",
    "pulse red yellow green speed=5",
    "heartbeat palette=ocean speed=5",
    "comet white cyan blue",
    "kitt red blue speed=5",
    "chase party",
    "fire heat",
    "disco white 2700K",
    "comet white | disco blue | fire blend=add opacity=0.5 | thermal bed pixels=2-9 | rainbow offset=1.5",
    "progress | solid 200000",
];
const PIXELS: usize = 20;

/// Returns the effects that run, each on a group of its own.
fn effects() -> impl Iterator<Item = &'static str> {
    let examples = EFFECTS.iter().map(|effect| effect.example.text);
    examples.chain(OTHERS)
}

fn engine() -> Engine {
    let mut raw = RawConfig::default();
    let mut section = |name: &str, options: &[(&str, String)]| {
        let options = options
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()));
        raw.sections.push((name.to_owned(), options.collect()));
    };
    // Enables every step of the finish: dimming, gamma, white extraction, dithering.
    section("lumen", &[("max_current", "3000".into())]);
    let count = (PIXELS * effects().count()).to_string();
    section(
        "lumen_strip case",
        &[
            ("driver", "memory".into()),
            ("count", count),
            ("color_order", "GRBW".into()),
            ("white_balance", "1.0, 0.9, 0.8".into()),
            ("gamma", "1.2".into()),
            ("max_current", "950".into()),
        ],
    );
    for (index, effect) in effects().enumerate() {
        let options = [
            ("strip", "case".to_owned()),
            ("index_start", (index * PIXELS + 1).to_string()),
            ("index_end", ((index + 1) * PIXELS).to_string()),
            ("on_printing", effect.to_owned()),
            ("on_homing", "rainbow".to_owned()),
        ];
        section(&format!("lumen_group g{index}"), &options);
    }
    let upper = [
        ("pixels", "case 5-30".to_owned()),
        ("over", "g0, g1".to_owned()),
        ("on_printing", "comet | disco".to_owned()),
    ];
    section("lumen_group upper", &upper);
    let facts = Facts {
        heaters: vec!["extruder".into(), "heater_bed".into()],
        filament_sensors: None,
        travel: Some([[0.0, 200.0]; 3]),
        ..Facts::default()
    };
    let options = Options {
        clock: ClockKind::Manual,
        outputs: OutputMode::Discarded,
        seed: 1,
    };
    Engine::start(compile(&raw, Some(&facts)).unwrap(), options).unwrap()
}

/// A sample of a printing printer. Every value changes with the step.
fn sample(step: u32) -> Sample {
    let step = step as f32;
    let mut sample = Sample {
        job: Job::Printing,
        has_extruded: true,
        is_moving: true,
        progress: Some((step / 1000.0).min(1.0)),
        position: Some([step % 200.0, 3.0, 0.2]),
        ..Sample::default()
    };
    for source in &mut sample.sources[..2] {
        *source = SourceSample {
            temperature: Some(199.0 + (step / 10.0).sin()),
            target: Some(200.0),
        };
    }
    sample
}

/// Simulates printing from one second to another, with four samples per second.
fn print(engine: &Engine, from_s: u32, to_s: u32) {
    for step in from_s * 4..to_s * 4 {
        engine.sample(&sample(step));
        engine.advance(Span::from_millis(250)).unwrap();
    }
}

#[test]
fn running_every_effect_does_not_allocate() {
    let engine = engine();
    engine.event(Event::Ready).unwrap();
    print(&engine, 0, 10);
    assert_eq!(engine.status().state, "printing");
    let frames = engine.metrics().counters.frames;
    assert_eq!(allocations(|| print(&engine, 10, 40)), 0);
    assert_eq!(engine.metrics().counters.frames - frames, 30 * 60);
}

#[test]
fn a_running_profile_does_not_allocate() {
    let engine = engine();
    engine.event(Event::Ready).unwrap();
    print(&engine, 0, 10);
    engine.profile();
    assert_eq!(allocations(|| print(&engine, 10, 17)), 0);
    let found = engine.profile().found.unwrap();
    assert_eq!(found.frame.frames, 5 * 60);
    assert!(found.effects.len() > 10);
}

#[test]
fn heartbeats_and_posts_do_not_allocate() {
    let engine = engine();
    engine.event(Event::Ready).unwrap();
    print(&engine, 0, 10);
    let count = allocations(|| {
        for _ in 0..100 {
            engine.heartbeat();
            engine.sample(&sample(7));
            engine.event(Event::Activity).unwrap();
        }
    });
    assert_eq!(count, 0);
}

#[test]
fn ended_scenes_leak_nothing() {
    let engine = engine();
    engine.event(Event::Ready).unwrap();
    print(&engine, 0, 10);
    let home = |from_s| {
        let homing = engine.begin(State::Homing.name()).unwrap();
        print(&engine, from_s, from_s + 1);
        engine.end(homing).unwrap();
        print(&engine, from_s + 1, from_s + 2);
    };
    home(10);
    let before = alive();
    (6..30).for_each(|round| home(round * 2));
    assert_eq!(alive(), before);
}
