//! The helper with the real pin driver, on a test double of a Raspberry Pi 3B.
#![expect(clippy::unwrap_used, reason = "helper functions of tests")]

use super::harness::{CASE, Folder, HEAD, LONG, RawClient, me, plan, settings, wait_until};
use crate::output::child::{SCENARIO, report};
use crate::output::double::Run;
use lumen::{
    HelperError, Span, Time, helper_client, helper_protocol::ClientMessage, open_helper_pins,
    serve_helper,
};
use std::io::PipeWriter;
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

fn run(scenario: &str) -> Run {
    Run::on("pi", "helper::pins::scenario", scenario)
        .set("PI_MODEL", "Raspberry Pi 3 Model B Rev 1.2")
        .set("PI_REVISION", "a02082")
}

/// Runs a scenario in the child process; does nothing without one.
#[test]
fn scenario() {
    match std::env::var(SCENARIO).as_deref() {
        Ok("helper on pins") => on_pins(),
        Ok("helper on wedged pins") => on_wedged_pins(),
        _ => {}
    }
}

type Ended = JoinHandle<Result<(), HelperError>>;

fn helper(folder: &Folder, check_interval: Duration) -> (PipeWriter, Ended) {
    let (mut settings, stop) = settings(folder, folder.config(me()), Span::from_millis(2000));
    settings.check_interval = settings.check_interval.min(check_interval);
    let helper = Builder::new()
        .spawn(move || serve_helper(settings, open_helper_pins()))
        .unwrap();
    wait_until("the helper listens", || folder.socket().exists());
    (stop, helper)
}

fn on_pins() {
    let folder = Folder::new();
    let (stop, helper) = helper(&folder, LONG);
    let mut output = helper_client::open_at(&folder.socket(), &[plan(HEAD), plan(CASE)]).unwrap();
    let frames = [vec![7, 8, 9, 10], vec![1, 2, 3, 4, 5, 6]];
    output.write(Time::ZERO, &frames).unwrap();
    let log = std::env::var("PI_LOG").unwrap();
    wait_until("the frame has left", || {
        let log = std::fs::read_to_string(&log).unwrap_or_default();
        log.contains("pwm0=010203040506 pwm1=0708090a")
    });
    drop(stop);
    report(&format!("ended {:?}", helper.join().unwrap()));
}

fn on_wedged_pins() {
    let folder = Folder::new();
    let (_stop, helper) = helper(&folder, LONG / 20);
    let client = RawClient::new(&folder.socket());
    assert_eq!(client.receive(), "greeting");
    client.send_message(&ClientMessage::Hello(vec![CASE, HEAD]));
    report(&helper.join().unwrap().unwrap_err().to_string());
}

#[test]
fn frames_of_a_client_reach_the_pins_and_all_memory_is_freed() {
    let Some(run) = run("helper on pins").go() else {
        return;
    };
    assert_eq!(run.output, ["ended Ok(())"]);
    let dark = "frame dma=10 pwm0=000000000000 pwm1=00000000";
    assert_eq!(
        run.calls,
        [
            "alloc",
            "lock",
            dark,
            "frame dma=10 pwm0=010203040506 pwm1=0708090a",
            dark,
            "unlock",
            "free"
        ]
    );
}

#[test]
fn a_driver_that_never_returns_ends_the_helper() {
    let Some(run) = run("helper on wedged pins").fault("wedge").go() else {
        return;
    };
    assert_eq!(run.output, ["the pin driver does not return"]);
}
