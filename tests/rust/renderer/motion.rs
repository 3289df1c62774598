//! Tests of when the renderer must be called again.

use super::{BED, Bench, RED, at, bed, effect, group, one_pixel, part, plan, segment, solid};
use lumen::{EffectPlan, Event, Job, Motion, Operation, Sample, Shutdown, Span, State};

#[test]
fn a_still_scene_waits_for_the_next_state() {
    let mut bench = Bench::ready(one_pixel());
    assert_eq!(bench.renderer.render(bench.now), Motion::Until(at(300.0)));
    bench.now = at(300.0);
    assert_eq!(bench.renderer.render(bench.now), Motion::Until(at(900.0)));
    assert_eq!(bench.renderer.state(), State::Bored);
    bench.now = at(900.0);
    assert_eq!(bench.renderer.render(bench.now), Motion::Still);
    assert_eq!(bench.renderer.state(), State::Sleep);
}

#[test]
fn a_fade_moves_until_it_is_over() {
    let mut bench = Bench::ready(one_pixel());
    bench.sample(&bed(22.0, 60.0));
    let begin = bench.now;
    assert_eq!(bench.renderer.render(begin), Motion::Moving);
    let almost = begin + Span::from_millis(399);
    assert_eq!(bench.renderer.render(almost), Motion::Moving);
    let end = begin + Span::from_millis(400);
    assert_eq!(bench.renderer.render(end), Motion::Still);
}

#[test]
fn a_moving_effect_makes_the_renderer_moving() {
    let scene = part(State::Idle, effect("rainbow"), "rainbow");
    let mut bench = Bench::ready(plan(vec![group("case", &[segment(0, 0, 9)], vec![scene])]));
    assert_eq!(bench.renderer.render(bench.now), Motion::Moving);
}

#[test]
fn a_fault_shows_in_the_very_next_frame() {
    let mut bench = Bench::ready(one_pixel());
    let before = bench.pixel();
    bench.event(Event::Shutdown(Shutdown::Fault));
    bench.now += Span::from_nanos(16_666_667);
    bench.renderer.render(bench.now);
    assert_ne!(bench.pixel(), before);
}

#[test]
fn time_never_goes_back() {
    let mut bench = Bench::ready(one_pixel());
    bench.sample(&bed(22.0, 60.0));
    bench.wait(1.0);
    bench.renderer.event(at(0.0), Event::Activity);
    bench.renderer.render(at(0.0));
    assert_eq!(bench.pixel(), [0, 255, 0]);
}

/// Groups that follow no input, the job, the bed, and no input.
fn groups_with_inputs() -> Bench {
    let bed = EffectPlan {
        input: BED,
        ..effect("thermal")
    };
    let effects = [solid(RED), effect("progress"), bed];
    let mut groups: Vec<_> = effects
        .into_iter()
        .enumerate()
        .map(|(index, effect)| {
            let scene = part(State::Idle, effect, "x");
            group(
                &format!("g{index}"),
                &[segment(0, index, index)],
                vec![scene],
            )
        })
        .collect();
    let still = part(State::Idle, solid(RED), "x");
    groups.push(group("g3", &[segment(0, 3, 3)], vec![still]));
    Bench::ready(plan(groups))
}

#[test]
fn a_sample_draws_only_effects_that_follow_a_changed_input() {
    let mut bench = groups_with_inputs();
    let mut job = Sample {
        progress: Some(0.5),
        ..Sample::default()
    };
    bench.sample(&job);
    bench.wait(2.0);
    let draws = |bench: &mut Bench, sample: &Sample| {
        bench.sample(sample);
        bench.renderer.render(bench.now);
        let draws = [0, 1, 2, 3].map(|group| bench.renderer.drawn(group).len());
        // The gliding effect has arrived.
        bench.wait(2.0);
        draws
    };
    job.progress = Some(0.6);
    assert_eq!(draws(&mut bench, &job), [0, 1, 0, 0]);
    job.sources[1].temperature = Some(40.0);
    assert_eq!(draws(&mut bench, &job), [0, 0, 1, 0]);
    job.sources[0].temperature = Some(40.0);
    assert_eq!(draws(&mut bench, &job), [0; 4], "another sensor");
    job.position = Some([1.0, 2.0, 3.0]);
    job.manual_probe = true;
    assert_eq!(draws(&mut bench, &job), [0; 4], "followed by no group");
}

#[test]
fn the_printing_effect_is_held_during_a_snapshot() {
    let scene = |state| part(state, effect("rainbow"), "rainbow");
    let scenes = vec![scene(State::Printing), scene(State::Snapshot)];
    let mut bench = Bench::ready(plan(vec![group("case", &[segment(0, 0, 9)], scenes)]));
    let sample = Sample {
        job: Job::Printing,
        has_extruded: true,
        ..Sample::default()
    };
    bench.sample(&sample);
    bench.wait(1.0);
    let operation = Operation(1);
    bench.event(Event::Begin(operation, State::Snapshot));
    bench.sample(&Sample {
        taking_frame: true,
        ..sample
    });
    assert_eq!(bench.renderer.state(), State::Snapshot);
    bench.wait(0.1);
    let held = bench.pixels();
    bench.wait(2.0);
    assert_eq!(bench.pixels(), held);
    bench.event(Event::End(operation));
    bench.sample(&sample);
    assert_eq!(bench.renderer.state(), State::Printing);
    bench.wait(0.5);
    assert_ne!(bench.pixels(), held);
}
