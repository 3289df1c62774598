//! Tests of the watchdog.

use super::{CASE, advance, manual};
use lumen::{Event, Sample};

#[test]
fn three_seconds_without_a_heartbeat_show_as_disconnected() {
    let engine = manual(CASE);
    engine.event(Event::Ready).unwrap();
    engine.heartbeat();
    advance(&engine, 2.9);
    assert_eq!(engine.status().state, "idle");
    advance(&engine, 0.2);
    assert_eq!(engine.status().state, "disconnected");
    engine.heartbeat();
    advance(&engine, 0.1);
    assert_eq!(engine.status().state, "idle");
}

#[test]
fn a_sample_is_a_heartbeat() {
    let engine = manual(CASE);
    engine.event(Event::Ready).unwrap();
    for _ in 0..5 {
        engine.sample(&Sample::default());
        advance(&engine, 2.9);
    }
    assert_eq!(engine.status().state, "idle");
}

#[test]
fn without_a_first_heartbeat_none_is_missed() {
    let engine = manual(CASE);
    engine.event(Event::Ready).unwrap();
    advance(&engine, 100.0);
    assert_eq!(engine.status().state, "idle");
}
