//! The helper: a small service that runs as root and drives strips on PWM and PCM pins, for a klippy
//! that does not.
//!
//! Which pins, how many pixels and who may ask stands in a file that only root can write; a client
//! says what it wants and gets that or words. It may send frames and nothing else: one packet a
//! tick ([`crate::wire::helper`]), of exactly the length that its strips have. One client at a time.
//! Strips go dark when their client has been gone for two seconds, and when the helper ends.
//!
//! Two threads: one serves, the other watches it, because the driver of the pins can hang for ever.
//! Then the helper ends, and systemd starts it anew.

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

/// Opens the pins of all configured strips, in the thread that serves.
pub type Opener = Box<dyn Fn(&[StripPlan]) -> Result<Box<dyn Output>, OutputError> + Send>;

/// How a helper is set.
#[derive(Debug)]
pub struct HelperSettings {
    /// The config, a file that only root (or this process's user) can write.
    pub config: PathBuf,
    /// Where to listen.
    pub socket: PathBuf,
    /// It ends when there is something to read here.
    pub stop: OwnedFd,
    /// systemd's `NOTIFY_SOCKET`.
    pub notify: Option<OsString>,
    /// How long after its client has gone the strips go dark.
    pub blank_after: Span,
    /// How long a client may take to say hello, so that it keeps no other out.
    pub hello_within: Span,
    /// How often the watching thread looks. The third look at one and the same step is a hang.
    pub beat: Duration,
    /// Takes one line for the journal.
    pub journal: fn(&str),
}

impl HelperSettings {
    /// What the service uses, with the rest to be said.
    pub fn new(config: PathBuf, socket: PathBuf, stop: OwnedFd) -> Self {
        Self {
            config,
            socket,
            stop,
            notify: None,
            blank_after: Span::from_millis(2000),
            hello_within: Span::from_millis(2000),
            beat: Duration::from_millis(2500),
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
    /// The socket cannot be made or served.
    Socket(String),
    /// The driver of the pins does not return; its thread was left behind.
    Hung,
    /// The helper has a fault of its own.
    Internal,
}

impl fmt::Display for HelperError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(words) | Self::Socket(words) => f.write_str(words),
            Self::Hung => f.write_str("the pin driver does not return"),
            Self::Internal => f.write_str("the helper had an internal error"),
        }
    }
}

impl std::error::Error for HelperError {}

/// Serves until it is stopped; returns after the strips are dark.
///
/// # Errors
/// When it cannot begin, or cannot go on. After [`HelperError::Hung`] the process should end at
/// once: a thread of it is lost.
pub fn serve(settings: HelperSettings, opener: Opener) -> Result<(), HelperError> {
    let config = Config::load(&settings.config)?;
    let listener = listener::open(&settings.socket)?;
    for strip in config.strips() {
        (settings.journal)(&format!("serves {strip}"));
    }
    let watched = Arc::new(Watched::new()?);
    let server = Server::plan(config, listener, opener, &settings);
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
    notifier.tell("READY=1");
    let ended = watch(&settings.stop, &watched, settings.beat, &notifier);
    let _ = std::fs::remove_file(&settings.socket);
    if !ended? {
        return Err(HelperError::Hung);
    }
    thread.join().unwrap_or(Err(HelperError::Internal))
}

/// Opens the pins, which this process itself must be allowed to drive.
pub fn pins() -> Opener {
    Box::new(pins::open_in_helper)
}

/// What both threads see.
struct Watched {
    /// Counts the steps of the thread that serves: odd while it works, even while it waits.
    steps: AtomicU64,
    /// Readable when it shall end.
    stop: OwnedFd,
    /// Readable when it has ended.
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

    /// Lets the thread wait; it says so before and after.
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

/// Says that the thread has ended, however it did.
struct ServerEnd(Arc<Watched>);

impl Drop for ServerEnd {
    fn drop(&mut self) {
        signal(&self.0.ended);
    }
}

/// Watches the serving thread until it has ended; `false` when it hangs.
///
/// Steps are counted, not timed: a process that was stopped for an hour is not taken for one that
/// hung for an hour.
fn watch(
    stop: &OwnedFd,
    watched: &Watched,
    beat: Duration,
    notifier: &Notifier,
) -> Result<bool, HelperError> {
    let beat = Timespec::try_from(beat).ok();
    let (mut seen, mut looks, mut stopping) = (0, 0, false);
    loop {
        let mut fds = vec![PollFd::new(&watched.ended, PollFlags::IN)];
        if !stopping {
            fds.push(PollFd::new(stop, PollFlags::IN));
        }
        match poll(&mut fds, beat.as_ref()) {
            Ok(_) => {}
            // A signal, whose handler may just have written to `stop`.
            Err(Errno::INTR) => continue,
            Err(errno) => return Err(socket_fault(&errno.into())),
        }
        if !fds[0].revents().is_empty() {
            return Ok(true);
        }
        if fds.get(1).is_some_and(|fd| !fd.revents().is_empty()) {
            stopping = true;
            notifier.tell("STOPPING=1");
            signal(&watched.stop);
            continue;
        }
        let step = watched.steps.load(Ordering::Relaxed);
        looks = if step == seen { looks + 1 } else { 1 };
        seen = step;
        let works = step % 2 == 1;
        if works && looks >= 3 {
            return Ok(false);
        }
        notifier.tell("WATCHDOG=1");
    }
}

fn signal(eventfd: &OwnedFd) {
    let _ = rustix::io::write(eventfd, &1_u64.to_ne_bytes());
}

fn now() -> Time {
    let now = clock_gettime(ClockId::Monotonic);
    Time::from_nanos(now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64)
}

/// Rounded up: a poll that wakes early would be repeated at once.
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

/// Writes log records to stderr, which systemd gives to the journal.
struct Stderr;

impl Log for Stderr {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("lumen")
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            // In one write: both threads of the helper log.
            let line = format!("lumen-helper: {}\n", record.args());
            let _ = io::stderr().write_all(line.as_bytes());
        }
    }

    fn flush(&self) {}
}

/// Sends the log records of this process to stderr. A logger that is already set stays.
pub fn log_to_stderr() {
    if log::set_logger(&Stderr).is_ok() {
        log::set_max_level(LevelFilter::Info);
    }
}
