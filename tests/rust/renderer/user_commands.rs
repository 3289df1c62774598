//! Tests of commands for groups.

use super::{BLUE, Bench, GREEN, RED, command, group, one_pixel, part, plan, segment, solid};
use lumen::color::Color;
use lumen::effect::Motion;
use lumen::input::Sample;
use lumen::plan::LightChannels;
use lumen::renderer::Source;
use lumen::state::{Event, Operation, State};
use lumen::time::Span;

#[test]
fn a_command_shows_until_it_is_cleared() {
    let mut bench = Bench::ready(one_pixel());
    bench.set(0, command(BLUE, "solid blue"));
    bench.wait(1000.0);
    assert_eq!((bench.text(0), bench.pixel()), ("solid blue", [0, 0, 255]));
    bench.clear();
    bench.wait(0.2);
    assert_ne!(bench.pixel(), [0, 0, 255]);
    assert_ne!(bench.pixel(), [255, 0, 0]);
    bench.wait(0.3);
    assert_eq!((bench.text(0), bench.pixel()), ("solid red", [255, 0, 0]));
    assert_eq!(bench.renderer.shown(0).source, Source::State);
}

#[test]
fn a_command_ends_after_its_duration_and_reports_when() {
    let mut bench = Bench::ready(one_pixel());
    let mut command = command(BLUE, "solid blue");
    command.duration = Some(Span::from_secs(10.0));
    let end = bench.now + Span::from_secs(10.0);
    bench.set(0, command);
    bench.wait(1.0);
    assert_eq!(bench.renderer.render(bench.now), Motion::Until(end));
    bench.wait(9.0 - 0.02);
    assert_eq!(bench.text(0), "solid blue");
    bench.wait(0.02);
    assert_eq!(bench.text(0), "solid red");
    bench.wait(0.5);
    assert_eq!(bench.pixel(), [255, 0, 0]);
}

#[test]
fn a_later_command_replaces_an_earlier_one_and_its_duration() {
    let mut bench = Bench::ready(one_pixel());
    let mut short = command(BLUE, "solid blue");
    short.duration = Some(Span::from_secs(2.0));
    bench.set(0, short);
    bench.set(0, command(GREEN, "solid green"));
    bench.wait(10.0);
    assert_eq!((bench.text(0), bench.pixel()), ("solid green", [0, 255, 0]));
}

#[test]
fn a_command_has_its_own_fade() {
    let mut bench = Bench::ready(one_pixel());
    let mut slow = command(BLUE, "solid blue");
    slow.fade = Some(Span::from_secs(4.0));
    bench.set(0, slow);
    bench.wait(2.0);
    assert!(bench.pixel()[0] > 0, "{:?}", bench.pixel());
    let mut quick = command(GREEN, "solid green");
    quick.fade = Some(Span::ZERO);
    bench.set(0, quick);
    bench.renderer.render(bench.now);
    assert_eq!(bench.pixel(), [0, 255, 0]);
}

#[test]
fn clearing_one_group_leaves_the_others_and_the_forced_state() {
    let scene = || vec![part(State::Idle, solid(RED), "solid red")];
    let mut bench = Bench::ready(plan(vec![
        group("left", &[segment(0, 0, 0)], scene()),
        group("right", &[segment(0, 1, 1)], scene()),
    ]));
    bench.set(0, command(BLUE, "solid blue"));
    bench.set(1, command(BLUE, "solid blue"));
    bench.renderer.force(bench.now, State::Meshing, None);
    bench.renderer.clear(bench.now, Some(0));
    bench.wait(1.0);
    assert_eq!(bench.pixels(), [[255, 0, 0], [0, 0, 255]]);
    assert_eq!(bench.renderer.forced(), Some(State::Meshing));
}

#[test]
fn a_command_wakes_the_printer() {
    let commands: [fn(&mut Bench); 3] = [
        |bench| bench.set(0, command(BLUE, "solid blue")),
        |bench| bench.clear(),
        |bench| {
            bench.renderer.force(bench.now, State::Homing, None);
            bench.clear();
        },
    ];
    for run in commands {
        let mut bench = Bench::ready(one_pixel());
        bench.now += Span::from_secs(1000.0);
        bench.renderer.render(bench.now);
        assert_eq!(bench.renderer.state(), State::Sleep);
        run(&mut bench);
        assert_eq!(bench.renderer.state(), State::Idle);
    }
}

