//! The engine owns the render thread and all state that outlives a frame.
//!
//! Every call returns at once, except [`Engine::close`], whose wait is bounded. Calls post to a
//! mailbox, read a snapshot, or drain the notices, which an eventfd signals. A broken device, a
//! panic or a full mailbox at worst darkens a strip and posts a notice. In a forked child every
//! call does nothing, because the child has the engine's memory but none of its threads.

mod active_config;
mod blank;
mod clock;
mod debug_log;
mod error;
mod klipper_leds;
mod mailbox;
mod metrics;
mod notice;
mod output_handle;
mod output_set;
mod pacer;
mod paint_slots;
mod panic_guard;
mod posting;
mod prepared;
mod preview;
mod profile;
mod runner;
mod status;
mod status_snapshot;
mod thread;
mod watchdog;

pub use active_config::Wants;
pub use blank::{Blanked, blank, blank_with_factory};
pub use clock::ClockKind;
pub use error::EngineError;
pub use klipper_leds::HostStrip;
pub use metrics::{Counters, Spread, Window};
pub use notice::{Notice, NoticeKind};
pub use output_handle::OutputMode;
pub(crate) use panic_guard::guard;
pub use prepared::Prepared;
pub use preview::{GroupPixels, Preview};
pub use profile::{Cost, Costs, EffectCost, OutputCost, Profile};
pub use status::{GroupStatus, Metrics, Status, StripStatus};

use crate::output;
use crate::output::health::HealthState;
use crate::output::memory::Recording;
use crate::output::pump::Factory;
use crate::plan::StripPlan;
use crate::spec::{Compiled, SpecWarning};
use crate::time::{Span, Time};
use active_config::ActiveConfig;
use clock::Clock;
use crossbeam_channel::Receiver;
use log::Level;
use mailbox::{ConfigChange, Mailbox, Post};
use metrics::Meter;
use notice::Notices;
use output_handle::OutputContext;
use parking_lot::Mutex;
use profile::{Measurement, ProfileSlot};
use runner::{EngineShared, Runner, RunnerChannels};
use status_snapshot::SnapshotCell;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::time::Duration;
use thread::Thread;

/// Capacity of the channel that returns replaced configs. Fewer reloads than this occur between two
/// frames.
const REPLACED_CAPACITY: usize = 32;

/// Settings of an engine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// The clock that the engine uses.
    pub clock: ClockKind,
    /// Seed of all random numbers.
    pub seed: u64,
    /// Where frames go. With a manual clock no device is opened; frames for the configured outputs
    /// are recorded instead.
    pub outputs: OutputMode,
}

/// A running engine.
///
/// ```
/// use lumen::{ClockKind, Engine, Options, RawConfig, Span, compile};
///
/// let config = compile(&RawConfig::default(), None).unwrap();
/// let manual = Options { clock: ClockKind::Manual, ..Options::default() };
/// let engine = Engine::start(config, manual).unwrap();
/// engine.advance(Span::from_secs(1.0)).unwrap();
/// assert_eq!(engine.status().state, "startup");
/// ```
#[derive(Debug)]
pub struct Engine {
    /// `None` only after a drop in a forked child, which must not free it.
    inner: Option<Box<Inner>>,
    process: u32,
}

#[derive(Debug)]
struct Inner {
    shared: Arc<EngineShared>,
    /// Held only briefly: calls on Klipper's reactor wait for it.
    config: Mutex<ActiveConfig>,
    /// Held while a config is built. Only reloads wait for it.
    builder: Mutex<OutputContext>,
    run_mode: RunMode,
    replaced: Receiver<Box<ConfigChange>>,
    operations: AtomicU32,
    measurement: Mutex<Measurement>,
}

const _: () = {
    const fn is_shared<T: Send + Sync>() {}
    is_shared::<Engine>();
};

/// What drives the runner.
#[derive(Debug)]
enum RunMode {
    Thread(Thread),
    /// Calls of `advance`. `None` after the engine is closed.
    Manual(Mutex<Option<Box<Runner>>>),
}

