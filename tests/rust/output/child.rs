//! What runs in the child process: one pump on a device, which is a double.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "functions of tests, called by tests"
)]

use super::{CLOCKED, FRAME, WHITE};
use crossbeam_channel::{Receiver, bounded, unbounded};
use lumen::layout::{ColorOrder, PixelFormat, Strip};
use lumen::output::memory::Recording;
use lumen::output::pump::{Factory, Pump};
use lumen::output::{OutputError, build};
use lumen::plan::{FinishPlan, OutputPlan, PinPlan, StripPlan};
use lumen::time::Time;
use lumen::wire::StripType;
use std::slice::from_ref;
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
        Ok("frames") => frames(&spi(3), &FRAME),
        Ok("faults") => faults(&[spi(10)]),
        Ok("stuck") => hang(&[spi(3)], || calls().contains("stuck")),
        Ok("other process") => hold(&spi(3)),
        Ok("hang") => hang(&[spi(3)], || transfers() == 2),
        Ok("apa102 frames") => frames(&apa102(2), &CLOCKED),
        Ok("apa102 faults") => faults(&[apa102(20)]),
        Ok("apa102 hang") => hang(&[apa102(2)], || transfers() == 1),
        Ok("pio frames") => frames(&pio(3, "GRB"), &FRAME),
        Ok("pio other process") => hold(&pio(3, "GRB")),
        Ok("pio white") => frames(&pio(2, "GRBW"), &WHITE),
        Ok("pio faults") => faults(&[pio(50, "GRB")]),
        Ok("pio hang") => hang(&[pio(3, "GRB")], || calls().matches("write").count() == 2),
        Ok(pins) if pins.starts_with("pins ") => pins_scenario(&pins[5..]),
        Ok("ddp frames") => frames(&ddp(3), &FRAME),
        Ok("ddp faults") => faults(&[ddp(1000)]),
        Ok("ddp hang") => hang(&[ddp(3)], || calls().contains("look up")),
        _ => {}
    }
}

pub(crate) fn say(words: &str) {
    // On a line of its own, wherever the test runner stopped.
    println!("\n{SAYS}{words}");
}

fn plan(pixels: usize, order: &str, output: OutputPlan) -> StripPlan {
    StripPlan {
        owner: String::new(),
        strip: Strip {
            name: "case".into(),
            pixels,
            order: ColorOrder::parse(order).unwrap(),
            format: match output {
                OutputPlan::Apa102 { .. } => PixelFormat::Apa102,
                _ => PixelFormat::Bytes,
            },
        },
        output,
        finish: FinishPlan::default(),
    }
}

fn spi(pixels: usize) -> StripPlan {
    let output = OutputPlan::Spi {
        device: "/dev/spidev0.0".into(),
        strip_type: StripType::Ws281x,
    };
    plan(pixels, "GRB", output)
}

fn apa102(pixels: usize) -> StripPlan {
    let output = OutputPlan::Apa102 {
        device: "/dev/spidev0.0".into(),
        clock_hz: 4_000_000,
    };
    plan(pixels, "BGR", output)
}

fn pio(pixels: usize, order: &str) -> StripPlan {
    let output = OutputPlan::Pio {
        device: "/dev/leds0".into(),
        pin: Some(18),
    };
    plan(pixels, order, output)
}

fn ddp(pixels: usize) -> StripPlan {
    let output = OutputPlan::Ddp {
        host: "case.local".into(),
        port: 4048,
    };
    plan(pixels, "RGB", output)
}

/// Strips on pins, written `PIN:ORDER:PIXELS`, and perhaps `:invert`.
fn on_pins(words: &str) -> Vec<StripPlan> {
    let strip = |word: &str| {
        let parts: Vec<&str> = word.split(':').collect();
        let pin = parts[0].parse().unwrap();
        let spec = PinPlan {
            pin,
            strip_type: StripType::Ws281x,
            frequency_hz: 800_000,
            dma: if pin == 21 { 9 } else { 10 },
            invert: parts.get(3) == Some(&"invert"),
            by_helper: false,
        };
        plan(parts[2].parse().unwrap(), parts[1], OutputPlan::Pin(spec))
    };
    words.split(' ').map(strip).collect()
}

