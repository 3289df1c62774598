//! Tests of timing: frames are drawn when they are due, and only then.

use super::{CASE, advance, at, manual};
use lumen::{Span, Time};

const RAINBOW: &str = "
    [lumen]
    [lumen_group case]
    driver: memory
    index_end: 30
    on_startup: rainbow
";

fn times(engine: &lumen::Engine, strip: &str) -> Vec<Time> {
    let frames = engine.take_frames(strip).unwrap();
    frames.into_iter().map(|(time, _)| time).collect()
}

#[test]
fn a_moving_scene_has_sixty_frames_in_every_second() {
    let engine = manual(RAINBOW);
    assert!(engine.status().moving);
    let strip = engine.strips()[0].0.clone();
    advance(&engine, 600.0);
    let times = times(&engine, &strip);
    for second in 0..600_u64 {
        let from = Time::from_nanos(second * 1_000_000_000);
        let frames = times
            .iter()
            .filter(|it| (from..from + Span::from_millis(1000)).contains(it))
            .count();
        assert_eq!(frames, 60, "second {second}");
    }
    assert_eq!(engine.metrics().counters.late, 0);
    assert!((engine.status().fps - 60.0).abs() < 1e-9);
}

#[test]
fn the_configured_rate_is_kept_from_1_to_240() {
    for fps in [1_u16, 7, 30, 144, 240] {
        let text = RAINBOW.replacen("[lumen]", &format!("[lumen]\ngpio_fps: {fps}"), 1);
        let engine = manual(&text);
        advance(&engine, 10.0);
        let frames = engine.metrics().counters.frames;
        assert_eq!(frames, u64::from(fps) * 10 + 1, "{fps}");
    }
}

#[test]
fn the_frames_do_not_depend_on_the_steps_of_advance() {
    let (once, often) = (manual(RAINBOW), manual(RAINBOW));
    let strip = once.strips()[0].0.clone();
    advance(&once, 1.0);
    for _ in 0..1000 {
        advance(&often, 0.001);
    }
    assert_eq!(
        once.take_frames(&strip).unwrap(),
        often.take_frames(&strip).unwrap()
    );
}

#[test]
fn a_still_scene_draws_nothing_and_wakes_less_than_once_a_second() {
    let engine = manual(CASE);
    advance(&engine, 2.0);
    let before = engine.metrics().counters;
    for _ in 0..100 {
        engine.heartbeat();
        advance(&engine, 1.0);
    }
    let after = engine.metrics().counters;
    assert_eq!(
        (after.frames, after.written),
        (before.frames, before.written)
    );
    // Each call of `advance` is one step.
    let wakeups = after.wakeups - before.wakeups - 100;
    assert!(wakeups <= 100, "{wakeups}");
    assert!(!engine.status().moving);
    assert!(engine.status().fps.abs() < 1e-9);
}

#[test]
fn a_frame_equal_to_the_last_is_counted_and_not_written() {
    let engine = manual(CASE);
    let strip = engine.strips()[0].0.clone();
    advance(&engine, 2.0);
    let (frames, counters) = (
        engine.take_frames(&strip).unwrap(),
        engine.metrics().counters,
    );
    assert_eq!(counters.written, frames.len() as u64);
    assert_eq!(counters.written + counters.equal, counters.frames);
    assert!(frames.windows(2).all(|pair| pair[0].1 != pair[1].1));
}

#[test]
fn an_event_changes_the_light_within_one_frame() {
    let engine = manual(CASE);
    let strip = engine.strips()[0].0.clone();
    engine.event(lumen::Event::Ready).unwrap();
    for millis in 0..17 {
        advance(&engine, 5.0 + f64::from(millis) / 1000.0);
        engine.take_frames(&strip).unwrap();
        let posted = engine.metrics().uptime;
        let homing = engine.begin("homing").unwrap();
        advance(&engine, 1.0);
        let first = times(&engine, &strip)[0].since(Time::ZERO + posted);
        assert!(first <= Span::from_nanos(16_666_667), "{first:?}");
        engine.end(homing).unwrap();
    }
}

#[test]
fn a_rate_of_one_frame_per_second_delays_no_event() {
    let slow = CASE.replacen("[lumen]", "[lumen]\ngpio_fps: 1\nfade: 0", 1);
    let engine = manual(&slow);
    let strip = engine.strips()[0].0.clone();
    engine.event(lumen::Event::Ready).unwrap();
    advance(&engine, 10.4);
    engine.take_frames(&strip).unwrap();
    engine.begin("homing").unwrap();
    advance(&engine, 0.1);
    assert_eq!(times(&engine, &strip), [at(10.4)]);
}

#[test]
fn a_real_clock_cannot_be_advanced() {
    let engine = super::threaded(CASE, |_| unreachable!());
    let error = engine.advance(Span::from_secs(1.0)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "only an engine with a manual clock can be advanced"
    );
    assert!(engine.close(super::LONG));
}
