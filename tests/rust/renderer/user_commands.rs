//! Tests of commands for groups.

use super::{BLUE, Bench, GREEN, RED, command, group, one_pixel, part, plan, segment, solid};
use lumen::{Color, Event, LightChannels, Motion, Operation, Plan, Sample, Source, Span, State};

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
    let mut picked = command(color, "picked");
    picked.is_picked = true;
    bench.renderer.pick(bench.now, 0, picked);
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

/// A group that shows `RED` when idle and `BLUE` while homing.
fn homing_pixel() -> Plan {
    plan(vec![group(
        "case",
        &[segment(0, 0, 0)],
        vec![
            part(State::Idle, solid(RED), "solid red"),
            part(State::Homing, solid(BLUE), "solid blue"),
        ],
    )])
}

fn homes(bench: &mut Bench) {
    let operation = Operation(1);
    let begin = Event::Begin(operation, State::Homing);
    bench.renderer.event(bench.now, begin);
    bench.wait(60.0);
    bench.renderer.event(bench.now, Event::End(operation));
}

/// A sample while Klipper runs a command, or while it runs none.
fn sample(bench: &mut Bench, is_commanded: bool) {
    let sample = Sample {
        is_commanded,
        ..Sample::default()
    };
    bench.renderer.sample(bench.now, &sample);
}

#[test]
fn a_color_sent_back_after_a_long_command_changes_nothing() {
    // Mainsail sends the color of the command back, and Klipper keeps that back until its end.
    let run = |picked, waits_s: f64| {
        let mut bench = Bench::ready(homing_pixel());
        bench.wait(10.0);
        sample(&mut bench, true);
        homes(&mut bench);
        if waits_s > 0.0 {
            sample(&mut bench, false);
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
fn all_colors_of_a_long_macro_are_known_when_they_are_sent_back() {
    let mut bench = Bench::ready(homing_pixel());
    bench.wait(10.0);
    sample(&mut bench, true);
    homes(&mut bench);
    for shade in 0..20_u8 {
        let color = Color::rgb(0.0, 0.0, f32::from(shade) / 40.0);
        for _ in 0..3 {
            bench.set(0, command(color, "solid shade"));
            bench.wait(1.0);
            bench.set(0, command(GREEN, "solid green"));
            bench.wait(1.0);
        }
    }
    bench.clear();
    bench.wait(1.0);
    pick(&mut bench, BLUE);
    assert_eq!(bench.text(0), "solid red");
}

#[test]
fn a_color_shown_earlier_in_a_print_can_be_picked() {
    let mut bench = Bench::ready(homing_pixel());
    let line = |bench: &mut Bench, file_progress| {
        let sample = Sample {
            is_commanded: true,
            file_progress: Some(file_progress),
            ..Sample::default()
        };
        bench.renderer.sample(bench.now, &sample);
    };
    bench.wait(10.0);
    line(&mut bench, 0.1);
    homes(&mut bench);
    // The print goes on: a color is kept back for one line only.
    line(&mut bench, 0.2);
    bench.wait(10.0);
    line(&mut bench, 0.3);
    pick(&mut bench, BLUE);
    assert_eq!(bench.text(0), "picked");
}

#[test]
fn a_color_sent_back_does_not_replace_an_effect_that_was_set() {
    let mut bench = Bench::ready(one_pixel());
    let mut short = command(BLUE, "pulse blue");
    short.duration = Some(Span::from_secs(2.0));
    bench.set(0, short);
    pick(&mut bench, BLUE);
    assert_eq!(bench.text(0), "pulse blue");
    bench.wait(5.0);
    assert_eq!(bench.text(0), "solid red");
    // Both may reach the renderer between two frames.
    bench.renderer.begin_batch();
    bench.set(0, command(GREEN, "pulse green"));
    bench.renderer.pick(bench.now, 0, command(GREEN, "picked"));
    bench.renderer.end_batch(bench.now);
    assert_eq!(bench.text(0), "pulse green");
}

#[test]
fn colors_sent_back_after_a_macro_do_not_replace_its_last_effect() {
    let mut bench = Bench::ready(one_pixel());
    bench.wait(10.0);
    sample(&mut bench, true);
    bench.set(0, command(BLUE, "pulse blue"));
    bench.wait(5.0);
    bench.set(0, command(GREEN, "pulse green"));
    bench.wait(5.0);
    pick(&mut bench, BLUE);
    pick(&mut bench, GREEN);
    assert_eq!(bench.text(0), "pulse green");
}

#[test]
fn a_color_sent_back_does_not_replace_a_picked_color() {
    let mut bench = Bench::ready(homing_pixel());
    bench.wait(10.0);
    sample(&mut bench, true);
    homes(&mut bench);
    pick(&mut bench, GREEN);
    pick(&mut bench, BLUE);
    assert_eq!(bench.renderer.shown(0).tint, GREEN);
}

#[test]
fn a_light_can_be_switched_off_and_on_quickly() {
    let mut bench = Bench::ready(one_pixel());
    for color in [Color::BLACK, RED, Color::BLACK, RED] {
        pick(&mut bench, color);
        assert_eq!(
            (bench.text(0), bench.renderer.shown(0).tint),
            ("picked", color)
        );
    }
    // Also within one batch, directly after a flash.
    let mut bench = Bench::ready(one_pixel());
    bench.renderer.begin_batch();
    let mut flash = command(GREEN, "flash");
    flash.duration = Some(Span::from_secs(1.0));
    bench.renderer.flash(bench.now, 0, flash);
    bench
        .renderer
        .pick(bench.now, 0, command(Color::BLACK, "picked"));
    bench.renderer.end_batch(bench.now);
    bench.wait(2.0);
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
