//! What holds whatever happens.

use super::{BLUE, Bench, GREEN, RED, bed, command, group, part, plan, segment, solid};
use lumen::color::Color;
use lumen::effect::Motion;
use lumen::plan::{Plan, Unmapped};
use lumen::state::{Event, Operation, Shutdown, State};
use lumen::time::Span;
use proptest::prelude::*;
use std::sync::Arc;

#[derive(Clone, Copy, Debug)]
enum Move {
    Event(Event),
    Bed(f32, f32),
    Set(usize, Color, u16),
    Force(State, u16),
    Clear(Option<usize>),
    Reload(bool),
    Wait(u32),
    ToMotion,
}

fn any_move() -> impl Strategy<Value = Move> {
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
        4 => event.prop_map(Move::Event),
        2 => (0.0..80.0_f32, 0.0..80.0_f32).prop_map(|(c, target)| Move::Bed(c, target)),
        2 => (0..3_usize, color, any::<u16>()).prop_map(|(g, c, ms)| Move::Set(g, c, ms)),
        1 => (state, any::<u16>()).prop_map(|(state, ms)| Move::Force(state, ms)),
        1 => prop::option::of(0..3_usize).prop_map(Move::Clear),
        1 => any::<bool>().prop_map(Move::Reload),
        4 => (0..400_000_u32).prop_map(Move::Wait),
        4 => Just(Move::ToMotion),
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

fn make(bench: &mut Bench, next: Move, motion: Motion) {
    match next {
        Move::Event(event) => bench.event(event),
        Move::Bed(temperature, target) => bench.sample(&bed(temperature, target)),
        Move::Set(group, color, millis) => {
            let mut command = command(color, "solid color");
            command.duration = (millis > 0).then(|| Span::from_millis(u64::from(millis)));
            bench.set(group, command);
        }
        Move::Force(state, millis) => {
            let duration = (millis > 0).then(|| Span::from_millis(u64::from(millis)));
            bench.renderer.force(bench.now, state, duration);
        }
        Move::Clear(group) => bench.renderer.clear(bench.now, group),
        Move::Reload(reversed) => {
            let plan = Arc::new(two_groups(reversed));
            bench.renderer.replace(bench.now, plan);
        }
        Move::Wait(millis) => bench.now += Span::from_millis(u64::from(millis)),
        Move::ToMotion => match motion {
            Motion::Moving => bench.now += Span::from_nanos(16_666_667),
            Motion::Until(then) => bench.now = then,
            Motion::Still => {}
        },
    }
}

/// Whether two frames differ by no more than one step in any channel.
fn alike(a: &[[u8; 3]], b: &[[u8; 3]]) -> bool {
    let (a, b) = (a.as_flattened(), b.as_flattened());
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.abs_diff(*b) <= 1)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn nothing_that_happens_shows_as_a_jump_and_motion_keeps_its_word(
        moves in prop::collection::vec(any_move(), 0..50)
    ) {
        let mut bench = Bench::starting(two_groups(false));
        let mut motion = bench.renderer.render(bench.now);
        for next in moves {
            let (before, then) = (bench.pixels(), bench.now);
            make(&mut bench, next, motion);
            if then == bench.now {
                bench.renderer.render(bench.now);
                prop_assert!(alike(&before, &bench.pixels()), "{:?}", bench.pixels());
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
        // With nothing new it comes to rest.
        for _ in 0..200 {
            make(&mut bench, Move::ToMotion, motion);
            motion = bench.renderer.render(bench.now);
        }
        prop_assert_eq!(motion, Motion::Still);
    }
}
