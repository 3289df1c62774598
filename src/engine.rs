//! The engine: owns the render thread and everything that outlives a frame.
//!
//! Every call returns at once; the one that waits is [`Engine::close`], and its wait is bounded.
//! Posts go through a mailbox, answers come from a snapshot, notices wait behind an eventfd. No
//! device, panic or full mailbox does more than darken a strip and leave a notice. In a forked
//! child every call does nothing: the child has the memory of the engine and none of its threads.

mod active_config;
mod blank;
mod built_config;
mod clock;
mod commands;
mod error;
mod fault;
mod klipper_leds;
mod mailbox;
mod metrics;
mod notice;
mod output_handle;
mod output_set;
mod pacer;
mod paint;
mod prepared;
mod profile;
mod runner;
mod snapshot;
mod status;
mod thread;
mod watchdog;

pub use active_config::{Request, Wants};
pub use blank::{Blanked, blank, blank_by};
pub use clock::ClockKind;
pub use error::EngineError;
pub use klipper_leds::HostStrip;
pub use metrics::{Counters, Spread, Window};
pub use notice::Notice;
pub use output_handle::OutputMode;
pub use prepared::Prepared;
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
use built_config::BuiltConfig;
use clock::Clock;
use crossbeam_channel::Receiver;
use log::Level;
use mailbox::{ConfigChange, Mailbox, Post};
use metrics::Meter;
use notice::Notices;
use output_handle::{OutputContext, OutputHandle};
use parking_lot::Mutex;
use profile::{Measurement, ProfileSlot};
use runner::{EngineShared, Runner, RunnerChannels};
use snapshot::SnapshotCell;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::time::Duration;
use thread::Thread;

/// How many reloads may be on their way back: more than anyone asks for between two frames.
const REPLACED: usize = 32;

/// How an engine runs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Whose clock it goes by.
    pub clock: ClockKind,
    /// What all randomness follows from.
    pub seed: u64,
    /// Where frames go. A manual clock opens no device: what the config says is recorded then.
    pub outputs: OutputMode,
}

/// One running engine.
///
/// ```
/// use lumen::engine::{ClockKind, Engine, Options};
/// use lumen::spec::{RawConfig, compile};
/// use lumen::time::Span;
///
/// let config = compile(&RawConfig::default(), None).unwrap();
/// let manual = Options { clock: ClockKind::Manual, ..Options::default() };
/// let engine = Engine::start(config, manual).unwrap();
/// engine.advance(Span::from_secs(1.0)).unwrap();
/// assert_eq!(engine.status().state, "startup");
/// ```
#[derive(Debug)]
pub struct Engine {
    /// Taken only when dropped in a forked child, which may free none of it.
    inner: Option<Box<Inner>>,
    process: u32,
}

#[derive(Debug)]
struct Inner {
    shared: Arc<EngineShared>,
    /// Held for moments: calls of klippy's reactor wait for it.
    config: Mutex<ActiveConfig>,
    /// Held while a config is built; no other call waits for it.
    builder: Mutex<OutputContext>,
    drive: RunMode,
    replaced: Receiver<Box<ConfigChange>>,
    operations: AtomicU32,
    measurement: Mutex<Measurement>,
}

const _: () = {
    const fn is_shared<T: Send + Sync>() {}
    is_shared::<Engine>();
};

/// Who calls the runner.
#[derive(Debug)]
enum RunMode {
    Thread(Thread),
    /// Whoever advances the clock; nobody after the end.
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
    /// Starts an engine with a config. Devices are opened later, in threads of their own, and one
    /// that cannot be opened is a dark strip and a notice.
    ///
    /// # Errors
    /// When the system has no thread or descriptor to give.
    pub fn start(config: Compiled, options: Options) -> Result<Self, EngineError> {
        // Memory outputs are the engine's own and need no thread.
        let open = |plans: &[StripPlan]| output::build(plans, &Recording::default());
        Self::with_factory(config, options, Arc::new(open))
    }

    /// Starts an engine whose devices `factory` opens.
    ///
    /// # Errors
    /// As for [`Engine::start`].
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

    /// Takes another config over at the next frame; unchanged outputs stay open. Returns its
    /// warnings.
    ///
    /// # Errors
    /// When the engine is busy or closed; the old config then stays.
    pub fn reload(&self, config: Compiled) -> Result<Vec<SpecWarning>, EngineError> {
        let Some(inner) = self.live() else {
            return Ok(Vec::new());
        };
        inner.reload(config)
    }

    /// Lets `span` pass on a manual clock and draws every frame that falls due; works off first
    /// what was posted.
    ///
    /// # Errors
    /// When the clock is the machine's, and when the engine is closed.
    pub fn advance(&self, span: Span) -> Result<(), EngineError> {
        let Some(inner) = self.live() else {
            return Ok(());
        };
        let RunMode::Manual(runner) = &inner.drive else {
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

    /// Darkens the strips and stops. Waits at most `timeout`; false says that a thread hangs in a
    /// driver and was left behind. Idempotent.
    pub fn close(&self, timeout: Duration) -> bool {
        self.live().is_none_or(|inner| inner.close(timeout))
    }

    /// The engine's inside, but in a forked child, where no lock may be taken.
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
            // Its locks may be held by threads that the child does not have.
            std::mem::forget(inner);
        }
    }
}

