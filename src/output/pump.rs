//! A slow output's own thread: it takes the latest frame from a slot and waits for the wire.
//!
//! Whoever draws never waits: a frame that was not taken yet is replaced by the next. A fault makes
//! a dark strip, is told once, and is tried again with back-off for as long as the pump lives. A
//! driver that never returns costs this thread and its device, nothing else: [`Pump::join`] says
//! so, and the claim on the device stays with the thread.

use crate::output::{Output, OutputError};
use crate::plan::StripPlan;
use crate::time::{Span, Time};
use parking_lot::{Condvar, Mutex};
use rustix::time::{ClockId, clock_gettime};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

/// Opens the way out of a strip; called in the pump's thread, again after each fault.
pub type Factory = Arc<dyn Fn(&StripPlan) -> Result<Box<dyn Output>, OutputError> + Send + Sync>;

/// Hears in the pump's thread what keeps the strip dark, or `None` when it is lit again; only when
/// that changes.
pub type Observer = Box<dyn Fn(Option<&OutputError>) + Send>;

/// How long a pump waits before it tries again, doubled each time up to the second.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(30));

/// How a strip fares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Why the strip is dark; `None` while it is lit.
    pub dark: Option<OutputError>,
    /// Frames that reached the strip.
    pub frames: u64,
}

/// The handle of an output's thread.
pub struct Pump {
    shared: Arc<Shared>,
}

struct Shared {
    slot: Mutex<Slot>,
    /// The thread waits here for a frame, for the end of a back-off, or to be stopped.
    wake: Condvar,
    /// [`Pump::join`] waits here.
    ended: Condvar,
    frames: AtomicU64,
    wakeups: AtomicU64,
    cpu_nanos: AtomicU64,
}

#[derive(Default)]
struct Slot {
    frame: Vec<u8>,
    time: Time,
    fresh: bool,
    phase: Phase,
    dark: Option<OutputError>,
}

/// What the thread is at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    /// It opens, writes or sits out a back-off, and will look for a frame by itself.
    #[default]
    Busy,
    /// It waits for a frame and must be woken for it.
    Hungry,
    /// It was asked to end.
    Stopped,
    /// It has ended.
    Ended,
}

impl Pump {
    /// Starts the thread of a strip; the output is built there.
    ///
    /// # Errors
    /// When the system has no thread to give.
    pub fn start(plan: &StripPlan, factory: Factory, observer: Observer) -> io::Result<Self> {
        Self::spawn(plan, factory, observer, BACK_OFF)
    }

    fn spawn(
        plan: &StripPlan,
        factory: Factory,
        observer: Observer,
        back_off: (Duration, Duration),
    ) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            slot: Mutex::default(),
            wake: Condvar::new(),
            ended: Condvar::new(),
            frames: AtomicU64::new(0),
            wakeups: AtomicU64::new(0),
            cpu_nanos: AtomicU64::new(0),
        });
        let thread = Thread {
            shared: Arc::clone(&shared),
            plan: plan.clone(),
            factory,
            observer,
            back_off,
            frame: Vec::new(),
            time: Time::ZERO,
        };
        let name = format!("lumen-{}", plan.strip.name);
        thread::Builder::new()
            .name(name)
            .spawn(move || thread.run())?;
        Ok(Self { shared })
    }

    /// Leaves a frame, drawn at `time`, for the thread; returns at once.
    pub fn send(&self, time: Time, frame: &[u8]) {
        let mut slot = self.shared.slot.lock();
        slot.frame.clear();
        slot.frame.extend_from_slice(frame);
        slot.time = time;
        slot.fresh = true;
        let hungry = slot.phase == Phase::Hungry;
        drop(slot);
        if hungry {
            self.shared.wake.notify_one();
        }
    }

    /// How the strip fares; never waits for the device.
    pub fn health(&self) -> Health {
        Health {
            dark: self.shared.slot.lock().dark.clone(),
            frames: self.shared.frames.load(Ordering::Relaxed),
        }
    }

    /// How often the thread woke.
    pub fn wakeups(&self) -> u64 {
        self.shared.wakeups.load(Ordering::Relaxed)
    }

    /// Processor time that the thread has used, as of its last frame.
    pub fn cpu(&self) -> Span {
        Span::from_nanos(self.shared.cpu_nanos.load(Ordering::Relaxed))
    }

    /// Asks the thread to darken the strip and to end; returns at once.
    pub fn stop(&self) {
        let mut slot = self.shared.slot.lock();
        if slot.phase != Phase::Ended {
            slot.phase = Phase::Stopped;
        }
        drop(slot);
        self.shared.wake.notify_one();
    }

    /// Waits at most `patience` for the thread's end; `false` says that it still runs.
    pub fn join(&self, patience: Duration) -> bool {
        let mut slot = self.shared.slot.lock();
        if slot.phase != Phase::Ended {
            self.shared.ended.wait_for(&mut slot, patience);
        }
        slot.phase == Phase::Ended
    }
}

