//! The scenarios with faults: an engine with a faulty strip and a working one.

use super::child::{LONG, SHORT};
use crate::engine::compiled;
use crate::output::child::{report, transfers, wait_until};
use lumen::{Engine, Options, StripStatus};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::fs::File;

/// Starts an engine. Both strips move, so frames are written continuously.
fn engine() -> Result<Engine, String> {
    let pixels = std::env::var("CASE_PIXELS").unwrap_or_else(|_| "3".into());
    let config = format!(
        "[lumen]
        [lumen_strip case]
        driver: spi
        device: /dev/spidev0.0
        count: {pixels}
        [lumen_strip other]
        driver: memory
        count: 3
        [lumen_group case]
        strip: case
        on_startup: rainbow
        [lumen_group other]
        strip: other
        on_startup: rainbow"
    );
    Engine::start(compiled(&config), Options::default()).map_err(|error| error.to_string())
}

fn strip(engine: &Engine, index: usize) -> StripStatus {
    engine.status().strips[index].clone()
}

/// Waits for the notice of the fault and prints the health of both strips.
fn report_fault(engine: &Engine) {
    wait_until("the fault is reported", || {
        strip(engine, 0).health.error.is_some()
    });
    wait_until("its notice is queued", || !print_notices(engine));
    let health = |index| strip(engine, index).health.state.name();
    report(&format!("case {}, other {}", health(0), health(1)));
}

/// Prints all notices; returns whether there were none.
pub(super) fn print_notices(engine: &Engine) -> bool {
    let notices = engine.notices();
    for notice in &notices {
        report(&notice.text);
    }
    notices.is_empty()
}

fn check_other_strip(engine: &Engine) {
    let frames = || strip(engine, 1).health.frames;
    let before = frames();
    wait_until("the other strip keeps running", || frames() > before + 3);
    report("other keeps running");
}

pub(super) fn fault() {
    let engine = engine().unwrap();
    report_fault(&engine);
    check_other_strip(&engine);
    // The output is retried in the meantime, without another notice.
    wait_until("another try", || strip(&engine, 0).health.failures > 1);
    print_notices(&engine);
    report(&format!("closed {}", engine.close(LONG)));
}

#[expect(
    unsafe_code,
    reason = "set_var is unsafe; the double reads the environment"
)]
pub(super) fn recovery() {
    let engine = engine().unwrap();
    report_fault(&engine);
    // SAFETY: no other thread writes the environment; the double only reads it.
    unsafe { std::env::set_var("SPIDEV_FAULT", "") };
    wait_until("the recovery is reported", || !print_notices(&engine));
    let health = strip(&engine, 0).health;
    let (state, reconnects) = (health.state.name(), health.reconnects);
    report(&format!("case {state}, reconnects {reconnects}"));
    report(&format!("closed {}", engine.close(LONG)));
}

pub(super) fn blocked() {
    let engine = engine().unwrap();
    wait_until("a frame is begun", || transfers() == 2);
    check_other_strip(&engine);
    report(&format!("closed {}", engine.close(SHORT)));
    print_notices(&engine);
}

/// Opens descriptors until only `free` of them are left.
fn exhaust_descriptors(free: usize) -> Vec<File> {
    let limit = Rlimit {
        current: Some(64),
        ..getrlimit(Resource::Nofile)
    };
    setrlimit(Resource::Nofile, limit).unwrap();
    let mut taken: Vec<File> = std::iter::from_fn(|| File::open("/dev/null").ok()).collect();
    taken.truncate(taken.len() - free);
    taken
}

pub(super) fn descriptors() {
    let taken = exhaust_descriptors(0);
    let refused = engine();
    drop(taken);
    report(&format!("no engine: {}", refused.err().unwrap_or_default()));
    let taken = exhaust_descriptors(1);
    let engine = engine().unwrap();
    report_fault(&engine);
    check_other_strip(&engine);
    drop(taken);
    wait_until("the strip recovers", || !print_notices(&engine));
    report(&format!("closed {}", engine.close(LONG)));
}
