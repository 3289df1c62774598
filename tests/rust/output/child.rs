//! What runs in the child process: one pump on /dev/spidev0.0, which is the double.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "functions of tests, called by tests"
)]

use super::FRAME;
use crossbeam_channel::{Receiver, bounded, unbounded};
use lumen::layout::{ColorOrder, Strip};
use lumen::output::memory::Recording;
use lumen::output::pump::{Factory, Pump};
use lumen::output::{OutputError, build};
use lumen::plan::{OutputSpec, StripPlan};
use lumen::time::Time;
use lumen::wire::StripType;
use std::sync::Arc;
use std::time::Duration;

/// Names the scenario in the child's environment.
pub(crate) const SCENARIO: &str = "LUMEN_TEST_SCENARIO";
/// Begins each line that the child says.
pub(crate) const SAYS: &str = "child says: ";

/// Bounds every wait; none takes it unless the test fails.
const LONG: Duration = Duration::from_secs(20);
/// How long to wait for what will not happen.
const SHORT: Duration = Duration::from_millis(50);

/// Not a test by itself: without a scenario it does nothing.
#[test]
fn scenario() {
    match std::env::var(SCENARIO).as_deref() {
        Ok("frames") => frames(),
        Ok("faults") => faults(),
        Ok("hang") => hang(),
        _ => {}
    }
}

pub(crate) fn say(words: &str) {
    // On a line of its own, wherever the test runner stopped.
    println!("\n{SAYS}{words}");
}

fn plan(pixels: usize) -> StripPlan {
    StripPlan {
        strip: Strip {
            name: "case".into(),
            pixels,
            order: ColorOrder::GRB,
        },
        output: OutputSpec::Spi {
            device: "/dev/spidev0.0".into(),
            strip_type: StripType::Ws281x,
        },
    }
}

/// A pump with two channels: a message a try, and what its observer is told.
fn pump(pixels: usize) -> (Pump, Receiver<()>, Receiver<Option<OutputError>>) {
    let (tried, tries) = unbounded();
    let (tell, told) = unbounded();
    let factory: Factory = Arc::new(move |plans: &[StripPlan]| {
        let _ = tried.send(());
        build(plans, &Recording::default())
    });
    let observer = Box::new(move |dark: Option<&OutputError>| {
        let _ = tell.send(dark.cloned());
    });
    let pump = Pump::start(&[plan(pixels)], factory, observer).unwrap();
    (pump, tries, told)
}

/// Waits for what nothing tells; looks every millisecond.
pub(crate) fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let (_keep, never) = bounded::<()>(0);
    for _ in 0..LONG.as_millis() {
        if is_so() {
            return;
        }
        let _ = never.recv_timeout(Duration::from_millis(1));
    }
    panic!("{what}");
}

/// What the double was asked for until now.
pub(crate) fn calls() -> String {
    let log = std::env::var("SPIDEV_LOG").unwrap();
    std::fs::read_to_string(log).unwrap_or_default()
}

/// How many transfers it has begun.
pub(crate) fn transfers() -> usize {
    calls().matches("transfer").count()
}

fn frames() {
    let (pump, _tries, told) = pump(3);
    pump.send(0, Time::ZERO, &FRAME);
    pump.flush();
    wait_until("no frame was written", || pump.health().frames > 0);
    assert!(told.try_recv().is_err());
    say("lit");
    pump.stop();
    say(&format!("joined {}", pump.join(LONG)));
}

/// Goes on until the second try, so that "told once" means something.
fn faults() {
    let (pump, tries, told) = pump(10);
    pump.send(0, Time::ZERO, &[7; 30]);
    pump.flush();
    tries.recv_timeout(LONG).unwrap();
    tries.recv_timeout(LONG).unwrap();
    pump.stop();
    let joined = pump.join(LONG);
    for dark in told.try_iter() {
        say(&dark.map_or("lit".into(), |error| format!("dark: {error}")));
    }
    say(&format!("joined {joined}"));
}

fn hang() {
    let (pump, _tries, _told) = pump(3);
    pump.send(0, Time::ZERO, &FRAME);
    pump.flush();
    // The first is the set-up's, the second hangs.
    wait_until("no frame was begun", || transfers() == 2);
    pump.stop();
    say(&format!("joined {}", pump.join(SHORT)));
    let refusal = build(&[plan(3)], &Recording::default()).err().unwrap();
    say(&format!("next: {refusal}"));
}
