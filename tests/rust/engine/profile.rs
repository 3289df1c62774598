//! Tests of the profile: costs of effects and outputs, measured only on request.

use super::{CASE, advance, compiled, manual};
use lumen::{Costs, Engine, Event, Profile, Request, Span};

/// Two groups on a strip, one of which moves, and a still strip.
const TWO_STRIPS: &str = "
    [lumen]
    fade: 0
    [lumen_strip wall]
    driver: memory
    count: 10
    [lumen_strip shelf]
    driver: memory
    count: 5
    [lumen_group left]
    pixels: wall 1-6
    on_idle: rainbow
    [lumen_group right]
    pixels: wall 7-10
    on_idle: solid red
    [lumen_group top]
    pixels: shelf 1-5
    on_idle: solid white
";

fn idle(text: &str) -> Engine {
    let engine = manual(text);
    engine.event(Event::Ready).unwrap();
    advance(&engine, 2.0);
    engine
}

fn found(engine: &Engine) -> Costs {
    engine.profile().found.unwrap()
}

/// Lists the effects by group, with the number of frames that they drew.
fn drawn(engine: &Engine) -> Vec<(String, &'static str, u64)> {
    let effects = found(engine).effects.into_iter();
    effects
        .map(|it| (it.group, it.effect, it.cost.frames))
        .collect()
}

#[test]
fn the_first_request_reports_when_the_measurement_ends() {
    let engine = idle(TWO_STRIPS);
    let first = engine.profile();
    assert_eq!(first.ends_in, Some(Span::from_secs(5.0)));
    assert_eq!(first.found, None);
    advance(&engine, 2.0);
    assert_eq!(engine.profile().ends_in, Some(Span::from_secs(3.0)));
}

#[test]
fn every_frame_of_a_measurement_is_counted_for_its_effect() {
    let engine = idle(TWO_STRIPS);
    engine.profile();
    advance(&engine, 8.0);
    let found = found(&engine);
    assert_eq!(found.age, Span::from_secs(3.0));
    assert_eq!(found.length, Span::from_secs(5.0));
    assert_eq!(found.frame.frames, 300);
    let drawn = drawn(&engine);
    // The still group is not drawn.
    assert_eq!(drawn.len(), 1, "{drawn:?}");
    assert_eq!(drawn[0], ("left".into(), "rainbow", found.frame.frames));
}

#[test]
fn the_frames_of_each_output_are_counted() {
    let engine = idle(TWO_STRIPS);
    engine.profile();
    advance(&engine, 6.0);
    let outputs = found(&engine).outputs;
    let counts: Vec<_> = outputs
        .iter()
        .map(|it| (it.strips.join(" "), it.output.as_str(), it.writes))
        .collect();
    assert_eq!(
        counts,
        [
            ("wall".to_owned(), "memory", None),
            ("shelf".to_owned(), "memory", None)
        ]
    );
    assert!((295..=361).contains(&outputs[0].frames), "{outputs:?}");
    assert_eq!(outputs[1].frames, 0);
}

#[test]
fn two_effects_of_a_fade_are_measured_separately() {
    let engine = idle(&TWO_STRIPS.replace("fade: 0", "fade: 1"));
    engine.profile();
    advance(&engine, 1.0);
    let request = Request {
        group: "left",
        effect: "comet",
        ..Request::default()
    };
    engine.set(&request).unwrap();
    advance(&engine, 5.0);
    let drawn = drawn(&engine);
    let frames = |kind| drawn.iter().find(|it| it.1 == kind).unwrap().2;
    // One second before the fade, one second of fade, and the rest after it.
    assert!((118..=123).contains(&frames("rainbow")), "{drawn:?}");
    assert!((238..=243).contains(&frames("comet")), "{drawn:?}");
}

#[test]
fn a_result_is_repeated_while_it_is_current_and_then_renewed() {
    let engine = idle(TWO_STRIPS);
    engine.profile();
    advance(&engine, 6.0);
    let again = engine.profile();
    assert_eq!(again.ends_in, None);
    advance(&engine, 8.0);
    assert_eq!(engine.profile().ends_in, None);
    advance(&engine, 2.0);
    let old = engine.profile();
    assert_eq!(old.ends_in, Some(Span::from_secs(5.0)));
    assert_eq!(old.found.unwrap().age, Span::from_secs(11.0));
    advance(&engine, 5.0);
    assert_eq!(found(&engine).age, Span::ZERO);
}

#[test]
fn a_still_engine_reports_that_nothing_was_drawn() {
    let engine = idle(CASE);
    engine.profile();
    advance(&engine, 6.0);
    let found = found(&engine);
    assert_eq!(found.frame.frames, 0);
    assert!(found.effects.is_empty());
    assert!(found.frame.avg_us.abs() < f64::EPSILON);
}

#[test]
fn a_reload_discards_the_result_of_the_old_config() {
    let engine = idle(TWO_STRIPS);
    engine.profile();
    advance(&engine, 6.0);
    assert!(engine.profile().found.is_some());
    engine.reload(compiled(CASE)).unwrap();
    let after = engine.profile();
    assert_eq!(after.ends_in, Some(Span::from_secs(5.0)));
    assert_eq!(after.found, None);
    advance(&engine, 6.0);
    assert_eq!(found(&engine).outputs.len(), 1);
}

#[test]
fn a_reload_during_a_measurement_starts_a_new_one() {
    let engine = idle(TWO_STRIPS);
    engine.profile();
    advance(&engine, 1.0);
    engine
        .reload(compiled(&TWO_STRIPS.replace("rainbow", "comet")))
        .unwrap();
    assert_eq!(engine.profile().ends_in, Some(Span::from_secs(5.0)));
    advance(&engine, 6.0);
    // The rainbow is drawn once more beneath the comet that replaces it.
    let [rainbow, comet] = &drawn(&engine)[..] else {
        panic!("{:?}", drawn(&engine))
    };
    assert_eq!((rainbow.1, rainbow.2), ("rainbow", 1));
    assert_eq!(comet.1, "comet");
    assert!(comet.2 > 290);
}

#[test]
fn a_closed_engine_still_returns_a_profile() {
    let engine = idle(TWO_STRIPS);
    engine.close(super::LONG);
    assert_ne!(engine.profile(), Profile::default());
}