impl RunMode {
    fn start(clock: ClockKind, runner: Runner) -> Result<Self, EngineError> {
        Ok(match clock {
            ClockKind::Real => Self::Thread(Thread::start(runner).map_err(EngineError::Start)?),
            ClockKind::Manual => Self::Manual(Mutex::new(Some(Box::new(runner)))),
        })
    }
}

impl Engine {
    /// Starts an engine with a config. Devices are opened later, in their own threads. A device
    /// that cannot be opened leaves its strip dark and posts a notice.
    ///
    /// # Errors
    /// When the system cannot create a thread or a file descriptor.
    pub fn start(config: Compiled, options: Options) -> Result<Self, EngineError> {
        // `OutputHandle` handles memory outputs itself, so this recording stays unused.
        let open = |plans: &[StripPlan]| output::build(plans, &Recording::default());
        Self::with_factory(config, options, Arc::new(open))
    }

    /// Starts an engine that opens its devices with `factory`.
    ///
    /// # Errors
    /// Same as [`Engine::start`].
    pub fn with_factory(
        config: Compiled,
        options: Options,
        factory: Factory,
    ) -> Result<Self, EngineError> {
        Ok(Self {
            inner: Some(Box::new(Inner::start(config, options, factory)?)),
            process: std::process::id(),
        })
    }

    /// Replaces the config at the next frame and returns the warnings of the new one. Unchanged
    /// outputs stay open.
    ///
    /// # Errors
    /// When the engine is busy or closed. The old config stays active.
    pub fn reload(&self, config: Compiled) -> Result<Vec<SpecWarning>, EngineError> {
        let Some(inner) = self.live() else {
            return Ok(Vec::new());
        };
        inner.reload(config)
    }

    /// Advances a manual clock by `span`. Handles pending posts first, then renders every frame
    /// that is due.
    ///
    /// # Errors
    /// When the engine uses the real clock or is closed.
    pub fn advance(&self, span: Span) -> Result<(), EngineError> {
        let Some(inner) = self.live() else {
            return Ok(());
        };
        let RunMode::Manual(runner) = &inner.run_mode else {
            let problem = "only an engine with a manual clock can be advanced";
            return Err(EngineError::Request(problem.to_owned()));
        };
        let mut runner = runner.lock();
        let runner = runner.as_mut().ok_or(EngineError::Closed)?;
        let clock = &inner.shared.clock;
        let end = clock.now() + span;
        loop {
            let next = runner.step().time();
            if next > end || next == Time::MAX {
                break;
            }
            clock.advance_to(next);
        }
        clock.advance_to(end);
        Ok(())
    }

    /// Blanks the strips and stops all threads. Waits at most `timeout`. Returns false if a thread
    /// hangs in a driver and was abandoned. Idempotent.
    pub fn close(&self, timeout: Duration) -> bool {
        self.live().is_none_or(|inner| inner.close(timeout))
    }

    /// Returns the engine's state, or `None` in a forked child, where no lock must be taken.
    fn live(&self) -> Option<&Inner> {
        self.inner
            .as_deref()
            .filter(|_| self.process == std::process::id())
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let Some(inner) = self.inner.take() else {
            return;
        };
        if self.process == std::process::id() {
            inner.stop();
        } else {
            // Threads that do not exist in the child may hold its locks.
            std::mem::forget(inner);
        }
    }
}

