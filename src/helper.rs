//! The helper: a small service that runs as root and drives strips on PWM and PCM pins for klippy.
//!
//! A config file that only root can write lists the strips and the allowed users. The helper serves
//! one client at a time ([`crate::wire::helper`]). A client asks for strips and is accepted or gets
//! an error. After that it can only send frames of exactly the configured length, or turn the
//! strips off. Strips go dark two seconds after their client disconnects, and when the helper ends.
//!
//! One thread serves and the main thread watches it, because the pin driver can hang. Then the
//! helper ends and systemd restarts it.

mod config;
mod dry_run;
mod frame_buffer;
mod journal;
mod listener;
mod notify;
mod secure_read;
mod server;

pub use config::{Config, ConfigStrip};
pub use dry_run::open_dry_run;

use crate::output::{Output, OutputError, pins};
use crate::plan::StripPlan;
use crate::time::{Span, Time};
use log::{LevelFilter, Log, Metadata, Record};
use notify::Notifier;
use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};
use rustix::io::Errno;
use rustix::time::{ClockId, clock_gettime};
use server::Server;
use std::ffi::OsString;
use std::fmt;
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

/// Opens the pins of all configured strips, in the serving thread.
pub type Opener = Box<dyn Fn(&[StripPlan]) -> Result<Box<dyn Output>, OutputError> + Send>;

/// The settings of a helper.
#[derive(Debug)]
pub struct HelperSettings {
    /// The config file, which only root (or the user of this process) can write.
    pub config: PathBuf,
    /// The path of the socket.
    pub socket: PathBuf,
    /// The helper ends when this is readable.
    pub stop: OwnedFd,
    /// The `NOTIFY_SOCKET` of systemd.
    pub notify: Option<OsString>,
    /// Time after the end of a client until its strips go dark.
    pub blank_after: Span,
    /// Time for a client to send its hello; until then it keeps other clients out.
    pub hello_timeout: Span,
    /// Interval of the watching thread. Three checks without progress are a hang.
    pub check_interval: Duration,
    /// Writes a line to the journal.
    pub journal: fn(&str),
}

impl HelperSettings {
    /// The settings of the service, for these paths.
    pub fn new(config: PathBuf, socket: PathBuf, stop: OwnedFd) -> Self {
        Self {
            config,
            socket,
            stop,
            notify: None,
            blank_after: Span::from_millis(2000),
            hello_timeout: Span::from_millis(2000),
            check_interval: Duration::from_millis(2500),
            journal: to_log,
        }
    }
}

/// Why a helper ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HelperError {
    /// The config cannot be used.
    Config(String),
    /// The socket cannot be created or served.
    Socket(String),
    /// The pin driver does not return; its thread still exists.
    Hung,
    /// The helper panicked.
    Internal,
}

impl fmt::Display for HelperError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(message) | Self::Socket(message) => f.write_str(message),
            Self::Hung => f.write_str("the pin driver does not return"),
            Self::Internal => f.write_str("the helper had an internal error"),
        }
    }
}

impl std::error::Error for HelperError {}

/// Serves until stopped; returns after the strips are dark.
///
/// # Errors
/// When the helper cannot start or cannot continue. After [`HelperError::Hung`] the process should
/// end at once, because its serving thread cannot be stopped.
pub fn serve(settings: HelperSettings, opener: Opener) -> Result<(), HelperError> {
    let config = Config::load(&settings.config)?;
    let listener = listener::open(&settings.socket)?;
    for strip in config.strips() {
        (settings.journal)(&format!("serving {strip}"));
    }
    let watched = Arc::new(Watched::new()?);
    let server = Server::prepare(config, listener, opener, &settings);
    let thread = {
        let watched = Arc::clone(&watched);
        let serve = move || {
            let _end = ServerEnd(Arc::clone(&watched));
            server(&watched)
        };
        let builder = thread::Builder::new().name("lumen-helper".to_owned());
        builder.spawn(serve).map_err(|error| socket_fault(&error))?
    };
    let notifier = Notifier::new(settings.notify);
    notifier.send("READY=1");
    let ended = watch(&settings.stop, &watched, settings.check_interval, &notifier);
    let _ = std::fs::remove_file(&settings.socket);
    if !ended? {
        return Err(HelperError::Hung);
    }
    thread.join().unwrap_or(Err(HelperError::Internal))
}