impl Inner {
    fn start(config: Compiled, options: Options, factory: Factory) -> Result<Self, EngineError> {
        let notices = Arc::new(Notices::new().map_err(EngineError::Start)?);
        let context = OutputContext {
            outputs: options.outputs.by(options.clock),
            factory,
            notices: Arc::clone(&notices),
        };
        let config = BuiltConfig::build(config, &context, &[]);
        let first = config.change();
        let (mailbox, posts) = Mailbox::new();
        let shared = Arc::new(EngineShared {
            clock: Clock::new(options.clock),
            mailbox,
            notices,
            snapshot: SnapshotCell::new(first.clone()),
            meter: Mutex::new(Meter::new()),
            profile: ProfileSlot::default(),
            #[cfg(test)]
            trip: false.into(),
        });
        let (returned, replaced) = crossbeam_channel::bounded(REPLACED);
        let channels = RunnerChannels {
            posts,
            replaced: returned,
        };
        let runner = Runner::new(Arc::clone(&shared), channels, first, options.seed);
        Ok(Self {
            drive: RunMode::start(options.clock, runner)?,
            shared,
            config: Mutex::new(ActiveConfig::new(config)),
            builder: Mutex::new(context),
            replaced,
            operations: AtomicU32::new(0),
            measurement: Mutex::default(),
        })
    }

    /// Builds the next config, swaps it in and frees the old one. The lock of the front is held
    /// only for the swap.
    fn reload(&self, compiled: Compiled) -> Result<Vec<SpecWarning>, EngineError> {
        let builder = self.builder.lock();
        // What earlier reloads replaced is freed here, not in the render thread.
        self.replaced.try_iter().for_each(drop);
        let warnings = compiled.warnings.clone();
        let open = Arc::clone(self.config.lock().strip_outputs());
        let mut config = BuiltConfig::build(compiled, &builder, &open);
        let post = |change| {
            // Its sources are not those of the new plan.
            self.shared.mailbox.forget_sample();
            self.post(Post::Reload(Box::new(change)))
        };
        self.config.lock().adopt(&mut config, post)?;
        // It is the old one now.
        let old = config;
        let now = self.shared.clock.now();
        let retired = self.config.lock().retired();
        let left = old
            .outputs()
            .filter(|output| retired.iter().any(|it| Arc::ptr_eq(it, output)));
        for output in left {
            if output.health().state == HealthState::Dark {
                let strips = output_handle::strip_names(output.plans());
                let text = format!("lumen: {strips}: no longer in the config as before");
                self.shared.notices.push_about(&strips, Level::Info, text);
            }
            output.stop(now);
        }
        let is_ended = |output: &Arc<OutputHandle>| output.join(Duration::ZERO);
        let ended: Vec<_> = retired.into_iter().filter(is_ended).collect();
        self.config.lock().forget(&ended);
        Ok(warnings)
    }

    fn post(&self, post: Post) -> Result<(), EngineError> {
        Ok(self.shared.mailbox.post(&self.shared.clock, post)?)
    }

    /// Asks all threads to end; waits for none.
    fn stop(&self) {
        self.shared.mailbox.stop();
        let outputs = self.config.lock().all_outputs();
        let now = self.shared.clock.now();
        for output in &outputs {
            output.stop(now);
        }
    }

    fn close(&self, timeout: Duration) -> bool {
        let start = self.shared.clock.now();
        let left = || timeout.saturating_sub(self.shared.clock.elapsed(start));
        let ended = match &self.drive {
            RunMode::Thread(thread) => thread.close(&self.shared.mailbox, timeout),
            RunMode::Manual(runner) => {
                if let Some(runner) = runner.lock().take() {
                    runner.blank();
                }
                true
            }
        };
        if !ended {
            let text = "lumen: the render thread does not end; it was left behind";
            self.shared.notices.push(Level::Error, text.to_owned());
        }
        // Without the lock: whoever asks for the status meanwhile must not wait for a driver.
        let outputs = self.config.lock().all_outputs();
        let now = self.shared.clock.now();
        for output in &outputs {
            output.stop(now);
        }
        let stuck: Vec<String> = outputs
            .iter()
            .filter(|output| !output.join(left()))
            .map(|output| output_handle::strip_names(output.plans()))
            .collect();
        for strips in &stuck {
            let text =
                format!("lumen: {strips}: the driver does not return; its thread was left behind");
            self.shared.notices.push(Level::Warn, text);
        }
        self.replaced.try_iter().for_each(drop);
        ended && stuck.is_empty()
    }
}

#[cfg(test)]
mod test;
