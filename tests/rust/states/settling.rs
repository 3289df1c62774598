//! Property tests: invariants of the state machine for any sequence of inputs.

use super::settings;
use lumen::{
    Event, FilamentSample, Job, Operation, Sample, Shutdown, Span, State, StateMachine, Time,
};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum MachineInput {
    Event(Event),
    Sample(Box<Sample>),
    Force(State, Option<Span>),
    Release,
    Wait(Span),
    ToDeadline,
}

fn any_state() -> impl Strategy<Value = State> {
    (0..23_usize).prop_map(|index| {
        State::ALL
            .get(index)
            .copied()
            .unwrap_or(State::Custom(index as u8))
    })
}

fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => Just(Event::Ready),
        1 => Just(Event::Shutdown(Shutdown::Fault)),
        1 => Just(Event::Shutdown(Shutdown::Lost)),
        1 => Just(Event::LinkLost),
        3 => Just(Event::LinkFound),
        1 => Just(Event::CommandError),
        1 => Just(Event::Activity),
        8 => (0..30_u32, any_state()).prop_map(|(id, state)| Event::Begin(Operation(id), state)),
        8 => (0..30_u32).prop_map(|id| Event::End(Operation(id))),
    ]
}

fn any_celsius() -> impl Strategy<Value = Option<f32>> {
    prop_oneof![
        1 => Just(None),
        1 => Just(Some(f32::NAN)),
        1 => Just(Some(f32::INFINITY)),
        1 => Just(Some(0.0)),
        4 => (-20.0..320.0_f32).prop_map(Some),
    ]
}

fn any_sample() -> impl Strategy<Value = Sample> {
    let job = prop_oneof![
        Just(Job::Standby),
        Just(Job::Printing),
        Just(Job::Paused),
        Just(Job::Complete),
        Just(Job::Cancelled),
        Just(Job::Error),
    ];
    let heater = || (any_celsius(), any_celsius());
    let flags = any::<[bool; 9]>();
    (job, flags, heater(), heater()).prop_map(|(job, flags, nozzle, bed)| {
        let mut sample = Sample {
            job,
            has_extruded: flags[0],
            is_paused: flags[1],
            manual_probe: flags[2],
            is_moving: flags[3],
            is_feeding: flags[4],
            is_commanded: flags[5],
            taking_frame: flags[6],
            bed_screws: flags[7],
            filament: FilamentSample::from_sensors(&[(true, flags[8])]),
            progress: Some(f32::from(u8::from(flags[0]))),
            position: Some([f32::from(u8::from(flags[1])), 0.0, 0.0]),
            ..Sample::default()
        };
        for (source, (temperature, target)) in sample.sources.iter_mut().zip([nozzle, bed]) {
            source.temperature = temperature;
            source.target = target;
        }
        sample
    })
}

fn any_input() -> impl Strategy<Value = MachineInput> {
    prop_oneof![
        4 => any_event().prop_map(MachineInput::Event),
        4 => any_sample().prop_map(|sample| MachineInput::Sample(Box::new(sample))),
        1 => (any_state(), any::<Option<u16>>()).prop_map(|(state, millis)| {
            MachineInput::Force(state, millis.map(|millis| Span::from_millis(u64::from(millis))))
        }),
        1 => Just(MachineInput::Release),
        4 => (0..2_000_000_u64).prop_map(|millis| MachineInput::Wait(Span::from_millis(millis))),
        2 => Just(MachineInput::ToDeadline),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn deadlines_are_in_the_future_and_the_machine_settles(
        inputs in prop::collection::vec(any_input(), 0..60)
    ) {
        let mut machine = StateMachine::new(settings(), Time::ZERO);
        let mut now = Time::ZERO;
        let mut last = machine.step(now);
        let is_snapshot = |it: &MachineInput| matches!(it, MachineInput::Event(Event::Begin(_, State::Snapshot)));
        let has_snapshot = inputs.iter().any(is_snapshot);
        for next in inputs {
            last = match next {
                MachineInput::Event(event) => machine.event(now, event),
                MachineInput::Sample(sample) => machine.sample(now, &sample),
                MachineInput::Force(state, duration) => machine.force(now, state, duration),
                MachineInput::Release => machine.release(now),
                MachineInput::Wait(span) => {
                    now += span;
                    machine.step(now)
                }
                MachineInput::ToDeadline => {
                    now = last.next.unwrap_or(now);
                    machine.step(now)
                }
            };
            prop_assert!(last.next.is_none_or(|deadline| deadline > now));
            prop_assert_eq!(machine.step(now), last);
            prop_assert_eq!(machine.state(), last.state);
            prop_assert!(machine.active().count() >= 1);
        }
        // Without new inputs the state changes only at deadlines and settles. A state returns only
        // after a snapshot, which hides other states and ends by itself.
        let mut visited = vec![machine.detected()];
        let mut deadlines = 0;
        while let Some(deadline) = last.next {
            let before = deadline - Span::from_nanos(1);
            prop_assert_eq!(machine.step(before.max(now)).state, last.state);
            now = deadline;
            last = machine.step(now);
            let state = machine.detected();
            if visited.last() != Some(&state) {
                let may_return = has_snapshot || !visited.contains(&state);
                prop_assert!(may_return, "{state:?} returns after {visited:?}");
                visited.push(state);
            }
            deadlines += 1;
            prop_assert!(deadlines <= 12);
        }
        prop_assert_eq!(machine.step(now + Span::from_secs(1e7)), last);
    }
}
