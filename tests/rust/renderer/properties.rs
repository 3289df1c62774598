//! Property tests: invariants for any sequence of calls.

use super::{BLUE, Bench, GREEN, RED, bed, command, group, part, plan, segment, solid};
use lumen::{Color, Event, Motion, Operation, Plan, Shutdown, Span, State, Unmapped};
use proptest::prelude::*;
use std::sync::Arc;

#[derive(Clone, Copy, Debug)]
enum Call {
    Event(Event),
    Bed(f32, f32),
    Set(usize, Color, u16),
    Force(State, u16),
    Clear(Option<usize>),
    Reload(bool),
    Wait(u32),
    ToMotion,
}

fn any_call() -> impl Strategy<Value = Call> {
    let event = prop_oneof![
        Just(Event::Ready),
        Just(Event::Shutdown(Shutdown::Fault)),
        Just(Event::LinkLost),
        Just(Event::LinkFound),
        Just(Event::Begin(Operation(1), State::Homing)),
        Just(Event::Begin(Operation(2), State::Custom(0))),
        Just(Event::End(Operation(1))),
        Just(Event::End(Operation(2))),
        Just(Event::CommandError),
        Just(Event::Activity),
    ];
    let color = prop_oneof![Just(RED), Just(GREEN), Just(BLUE)];
    let state = prop_oneof![Just(State::Heating), Just(State::Sleep), Just(State::Error)];
    prop_oneof![
        4 => event.prop_map(Call::Event),
        2 => (0.0..80.0_f32, 0.0..80.0_f32).prop_map(|(c, target)| Call::Bed(c, target)),
        2 => (0..3_usize, color, any::<u16>()).prop_map(|(g, c, ms)| Call::Set(g, c, ms)),
        1 => (state, any::<u16>()).prop_map(|(state, ms)| Call::Force(state, ms)),
        1 => prop::option::of(0..3_usize).prop_map(Call::Clear),
        1 => any::<bool>().prop_map(Call::Reload),
        4 => (0..400_000_u32).prop_map(Call::Wait),
        4 => Just(Call::ToMotion),
    ]
}

fn two_groups(reversed: bool) -> Plan {
    let scenes = |first: Color, second: Color| {
        vec![
            part(State::Startup, solid(BLUE), "solid blue"),
            part(State::Idle, solid(first), "solid first"),
            part(State::Heating, solid(second), "solid second"),
            part(State::Error, solid(BLUE), "solid blue"),
            part(State::Custom(0), solid(GREEN), "solid green"),
        ]
    };
    let mut plan = plan(vec![
        group("left", &[segment(0, 0, 1)], scenes(RED, GREEN)),
        group("right", &[segment(0, 2, 3)], scenes(GREEN, RED)),
    ]);
    plan.groups[1].unmapped = Unmapped::Off;
    if reversed {
        plan.groups[0].scenes.reverse();
    }
    plan
}

fn make_call(bench: &mut Bench, next: Call, motion: Motion) {
    match next {
        Call::Event(event) => bench.event(event),
        Call::Bed(temperature, target) => bench.sample(&bed(temperature, target)),
        Call::Set(group, color, millis) => {
            let mut command = command(color, "solid color");
            command.duration = (millis > 0).then(|| Span::from_millis(u64::from(millis)));
            bench.set(group, command);
        }
        Call::Force(state, millis) => {
            let duration = (millis > 0).then(|| Span::from_millis(u64::from(millis)));
            bench.renderer.force(bench.now, state, duration);
        }
        Call::Clear(group) => bench.renderer.clear(bench.now, group),
        Call::Reload(reversed) => {
            let plan = Arc::new(two_groups(reversed));
            bench.renderer.replace(bench.now, plan);
        }
        Call::Wait(millis) => bench.now += Span::from_millis(u64::from(millis)),
        Call::ToMotion => match motion {
            Motion::Moving => bench.now += Span::from_nanos(16_666_667),
            Motion::Until(then) => bench.now = then,
            Motion::Still => {}
        },
    }
}

/// Whether two frames differ by at most one step in each channel.
fn is_similar(a: &[[u8; 3]], b: &[[u8; 3]]) -> bool {
    let (a, b) = (a.as_flattened(), b.as_flattened());
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.abs_diff(*b) <= 1)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_call_causes_a_jump_and_nothing_changes_before_the_reported_time(
        calls in prop::collection::vec(any_call(), 0..50)
    ) {
        let mut bench = Bench::starting(two_groups(false));
        let mut motion = bench.renderer.render(bench.now);
        for next in calls {
            let (before, then) = (bench.pixels(), bench.now);
            make_call(&mut bench, next, motion);
            if then == bench.now {
                bench.renderer.render(bench.now);
                prop_assert!(is_similar(&before, &bench.pixels()), "{:?}", bench.pixels());
            }
            motion = bench.renderer.render(bench.now);
            if let Motion::Until(then) = motion {
                prop_assert!(then > bench.now);
                let drawn = bench.pixels();
                bench.renderer.render((then - Span::from_nanos(1)).max(bench.now));
                prop_assert_eq!(&drawn, &bench.pixels());
                bench.now = then - Span::from_nanos(1);
            }
        }
        // Without further calls the renderer becomes still.
        for _ in 0..200 {
            make_call(&mut bench, Call::ToMotion, motion);
            motion = bench.renderer.render(bench.now);
        }
        prop_assert_eq!(motion, Motion::Still);
    }
}