impl Drop for Pump {
    fn drop(&mut self) {
        self.stop();
    }
}

impl std::fmt::Debug for Pump {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pump").finish_non_exhaustive()
    }
}

/// What the thread knows.
struct Thread {
    shared: Arc<Shared>,
    plan: StripPlan,
    factory: Factory,
    observer: Observer,
    back_off: (Duration, Duration),
    /// The latest frame, kept so that it shows again after a fault.
    frame: Vec<u8>,
    time: Time,
}

impl Thread {
    fn run(mut self) {
        let _end = End(Arc::clone(&self.shared));
        let (mut wait, longest) = self.back_off;
        loop {
            let frames = self.shared.frames.load(Ordering::Relaxed);
            match catch_unwind(AssertUnwindSafe(|| self.carry())) {
                Ok(Ok(())) => break,
                Ok(Err(error)) => self.tell(Some(&error)),
                Err(_) => self.tell(Some(&internal_error())),
            }
            if self.shared.frames.load(Ordering::Relaxed) > frames {
                wait = self.back_off.0;
            }
            if self.shared.sit_out(wait) {
                break;
            }
            wait = (wait * 2).min(longest);
        }
    }

    /// Opens the output and carries frames to it until it is stopped.
    fn carry(&mut self) -> Result<(), OutputError> {
        let shared = Arc::clone(&self.shared);
        if self.take(&mut shared.slot.lock()) {
            return Ok(());
        }
        let mut output = (self.factory)(&self.plan)?;
        loop {
            // A frame from before the fault is still what the strip should show.
            if !self.frame.is_empty() {
                output.write(self.time, &self.frame)?;
                self.shared.frames.fetch_add(1, Ordering::Relaxed);
            }
            self.tell(None);
            if self.next() {
                return output.rest(self.time);
            }
        }
    }

    /// Waits for the next frame; `true` when there will be none.
    fn next(&mut self) -> bool {
        self.shared.publish_cpu();
        let shared = Arc::clone(&self.shared);
        let mut slot = shared.slot.lock();
        while !slot.fresh && slot.phase != Phase::Stopped {
            slot.phase = Phase::Hungry;
            shared.wake.wait(&mut slot);
            shared.wakeups.fetch_add(1, Ordering::Relaxed);
        }
        self.take(&mut slot)
    }

    /// Takes the frame that waits, if one does; `true` when the thread has been stopped.
    fn take(&mut self, slot: &mut Slot) -> bool {
        if slot.phase == Phase::Hungry {
            slot.phase = Phase::Busy;
        }
        if std::mem::take(&mut slot.fresh) {
            std::mem::swap(&mut self.frame, &mut slot.frame);
            self.time = slot.time;
        }
        slot.phase == Phase::Stopped
    }

    fn tell(&self, dark: Option<&OutputError>) {
        let mut slot = self.shared.slot.lock();
        if slot.dark.as_ref() == dark {
            return;
        }
        slot.dark = dark.cloned();
        drop(slot);
        (self.observer)(dark);
    }
}

impl Shared {
    /// Waits before the next try; `true` when there will be none.
    fn sit_out(&self, wait: Duration) -> bool {
        self.publish_cpu();
        let mut slot = self.slot.lock();
        // Frames do not end a back-off: only a hungry thread is woken for them, and this one is busy.
        if slot.phase != Phase::Stopped {
            self.wake.wait_for(&mut slot, wait);
            self.wakeups.fetch_add(1, Ordering::Relaxed);
        }
        slot.phase == Phase::Stopped
    }

    fn publish_cpu(&self) {
        let used = clock_gettime(ClockId::ThreadCPUTime);
        let nanos = used.tv_sec as u64 * 1_000_000_000 + used.tv_nsec as u64;
        self.cpu_nanos.store(nanos, Ordering::Relaxed);
    }
}

fn internal_error() -> OutputError {
    OutputError::new("its driver had an internal error", "")
}

/// Says that the thread has ended, however it did; the output is dropped by then.
struct End(Arc<Shared>);

impl Drop for End {
    fn drop(&mut self) {
        self.0.slot.lock().phase = Phase::Ended;
        self.0.ended.notify_all();
    }
}

#[cfg(test)]
mod test;
