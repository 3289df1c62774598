//! Tests that run the engine in a separate process on the spidev double: threads, descriptors,
//! forks, hanging drivers.

mod child;
mod faults;
// With `cfg(test)` clippy knows that this is test code, which can unwrap.
#[cfg(test)]
mod fault_scenarios;

use crate::output::double::{Outcome, Run};

/// The SPI bytes of a red pixel in the order green, red, blue.
const RED: &str = "88888888eeeeeeee88888888";

fn run(scenario: &str) -> Run {
    Run::of("process::child::scenario", scenario)
}

/// Returns the bytes of the last transfer on the double.
fn last_bytes(outcome: &Outcome) -> &str {
    let transfers = outcome.calls.iter().rev();
    transfers
        .filter_map(|call| call.split_once("bytes="))
        .map(|(_, bytes)| bytes)
        .next()
        .unwrap_or_default()
}

#[test]
fn a_state_reaches_the_data_line_and_the_strip_is_dark_after_close() {
    let Some(run) = run("light").go() else {
        return;
    };
    assert!(last_bytes(&run).contains(&"88".repeat(12)));
    assert_eq!(run.calls.last().map(String::as_str), Some("close"));
    assert_eq!(run.output, ["closed true"]);
}

#[test]
fn fifty_restarts_leak_no_threads_and_no_descriptors() {
    let Some(run) = run("restarts").go() else {
        return;
    };
    assert_eq!(run.output, ["threads left 0, descriptors left 0"]);
    let count = |call: &str| run.calls.iter().filter(|it| *it == call).count();
    assert_eq!((count("open rw"), count("close")), (50, 50));
}

#[test]
fn a_hanging_driver_delays_close_by_its_timeout_only_and_the_next_start_reports_it() {
    let Some(run) = run("hang").fault("hang").go() else {
        return;
    };
    assert_eq!(
        run.output,
        [
            "closed false",
            "lumen: strip 'case': the driver does not return; its thread was abandoned",
            "lumen: strip 'case': /dev/spidev0.0 is still in use by another strip or by a \
             thread that hangs in its driver; the strip stays dark (restart the Klipper service)",
            "closed true",
        ]
    );
}

#[test]
fn a_forked_child_does_not_use_the_device() {
    let Some(run) = run("fork").go() else {
        return;
    };
    assert_eq!(run.output, ["child ended with 0", "closed true"]);
    let count = |call: &str| run.calls.iter().filter(|it| *it == call).count();
    assert_eq!((count("open rw"), count("close")), (1, 1));
}
