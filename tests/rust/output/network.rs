//! The DDP output on a test double of the network, for rare errors.

use super::double::Run;

fn run(scenario: &str) -> Run {
    Run::on("net", "output::child::scenario", scenario)
}

/// The message for a fault of the double.
fn reported(fault: &str) -> Option<String> {
    let run = run("ddp faults").fault(fault).go()?;
    assert_eq!(run.output[1..], ["joined true"], "reported once");
    Some(run.output[0].clone())
}

#[test]
fn a_strip_is_found_by_name_written_and_blanked() {
    let Some(run) = run("ddp frames").go() else {
        return;
    };
    assert_eq!(run.calls, ["look up case.local", "send 19", "send 19"]);
    assert_eq!(run.output, ["lit", "joined true"]);
}

#[test]
fn an_unknown_name_is_reported_with_the_message_of_the_resolver() {
    let Some(reported) = reported("lookup=-2") else {
        return;
    };
    assert_eq!(
        reported,
        "dark: cannot find host 'case.local': Name or service not known (check its name and its \
         power; an IP address works without a name server)"
    );
}

#[test]
fn network_errors_have_different_messages() {
    for (fault, message) in [
        (
            "connect=101",
            "no route to case.local (127.0.0.1) (check this computer's network)",
        ),
        (
            "connect=24",
            "cannot send to case.local (127.0.0.1): Too many open files",
        ),
        (
            "send=113",
            "case.local (127.0.0.1) does not answer (check the controller's power and network)",
        ),
        (
            "send=1",
            "this computer's firewall blocks packets to case.local (127.0.0.1) (allow UDP to port \
             4048)",
        ),
    ] {
        let Some(reported) = reported(fault) else {
            return;
        };
        assert_eq!(reported, format!("dark: {message}"));
    }
}

#[test]
fn a_full_queue_is_not_a_fault() {
    let Some(run) = run("ddp frames").fault("full").go() else {
        return;
    };
    assert_eq!(run.output, ["lit", "joined true"]);
}

#[test]
fn the_host_of_a_hanging_name_lookup_is_refused_to_the_next_output() {
    let Some(run) = run("ddp hang").fault("hang").go() else {
        return;
    };
    assert_eq!(run.output[0], "joined false");
    assert!(run.output[1].starts_with("next: udp://case.local:4048 is still in use by "));
}
