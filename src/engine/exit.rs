//! Exits: the strips' ways out as the engine sees them, shared by the caller and the render thread.
//!
//! An exit takes frames and never waits for a device: what can wait has a pump. It belongs to the
//! caller's side too, so that closing needs no word from the render thread.

use super::clock::ClockKind;
use super::fault::hush;
use super::notice::{Level, Notices};
use crate::output::memory::{Memory, Recording};
use crate::output::pump::{Factory, Pump};
use crate::output::{Output, OutputError};
use crate::plan::{OutputSpec, StripPlan};
use crate::time::{Span, Time};
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Where the strips' frames go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Outputs {
    /// Where the config says.
    #[default]
    Configured,
    /// Into memory, whatever the config says; recorded for `Engine::take_frames`.
    Recorded,
    /// Into memory, whatever the config says; recorded once somebody takes frames.
    Discarded,
}

impl Outputs {
    /// What is meant under a clock: a manual one opens no device.
    pub(crate) fn by(self, clock: ClockKind) -> Self {
        match (self, clock) {
            (Self::Configured, ClockKind::Manual) => Self::Recorded,
            _ => self,
        }
    }
}

/// What an exit is made with.
#[derive(Clone)]
pub(crate) struct Fitting {
    pub(crate) outputs: Outputs,
    /// Opens the devices, in the pumps' threads.
    pub(crate) factory: Factory,
    pub(crate) notices: Arc<Notices>,
}

impl std::fmt::Debug for Fitting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fitting").finish_non_exhaustive()
    }
}

#[derive(Debug)]
enum Way {
    Memory(Mutex<Memory>, Recording),
    Pump(Pump),
    /// There is none, and why.
    Closed(OutputError),
}

/// One strip's way out.
#[derive(Debug)]
pub(crate) struct Exit {
    plan: StripPlan,
    way: Way,
    /// The last frame as red, green, blue, white.
    rgbw: Mutex<Vec<u8>>,
    /// Frames handed over.
    sent: AtomicU64,
}

/// How a strip fares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Health {
    /// Why it is dark.
    pub(crate) dark: Option<OutputError>,
    /// Frames that reached it.
    pub(crate) frames: u64,
}

impl Exit {
    /// Makes a strip's exit. Opens nothing here; a fault is a dark strip and a notice.
    pub(crate) fn open(plan: &StripPlan, fitting: &Fitting) -> Self {
        let way = match (&plan.output, fitting.outputs) {
            (_, Outputs::Recorded) => memory(true),
            // Nobody may ever take what is recorded, and an engine runs for months.
            (OutputSpec::Memory, Outputs::Configured) | (_, Outputs::Discarded) => memory(false),
            // It needs no thread to be refused in.
            (OutputSpec::Absent { .. }, Outputs::Configured) => match (fitting.factory)(plan) {
                Err(error) => closed(plan, fitting, error),
                Ok(_) => pump(plan, fitting),
            },
            (OutputSpec::Spi { .. }, Outputs::Configured) => pump(plan, fitting),
        };
        Self {
            plan: plan.clone(),
            way,
            rgbw: Mutex::new(vec![0; plan.strip.pixels * 4]),
            sent: AtomicU64::new(0),
        }
    }

    pub(crate) fn plan(&self) -> &StripPlan {
        &self.plan
    }

    /// The kind of output, as `driver:` names it.
    pub(crate) fn kind(&self) -> &str {
        match (&self.way, &self.plan.output) {
            (Way::Memory(..), _) | (_, OutputSpec::Memory) => "memory",
            (_, OutputSpec::Spi { .. }) => "spi",
            (_, OutputSpec::Absent { driver, .. }) => driver,
        }
    }

    /// Takes a frame that differs from the last.
    pub(crate) fn write(&self, now: Time, bytes: &[u8], rgbw: &[[u8; 4]]) {
        self.keep(rgbw);
        self.sent.fetch_add(1, Ordering::Relaxed);
        match &self.way {
            // Memory takes everything.
            Way::Memory(memory, _) => drop(memory.lock().write(now, bytes)),
            Way::Pump(pump) => pump.send(now, bytes),
            Way::Closed(_) => {}
        }
    }

