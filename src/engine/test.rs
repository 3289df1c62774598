//! What needs a look inside: effects that panic, and a forked child.

use super::*;
use crate::input::Sample;
use crate::output::health::HealthState;
use crate::spec::{RawConfig, compile};
use crate::state::{Event, Operation};
use std::sync::atomic::Ordering;

const TWO: &str = r#"{"sections": [
    ["lumen", {}],
    ["lumen_strip a", {"driver": "memory", "count": "4"}],
    ["lumen_group case", {"strip": "a", "index_end": "2", "on_startup": "rainbow",
                          "on_idle": "solid red"}],
    ["lumen_group top", {"strip": "a", "index_start": "3", "index_end": "4",
                         "on_startup": "solid white"}]
]}"#;

/// The dim light of a group whose effect panicked.
const DIM: [u8; 4] = [26, 26, 26, 0];

fn engine() -> Engine {
    engine_on(ClockKind::Manual)
}

fn engine_on(clock: ClockKind) -> Engine {
    let raw: RawConfig = serde_json::from_str(TWO).unwrap();
    let options = Options {
        clock,
        ..Options::default()
    };
    Engine::start(compile(&raw, None).unwrap(), options).unwrap()
}

/// Lets the effect of the first group panic at the next frame.
fn trip(engine: &Engine) {
    let RunMode::Manual(runner) = &engine.live().unwrap().drive else {
        unreachable!()
    };
    runner.lock().as_mut().unwrap().renderer().trip(0);
}

fn advance(engine: &Engine, seconds: f64) {
    engine.advance(Span::from_secs(seconds)).unwrap();
}

fn pixels(engine: &Engine) -> Vec<[u8; 4]> {
    let strip = engine.strips()[0].0.clone();
    engine.frame(&strip).unwrap().as_chunks().0.to_vec()
}

fn texts(engine: &Engine) -> Vec<String> {
    engine.notices().into_iter().map(|it| it.text).collect()
}

#[test]
fn an_effect_that_panics_becomes_a_dim_light_and_is_named() {
    let engine = engine();
    advance(&engine, 1.0);
    trip(&engine);
    advance(&engine, 1.0);
    assert_eq!(pixels(&engine)[..2], [DIM; 2]);
    assert_eq!(
        pixels(&engine)[2..],
        [[255, 255, 255, 0]; 2],
        "the other group"
    );
    let told = texts(&engine);
    assert_eq!(told.len(), 1, "{told:?}");
    let begin = "lumen: group 'case': effect 'rainbow' has an internal error (tripped at src/";
    assert!(told[0].starts_with(begin), "{told:?}");
    assert!(told[0].ends_with("; the group shows a dim light until its state changes"));
    assert_eq!(engine.metrics().counters.panics, 1);
    assert_eq!(engine.status().groups[0].effect, "solid 1a1a1a");

    engine.event(Event::Ready).unwrap();
    advance(&engine, 5.0);
    assert_eq!(pixels(&engine)[0], [255, 0, 0, 0]);
}

#[test]
fn three_panics_within_a_minute_leave_all_strips_dark_and_the_engine_answering() {
    let engine = engine();
    for _ in 0..3 {
        advance(&engine, 10.0);
        trip(&engine);
        engine.event(Event::Activity).unwrap();
    }
    advance(&engine, 1.0);
    assert_eq!(pixels(&engine), [[0; 4]; 4]);
    let last = texts(&engine).pop().unwrap();
    assert_eq!(
        last,
        "lumen: three internal errors within a minute; all strips stay dark until Klipper restarts"
    );
    let frames = engine.metrics().counters.frames;
    engine.heartbeat();
    for _ in 0..300 {
        engine.event(Event::Ready).unwrap();
        advance(&engine, 1.0);
    }
    assert_eq!(engine.metrics().counters.frames, frames);
    assert!(engine.status().strips[0].health.error.is_some());
    assert!(engine.close(Duration::ZERO));
}

#[test]
fn panics_that_come_seldom_do_not_end_the_drawing() {
    let engine = engine();
    for _ in 0..5 {
        advance(&engine, 61.0);
        trip(&engine);
        engine.event(Event::Activity).unwrap();
    }
    advance(&engine, 1.0);
    assert_eq!(engine.metrics().counters.panics, 5);
    assert_eq!(engine.status().strips[0].health.error, None);
}

#[test]
fn in_a_forked_child_every_call_does_nothing() {
    let mut engine = engine();
    advance(&engine, 1.0);
    // As a child sees it: another process holds the engine.
    engine.process = 0;
    let held = engine.inner.as_ref().unwrap();
    let (config, clock) = (held.config.lock(), held.shared.clock.now());
    assert!(engine.event(Event::Ready).is_ok());
    assert_eq!(engine.begin("nonsense").unwrap(), Operation(0));
    engine.heartbeat();
    engine.sample(&Sample::default());
    assert!(engine.set(&Request::default()).is_ok());
    assert!(engine.force("nonsense", None).is_ok());
    assert!(engine.clear(Some("nonsense")).is_ok());
    assert!(engine.advance(Span::from_secs(1.0)).is_ok());
    assert_eq!(engine.status(), Status::default());
    assert_eq!(engine.metrics(), Metrics::default());
    assert_eq!(engine.wants(), Wants::default());
    assert_eq!((engine.notice_fd(), engine.notices()), (-1, Vec::new()));
    assert!(engine.frame("nonsense").unwrap().is_empty());
    assert!(engine.strips().is_empty() && engine.groups().is_empty());
    assert!(engine.close(Duration::ZERO));
    assert_eq!(held.shared.clock.now(), clock);
    drop(config);
}

#[test]
fn a_render_thread_that_ends_is_told_and_its_strips_are_dark() {
    let engine = engine_on(ClockKind::Real);
    let shared = Arc::clone(&engine.live().unwrap().shared);
    shared.trip.store(true, Ordering::Relaxed);
    engine.event(Event::Ready).unwrap();
    while !shared.snapshot.has_ended() {
        std::thread::yield_now();
    }
    let status = engine.status();
    assert_eq!(status.strips[0].health.state, HealthState::Dark);
    assert!(!status.moving);
    // The notice comes right after.
    let told = loop {
        let told = texts(&engine);
        if !told.is_empty() {
            break told;
        }
    };
    let begin = "lumen: the render thread ended (tripped at src/";
    assert!(told[0].starts_with(begin), "{told:?}");
    assert!(engine.close(std::time::Duration::from_secs(30)));
}