/// Opens the pins in this process, which must be allowed to drive them.
pub fn pins() -> Opener {
    Box::new(pins::open_in_helper)
}

/// The state shared by both threads.
struct Watched {
    /// Steps of the serving thread: odd while it works, even while it waits.
    steps: AtomicU64,
    /// Readable when the serving thread must end.
    stop: OwnedFd,
    /// Readable when the serving thread has ended.
    ended: OwnedFd,
}

impl Watched {
    fn new() -> Result<Self, HelperError> {
        let flags = EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK;
        let signal = || eventfd(0, flags).map_err(|errno| socket_fault(&errno.into()));
        Ok(Self {
            steps: AtomicU64::new(1),
            stop: signal()?,
            ended: signal()?,
        })
    }

    /// Polls in the serving thread and counts the steps.
    fn wait(&self, fds: &mut [PollFd<'_>], timeout: Option<Span>) -> Result<(), Errno> {
        let timeout = timeout.map(timespec);
        self.steps.fetch_add(1, Ordering::Relaxed);
        let ready = poll(fds, timeout.as_ref());
        self.steps.fetch_add(1, Ordering::Relaxed);
        match ready {
            Ok(_) | Err(Errno::INTR) => Ok(()),
            Err(errno) => Err(errno),
        }
    }
}

/// Signals the end of the serving thread when dropped, even after a panic.
struct ServerEnd(Arc<Watched>);

impl Drop for ServerEnd {
    fn drop(&mut self) {
        signal(&self.0.ended);
    }
}

/// Watches the serving thread until it ends; returns `false` if it hangs.
///
/// Checks are counted, not timed: a process that was stopped for an hour does not count as hanging.
fn watch(
    stop: &OwnedFd,
    watched: &Watched,
    interval: Duration,
    notifier: &Notifier,
) -> Result<bool, HelperError> {
    let interval = Timespec::try_from(interval).ok();
    let (mut last_step, mut checks, mut is_stopping) = (0, 0, false);
    loop {
        let mut fds = vec![PollFd::new(&watched.ended, PollFlags::IN)];
        if !is_stopping {
            fds.push(PollFd::new(stop, PollFlags::IN));
        }
        match poll(&mut fds, interval.as_ref()) {
            Ok(_) => {}
            // The signal handler may have written to `stop`.
            Err(Errno::INTR) => continue,
            Err(errno) => return Err(socket_fault(&errno.into())),
        }
        if !fds[0].revents().is_empty() {
            return Ok(true);
        }
        if fds.get(1).is_some_and(|fd| !fd.revents().is_empty()) {
            is_stopping = true;
            notifier.send("STOPPING=1");
            signal(&watched.stop);
            continue;
        }
        let step = watched.steps.load(Ordering::Relaxed);
        checks = if step == last_step { checks + 1 } else { 1 };
        last_step = step;
        let is_working = step % 2 == 1;
        if is_working && checks >= 3 {
            return Ok(false);
        }
        notifier.send("WATCHDOG=1");
    }
}

fn signal(eventfd: &OwnedFd) {
    let _ = rustix::io::write(eventfd, &1_u64.to_ne_bytes());
}

fn now() -> Time {
    let now = clock_gettime(ClockId::Monotonic);
    Time::from_nanos(now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64)
}

/// Rounds up, because a poll that wakes early would be repeated at once.
fn timespec(span: Span) -> Timespec {
    let span = Duration::from_nanos(span.as_nanos()) + Duration::from_micros(1);
    Timespec::try_from(span).unwrap_or_default()
}

fn socket_fault(error: &io::Error) -> HelperError {
    HelperError::Socket(format!("cannot serve: {error}"))
}

#[allow(clippy::disallowed_macros, reason = "the helper's only log call")]
fn to_log(line: &str) {
    log::info!(target: "lumen::helper", "{line}");
}

/// Writes log records to stderr, which systemd passes to the journal.
struct Stderr;

impl Log for Stderr {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("lumen")
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            // One write per record, because both threads log.
            let line = format!("lumen-helper: {}\n", record.args());
            let _ = io::stderr().write_all(line.as_bytes());
        }
    }

    fn flush(&self) {}
}

/// Sends the log records of this process to stderr, unless a logger is already set.
pub fn log_to_stderr() {
    if log::set_logger(&Stderr).is_ok() {
        log::set_max_level(LevelFilter::Info);
    }
}
