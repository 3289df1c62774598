//! Tests of several groups that show one chase around a ring.

use super::{BLUE, Bench, RED, command, effect, group, part, plan, segment, solid};
use lumen::{EffectPlan, Event, Operation, Plan, RingPlace, State};

const GROUPS: usize = 3;
const PIXELS: usize = 10;

fn member(index: usize) -> EffectPlan {
    EffectPlan {
        ring: Some(RingPlace {
            first: index * PIXELS,
            pixels: GROUPS * PIXELS,
            seed: 11,
        }),
        ..effect("chase")
    }
}

fn ring() -> Plan {
    let groups = (0..GROUPS).map(|index| {
        let segments = [segment(0, index * PIXELS, (index + 1) * PIXELS - 1)];
        let scenes = vec![
            part(State::Idle, member(index), "chase"),
            part(State::Homing, solid(RED), "solid red"),
        ];
        group(["left", "top", "right"][index], &segments, scenes)
    });
    plan(groups.collect())
}

/// The same ring as one group: the expected picture of all members together.
fn whole() -> Plan {
    let mut plan = ring();
    plan.groups.truncate(1);
    plan.groups[0].group.segments = vec![segment(0, 0, GROUPS * PIXELS - 1)];
    plan
}

#[test]
fn members_that_start_together_show_the_same_chase() {
    let (mut ring, mut whole) = (Bench::ready(ring()), Bench::ready(whole()));
    for _ in 0..100 {
        ring.wait(0.1);
        whole.wait(0.1);
        assert_eq!(ring.pixels(), whole.pixels());
    }
}

#[test]
fn a_member_that_starts_late_joins_the_chase_of_the_others() {
    for away_s in [5.0, 500.0] {
        let mut ring = Bench::ready(ring());
        ring.set(1, command(BLUE, "solid blue"));
        ring.wait(away_s);
        ring.renderer.clear(ring.now, Some(1));
        let mut whole = Bench::starting(whole());
        whole.event(Event::Ready);
        for _ in 0..100 {
            ring.wait(0.1);
            whole.wait(0.1);
            if whole.now.as_secs() > 1.0 {
                assert_eq!(ring.pixels(), whole.pixels(), "after {away_s} s");
            }
        }
    }
}

#[test]
fn a_member_that_is_covered_briefly_continues_its_chase() {
    let (mut ring, mut whole) = (Bench::ready(ring()), Bench::ready(whole()));
    ring.set(1, command(BLUE, "solid blue"));
    ring.wait(0.2);
    ring.renderer.clear(ring.now, Some(1));
    ring.wait(5.0);
    whole.wait(0.2);
    whole.wait(5.0);
    assert_eq!(ring.pixels(), whole.pixels());
}

#[test]
fn a_ring_that_is_left_briefly_continues_its_chase() {
    let (mut ring, mut whole) = (Bench::ready(ring()), Bench::ready(whole()));
    for bench in [&mut ring, &mut whole] {
        bench.event(Event::Begin(Operation(1), State::Homing));
        bench.wait(0.2);
        bench.event(Event::End(Operation(1)));
        bench.wait(5.0);
    }
    assert_eq!(ring.pixels(), whole.pixels());
}
