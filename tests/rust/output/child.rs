//! The scenarios of the child process: a pump on a test double of a device.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "helper functions of tests"
)]

use super::{CLOCKED, FRAME, WHITE};
use crossbeam_channel::{Receiver, bounded, unbounded};
use lumen::{
    ColorOrder, Factory, FinishPlan, FrameSink, OutputError, OutputPlan, PinPlan, PixelFormat,
    Pump, Recording, Strip, StripPlan, StripType, Time, build_output,
};
use std::slice::from_ref;
use std::sync::Arc;
use std::time::Duration;

/// The environment variable with the scenario of the child.
pub(crate) const SCENARIO: &str = "LUMEN_TEST_SCENARIO";
/// The prefix of each line that the child reports.
pub(crate) const PREFIX: &str = "child: ";

/// The timeout of every wait; only a failing test reaches it.
const LONG: Duration = Duration::from_secs(20);
/// The timeout of a wait for an event that does not happen.
const SHORT: Duration = Duration::from_millis(50);

/// Runs a scenario in the child process; does nothing without one.
#[test]
fn scenario() {
    match std::env::var(SCENARIO).as_deref() {
        Ok("frames") => frames(&spi(3), &FRAME),
        Ok("faults") => faults(&[spi(10)]),
        Ok("stuck") => hang(&[spi(3)], || calls().contains("stuck")),
        Ok("other process") => keep_open(&spi(3)),
        Ok("hang") => hang(&[spi(3)], || transfers() == 2),
        Ok("apa102 frames") => frames(&apa102(2), &CLOCKED),
        Ok("apa102 faults") => faults(&[apa102(20)]),
        Ok("apa102 hang") => hang(&[apa102(2)], || transfers() == 1),
        Ok("pio frames") => frames(&pio(3, "GRB"), &FRAME),
        Ok("pio other process") => keep_open(&pio(3, "GRB")),
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

pub(crate) fn report(text: &str) {
    // The test runner may have left an unfinished line.
    println!("\n{PREFIX}{text}");
}

fn plan(pixels: usize, order: &str, output: OutputPlan) -> StripPlan {
    StripPlan {
        owner: String::new(),
        strip: Strip {
            name: "case".into(),
            pixels,
            order: ColorOrder::parse(order).unwrap(),
            format: match output {
                OutputPlan::Apa102 { .. } => PixelFormat::SharedBrightness,
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

/// Strips on pins, written as `PIN:ORDER:PIXELS` with an optional `:invert`.
fn on_pins(text: &str) -> Vec<StripPlan> {
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
    text.split(' ').map(strip).collect()
}

/// A scenario with strips on one pump: `frames`, `faults`, `hang`, or `again` for 50 restarts.
fn pins_scenario(text: &str) {
    let (scenario, strips) = text.split_once(' ').unwrap();
    let plans = on_pins(strips);
    match scenario {
        "faults" => faults(&plans),
        "hang" => hang(&plans, || calls().contains("lock")),
        "again" => restarts(&plans, 50),
        _ => restarts(&plans, 1),
    }
}

fn restarts(plans: &[StripPlan], times: usize) {
    for _ in 0..times {
        let (pump, _tries, reports) = pump(plans);
        // The first of several strips may be sent before the others have a frame.
        for sent in 0..plans.len().min(2) as u64 {
            for (index, plan) in plans.iter().enumerate() {
                let frame: Vec<u8> = (1..=plan.strip.bytes() as u8).collect();
                pump.submit(index, Time::ZERO, &frame, &[]);
            }
            pump.flush();
            wait_until("no frame was written", || pump.health().frames > sent);
        }
        assert!(reports.try_recv().is_err());
        pump.stop(Time::ZERO);
        assert!(pump.join(LONG));
    }
    let descriptors = std::fs::read_dir("/proc/self/fd").unwrap().count();
    report(if descriptors < 30 { "closed" } else { "open" });
}

/// A pump with two channels: one message per attempt to open, and the reports to its observer.
fn pump(plans: &[StripPlan]) -> (Pump, Receiver<()>, Receiver<Option<OutputError>>) {
    let (tried, tries) = unbounded();
    let (sender, reports) = unbounded();
    let factory: Factory = Arc::new(move |plans: &[StripPlan]| {
        let _ = tried.send(());
        build_output(plans, &Recording::default())
    });
    let observer = Box::new(move |dark: Option<&OutputError>| {
        let _ = sender.send(dark.cloned());
    });
    let pump = Pump::start(plans, factory, observer).unwrap();
    (pump, tries, reports)
}

/// Polls a condition every millisecond; panics with `problem` after [`LONG`].
pub(crate) fn wait_until(problem: &str, is_met: impl Fn() -> bool) {
    let (_keep, never) = bounded::<()>(0);
    for _ in 0..LONG.as_millis() {
        if is_met() {
            return;
        }
        let _ = never.recv_timeout(Duration::from_millis(1));
    }
    panic!("{problem}");
}

/// The log of the test double.
pub(crate) fn calls() -> String {
    let log = ["SPIDEV_LOG", "LEDS_LOG", "NET_LOG", "PI_LOG"].map(std::env::var);
    let log = log.into_iter().find_map(Result::ok).unwrap();
    std::fs::read_to_string(log).unwrap_or_default()
}

/// How many SPI transfers have started.
pub(crate) fn transfers() -> usize {
    calls().matches("transfer").count()
}

fn frames(plan: &StripPlan, frame: &[u8]) {
    let (pump, _tries, reports) = pump(from_ref(plan));
    pump.submit(0, Time::ZERO, frame, &[]);
    pump.flush();
    wait_until("no frame was written", || pump.health().frames > 0);
    assert!(reports.try_recv().is_err());
    report("lit");
    pump.stop(Time::ZERO);
    report(&format!("joined {}", pump.join(LONG)));
}

/// Continues until the second attempt, to check that an error is reported only once.
fn faults(plans: &[StripPlan]) {
    let (pump, tries, reports) = pump(plans);
    pump.submit(0, Time::ZERO, &vec![7; plans[0].strip.bytes()], &[]);
    pump.flush();
    tries.recv_timeout(LONG).unwrap();
    tries.recv_timeout(LONG).unwrap();
    pump.stop(Time::ZERO);
    let joined = pump.join(LONG);
    for dark in reports.try_iter() {
        report(&dark.map_or("lit".into(), |error| format!("dark: {error}")));
    }
    report(&format!("joined {joined}"));
}

/// Opens a device, reports the result, and keeps it open until the standard input ends.
fn keep_open(plan: &StripPlan) {
    let output = build_output(from_ref(plan), &Recording::default());
    report(
        &output
            .as_ref()
            .err()
            .map_or("opened".into(), ToString::to_string),
    );
    let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
}

fn hang(plans: &[StripPlan], hangs: impl Fn() -> bool) {
    let (pump, _tries, _observed) = pump(plans);
    pump.submit(0, Time::ZERO, &vec![7; plans[0].strip.bytes()], &[]);
    pump.flush();
    wait_until("no frame was started", hangs);
    pump.stop(Time::ZERO);
    report(&format!("joined {}", pump.join(SHORT)));
    let refusal = build_output(plans, &Recording::default()).err().unwrap();
    report(&format!("next: {refusal}"));
}
