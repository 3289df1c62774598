//! Tests that need access to internals: effects that panic, and a forked child.

use super::*;
use crate::input::Sample;
use crate::output::health::HealthState;
use crate::request::Request;
use crate::spec::{RawConfig, compile};
use crate::state::{Event, Operation};
use std::sync::atomic::Ordering;

const TWO_GROUPS: &str = r#"{"sections": [
    ["lumen", {}],
    ["lumen_strip a", {"driver": "memory", "count": "4"}],
    ["lumen_group case", {"strip": "a", "index_end": "2", "on_startup": "rainbow",
                          "on_idle": "solid red"}],
    ["lumen_group top", {"strip": "a", "index_start": "3", "index_end": "4",
                         "on_startup": "solid white"}]
]}"#;

/// The fallback color of a group whose effect panicked.
const DIM: [u8; 4] = [26, 26, 26, 0];

fn engine() -> Engine {
    engine_on(ClockKind::Manual)
}

fn engine_on(clock: ClockKind) -> Engine {
    let raw: RawConfig = serde_json::from_str(TWO_GROUPS).unwrap();
    let options = Options {
        clock,
        ..Options::default()
    };
    Engine::start(compile(&raw, None).unwrap(), options).unwrap()
}

/// Makes the effect of the first group panic at the next frame.
fn make_effect_panic(engine: &Engine) {
    let RunMode::Manual(runner) = &engine.live().unwrap().run_mode else {
        unreachable!()
    };
    runner
        .lock()
        .as_mut()
        .unwrap()
        .renderer()
        .panic_at_next_draw(0);
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
fn a_panicking_effect_is_replaced_by_a_dim_light_and_reported() {
    let engine = engine();
    advance(&engine, 1.0);
    make_effect_panic(&engine);
    advance(&engine, 1.0);
    assert_eq!(pixels(&engine)[..2], [DIM; 2]);
    assert_eq!(
        pixels(&engine)[2..],
        [[255, 255, 255, 0]; 2],
        "the other group"
    );
    let notices = texts(&engine);
    assert_eq!(notices.len(), 1, "{notices:?}");
    let begin = "lumen: group 'case': effect 'rainbow' has an internal error (panic requested by a test at src/";
    assert!(notices[0].starts_with(begin), "{notices:?}");
    assert!(notices[0].ends_with("; the group shows a dim light until its state changes"));
    assert_eq!(engine.metrics().counters.panics, 1);
    assert_eq!(engine.status().groups[0].effect, "solid 1a1a1a");

    engine.event(Event::Ready).unwrap();
    advance(&engine, 5.0);
    assert_eq!(pixels(&engine)[0], [255, 0, 0, 0]);
}

#[test]
fn after_three_panics_within_a_minute_the_strips_are_dark_and_calls_still_work() {
    let engine = engine();
    for _ in 0..3 {
        advance(&engine, 10.0);
        make_effect_panic(&engine);
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
fn rare_panics_do_not_stop_the_drawing() {
    let engine = engine();
    for _ in 0..5 {
        advance(&engine, 61.0);
        make_effect_panic(&engine);
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
    // As seen by a forked child: another process owns the engine.
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
fn an_ended_render_thread_is_reported_and_its_strips_are_dark() {
    let engine = engine_on(ClockKind::Real);
    let shared = Arc::clone(&engine.live().unwrap().shared);
    shared.should_panic.store(true, Ordering::Relaxed);
    engine.event(Event::Ready).unwrap();
    while !shared.snapshot.has_ended() {
        std::thread::yield_now();
    }
    let status = engine.status();
    assert_eq!(status.strips[0].health.state, HealthState::Dark);
    assert!(!status.moving);
    // The notice follows shortly after.
    let notices = loop {
        let notices = texts(&engine);
        if !notices.is_empty() {
            break notices;
        }
    };
    let begin = "lumen: the render thread ended (panic requested by a test at src/";
    assert!(notices[0].starts_with(begin), "{notices:?}");
    assert!(engine.close(std::time::Duration::from_secs(30)));
}
