//! The scenarios of the child process: engines with a clock and a thread on the double.
#![expect(clippy::unwrap_used, reason = "functions of tests, called by tests")]

use super::{RED, fault_scenarios};
use crate::output::child::{SCENARIO, calls, report, transfers, wait_until};
use lumen::{Engine, Event, Options, RawConfig, Request, Sample, Shutdown, compile};
use std::collections::BTreeMap;
use std::time::Duration;

/// The timeout of waits for expected events.
pub(super) const LONG: Duration = Duration::from_secs(20);
/// The timeout of waits for events that do not occur.
pub(super) const SHORT: Duration = Duration::from_millis(50);

/// Runs the scenario in the environment variable. Without one this is not a test.
#[test]
fn scenario() {
    match std::env::var(SCENARIO).as_deref() {
        Ok("light") => light(),
        Ok("restarts") => restarts(),
        Ok("hang") => hang(),
        Ok("fork") => fork::scenario(),
        Ok("fault") => fault_scenarios::fault(),
        Ok("recovery") => fault_scenarios::recovery(),
        Ok("blocked") => fault_scenarios::blocked(),
        Ok("descriptors") => fault_scenarios::descriptors(),
        _ => {}
    }
}

/// Starts an engine with one pixel on the double, which is red during startup.
fn engine() -> Engine {
    let options = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        let owned = pairs
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()));
        owned.collect()
    };
    let strip = [
        ("driver", "spi"),
        ("device", "/dev/spidev0.0"),
        ("count", "1"),
    ];
    let group = [("strip", "case"), ("on_startup", "solid red")];
    let raw = RawConfig {
        sections: vec![
            ("lumen".into(), options(&[])),
            ("lumen_strip case".into(), options(&strip)),
            ("lumen_group case".into(), options(&group)),
        ],
        ..RawConfig::default()
    };
    Engine::start(compile(&raw, None).unwrap(), Options::default()).unwrap()
}

fn frames(engine: &Engine) -> u64 {
    engine.status().strips[0].health.frames
}

fn light() {
    let engine = engine();
    wait_until("red is written", || calls().contains(RED));
    assert_eq!(engine.frame("case").unwrap(), [255, 0, 0, 0]);
    report(&format!("closed {}", engine.close(LONG)));
}

/// Returns the number of threads and descriptors of this process.
fn resource_counts() -> (usize, usize) {
    let count = |folder| std::fs::read_dir(folder).unwrap().count();
    (count("/proc/self/task"), count("/proc/self/fd"))
}

fn restarts() {
    let before = resource_counts();
    for _ in 0..50 {
        let engine = engine();
        wait_until("a frame is written", || frames(&engine) > 0);
        assert!(engine.close(LONG));
    }
    // /proc still lists a thread shortly after it has ended.
    wait_until("all threads are gone", || resource_counts().0 <= before.0);
    let (threads, descriptors) = resource_counts();
    report(&format!(
        "threads left {}, descriptors left {}",
        threads - before.0,
        descriptors - before.1
    ));
}

fn hang() {
    let first = engine();
    // The first transfer belongs to the setup, the second one hangs.
    wait_until("a frame is begun", || transfers() == 2);
    report(&format!("closed {}", first.close(SHORT)));
    fault_scenarios::print_notices(&first);
    let second = engine();
    let is_dark = || second.status().strips[0].health.error.is_some();
    wait_until("the device is refused", is_dark);
    wait_until("its notice is queued", || {
        !fault_scenarios::print_notices(&second)
    });
    report(&format!("closed {}", second.close(LONG)));
}

mod fork {
    //! Klipper forks for some calibrations. The child has the memory but not the threads.
    #![expect(unsafe_code, reason = "fork is unsafe")]

    use super::{
        Engine, Event, LONG, Request, Sample, Shutdown, engine, frames, report, wait_until,
    };

    unsafe extern "C" {
        fn fork() -> i32;
        fn waitpid(child: i32, status: *mut i32, options: i32) -> i32;
        fn alarm(seconds: u32) -> u32;
        fn _exit(status: i32) -> !;
    }

    /// Calls everything that the extra can call; returns the number of unexpected results.
    fn call_all(engine: &Engine) -> i32 {
        let results = [
            engine.event(Event::Shutdown(Shutdown::Fault)).is_err(),
            engine.set(&Request::default()).is_err(),
            engine.clear(None).is_err(),
            !engine.status().strips.is_empty(),
            engine.metrics().counters.frames > 0,
            !engine.notices().is_empty(),
            engine.notice_fd() != -1,
            !engine.frame("case").unwrap().is_empty(),
            !engine.close(LONG),
        ];
        engine.heartbeat();
        engine.sample(&Sample::default());
        results.into_iter().map(i32::from).sum()
    }

    pub(super) fn scenario() {
        let engine = engine();
        wait_until("a frame is written", || frames(&engine) > 0);
        // SAFETY: the child calls the engine, which does nothing there, and exits without
        // unwinding.
        let child = unsafe { fork() };
        if child == 0 {
            // SAFETY: both take integers; the alarm ends a hanging child.
            unsafe { alarm(20) };
            let status = call_all(&engine);
            drop(engine);
            // SAFETY: see above.
            unsafe { _exit(status) };
        }
        let mut status = 0;
        // SAFETY: the pointer is to a live integer.
        assert_eq!(unsafe { waitpid(child, &raw mut status, 0) }, child);
        report(&format!("child ended with {status}"));
        assert_eq!(engine.status().state, "startup");
        report(&format!("closed {}", engine.close(LONG)));
    }
}