/// Picks a color for the first group, as a web interface does.
fn pick(bench: &mut Bench, color: Color) {
    bench.renderer.pick(bench.now, 0, command(color, "picked"));
    bench.wait(0.5);
}

#[test]
fn a_picked_color_that_the_light_reports_already_changes_nothing() {
    let mut bench = Bench::ready(one_pixel());
    pick(&mut bench, Color::rgb(0.995, 0.005, 0.0));
    assert_eq!(bench.text(0), "solid red");
    pick(&mut bench, Color::rgb(0.99, 0.0, 0.0));
    assert_eq!(bench.text(0), "picked");
}

#[test]
fn a_color_sent_back_after_a_long_command_changes_nothing() {
    let plan = || {
        plan(vec![group(
            "case",
            &[segment(0, 0, 0)],
            vec![
                part(State::Idle, solid(RED), "solid red"),
                part(State::Homing, solid(BLUE), "solid blue"),
            ],
        )])
    };
    // Mainsail sends the color of the command back, and Klipper keeps that back until its end.
    let run = |picked, waits_s: f64| {
        let mut bench = Bench::ready(plan());
        let sample = |is_commanded| Sample {
            is_commanded,
            ..Sample::default()
        };
        bench.wait(10.0);
        bench.renderer.sample(bench.now, &sample(true));
        let operation = Operation(1);
        let begin = Event::Begin(operation, State::Homing);
        bench.renderer.event(bench.now, begin);
        bench.wait(60.0);
        bench.renderer.event(bench.now, Event::End(operation));
        if waits_s > 0.0 {
            bench.renderer.sample(bench.now, &sample(false));
            bench.wait(waits_s);
        }
        pick(&mut bench, picked);
        bench.text(0).to_owned()
    };
    assert_eq!(run(BLUE, 0.0), "solid red");
    assert_eq!(run(RED, 0.0), "solid red");
    assert_eq!(run(GREEN, 0.0), "picked");
    // Some seconds later it is not sent back any more: the user wants this color.
    assert_eq!(run(BLUE, 5.0), "picked");
}

#[test]
fn a_picked_color_outlives_the_command_that_it_replaces() {
    let mut bench = Bench::ready(one_pixel());
    let mut short = command(BLUE, "solid blue");
    short.duration = Some(Span::from_secs(2.0));
    bench.set(0, short);
    pick(&mut bench, BLUE);
    bench.wait(5.0);
    assert_eq!(bench.text(0), "picked");
}

#[test]
fn a_picked_color_is_compared_in_the_channels_of_its_light() {
    let mut lamp = one_pixel();
    lamp.groups[0].light = LightChannels::White;
    let mut bench = Bench::ready(lamp);
    pick(&mut bench, Color::rgb(1.0, 1.0, 1.0));
    assert_eq!(bench.text(0), "solid red");
    pick(&mut bench, Color::rgb(0.5, 0.5, 0.5));
    assert_eq!(bench.text(0), "picked");
    let white = solid(Color::rgbw(0.0, 0.0, 0.0, 1.0));
    let mut bench = Bench::ready(plan(vec![group(
        "case",
        &[segment(0, 0, 0)],
        vec![part(State::Idle, white, "solid white")],
    )]));
    pick(&mut bench, Color::rgb(1.0, 1.0, 1.0));
    assert_eq!(bench.text(0), "solid white");
}

#[test]
fn a_picked_color_switches_its_group_on_and_black_does_not() {
    let mut bench = Bench::ready(one_pixel());
    bench.renderer.switch(bench.now, None, false);
    bench.wait(0.5);
    pick(&mut bench, Color::BLACK);
    assert_eq!((bench.text(0), bench.pixel()), ("off", [0; 3]));
    pick(&mut bench, GREEN);
    assert_eq!((bench.text(0), bench.pixel()), ("picked", [0, 255, 0]));
    bench.clear();
    bench.wait(0.5);
    assert_eq!(bench.text(0), "solid red");
}

#[test]
fn clearing_picked_effects_leaves_commands() {
    let mut bench = Bench::ready(one_pixel());
    bench.set(0, command(BLUE, "solid blue"));
    bench.renderer.clear_picked(bench.now, None);
    assert_eq!(bench.text(0), "solid blue");
    let mut picked = command(GREEN, "solid green");
    picked.is_picked = true;
    bench.set(0, picked);
    bench.renderer.clear_picked(bench.now, Some(1));
    assert_eq!(bench.text(0), "solid green");
    bench.renderer.clear_picked(bench.now, Some(0));
    assert_eq!(bench.text(0), "solid red");
}