    fn keep(&self, rgbw: &[[u8; 4]]) {
        let mut kept = self.rgbw.lock();
        kept.clear();
        kept.extend_from_slice(rgbw.as_flattened());
    }

    /// Darkens the strip and ends; takes no frame after that. Returns at once.
    pub(crate) fn stop(&self, now: Time) {
        match &self.way {
            Way::Memory(memory, _) => drop(memory.lock().rest(now)),
            Way::Pump(pump) => pump.stop(),
            Way::Closed(_) => {}
        }
        self.rgbw.lock().fill(0);
    }

    /// Waits for the end of the exit's thread; false when it still runs after `patience`.
    pub(crate) fn join(&self, patience: Duration) -> bool {
        match &self.way {
            Way::Pump(pump) => pump.join(patience),
            Way::Memory(..) | Way::Closed(_) => true,
        }
    }

    pub(crate) fn health(&self) -> Health {
        match &self.way {
            Way::Memory(..) => Health {
                dark: None,
                frames: self.sent.load(Ordering::Relaxed),
            },
            Way::Pump(pump) => {
                let health = pump.health();
                Health {
                    dark: health.dark,
                    frames: health.frames,
                }
            }
            Way::Closed(error) => Health {
                dark: Some(error.clone()),
                frames: 0,
            },
        }
    }

    /// The last frame as red, green, blue, white, four bytes a pixel.
    pub(crate) fn frame(&self) -> Vec<u8> {
        self.rgbw.lock().clone()
    }

    /// Takes what was recorded, and records from now on; nothing but a memory output does.
    pub(crate) fn take_frames(&self) -> Vec<(Time, Vec<u8>)> {
        match &self.way {
            Way::Memory(_, recording) => {
                recording.switch(true);
                recording.take()
            }
            Way::Pump(_) | Way::Closed(_) => Vec::new(),
        }
    }

    /// Processor time of the exit's thread.
    pub(crate) fn cpu(&self) -> Span {
        match &self.way {
            Way::Pump(pump) => pump.cpu(),
            Way::Memory(..) | Way::Closed(_) => Span::ZERO,
        }
    }

    /// How often the exit's thread woke.
    pub(crate) fn wakeups(&self) -> u64 {
        match &self.way {
            Way::Pump(pump) => pump.wakeups(),
            Way::Memory(..) | Way::Closed(_) => 0,
        }
    }
}

fn memory(record: bool) -> Way {
    let recording = Recording::default();
    recording.switch(record);
    Way::Memory(Mutex::new(Memory::new(recording.clone())), recording)
}

fn pump(plan: &StripPlan, fitting: &Fitting) -> Way {
    let notices = Arc::clone(&fitting.notices);
    let name = plan.strip.name.clone();
    let observer = Box::new(move |dark: Option<&OutputError>| tell(&notices, &name, dark));
    let open = Arc::clone(&fitting.factory);
    // In the thread of the pump, which catches the panics of its driver.
    let quiet: Factory = Arc::new(move |plan| {
        hush();
        open(plan)
    });
    match Pump::start(plan, quiet, observer) {
        Ok(pump) => Way::Pump(pump),
        Err(error) => {
            let problem = format!("cannot start its thread: {error}");
            closed(plan, fitting, OutputError::new(problem, ""))
        }
    }
}

fn closed(plan: &StripPlan, fitting: &Fitting, error: OutputError) -> Way {
    tell(&fitting.notices, &plan.strip.name, Some(&error));
    Way::Closed(error)
}

fn tell(notices: &Notices, strip: &str, dark: Option<&OutputError>) {
    let Some(error) = dark else {
        notices.push(Level::Info, format!("lumen: strip '{strip}' is lit again"));
        return;
    };
    let OutputError { problem, remedy } = error;
    let mut text = format!("lumen: strip '{strip}': {problem}; the strip stays dark");
    if !remedy.is_empty() {
        text = format!("{text} ({remedy})");
    }
    notices.push(Level::Warning, text);
}
