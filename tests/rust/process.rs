//! The engine in a process of its own, on the spidev double: threads, descriptors, forks, drivers
//! that hang.

mod child;
mod faults;
// Marked as a test for clippy's sake: it unwraps.
#[cfg(test)]
mod ill;

use crate::output::double::{Outcome, Run};

/// One red pixel on the wire, in the order green, red, blue.
const RED: &str = "88888888eeeeeeee88888888";

fn run(scenario: &str) -> Run {
    Run::of("process::child::scenario", scenario)
}

/// Bytes of the last transfer that the double was asked for.
fn last_bytes(outcome: &Outcome) -> &str {
    let transfers = outcome.calls.iter().rev();
    transfers
        .filter_map(|call| call.split_once("bytes="))
        .map(|(_, bytes)| bytes)
        .next()
        .unwrap_or_default()
}

#[test]
fn a_printers_state_reaches_the_line_and_the_strip_is_dark_at_the_end() {
    let Some(run) = run("light").go() else {
        return;
    };
    assert!(last_bytes(&run).contains(&"88".repeat(12)));
    assert_eq!(run.calls.last().map(String::as_str), Some("close"));
    assert_eq!(run.said, ["closed true"]);
}

#[test]
fn fifty_restarts_leave_no_thread_and_no_descriptor() {
    let Some(run) = run("restarts").go() else {
        return;
    };
    assert_eq!(run.said, ["threads left 0, descriptors left 0"]);
    let count = |call: &str| run.calls.iter().filter(|it| *it == call).count();
    assert_eq!((count("open rw"), count("close")), (50, 50));
}

#[test]
fn a_driver_that_hangs_delays_the_end_by_its_patience_only_and_the_next_start_says_so() {
    let Some(run) = run("hang").fault("hang").go() else {
        return;
    };
    assert_eq!(
        run.said,
        [
            "closed false",
            "lumen: strip 'case': the driver does not return; its thread was left behind",
            "lumen: strip 'case': /dev/spidev0.0 is still held by another strip or by a \
             thread that hangs in its driver; the strip stays dark (restart the Klipper service)",
            "closed true",
        ]
    );
}

#[test]
fn a_forked_child_touches_nothing() {
    let Some(run) = run("fork").go() else {
        return;
    };
    assert_eq!(run.said, ["child ended with 0", "closed true"]);
    let count = |call: &str| run.calls.iter().filter(|it| *it == call).count();
    assert_eq!((count("open rw"), count("close")), (1, 1));
}
