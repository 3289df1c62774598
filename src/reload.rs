//! A reload of the config on a thread of its own, which never takes Python's lock.
//!
//! The thread reads and compiles the files, waits until the caller accepts the result, and commits
//! it to the engine. The caller polls and never waits. The thread can hang in the kernel, for
//! example if the files are on a network share that is unavailable. The caller then cancels the
//! reload and forgets it. The thread keeps no engine alive meanwhile. [`ReloadProgress`] has the
//! caller's side.

mod progress;

use crate::config_file::{self, ConfigFile, Dialect, Finding, ReadError};
use crate::engine::{Engine, Prepared, guard};
use crate::spec::{Facts, RawConfig, compile};
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use parking_lot::{Condvar, Mutex};
pub use progress::{ReloadProgress, ReloadStep};
use std::convert::Infallible;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Weak};
use std::thread::Builder;
use std::time::Duration;

/// The thread name that `top -H` and `ps -L` show.
const NAME: &str = "lumen-reload";

/// What a reload reads.
#[derive(Clone, Debug, Default)]
pub struct ReloadInput {
    /// The config file.
    pub path: PathBuf,
    /// The rules by which it is read.
    pub dialect: Dialect,
    /// What is known about Klipper's own sections, as the JSON of a [`RawConfig`]: these do not
    /// change until a RESTART, whatever the files contain now.
    pub known: String,
    /// The [`Facts`] about the printer, as JSON, if known.
    pub facts: Option<String>,
}

/// How a reload ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Whether the engine has the new config.
    pub is_committed: bool,
    /// Warnings about the new config, each with its file and line.
    pub warnings: Vec<String>,
    /// Why the engine keeps the old config, each with its file and line.
    pub problems: Vec<String>,
}

/// A running or ended reload. Dropping it cancels it.
#[derive(Debug)]
pub struct Reload {
    shared: Arc<Shared>,
    /// Disconnects when the thread has ended.
    done: Receiver<Infallible>,
}

/// What the caller and the thread share. No one waits while holding the lock.
#[derive(Debug, Default)]
struct Shared {
    phase: Mutex<Phase>,
    answered: Condvar,
}

#[derive(Debug, Default)]
enum Phase {
    #[default]
    Reading,
    /// The thread waits for an answer.
    Prepared(Arc<Prepared>),
    Accepted,
    Canceled,
    Ended(Outcome),
}

impl Reload {
    /// Starts a reload of `engine`.
    ///
    /// # Errors
    /// When the system cannot create a thread.
    pub fn start(engine: &Arc<Engine>, input: ReloadInput) -> io::Result<Self> {
        Self::with_reader(engine, input, |input| {
            config_file::load_as(input.dialect, &input.path)
        })
    }

    /// Starts a reload that reads the files with `read`.
    ///
    /// # Errors
    /// Same as [`Reload::start`].
    pub fn with_reader(
        engine: &Arc<Engine>,
        input: ReloadInput,
        read: impl FnOnce(&ReloadInput) -> Result<ConfigFile, ReadError> + Send + 'static,
    ) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let (alive, done) = crossbeam_channel::bounded(0);
        let task = Task {
            engine: Arc::downgrade(engine),
            shared: Arc::clone(&shared),
            input,
        };
        let thread = Builder::new().name(NAME.to_owned());
        thread.spawn(move || task.run(read, alive))?;
        Ok(Self { shared, done })
    }

    /// Returns the compiled config while the thread waits for [`Reload::accept`].
    pub fn prepared(&self) -> Option<Arc<Prepared>> {
        match &*self.shared.phase.lock() {
            Phase::Prepared(prepared) => Some(Arc::clone(prepared)),
            _ => None,
        }
    }

    /// Lets the thread commit the compiled config. Does nothing if it does not wait for that.
    pub fn accept(&self) {
        let mut phase = self.shared.phase.lock();
        if let Phase::Prepared(_) = *phase {
            // The thread has a reference, so this frees nothing.
            *phase = Phase::Accepted;
        }
        self.shared.answered.notify_one();
    }

    /// Cancels the reload. A config that is already being committed is still applied.
    pub fn cancel(&self) {
        *self.shared.phase.lock() = Phase::Canceled;
        self.shared.answered.notify_one();
    }

    /// Returns how the reload ended. `None` while it runs, and if it was canceled.
    pub fn outcome(&self) -> Option<Outcome> {
        match &*self.shared.phase.lock() {
            Phase::Ended(outcome) => Some(outcome.clone()),
            _ => None,
        }
    }

    /// Waits at most `timeout` until the thread has ended; returns whether it has.
    pub fn join(&self, timeout: Duration) -> bool {
        self.done.recv_timeout(timeout) != Err(RecvTimeoutError::Timeout)
    }
}

