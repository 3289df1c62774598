//! Helper and client as processes that are killed, frozen and restarted. The pins are a dry run.
#![expect(clippy::unwrap_used, reason = "helper functions of tests")]

use super::harness::{CASE, Folder, HEAD, LONG, TestHelper, me, plan, wait_until};
use crate::output::child::SCENARIO;
use lumen::{
    Factory, FrameSink, HealthState, HelperSettings, Pump, Span, StripPlan, Time, helper_client,
    open_dry_run, serve_helper,
};
use rustix::process::{Pid, Signal, kill_process};
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

const FOLDER: &str = "LUMEN_TEST_FOLDER";
const RED: [&[u8]; 2] = [&[0, 255, 0, 0, 255, 0], &[0; 4]];
const BLUE: [&[u8]; 2] = [&[0, 0, 255, 0, 0, 255], &[0; 4]];

/// Runs a scenario in the child process; does nothing without one.
#[test]
fn scenario() {
    match std::env::var(SCENARIO).as_deref() {
        Ok("helper") => helper(),
        Ok("client") => client(),
        _ => {}
    }
}

/// A file in the folder of the test.
fn file(name: &str) -> PathBuf {
    PathBuf::from(std::env::var(FOLDER).unwrap()).join(name)
}

/// Serves until its standard input ends.
fn helper() {
    let stop = std::io::stdin().as_fd().try_clone_to_owned().unwrap();
    let settings = HelperSettings::new(file("helper.json"), file("ws281x.sock"), stop);
    serve_helper(settings, open_dry_run(file("frames"))).unwrap();
}

/// Shows red until its standard input ends.
fn client() {
    let plans = [plan(CASE), plan(HEAD)];
    let mut output = helper_client::open_at(&file("ws281x.sock"), &plans).unwrap();
    output.write(Time::ZERO, &RED.map(<[u8]>::to_vec)).unwrap();
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
}

/// A process that is killed when dropped.
struct Process(Child);

impl Process {
    fn start(scenario: &str, folder: &Folder) -> Self {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "helper::processes::scenario", "--nocapture"])
            .env(SCENARIO, scenario)
            .env(FOLDER, folder.file(""))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Self(child.unwrap())
    }

    fn signal(&self, signal: Signal) {
        let id = Pid::from_child(&self.0);
        kill_process(id, signal).unwrap();
    }

    fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The calls of the pins of a helper process.
fn dry_run(folder: &Folder) -> Vec<String> {
    let text = std::fs::read_to_string(folder.file("frames")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

fn line(frames: [&[u8]; 2]) -> String {
    let hex = |bytes: &[u8]| {
        bytes
            .iter()
            .map(|it| format!("{it:02x}"))
            .collect::<Vec<_>>()
    };
    format!(
        "show {} {}",
        hex(frames[0]).concat(),
        hex(frames[1]).concat()
    )
}

/// A pump with the helper as its output.
fn pump(folder: &Folder) -> Pump {
    let socket = folder.socket();
    let factory: Factory =
        Arc::new(move |plans: &[StripPlan]| helper_client::open_at(&socket, plans));
    Pump::start(&[plan(CASE), plan(HEAD)], factory, Box::new(|_| {})).unwrap()
}

fn send(pump: &Pump, frames: [&[u8]; 2]) {
    for (index, frame) in frames.into_iter().enumerate() {
        pump.submit(index, Time::ZERO, frame, &[]);
    }
    pump.flush();
}

#[test]
fn a_restarted_helper_shows_an_unchanged_frame_again() {
    let folder = Folder::new();
    folder.config(me());
    let mut helper = Process::start("helper", &folder);
    let pump = pump(&folder);
    send(&pump, RED);
    wait_until("red is shown", || dry_run(&folder).contains(&line(RED)));
    helper.kill();
    std::fs::remove_file(folder.file("frames")).unwrap();
    let _helper = Process::start("helper", &folder);
    // No new frame: the pump detects it by itself.
    wait_until("red is shown again", || {
        dry_run(&folder).contains(&line(RED))
    });
    assert!(pump.health().failures > 0);
}

#[test]
fn a_frozen_helper_is_a_dark_strip_and_shows_the_latest_frame_when_it_continues() {
    let folder = Folder::new();
    folder.config(me());
    let helper = Process::start("helper", &folder);
    let pump = pump(&folder);
    send(&pump, RED);
    wait_until("red is shown", || dry_run(&folder).contains(&line(RED)));
    // Until the helper listens, connecting may fail.
    wait_until("the strips are lit", || {
        pump.health().state != HealthState::Dark
    });
    helper.signal(Signal::STOP);
    // No new frame: the pump detects it by itself.
    wait_until("the strips are reported dark", || {
        pump.health().state == HealthState::Dark
    });
    send(&pump, BLUE);
    helper.signal(Signal::CONT);
    wait_until("blue is shown", || {
        dry_run(&folder).last() == Some(&line(BLUE))
    });
    wait_until("the output recovers", || {
        pump.health().state == HealthState::Degraded
    });
    pump.stop(Time::ZERO);
    assert!(pump.join(LONG));
}

#[test]
fn after_a_client_was_killed_strips_go_dark_and_another_can_connect() {
    let test_helper = TestHelper::with(Span::from_millis(20), |_| Ok(()));
    let mut client = Process::start("client", &test_helper.folder);
    test_helper.wait_for_frames(&RED);
    client.kill();
    test_helper.wait_for_frames(&[&[0; 6], &[0; 4]]);
    test_helper.welcomed_client();
}

#[test]
fn a_stopped_helper_turns_the_strips_off() {
    let folder = Folder::new();
    folder.config(me());
    let mut helper = Process::start("helper", &folder);
    let pump = pump(&folder);
    send(&pump, RED);
    wait_until("red is shown", || dry_run(&folder).contains(&line(RED)));
    drop(helper.0.stdin.take());
    assert!(helper.0.wait().unwrap().success());
    assert_eq!(dry_run(&folder).last().map(String::as_str), Some("rest"));
}
