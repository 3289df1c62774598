//! A slow output's own thread: it takes the latest frames from a slot and waits for the wire.
//!
//! Whoever draws never waits: a frame that was not taken yet is replaced by the next. A fault makes
//! dark strips, is told once, and is tried again with back-off for as long as the pump lives. A
//! driver that never returns costs this thread and its device, nothing else: [`Pump::health`] and
//! [`Pump::join`] say so, and the claim on the device stays with the thread.

mod fault_state;
mod write_timer;

use crate::output::health::Health;
use crate::output::{Output, OutputError};
use crate::plan::StripPlan;
use crate::time::{Span, Time};
use fault_state::{BackOff, FaultState, patience};
use parking_lot::{Condvar, Mutex, MutexGuard};
use std::io;
use std::num::NonZeroU64;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use write_timer::WriteTimer;
pub use write_timer::Writes;

/// Opens the way out of strips; called in the pump's thread, again after each fault.
pub type Factory = Arc<dyn Fn(&[StripPlan]) -> Result<Box<dyn Output>, OutputError> + Send + Sync>;

/// Hears what keeps the strips dark, or `None` when they are lit again; only when that changes.
pub type Observer = Box<dyn Fn(Option<&OutputError>) + Send + Sync>;

/// How long a pump waits before it tries again.
const BACK_OFF: BackOff = BackOff::new(Duration::from_millis(500), Duration::from_secs(30));

/// The handle of an output's thread.
pub struct Pump {
    shared: Arc<PumpShared>,
}

struct PumpShared {
    slot: Mutex<FrameSlot>,
    /// The thread waits here for a frame, for the end of a back-off, or to be stopped.
    wake: Condvar,
    /// [`Pump::join`] waits here.
    ended: Condvar,
    observer: Observer,
    frames: AtomicU64,
    wakeups: AtomicU64,
    messages: AtomicU64,
    cpu_nanos: AtomicU64,
    write_timer: WriteTimer,
}

#[derive(Default)]
struct FrameSlot {
    /// A frame a strip.
    latest: Vec<LatestFrame>,
    time: Time,
    phase: PumpPhase,
    faults: FaultState,
}

/// The latest frame of one strip.
#[derive(Default)]
struct LatestFrame {
    frame: Vec<u8>,
    fresh: bool,
}

/// What the thread is at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum PumpPhase {
    /// It opens, writes or sits out a back-off, and will look for a frame by itself.
    #[default]
    Busy,
    /// It waits for a frame and must be woken for it.
    WaitingForFrame,
    /// It was asked to end.
    Stopped,
    /// It has ended.
    Ended,
}

impl Pump {
    /// Starts the thread of the strips that share a wire, one or more; the output is built there.
    ///
    /// # Errors
    /// When the system has no thread to give.
    pub fn start(plans: &[StripPlan], factory: Factory, observer: Observer) -> io::Result<Self> {
        Self::spawn(plans, factory, observer, BACK_OFF)
    }

    fn spawn(
        plans: &[StripPlan],
        factory: Factory,
        observer: Observer,
        back_off: BackOff,
    ) -> io::Result<Self> {
        let shared = Arc::new(PumpShared {
            slot: Mutex::new(FrameSlot {
                latest: plans.iter().map(|_| LatestFrame::default()).collect(),
                faults: FaultState {
                    patience: patience(plans),
                    ..FaultState::default()
                },
                ..FrameSlot::default()
            }),
            wake: Condvar::new(),
            ended: Condvar::new(),
            observer,
            frames: AtomicU64::new(0),
            wakeups: AtomicU64::new(0),
            messages: AtomicU64::new(0),
            cpu_nanos: AtomicU64::new(0),
            write_timer: WriteTimer::default(),
        });
        let thread = PumpThread {
            shared: Arc::clone(&shared),
            frames: plans.iter().map(|it| vec![0; it.strip.bytes()]).collect(),
            plans: plans.to_vec(),
            factory,
            back_off,
            time: None,
            proven: None,
        };
        let first = plans.first().map_or("", |plan| &plan.strip.name);
        let name = format!("lumen-{first}");
        thread::Builder::new()
            .name(name)
            .spawn(move || thread.run())?;
        Ok(Self { shared })
    }

    /// Leaves a frame, drawn at `time`, for the strip at `index`; returns at once. The thread takes
    /// it after the next [`Pump::flush`].
    pub fn send(&self, index: usize, time: Time, frame: &[u8]) {
        let mut slot = self.shared.slot.lock();
        slot.time = time;
        let Some(latest) = slot.latest.get_mut(index) else {
            return;
        };
        latest.frame.clear();
        latest.frame.extend_from_slice(frame);
        let replaced = std::mem::replace(&mut latest.fresh, true);
        slot.faults.dropped += u64::from(replaced);
    }