impl Drop for Reload {
    fn drop(&mut self) {
        self.cancel();
    }
}

/// The work of the thread.
struct Task {
    engine: Weak<Engine>,
    shared: Arc<Shared>,
    input: ReloadInput,
}

impl Task {
    #[allow(
        clippy::needless_pass_by_value,
        reason = "`alive` disconnects when this returns"
    )]
    fn run(
        self,
        read: impl FnOnce(&ReloadInput) -> Result<ConfigFile, ReadError>,
        alive: Sender<Infallible>,
    ) {
        let outcome = guard(|| match read(&self.input) {
            Ok(read) => self.compile(&read),
            Err(error) => {
                let path = self.input.path.display();
                let line = error.location.as_ref().map(ToString::to_string);
                let place = line.unwrap_or_else(|| path.to_string());
                failed(format!("{place}: {}", error.problem))
            }
        });
        let outcome = outcome.unwrap_or_else(|panic| failed(format!("internal error: {panic}")));
        let mut phase = self.shared.phase.lock();
        if !matches!(*phase, Phase::Canceled) {
            *phase = Phase::Ended(outcome);
        }
        drop(phase);
        drop(alive);
    }

    fn compile(&self, read: &ConfigFile) -> Outcome {
        if read.section("lumen").is_none() {
            return failed(format!("{}: no section [lumen]", self.input.path.display()));
        }
        let (raw, facts) = match self.config(read) {
            Ok(input) => input,
            Err(error) => return failed(format!("internal error: {error}")),
        };
        let compiled = match compile(&raw, facts.as_ref()) {
            Ok(compiled) => compiled,
            Err(errors) => {
                let problems = lines(read, errors.into_iter().map(Finding::from), false);
                return Outcome {
                    problems,
                    ..Outcome::default()
                };
            }
        };
        // Everything that is no longer needed is freed here, not by the caller.
        drop(raw);
        self.commit(read, &Arc::new(Prepared::new(compiled)))
    }

    /// Returns Lumen's sections with what is known about the printer.
    fn config(&self, read: &ConfigFile) -> serde_json::Result<(RawConfig, Option<Facts>)> {
        let known: RawConfig = serde_json::from_str(&self.input.known)?;
        let facts = self.input.facts.as_deref();
        let facts = facts.map(serde_json::from_str).transpose()?;
        let raw = RawConfig {
            sections: read.lumen().sections,
            ..known
        };
        Ok((raw, facts))
    }

    fn commit(&self, read: &ConfigFile, prepared: &Arc<Prepared>) -> Outcome {
        let mut phase = self.shared.phase.lock();
        if matches!(*phase, Phase::Reading) {
            *phase = Phase::Prepared(Arc::clone(prepared));
            while matches!(*phase, Phase::Prepared(_)) {
                self.shared.answered.wait(&mut phase);
            }
        }
        let is_accepted = matches!(*phase, Phase::Accepted);
        drop(phase);
        let Some(engine) = self.engine.upgrade().filter(|_| is_accepted) else {
            return failed("the reload was canceled".to_owned());
        };
        match engine.commit(prepared) {
            Ok(warnings) => Outcome {
                is_committed: true,
                warnings: lines(read, warnings.into_iter().map(Finding::from), true),
                problems: Vec::new(),
            },
            Err(error) => failed(error.to_string()),
        }
    }
}

fn failed(problem: String) -> Outcome {
    Outcome {
        problems: vec![problem],
        ..Outcome::default()
    }
}

/// Formats findings in the order of the files, with file and line.
fn lines(
    read: &ConfigFile,
    findings: impl Iterator<Item = Finding>,
    with_notes: bool,
) -> Vec<String> {
    let messages = read.messages(findings, with_notes);
    messages.iter().map(|message| read.line(message)).collect()
}