/// Strips by one pump: `frames STRIPS`, `again STRIPS` for fifty restarts, `faults` or `hang`.
fn pins_scenario(words: &str) {
    let (what, strips) = words.split_once(' ').unwrap();
    let plans = on_pins(strips);
    match what {
        "faults" => faults(&plans),
        "hang" => hang(&plans, || calls().contains("lock")),
        "again" => restarts(&plans, 50),
        _ => restarts(&plans, 1),
    }
}

fn restarts(plans: &[StripPlan], times: usize) {
    for _ in 0..times {
        let (pump, _tries, told) = pump(plans);
        // Of several strips the first may go out before the others have theirs.
        for sent in 0..plans.len().min(2) as u64 {
            for (index, plan) in plans.iter().enumerate() {
                let frame: Vec<u8> = (1..=plan.strip.bytes() as u8).collect();
                pump.send(index, Time::ZERO, &frame);
            }
            pump.flush();
            wait_until("no frame was written", || pump.health().frames > sent);
        }
        assert!(told.try_recv().is_err());
        pump.stop();
        assert!(pump.join(LONG));
    }
    let descriptors = std::fs::read_dir("/proc/self/fd").unwrap().count();
    say(if descriptors < 30 { "closed" } else { "open" });
}

/// A pump with two channels: a message a try, and what its observer is told.
fn pump(plans: &[StripPlan]) -> (Pump, Receiver<()>, Receiver<Option<OutputError>>) {
    let (tried, tries) = unbounded();
    let (tell, told) = unbounded();
    let factory: Factory = Arc::new(move |plans: &[StripPlan]| {
        let _ = tried.send(());
        build(plans, &Recording::default())
    });
    let observer = Box::new(move |dark: Option<&OutputError>| {
        let _ = tell.send(dark.cloned());
    });
    let pump = Pump::start(plans, factory, observer).unwrap();
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
    let log = ["SPIDEV_LOG", "LEDS_LOG", "NET_LOG", "PI_LOG"].map(std::env::var);
    let log = log.into_iter().find_map(Result::ok).unwrap();
    std::fs::read_to_string(log).unwrap_or_default()
}

/// How many transfers it has begun.
pub(crate) fn transfers() -> usize {
    calls().matches("transfer").count()
}

fn frames(plan: &StripPlan, frame: &[u8]) {
    let (pump, _tries, told) = pump(from_ref(plan));
    pump.send(0, Time::ZERO, frame);
    pump.flush();
    wait_until("no frame was written", || pump.health().frames > 0);
    assert!(told.try_recv().is_err());
    say("lit");
    pump.stop();
    say(&format!("joined {}", pump.join(LONG)));
}

/// Goes on until the second try, so that "told once" means something.
fn faults(plans: &[StripPlan]) {
    let (pump, tries, told) = pump(plans);
    pump.send(0, Time::ZERO, &vec![7; plans[0].strip.bytes()]);
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

/// Opens a device and says what came of it; keeps it open until its standard input ends.
fn hold(plan: &StripPlan) {
    let output = build(from_ref(plan), &Recording::default());
    say(&output
        .as_ref()
        .err()
        .map_or("opened".into(), ToString::to_string));
    let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
}

fn hang(plans: &[StripPlan], hangs: impl Fn() -> bool) {
    let (pump, _tries, _told) = pump(plans);
    pump.send(0, Time::ZERO, &vec![7; plans[0].strip.bytes()]);
    pump.flush();
    wait_until("no frame was begun", hangs);
    pump.stop();
    say(&format!("joined {}", pump.join(SHORT)));
    let refusal = build(plans, &Recording::default()).err().unwrap();
    say(&format!("next: {refusal}"));
}