    /// Lets the thread take what was left. Tells the observer when it cannot, because the driver
    /// hangs.
    pub fn flush(&self) {
        let mut slot = self.shared.slot.lock();
        if slot.phase == PumpPhase::WaitingForFrame {
            slot.phase = PumpPhase::Busy;
            drop(slot);
            self.shared.wake.notify_one();
            return;
        }
        let Some(error) = slot.faults.hang() else {
            return;
        };
        if slot.faults.dark.as_ref() != Some(&error) {
            slot.faults.dark = Some(error.clone());
            drop(slot);
            (self.shared.observer)(Some(&error));
        }
    }

    /// How the strips fare; never waits for the device.
    pub fn health(&self) -> Health {
        let frames = self.shared.frames.load(Ordering::Relaxed);
        self.shared.slot.lock().faults.health(frames)
    }

    /// How many messages the outputs have sent to other processes and hosts.
    pub fn messages(&self) -> u64 {
        self.shared.messages.load(Ordering::Relaxed)
    }

    /// How often the thread woke.
    pub fn wakeups(&self) -> u64 {
        self.shared.wakeups.load(Ordering::Relaxed)
    }

    /// Processor time that the thread has used, as of its last frame.
    pub fn cpu(&self) -> Span {
        Span::from_nanos(self.shared.cpu_nanos.load(Ordering::Relaxed))
    }

    /// Measures for a while, from now on, what frames cost.
    pub fn measure(&self, span: Duration) {
        self.shared.write_timer.measure(instant() + span);
    }

    /// What was measured last.
    pub fn writes(&self) -> Writes {
        self.shared.write_timer.writes()
    }

    /// Asks the thread to darken the strip and to end; returns at once.
    pub fn stop(&self) {
        let mut slot = self.shared.slot.lock();
        if slot.phase != PumpPhase::Ended {
            slot.phase = PumpPhase::Stopped;
        }
        drop(slot);
        self.shared.wake.notify_one();
    }

    /// Waits at most `patience` for the thread's end; `false` says that it still runs.
    pub fn join(&self, patience: Duration) -> bool {
        let mut slot = self.shared.slot.lock();
        if slot.phase != PumpPhase::Ended {
            self.shared.ended.wait_for(&mut slot, patience);
        }
        slot.phase == PumpPhase::Ended
    }
}

