//! Runs a scenario of a test in a child process, with a test double of a device preloaded.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helper functions of tests"
)]

use super::child::{PREFIX, SCENARIO};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The outcome of a scenario.
pub(crate) struct Outcome {
    /// The log of the double.
    pub(crate) calls: Vec<String>,
    /// The lines that the child reported.
    pub(crate) output: Vec<String>,
}

/// A scenario to run, with settings of the double.
pub(crate) struct Run {
    double: &'static str,
    command: Command,
    log: PathBuf,
}

impl Run {
    /// Uses the double of spidev; `test` is the full name of the test that runs `scenario` in the
    /// child.
    pub(crate) fn of(test: &str, scenario: &str) -> Self {
        Self::on("spidev", test, scenario)
    }

    /// Uses another double, a file in tests/doubles.
    pub(crate) fn on(double: &'static str, test: &str, scenario: &str) -> Self {
        static RUNS: AtomicUsize = AtomicUsize::new(0);
        let run = RUNS.fetch_add(1, Ordering::Relaxed);
        let log = folder().join(format!("{double}-{}-{run}.log", std::process::id()));
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", test, "--nocapture"])
            .env(SCENARIO, scenario)
            .env(variable(double, "LOG"), &log);
        Self {
            double,
            command,
            log,
        }
    }

    pub(crate) fn set(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn fault(self, fault: &str) -> Self {
        let name = variable(self.double, "FAULT");
        self.set(&name, fault)
    }

    /// Runs the scenario while another process with the same scenario uses the device.
    pub(crate) fn second(mut self) -> Option<Outcome> {
        let double = compiled(self.double).ok()?;
        let node = self.log.with_extension("node");
        std::fs::write(&node, "").unwrap();
        self.command
            .env(variable(self.double, "NODE"), &node)
            .env("LD_PRELOAD", double)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut first = self.command.spawn().unwrap();
        // Keep the pipe open: writing to a closed pipe would fail in the first process.
        let mut lines = BufReader::new(first.stdout.take().unwrap()).lines();
        let opened = lines
            .by_ref()
            .map_while(Result::ok)
            .any(|line| line == format!("{PREFIX}opened"));
        assert!(opened);
        self.command.stdin(Stdio::null());
        let outcome = self.go();
        drop(first.stdin.take());
        first.wait().unwrap();
        let _ = std::fs::remove_file(&node);
        outcome
    }

    /// Runs the scenario; `None` if the double cannot be compiled.
    pub(crate) fn go(mut self) -> Option<Outcome> {
        let double = match compiled(self.double) {
            Ok(double) => double,
            Err(reason) => {
                println!("skipped: {reason}");
                return None;
            }
        };
        let output = self.command.env("LD_PRELOAD", double).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{text}{errors}");
        let reports = text.lines().filter_map(|line| line.split_once(PREFIX));
        let calls = std::fs::read_to_string(&self.log).unwrap_or_default();
        let _ = std::fs::remove_file(&self.log);
        Some(Outcome {
            calls: calls.lines().map(str::to_owned).collect(),
            output: reports.map(|(_, report)| report.to_owned()).collect(),
        })
    }
}

fn folder() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}

/// The name of an environment variable of a double.
fn variable(double: &str, name: &str) -> String {
    format!("{}_{name}", double.to_uppercase())
}

/// The compiled double, or why it cannot be compiled.
fn compiled(double: &'static str) -> Result<PathBuf, String> {
    static DOUBLES: Mutex<BTreeMap<&str, Result<PathBuf, String>>> = Mutex::new(BTreeMap::new());
    let mut doubles = DOUBLES.lock().unwrap();
    let compiled = doubles.entry(double).or_insert_with(|| compile(double));
    compiled.clone()
}

fn compile(double: &str) -> Result<PathBuf, String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/doubles/{double}.c"));
    let library = folder().join(format!("{double}-{}.so", std::process::id()));
    let compiled = Command::new("cc")
        .args(["-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o"])
        .args([&library, &source])
        .output()
        .map_err(|error| format!("no C compiler: cc: {error}"))?;
    let errors = String::from_utf8_lossy(&compiled.stderr);
    assert!(compiled.status.success(), "{errors}");
    // Tests of another process may use the previous one.
    let shared = folder().join(format!("{double}.so"));
    std::fs::rename(&library, &shared).map_err(|error| error.to_string())?;
    Ok(shared)
}
