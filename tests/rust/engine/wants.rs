//! Tests of what is sampled for commands: while their effects wait or show, and under the next
//! config.

use super::{CASE, advance, compiled, manual};
use lumen::{Engine, Request, Sample, Span};

fn show(engine: &Engine, effect: &str, duration: Option<Span>) {
    let request = Request {
        group: "case",
        effect,
        duration,
        ..Request::default()
    };
    engine.set(&request).unwrap();
}

/// Returns whether position and progress are wanted, and the wanted sources.
fn wanted(engine: &Engine) -> (bool, bool, Vec<String>) {
    let wants = engine.wants();
    (wants.position, wants.progress, wants.sources)
}

const NOTHING: (bool, bool, Vec<String>) = (false, false, Vec::new());

#[test]
fn inputs_of_a_command_are_wanted_until_it_is_cleared() {
    let engine = manual(CASE);
    for (effect, wants) in [
        ("kitt axis=x", (true, false, Vec::new())),
        ("progress", (false, true, Vec::new())),
        (
            "thermal chamber",
            (false, false, vec!["chamber".to_owned()]),
        ),
    ] {
        show(&engine, effect, None);
        assert_eq!(wanted(&engine), wants, "while it waits");
        advance(&engine, 1.0);
        assert_eq!(wanted(&engine), wants, "while it shows");
        engine.clear(None).unwrap();
        advance(&engine, 1.0);
        assert_eq!(wanted(&engine), NOTHING);
    }
}

#[test]
fn inputs_of_a_command_are_wanted_until_it_ends_or_is_replaced() {
    let engine = manual(CASE);
    show(&engine, "progress", Some(Span::from_secs(5.0)));
    advance(&engine, 4.0);
    assert_eq!(wanted(&engine), (false, true, Vec::new()));
    advance(&engine, 2.0);
    assert_eq!(wanted(&engine), NOTHING);

    show(&engine, "kitt axis=x", None);
    show(&engine, "solid red", None);
    advance(&engine, 1.0);
    assert_eq!(wanted(&engine), NOTHING);
}

#[test]
fn a_rejected_request_wants_nothing() {
    let engine = manual(CASE);
    let request = Request {
        group: "case",
        effect: "progress nonsense",
        ..Request::default()
    };
    assert!(engine.set(&request).is_err());
    assert_eq!(wanted(&engine), NOTHING);
}

#[test]
fn a_source_keeps_its_index_while_others_change() {
    let two = CASE.to_owned() + "\n[lumen_group top]\ndriver: memory\nindex_end: 3\non_idle: off";
    let engine = manual(&two);
    show(&engine, "thermal chamber", None);
    let top = Request {
        group: "top",
        effect: "thermal lid",
        ..Request::default()
    };
    engine.set(&top).unwrap();
    advance(&engine, 1.0);
    engine.clear(Some("case")).unwrap();
    advance(&engine, 1.0);
    assert_eq!(engine.wants().sources, ["", "lid"]);
    show(&engine, "thermal chamber", None);
    assert_eq!(engine.wants().sources, ["chamber", "lid"]);
    // The next config contains only this source.
    engine.clear(Some("case")).unwrap();
    advance(&engine, 1.0);
    engine.reload(compiled(&two)).unwrap();
    advance(&engine, 1.0);
    assert_eq!(engine.wants().sources, ["lid"]);
}

#[test]
fn indices_are_reused_once_all_were_used() {
    let engine = manual(CASE);
    for number in 0..60 {
        show(&engine, &format!("thermal t{number}"), None);
        advance(&engine, 1.0);
        let sources = engine.wants().sources;
        let live: Vec<_> = sources.iter().filter(|name| !name.is_empty()).collect();
        assert_eq!(live, [&format!("t{number}")]);
    }
    // This index had another sensor before.
    show(
        &engine,
        "thermal last start=blue end=red range_min=0 range_max=100",
        None,
    );
    let place = engine
        .wants()
        .sources
        .iter()
        .position(|name| name == "last");
    advance(&engine, 1.0);
    let strip = engine.strips()[0].0.clone();
    assert_eq!(engine.frame(&strip).unwrap()[..3], [0, 0, 255]);
    let mut sample = Sample::default();
    sample.sources[place.unwrap()].temperature = Some(100.0);
    engine.sample(&sample);
    advance(&engine, 1.0);
    assert_eq!(engine.frame(&strip).unwrap()[37..40], [0, 0, 0]);
    assert_eq!(engine.frame(&strip).unwrap()[36], 255);
}

fn chamber(engine: &Engine, temperature: f32) {
    let sources = engine.wants().sources;
    let place = sources.iter().position(|name| name == "chamber").unwrap();
    let mut sample = Sample::default();
    sample.sources[place].temperature = Some(temperature);
    engine.sample(&sample);
}

/// Returns the sum of all channels of the strip.
fn light(engine: &Engine) -> u32 {
    let strip = engine.strips()[0].0.clone();
    let frame = engine.frame(&strip).unwrap();
    frame.iter().map(|byte| u32::from(*byte)).sum()
}

#[test]
fn a_gliding_bar_continues_under_the_next_config() {
    // Under the second config, the sensor has another index.
    let other = CASE.to_owned() + "\non_paused: thermal heater_bed range_max=50";
    for next in [CASE, &*other] {
        let engine = manual(CASE);
        let effect = "thermal chamber start=black end=white range_min=0 range_max=100";
        show(&engine, effect, None);
        chamber(&engine, 20.0);
        advance(&engine, 2.0);
        let still = light(&engine);
        chamber(&engine, 40.0);
        advance(&engine, 0.1);
        let before = light(&engine);
        assert!(before > still, "it glides");
        engine.reload(compiled(next)).unwrap();
        let mut last = before;
        for _ in 0..50 {
            advance(&engine, 0.02);
            let now = light(&engine);
            // All ten pixels add up to 7,650. In 1/50 s the glide adds less than 200.
            assert!(now >= last && now - last < 200, "{last} to {now}");
            last = now;
        }
        chamber(&engine, 100.0);
        advance(&engine, 2.0);
        let full = light(&engine);
        assert!(
            full > 2 * last,
            "it follows the sensor: {last}, then {full}"
        );
    }
}
