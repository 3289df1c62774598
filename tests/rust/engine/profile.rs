//! What effects and outputs cost, measured only while somebody asks.

use super::{CASE, advance, compiled, manual};
use lumen::effect::EffectKind;
use lumen::engine::{Costs, Engine, Profile, Request};
use lumen::state::Event;
use lumen::time::Span;

/// Two groups on a strip, one of which moves; and a strip that stands still.
const TWO: &str = "
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

/// Effects by group, with the frames that they drew.
fn drawn(engine: &Engine) -> Vec<(String, EffectKind, u64)> {
    let effects = found(engine).effects.into_iter();
    effects
        .map(|it| (it.group, it.effect, it.cost.frames))
        .collect()
}

#[test]
fn who_asks_first_is_told_when_to_come_back() {
    let engine = idle(TWO);
    let first = engine.profile();
    assert_eq!(first.ends_in, Some(Span::from_secs(5.0)));
    assert_eq!(first.found, None);
    advance(&engine, 2.0);
    assert_eq!(engine.profile().ends_in, Some(Span::from_secs(3.0)));
}

#[test]
fn every_frame_of_five_seconds_is_counted_for_its_effect() {
    let engine = idle(TWO);
    engine.profile();
    advance(&engine, 8.0);
    let found = found(&engine);
    assert_eq!(found.age, Span::from_secs(3.0));
    assert_eq!(found.length, Span::from_secs(5.0));
    assert_eq!(found.frame.frames, 300);
    let drawn = drawn(&engine);
    // What stands still is not drawn.
    assert_eq!(drawn.len(), 1, "{drawn:?}");
    assert_eq!(
        drawn[0],
        ("left".into(), EffectKind::Rainbow, found.frame.frames)
    );
}

#[test]
fn the_frames_of_each_output_are_counted() {
    let engine = idle(TWO);
    engine.profile();
    advance(&engine, 6.0);
    let outputs = found(&engine).outputs;
    let told: Vec<_> = outputs
        .iter()
        .map(|it| (it.strips.join(" "), it.output.as_str(), it.writes))
        .collect();
    assert_eq!(
        told,
        [
            ("wall".to_owned(), "memory", None),
            ("shelf".to_owned(), "memory", None)
        ]
    );
    assert!((295..=361).contains(&outputs[0].frames), "{outputs:?}");
    assert_eq!(outputs[1].frames, 0);
}

#[test]
fn two_effects_of_a_fade_are_told_apart() {
    let engine = idle(&TWO.replace("fade: 0", "fade: 1"));
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
    // A second before the fade and one in it; and all the rest.
    assert!(
        (118..=123).contains(&frames(EffectKind::Rainbow)),
        "{drawn:?}"
    );
    assert!(
        (238..=243).contains(&frames(EffectKind::Comet)),
        "{drawn:?}"
    );
}

#[test]
fn a_finding_is_told_again_while_it_is_new_and_then_renewed() {
    let engine = idle(TWO);
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
fn a_still_engine_finds_that_nothing_is_drawn() {
    let engine = idle(CASE);
    engine.profile();
    advance(&engine, 6.0);
    let found = found(&engine);
    assert_eq!(found.frame.frames, 0);
    assert!(found.effects.is_empty());
    assert!(found.frame.avg_us.abs() < f64::EPSILON);
}

#[test]
fn a_reload_forgets_what_was_found_of_another_config() {
    let engine = idle(TWO);
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
fn a_reload_in_a_measurement_begins_another() {
    let engine = idle(TWO);
    engine.profile();
    advance(&engine, 1.0);
    engine
        .reload(compiled(&TWO.replace("rainbow", "comet")))
        .unwrap();
    assert_eq!(engine.profile().ends_in, Some(Span::from_secs(5.0)));
    advance(&engine, 6.0);
    // The rainbow draws once more, beneath the comet that takes its place.
    let [rainbow, comet] = &drawn(&engine)[..] else {
        panic!("{:?}", drawn(&engine))
    };
    assert_eq!((rainbow.1, rainbow.2), (EffectKind::Rainbow, 1));
    assert_eq!(comet.1, EffectKind::Comet);
    assert!(comet.2 > 290);
}

#[test]
fn an_engine_that_ended_still_answers() {
    let engine = idle(TWO);
    engine.close(super::LONG);
    assert_ne!(engine.profile(), Profile::default());
}
