//! Property tests: no sequence of calls breaks the engine.

use super::{compiled, manual};
use lumen::{Engine, Event, Job, Operation, Request, Sample, Shutdown, SourceSample, Span};
use proptest::prelude::*;

const CONFIGS: [&str; 3] = [
    "[lumen]",
    "
    [lumen]
    [lumen_strip a]
    driver: memory
    count: 20
    [lumen_group case]
    strip: a
    index_end: 13
    direction: reverse
    on_idle: rainbow
    on_homing: chase 1
    on_heating: thermal extruder ice lava
    on_printing: progress steel matrix
    [lumen_group top]
    strip: a
    index_start: 14
    index_end: 20
    on_idle: fire
    on_homing: chase 1
    ",
    "
    [lumen]
    gpio_fps: 17
    fade: 0
    states: purge
    [lumen_group top]
    driver: memory
    index_end: 1
    on_idle: disco
    on_purge: comet
    on_error: heartbeat red
    ",
];

const EFFECTS: [&str; 12] = [
    "off",
    "solid red",
    "pulse orange",
    "heartbeat",
    "disco",
    "rainbow",
    "fire",
    "comet",
    "chase",
    "kitt",
    "thermal bed ice lava 2.0",
    "progress steel matrix 1.5",
];

const STATES: [&str; 6] = ["homing", "probing", "idle", "purge", "error", "printing"];

#[derive(Clone, Debug)]
enum Call {
    Event(Event),
    Begin(usize),
    End(u32),
    Set(usize, f64),
    Force(usize),
    Clear,
    Sample(Job, f32),
    Heartbeat,
    Reload(usize),
    Advance(f64),
}

fn call() -> impl Strategy<Value = Call> {
    let events = vec![
        Event::Ready,
        Event::Shutdown(Shutdown::Fault),
        Event::CommandError,
        Event::Activity,
    ];
    let jobs = vec![Job::Standby, Job::Printing, Job::Paused, Job::Complete];
    prop_oneof![
        prop::sample::select(events).prop_map(Call::Event),
        (0..STATES.len()).prop_map(Call::Begin),
        (0..8_u32).prop_map(Call::End),
        (0..EFFECTS.len(), 0.0..5.0).prop_map(|(effect, seconds)| Call::Set(effect, seconds)),
        (0..STATES.len()).prop_map(Call::Force),
        Just(Call::Clear),
        (prop::sample::select(jobs), -1.0..2.0_f32).prop_map(|(job, it)| Call::Sample(job, it)),
        Just(Call::Heartbeat),
        (0..CONFIGS.len()).prop_map(Call::Reload),
        (0.0..3.0).prop_map(Call::Advance),
    ]
}

/// Makes a call. Errors are ignored, because only the accepted calls matter here.
fn make_call(engine: &Engine, call: &Call) {
    match call {
        Call::Event(event) => engine.event(*event).unwrap(),
        Call::Begin(state) => drop(engine.begin(STATES[*state])),
        Call::End(token) => engine.end(Operation(*token)).unwrap(),
        Call::Set(effect, seconds) => drop(engine.set(&Request {
            group: "all",
            effect: EFFECTS[*effect],
            duration: Some(Span::from_secs(*seconds)),
            ..Request::default()
        })),
        Call::Force(state) => drop(engine.force(STATES[*state], None)),
        Call::Clear => engine.clear(None).unwrap(),
        Call::Sample(job, value) => engine.sample(&sample(*job, *value)),
        Call::Heartbeat => engine.heartbeat(),
        Call::Reload(config) => drop(engine.reload(compiled(CONFIGS[*config])).unwrap()),
        Call::Advance(seconds) => engine.advance(Span::from_secs(*seconds)).unwrap(),
    }
}

fn sample(job: Job, value: f32) -> Sample {
    let mut sample = Sample {
        job,
        has_extruded: value > 0.5,
        progress: Some(value),
        position: Some([value * 100.0; 3]),
        ..Sample::default()
    };
    sample.sources[0] = SourceSample {
        temperature: Some(value * 200.0),
        target: Some(200.0),
    };
    sample
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_sequence_of_calls_stops_the_rendering(calls in prop::collection::vec(call(), 1..60)) {
        let engine = manual(CONFIGS[1]);
        for call in &calls {
            make_call(&engine, call);
        }
        engine.advance(Span::from_secs(1.0)).unwrap();
        prop_assert_eq!(engine.metrics().counters.panics, 0);
        prop_assert_eq!(engine.notices(), vec![]);
        for (strip, _) in engine.strips() {
            let frames = engine.take_frames(&strip).unwrap();
            prop_assert!(frames.is_sorted_by(|a, b| a.0 < b.0));
            prop_assert!(frames.windows(2).all(|pair| pair[0].1 != pair[1].1));
        }
    }

    #[test]
    fn the_same_calls_give_the_same_frames(calls in prop::collection::vec(call(), 1..30)) {
        let frames = || {
            let engine = manual(CONFIGS[1]);
            for call in &calls {
                make_call(&engine, call);
            }
            let strips = engine.strips();
            strips.first().map(|(strip, _)| engine.take_frames(strip).unwrap())
        };
        prop_assert_eq!(frames(), frames());
    }
}
