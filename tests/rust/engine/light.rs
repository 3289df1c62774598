//! Tests of commands that change the light: brightness, on and off, flashes, painting.

use super::{CASE, advance, compiled, manual, pixel};
use lumen::{Engine, EngineError, Event, Shutdown, Source, Span};

/// An engine whose printer is idle, which shows white.
fn idle() -> (Engine, String) {
    let engine = manual(CASE);
    let strip = engine.strips()[0].0.clone();
    engine.event(Event::Ready).unwrap();
    advance(&engine, 2.0);
    assert_eq!(pixel(&engine, &strip), [255; 3]);
    (engine, strip)
}

#[test]
fn brightness_fades_holds_and_multiplies() {
    let (engine, strip) = idle();
    engine.dim(None, 0.5, Some(Span::from_secs(2.0))).unwrap();
    advance(&engine, 1.0);
    let [on_its_way, ..] = pixel(&engine, &strip);
    assert!((130..250).contains(&on_its_way), "{on_its_way}");
    advance(&engine, 2.0);
    assert_eq!(pixel(&engine, &strip), [128; 3]);
    engine.dim(Some("case"), 0.5, Some(Span::ZERO)).unwrap();
    advance(&engine, 0.1);
    assert_eq!(pixel(&engine, &strip), [64; 3]);
    let status = engine.status();
    assert!((status.brightness - 0.5).abs() < 1e-6);
    assert!((status.groups[0].brightness - 0.5).abs() < 1e-6);
    assert!(!status.moving);
}

#[test]
fn brightness_is_kept_over_a_reload_until_it_is_set_again() {
    let (engine, strip) = idle();
    engine.dim(Some("all"), 0.2, Some(Span::ZERO)).unwrap();
    engine.reload(compiled(CASE)).unwrap();
    advance(&engine, 2.0);
    assert_eq!(pixel(&engine, &strip), [51; 3]);
}

#[test]
fn a_brightness_out_of_range_is_rejected() {
    let (engine, _) = idle();
    for value in [-0.1, 1.1, f32::NAN] {
        let error = engine.dim(None, value, None).unwrap_err();
        assert!(matches!(error, EngineError::Request(_)));
        let message = format!("brightness must be from 0 to 1, got {value}");
        assert_eq!(error.to_string(), message);
    }
    assert!(engine.dim(Some("cas"), 1.0, None).is_err());
}

#[test]
fn a_group_that_is_switched_off_stays_off_until_it_is_switched_on() {
    let (engine, strip) = idle();
    engine.switch(None, false).unwrap();
    advance(&engine, 2.0);
    assert_eq!(pixel(&engine, &strip), [0; 3]);
    let group = &engine.status().groups[0];
    assert_eq!((&*group.effect, group.source), ("off", Source::Command));
    let homing = engine.begin("homing").unwrap();
    advance(&engine, 2.0);
    assert_eq!(pixel(&engine, &strip), [0; 3]);
    engine.switch(Some("case"), true).unwrap();
    advance(&engine, 2.0);
    assert_eq!(pixel(&engine, &strip), [0, 0, 255]);
    engine.end(homing).unwrap();
}

#[test]
fn an_alarm_shows_on_a_group_that_is_switched_off() {
    let (engine, strip) = idle();
    engine.switch(None, false).unwrap();
    engine.event(Event::Shutdown(Shutdown::Fault)).unwrap();
    advance(&engine, 2.0);
    assert_eq!(pixel(&engine, &strip), [255, 0, 0]);
}

#[test]
fn a_flash_pulses_and_then_the_group_shows_its_state_again() {
    for is_off in [false, true] {
        let (engine, strip) = idle();
        engine.switch(None, !is_off).unwrap();
        advance(&engine, 2.0);
        let before = pixel(&engine, &strip);
        engine.take_frames(&strip).unwrap();
        engine.flash("case", "blue", 3).unwrap();
        advance(&engine, 1.4);
        assert_eq!(
            engine.status().groups[0].effect,
            "pulse blue min=0 max=1 speed=2"
        );
        let frames = engine.take_frames(&strip).unwrap();
        let blues: Vec<u8> = frames.iter().map(|(_, bytes)| bytes[2]).collect();
        let peaks = blues
            .windows(3)
            .filter(|it| it[0] < it[1] && it[1] >= it[2] && it[1] > 240);
        assert!((2..=3).contains(&peaks.count()), "{blues:?}");
        advance(&engine, 1.0);
        assert_eq!(pixel(&engine, &strip), before);
    }
}

#[test]
fn a_flash_with_an_unknown_color_is_rejected() {
    let (engine, _) = idle();
    let error = engine.flash("case", "blu", 3).unwrap_err();
    assert!(
        error.to_string().contains("did you mean 'blue'?"),
        "{error}"
    );
    assert!(engine.flash("case", "blue speed=9", 3).is_err());
}

#[test]
fn a_painted_frame_covers_the_state_until_it_is_black() {
    let (engine, strip) = idle();
    engine.paint(&strip, &[0, 255, 0, 0]).unwrap();
    advance(&engine, 0.1);
    assert_eq!(
        engine.frame(&strip).unwrap()[..8],
        [0, 255, 0, 0, 255, 255, 255, 0]
    );
    engine.reload(compiled(CASE)).unwrap();
    advance(&engine, 1.0);
    assert_eq!(pixel(&engine, &strip), [0, 255, 0]);
    engine.paint(&strip, &[]).unwrap();
    advance(&engine, 0.1);
    assert_eq!(pixel(&engine, &strip), [255; 3]);
}

#[test]
fn painting_an_unknown_strip_is_rejected() {
    let (engine, _) = idle();
    let error = engine.paint("cas", &[0; 4]).unwrap_err();
    assert!(error.to_string().contains("'cas'"), "{error}");
}
