//! The DDP output on a double of the network: what an honest one seldom does.

use super::double::Run;

fn run(scenario: &str) -> Run {
    Run::on("net", "output::child::scenario", scenario)
}

/// What the user is told of a fault, after which the strip is tried again.
fn told(fault: &str) -> Option<String> {
    let run = run("ddp faults").fault(fault).go()?;
    assert_eq!(run.said[1..], ["joined true"], "told once");
    Some(run.said[0].clone())
}

#[test]
fn a_strip_is_found_by_name_written_and_darkened() {
    let Some(run) = run("ddp frames").go() else {
        return;
    };
    assert_eq!(run.calls, ["look up case.local", "send 19", "send 19"]);
    assert_eq!(run.said, ["lit", "joined true"]);
}

#[test]
fn an_unknown_name_is_told_in_the_resolvers_words() {
    let Some(told) = told("lookup=-2") else {
        return;
    };
    assert_eq!(
        told,
        "dark: cannot find host 'case.local': Name or service not known (check its name and its \
         power; an IP address works without a name server)"
    );
}

#[test]
fn no_route_a_host_that_is_away_and_a_firewall_are_told_apart() {
    for (fault, words) in [
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
        let Some(told) = told(fault) else {
            return;
        };
        assert_eq!(told, format!("dark: {words}"));
    }
}

#[test]
fn a_full_queue_is_no_fault() {
    let Some(run) = run("ddp frames").fault("full").go() else {
        return;
    };
    assert_eq!(run.said, ["lit", "joined true"]);
}

#[test]
fn a_look_up_that_hangs_is_left_behind_and_its_host_refused_to_the_next() {
    let Some(run) = run("ddp hang").fault("hang").go() else {
        return;
    };
    assert_eq!(run.said[0], "joined false");
    assert!(run.said[1].starts_with("next: udp://case.local:4048 is still in use by "));
}
