//! Tests of events and commands: they arrive in order, and errors have clear messages.

use super::{CASE, advance, compiled, manual, pixel, wait_for};
use lumen::{
    Color, Engine, EngineError, Event, Options, OutputMode, Request, Sample, Source, Span,
};

const TWO_GROUPS: &str = "
    [lumen]
    states: purge
    [lumen_strip a]
    driver: memory
    count: 6
    [lumen_group case]
    strip: a
    index_end: 4
    on_idle: solid white
    on_purge: solid yellow
    [lumen_group top]
    strip: a
    index_start: 5
    index_end: 6
    on_idle: solid red
";

fn ready(text: &str) -> Engine {
    let engine = manual(text);
    engine.event(Event::Ready).unwrap();
    advance(&engine, 5.0);
    engine
}

fn request<'a>(group: &'a str, effect: &'a str) -> Request<'a> {
    Request {
        group,
        effect,
        ..Request::default()
    }
}

fn error_text(result: Result<(), EngineError>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn a_status_exists_before_the_first_frame() {
    let engine = manual(TWO_GROUPS);
    let status = engine.status();
    assert_eq!((status.state.as_str(), status.groups.len()), ("startup", 2));
}

#[test]
fn a_full_mailbox_rejects_counts_and_recovers() {
    let engine = manual(CASE);
    let mut taken = 0;
    while engine.event(Event::Activity).is_ok() {
        taken += 1;
    }
    assert_eq!((taken, engine.metrics().posts_dropped), (256, 1));
    assert_eq!(
        error_text(engine.clear(None)),
        "too many pending requests, try again in a second"
    );
    advance(&engine, 0.0);
    assert!(engine.event(Event::Activity).is_ok());
}

#[test]
fn operations_show_while_they_run_and_end_with_nested_ones() {
    let engine = ready(CASE);
    let outer = engine.begin("homing").unwrap();
    engine.begin("probing").unwrap();
    advance(&engine, 1.0);
    assert_eq!(engine.status().states[..2], ["probing", "homing"]);
    engine.end(outer).unwrap();
    advance(&engine, 1.0);
    assert_eq!(engine.status().state, "idle");
}

#[test]
fn only_operations_can_begin() {
    let engine = ready(TWO_GROUPS);
    assert!(engine.begin("purge").is_ok());
    assert_eq!(
        engine.begin("idle").unwrap_err().to_string(),
        "no command shows as state 'idle'"
    );
    assert_eq!(
        engine.begin("homin").unwrap_err().to_string(),
        "unknown state 'homin' (did you mean 'homing'?)"
    );
}

#[test]
fn a_common_name_of_a_state_is_suggested_as_lumens_name() {
    let engine = ready(TWO_GROUPS);
    for (word, meant) in [("ready", "idle"), ("QGL", "leveling"), ("Idle", "idle")] {
        assert_eq!(
            engine.force(word, None).unwrap_err().to_string(),
            format!("unknown state '{word}' (did you mean '{meant}'?)")
        );
    }
}

#[test]
fn a_command_shows_for_its_duration() {
    let engine = ready(TWO_GROUPS);
    let mut green = request("top", "solid green");
    green.duration = Some(Span::from_secs(10.0));
    engine.set(&green).unwrap();
    advance(&engine, 1.0);
    let group = engine.status().groups[1].clone();
    assert_eq!(
        (group.effect.as_str(), group.source),
        ("solid green", Source::Command)
    );
    advance(&engine, 10.0);
    assert_eq!(engine.status().groups[1].source, Source::State);
}

#[test]
fn all_means_every_group_and_clear_removes_the_effects() {
    let engine = ready(TWO_GROUPS);
    engine.set(&request("all", "solid blue")).unwrap();
    advance(&engine, 1.0);
    let sources = |engine: &Engine| {
        let groups = engine.status().groups;
        groups.iter().map(|it| it.source).collect::<Vec<_>>()
    };
    assert_eq!(sources(&engine), [Source::Command, Source::Command]);
    engine.clear(Some("top")).unwrap();
    advance(&engine, 1.0);
    assert_eq!(sources(&engine), [Source::Command, Source::State]);
    engine.clear(Some("all")).unwrap();
    advance(&engine, 1.0);
    assert_eq!(sources(&engine), [Source::State, Source::State]);
}

#[test]
fn a_command_for_all_groups_reaches_all_or_none() {
    let engine = ready(TWO_GROUPS);
    // Commands can use half of the 256 places.
    for _ in 0..127 {
        engine.clear(None).unwrap();
    }
    engine.set(&request("all", "solid blue")).unwrap();
    let busy = "too many pending requests, try again in a second";
    assert_eq!(error_text(engine.set(&request("all", "solid red"))), busy);
    assert_eq!(error_text(engine.flash("all", "red", 3)), busy);
    assert_eq!(error_text(engine.dim(Some("all"), 0.5, None)), busy);
    advance(&engine, 1.0);
    let groups = engine.status().groups;
    assert!(groups.iter().all(|it| it.effect == "solid blue"));
    assert_eq!(
        error_text(engine.set(&request("all", "solid rde"))),
        error_text(engine.set(&request("top", "solid rde")))
    );
    engine.dim(Some("all"), 0.5, Some(Span::ZERO)).unwrap();
    advance(&engine, 1.0);
    let groups = engine.status().groups;
    assert!(
        groups
            .iter()
            .all(|it| (it.brightness - 0.5).abs() < 1e-6 && it.effect == "solid blue")
    );
}

#[test]
fn an_error_lists_a_bounded_number_of_known_names() {
    let groups = (0..40).map(|it| format!("[lumen_group g{it:02}]\ndriver: memory\nindex_end: 1"));
    let config = groups.collect::<Vec<_>>().join("\n");
    let engine = manual(&format!("[lumen]\n{config}"));
    let message = error_text(engine.clear(Some("nosuch")));
    assert!(message.starts_with("unknown group 'nosuch' (groups: g00, g01, "));
    assert!(
        message.contains("g19") && !message.contains("g20"),
        "{message}"
    );
    let message = error_text(engine.force("zzz", None));
    assert!(
        message.starts_with("unknown state 'zzz' (states: "),
        "{message}"
    );
    let message = error_text(engine.clear(Some(&"\n".repeat(1_000))));
    assert!(message.len() < 500 && !message.contains('\n'), "{message}");
}

#[test]
fn a_forced_state_shows_until_it_is_cleared() {
    let engine = ready(TWO_GROUPS);
    engine.force("purge", None).unwrap();
    advance(&engine, 1.0);
    let status = engine.status();
    assert_eq!(
        (status.state.as_str(), status.forced.as_deref()),
        ("purge", Some("purge"))
    );
    engine.clear(None).unwrap();
    advance(&engine, 1.0);
    assert_eq!(engine.status().forced, None);
}

#[test]
fn unknown_names_are_rejected_with_a_suggestion() {
    let engine = ready(TWO_GROUPS);
    assert_eq!(
        error_text(engine.set(&request("chambr", "solid red"))),
        "unknown group 'chambr' (groups: case, top)"
    );
    assert_eq!(
        error_text(engine.clear(Some("chambr"))),
        "unknown group 'chambr' (groups: case, top)"
    );
    assert_eq!(
        error_text(engine.force("prining", None)),
        "unknown state 'prining' (did you mean 'printing'?)"
    );
    let strip = engine.strips()[0].0.clone();
    assert_eq!(
        engine.frame("rear").unwrap_err().to_string(),
        format!("unknown strip 'rear' (strips: {strip})")
    );
    assert!(error_text(engine.set(&request("case", "puls"))).contains("did you mean 'pulse'?"));
    let empty = manual("[lumen]");
    assert_eq!(
        error_text(empty.clear(Some("case"))),
        "unknown group 'case' (there are no groups)"
    );
}

#[test]
fn inputs_of_a_command_are_wanted_at_once() {
    let engine = ready(CASE);
    assert!(!engine.wants().progress && !engine.wants().position);
    engine.set(&request("case", "progress")).unwrap();
    assert!(engine.wants().progress);
    let axis = [("kitt_tracking_axis".to_owned(), "x".to_owned())];
    let mut kitt = request("case", "kitt");
    kitt.options = &axis;
    engine.set(&kitt).unwrap();
    assert!(engine.wants().position);
}

#[test]
fn a_sample_before_the_end_of_an_operation_is_handled_before_it() {
    let engine = ready(CASE);
    let change = engine.begin("filament").unwrap();
    advance(&engine, 1.0);
    engine.sample(&Sample {
        is_paused: true,
        ..Sample::default()
    });
    engine.end(change).unwrap();
    advance(&engine, 1.0);
    assert_eq!(engine.status().state, "filament");
    assert_eq!(engine.status().states, ["filament", "paused"]);
}

#[test]
fn only_the_latest_sample_counts() {
    let engine = ready(CASE);
    let sample = |is_moving, manual_probe| Sample {
        is_moving,
        manual_probe,
        ..Sample::default()
    };
    engine.sample(&sample(false, true));
    engine.sample(&sample(true, false));
    advance(&engine, 1.0);
    assert_eq!(engine.status().state, "idle");
    engine.sample(&sample(true, true));
    advance(&engine, 1.0);
    assert_eq!(engine.status().state, "probing");
}

#[test]
fn the_render_thread_and_the_manual_clock_show_the_same() {
    let options = Options {
        outputs: OutputMode::Recorded,
        ..Options::default()
    };
    let engine = Engine::start(compiled(CASE), options).unwrap();
    let strip = engine.strips()[0].0.clone();
    engine.event(Event::Ready).unwrap();
    wait_for("white", || pixel(&engine, &strip) == [255; 3]);
    engine.begin("homing").unwrap();
    wait_for("blue", || pixel(&engine, &strip) == [0, 0, 255]);
    wait_for("the status", || engine.status().state == "homing");
    assert!(engine.close(super::LONG));
    assert_eq!(pixel(&engine, &strip), [0; 3]);
}

#[test]
fn a_picked_color_is_an_effect_of_its_group() {
    let engine = ready(TWO_GROUPS);
    engine.pick("top", Color::rgbw(0.2, 0.4, 1.0, 0.0)).unwrap();
    engine.pick("case", Color::rgb(1.0, 1.0, 1.0)).unwrap();
    advance(&engine, 1.0);
    let groups = engine.status().groups;
    let shown: Vec<_> = groups.iter().map(|it| (&*it.effect, it.source)).collect();
    let expected = [
        ("solid white", Source::State),
        ("solid 3366ff", Source::Command),
    ];
    assert_eq!(shown, expected);
    engine.clear_picked(Some("top")).unwrap();
    advance(&engine, 1.0);
    assert_eq!(engine.status().groups[1].source, Source::State);
}

#[test]
fn an_effect_that_is_picked_switches_its_groups_on() {
    let engine = ready(TWO_GROUPS);
    engine.switch(None, false).unwrap();
    advance(&engine, 1.0);
    let request = Request {
        is_picked: true,
        ..request("case", "rainbow")
    };
    engine.set(&request).unwrap();
    advance(&engine, 1.0);
    let effects: Vec<_> = engine
        .status()
        .groups
        .into_iter()
        .map(|it| it.effect)
        .collect();
    assert_eq!(effects, ["rainbow", "off"]);
}

#[test]
fn a_picked_color_out_of_range_is_rejected() {
    let engine = ready(TWO_GROUPS);
    let problem = "a color must have levels from 0 to 1, got NaN";
    assert_eq!(
        error_text(engine.pick("top", Color::rgb(0.0, f32::NAN, 0.0))),
        problem
    );
}

#[test]
fn groups_are_found_by_the_pixels_of_a_strip() {
    let engine = ready(TWO_GROUPS);
    assert_eq!(engine.groups_on("a", 3, 4), ["case", "top"]);
    assert_eq!(engine.groups_on("a", 0, 3), ["case"]);
    assert_eq!(engine.groups_on("a", 6, 9), Vec::<String>::new());
    assert_eq!(engine.groups_on("b", 0, 9), Vec::<String>::new());
}