impl Inner {
    fn start(config: Compiled, options: Options, factory: Factory) -> Result<Self, EngineError> {
        let notices = Arc::new(Notices::new().map_err(EngineError::Start)?);
        let context = OutputContext {
            outputs: options.outputs.effective(options.clock),
            factory,
            notices: Arc::clone(&notices),
        };
        let config = ActiveConfig::new(config, &context, &[]);
        let first = config.running();
        let (mailbox, posts) = Mailbox::new();
        let shared = Arc::new(EngineShared {
            clock: Clock::new(options.clock),
            mailbox,
            notices,
            snapshot: SnapshotCell::new(first.clone()),
            meter: Mutex::new(Meter::new()),
            profile: ProfileSlot::default(),
            #[cfg(test)]
            should_panic: false.into(),
        });
        let (returned, replaced) = crossbeam_channel::bounded(REPLACED_CAPACITY);
        let channels = RunnerChannels {
            posts,
            replaced: returned,
        };
        let runner = Runner::new(Arc::clone(&shared), channels, first, options.seed);
        Ok(Self {
            run_mode: RunMode::start(options.clock, runner)?,
            shared,
            config: Mutex::new(config),
            builder: Mutex::new(context),
            replaced,
            operations: AtomicU32::new(0),
            measurement: Mutex::default(),
        })
    }

    /// Builds the new config, swaps it in and frees the old one. The lock of the active config is
    /// held only for the swap.
    fn reload(&self, compiled: Compiled) -> Result<Vec<SpecWarning>, EngineError> {
        let builder = self.builder.lock();
        // Frees what earlier reloads replaced here instead of in the render thread.
        self.replaced.try_iter().for_each(drop);
        let warnings = compiled.warnings.clone();
        let open = Arc::clone(self.config.lock().outputs.strips());
        let mut config = ActiveConfig::new(compiled, &builder, &open);
        let post = |change| {
            // The latest sample belongs to the sources of the old plan.
            self.shared.mailbox.forget_sample();
            self.post(Post::Reload(Box::new(change)))
        };
        let unused = self.config.lock().adopt(&mut config, post)?;
        let now = self.shared.clock.now();
        for output in unused {
            if output.sink().health().state == HealthState::Dark {
                let strips = output_handle::strip_names(output.plans());
                let text = format!("lumen: {strips}: replaced or removed by the new config");
                self.shared.notices.push_about(&strips, Level::Info, text);
            }
            output.stop(now);
        }
        let mut ended = self.config.lock().outputs.retired();
        ended.retain(|output| output.sink().join(Duration::ZERO));
        self.config.lock().outputs.remove_ended(&ended);
        Ok(warnings)
    }

    fn post(&self, post: Post) -> Result<(), EngineError> {
        Ok(self.shared.mailbox.post(&self.shared.clock, post)?)
    }

    /// Asks all threads to end, without waiting.
    fn stop(&self) {
        self.shared.mailbox.stop();
        let outputs = self.config.lock().outputs.all();
        let now = self.shared.clock.now();
        for output in &outputs {
            output.stop(now);
        }
    }

    fn close(&self, timeout: Duration) -> bool {
        let start = self.shared.clock.now();
        let remaining = || timeout.saturating_sub(self.shared.clock.elapsed(start));
        let ended = match &self.run_mode {
            RunMode::Thread(thread) => thread.close(&self.shared.mailbox, timeout),
            RunMode::Manual(runner) => {
                if let Some(runner) = runner.lock().take() {
                    runner.blank();
                }
                true
            }
        };
        if !ended {
            let text = "lumen: the render thread does not stop; it was abandoned";
            self.shared.notices.push(Level::Error, text.to_owned());
        }
        // Not under the lock: a status call must not wait for a driver.
        let outputs = self.config.lock().outputs.all();
        let now = self.shared.clock.now();
        for output in &outputs {
            output.stop(now);
        }
        let stuck: Vec<String> = outputs
            .iter()
            .filter(|output| !output.sink().join(remaining()))
            .map(|output| output_handle::strip_names(output.plans()))
            .collect();
        for strips in &stuck {
            let text =
                format!("lumen: {strips}: the driver does not return; its thread was abandoned");
            self.shared.notices.push(Level::Warn, text);
        }
        self.replaced.try_iter().for_each(drop);
        ended && stuck.is_empty()
    }
}

#[cfg(test)]
mod test;