/// Lets an output wait in its pump's thread until its device is ready for more.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place where an output sleeps"
)]
pub(crate) fn pause(span: Duration) {
    thread::sleep(span);
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long a driver hangs is told by the machine's clock, also under a manual one"
)]
pub(crate) fn instant() -> Instant {
    Instant::now()
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
struct PumpThread {
    shared: Arc<PumpShared>,
    plans: Vec<StripPlan>,
    factory: Factory,
    back_off: BackOff,
    /// The latest frames, kept so that they show again after a fault.
    frames: Vec<Vec<u8>>,
    /// When they were drawn; `None` before the first.
    time: Option<Time>,
    /// Since when frames have reached the strips; `None` before the first since it was opened.
    proven: Option<Instant>,
}

impl PumpThread {
    fn run(mut self) {
        let _end = EndGuard(Arc::clone(&self.shared));
        // The kernel may otherwise add 50 µs to every pause between two frames on the wire.
        let _ = rustix::thread::set_current_timer_slack(NonZeroU64::new(1));
        loop {
            match catch_unwind(AssertUnwindSafe(|| self.run_output())) {
                Ok(Ok(())) => break,
                Ok(Err(error)) => self.shared.fail(&error),
                Err(_) => self.shared.fail(&internal_error()),
            }
            let lit = |since| instant().saturating_duration_since(since);
            let lit = self.proven.take().map_or(Duration::ZERO, lit);
            if self.shared.wait_backoff(self.back_off.wait(lit)) {
                // What a fault left lit stays so, unless it goes now.
                let _ = catch_unwind(AssertUnwindSafe(|| self.darken()));
                break;
            }
        }
    }

    /// Opens the output once more, only to darken what it may have lit.
    fn darken(&self) -> Result<(), OutputError> {
        let Some(time) = self.time else {
            return Ok(());
        };
        (self.factory)(&self.plans)?.blank(time)
    }

    /// Opens the output and carries frames to it until it is stopped.
    fn run_output(&mut self) -> Result<(), OutputError> {
        let shared = Arc::clone(&self.shared);
        if self.take(&mut shared.slot.lock()) {
            return Ok(());
        }
        let mut output = (self.factory)(&self.plans)?;
        let opened = instant();
        let mut sent = 0;
        loop {
            // Frames from before the fault are still what the strips should show.
            if let Some(time) = self.time {
                let start = shared.write_timer.begin();
                output.write(time, &self.frames)?;
                if let Some(start) = start {
                    shared.write_timer.end(start);
                }
                self.shared.frames.fetch_add(1, Ordering::Relaxed);
                let messages = output.messages();
                self.shared
                    .messages
                    .fetch_add(messages - sent, Ordering::Relaxed);
                sent = messages;
            }
            if instant().saturating_duration_since(opened) >= output.settle_time() {
                if self.time.is_some() {
                    self.proven.get_or_insert_with(instant);
                }
                self.shared.succeed();
            }
            if self.next(output.refresh()) {
                return output.blank(self.time.unwrap_or_default());
            }
        }
    }

    /// Waits for the next frames, or until those that it has are to be written again; `true` when
    /// there will be none.
    fn next(&mut self, refresh: Option<Duration>) -> bool {
        self.shared.publish_cpu();
        let shared = Arc::clone(&self.shared);
        let mut slot = shared.slot.lock();
        slot.faults.driving = None;
        while !slot.latest.iter().any(|it| it.fresh) && slot.phase != PumpPhase::Stopped {
            slot.phase = PumpPhase::WaitingForFrame;
            let late = shared.sleep(&mut slot, refresh);
            shared.wakeups.fetch_add(1, Ordering::Relaxed);
            if late {
                break;
            }
        }
        self.take(&mut slot)
    }

    /// Takes the frames that wait; `true` when the thread has been stopped.
    fn take(&mut self, slot: &mut FrameSlot) -> bool {
        if slot.phase == PumpPhase::WaitingForFrame {
            slot.phase = PumpPhase::Busy;
        }
        for (frame, latest) in self.frames.iter_mut().zip(&mut slot.latest) {
            if std::mem::take(&mut latest.fresh) {
                std::mem::swap(frame, &mut latest.frame);
                self.time = Some(slot.time);
            }
        }
        slot.faults.driving = Some(instant());
        slot.phase == PumpPhase::Stopped
    }
}

impl PumpShared {
    /// Waits to be woken, or for a time; `true` when the time is over.
    fn sleep(&self, slot: &mut MutexGuard<'_, FrameSlot>, longest: Option<Duration>) -> bool {
        if let Some(longest) = longest {
            return self.wake.wait_for(slot, longest).timed_out();
        }
        self.wake.wait(slot);
        false
    }

    /// Notes that the device works.
    fn succeed(&self) {
        let mut slot = self.slot.lock();
        slot.faults.in_a_row = 0;
        if slot.faults.dark.take().is_some() {
            slot.faults.reconnects += 1;
            drop(slot);
            (self.observer)(None);
        }
    }

    /// Notes a fault, and tells it if it is another.
    fn fail(&self, error: &OutputError) {
        let mut slot = self.slot.lock();
        let faults = &mut slot.faults;
        faults.driving = None;
        faults.in_a_row = faults.in_a_row.saturating_add(1);
        faults.failures += 1;
        faults.last = Some((error.clone(), instant()));
        if faults.dark.as_ref() == Some(error) {
            return;
        }
        faults.dark = Some(error.clone());
        drop(slot);
        (self.observer)(Some(error));
    }

    /// Waits before the next try; `true` when there will be none.
    fn wait_backoff(&self, wait: Duration) -> bool {
        self.publish_cpu();
        let mut slot = self.slot.lock();
        slot.faults.retry_at = Some(instant() + wait);
        // Frames do not end a back-off: only a reader_waits thread is woken for them, and this one is busy.
        if slot.phase != PumpPhase::Stopped {
            self.wake.wait_for(&mut slot, wait);
            self.wakeups.fetch_add(1, Ordering::Relaxed);
        }
        slot.faults.retry_at = None;
        slot.phase == PumpPhase::Stopped
    }

    fn publish_cpu(&self) {
        self.cpu_nanos
            .store(write_timer::cpu().as_nanos(), Ordering::Relaxed);
    }
}

fn internal_error() -> OutputError {
    OutputError::new("its driver had an internal error", "")
}

/// Says that the thread has ended, however it did; the output is dropped by then.
struct EndGuard(Arc<PumpShared>);

impl Drop for EndGuard {
    fn drop(&mut self) {
        let mut slot = self.0.slot.lock();
        slot.phase = PumpPhase::Ended;
        // No driver has the thread any more.
        slot.faults.driving = None;
        drop(slot);
        self.0.ended.notify_all();
    }
}

#[cfg(test)]
mod test;
