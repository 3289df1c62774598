//! Runs one scenario of a test in a process of its own, with the spidev double preloaded.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "functions of tests, called by tests"
)]

use super::child::{SAYS, SCENARIO};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What came of a scenario.
pub(crate) struct Outcome {
    /// What the double was asked, in order.
    pub(crate) calls: Vec<String>,
    /// What the child said, in order.
    pub(crate) said: Vec<String>,
}

/// One scenario with what the double shall do.
pub(crate) struct Run {
    command: Command,
    log: PathBuf,
}

impl Run {
    /// `test` is the full name of the test that plays `scenario` in the child.
    pub(crate) fn of(test: &str, scenario: &str) -> Self {
        static RUNS: AtomicUsize = AtomicUsize::new(0);
        let run = RUNS.fetch_add(1, Ordering::Relaxed);
        let log = folder().join(format!("spidev-{}-{run}.log", std::process::id()));
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", test, "--nocapture"])
            .env(SCENARIO, scenario)
            .env("SPIDEV_LOG", &log);
        Self { command, log }
    }

    pub(crate) fn set(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn fault(self, fault: &str) -> Self {
        self.set("SPIDEV_FAULT", fault)
    }

    /// Runs it; `None`, with a word on why, where there is no double.
    pub(crate) fn go(mut self) -> Option<Outcome> {
        let double = match double() {
            Ok(double) => double,
            Err(reason) => {
                println!("skipped: {reason}");
                return None;
            }
        };
        let output = self.command.env("LD_PRELOAD", double).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{text}");
        let said = text.lines().filter_map(|line| line.split_once(SAYS));
        let calls = std::fs::read_to_string(&self.log).unwrap_or_default();
        let _ = std::fs::remove_file(&self.log);
        Some(Outcome {
            calls: calls.lines().map(str::to_owned).collect(),
            said: said.map(|(_, words)| words.to_owned()).collect(),
        })
    }
}

fn folder() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}

/// The compiled double, or why there is none.
fn double() -> Result<&'static Path, &'static str> {
    static DOUBLE: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let double = DOUBLE.get_or_init(compile);
    double
        .as_ref()
        .map(PathBuf::as_path)
        .map_err(String::as_str)
}

fn compile() -> Result<PathBuf, String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/doubles/spidev.c");
    let library = folder().join(format!("spidev-{}.so", std::process::id()));
    let compiled = Command::new("cc")
        .args(["-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o"])
        .args([&library, &source])
        .output()
        .map_err(|error| format!("no C compiler: cc: {error}"))?;
    let words = String::from_utf8_lossy(&compiled.stderr);
    assert!(compiled.status.success(), "{words}");
    // Tests of another process may be using the last one.
    let shared = folder().join("spidev.so");
    std::fs::rename(&library, &shared).map_err(|error| error.to_string())?;
    Ok(shared)
}
