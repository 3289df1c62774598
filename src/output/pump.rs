//! The pump: the thread of a slow output, which takes the latest frames from a slot and sends them.
//!
//! The render thread never waits: a new frame replaces one that was not taken yet. After a fault,
//! the strips count as dark, the fault is reported once, and the pump retries with back-off for as
//! long as it exists. A driver that never returns costs only this thread and its device: the pump's
//! health and [`FrameSink::join`] report it, and the thread keeps its claim on the device.

mod fault_state;
mod write_timer;

use crate::output::frame_sink::{FrameSink, SinkStats};
use crate::output::health::Health;
use crate::output::timing::wake_on_time;
use crate::output::{Output, OutputError};
use crate::plan::StripPlan;
use crate::time::{Span, Time};
use fault_state::{BackOff, FaultState, hang_timeout};
use parking_lot::{Condvar, Mutex, MutexGuard};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use write_timer::WriteTimer;
pub use write_timer::Writes;

/// Opens the output of strips; called in the thread of the pump, again after each fault.
pub type Factory = Arc<dyn Fn(&[StripPlan]) -> Result<Box<dyn Output>, OutputError> + Send + Sync>;

/// Called with the error when strips go dark, and with `None` when they work again.
pub(crate) type Observer = Box<dyn Fn(Option<&OutputError>) + Send + Sync>;

/// The delays between retries.
const BACK_OFF: BackOff = BackOff::new(Duration::from_millis(500), Duration::from_secs(30));

/// The handle of an output's thread.
pub struct Pump {
    shared: Arc<PumpShared>,
}

struct PumpShared {
    slot: Mutex<FrameSlot>,
    /// Wakes the thread for a frame or a stop.
    wake: Condvar,
    /// Wakes [`FrameSink::join`].
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
    /// One frame per strip.
    latest: Vec<LatestFrame>,
    time: Time,
    phase: PumpPhase,
    faults: FaultState,
}

/// The latest frame of one strip.
#[derive(Default)]
struct LatestFrame {
    frame: Vec<u8>,
    is_new: bool,
}

/// What the thread is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum PumpPhase {
    /// Opening, writing or waiting for a retry; the thread then checks for a frame by itself.
    #[default]
    Busy,
    /// Waiting for a frame; the thread must be woken.
    WaitingForFrame,
    /// Asked to end.
    Stopped,
    /// Ended.
    Ended,
}

impl Pump {
    /// Starts the thread for strips that share a device; the output is built there.
    ///
    /// # Errors
    /// When the system cannot create a thread.
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
                    hang_timeout: hang_timeout(plans),
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
            working_since: None,
        };
        let first = plans.first().map_or("", |plan| &plan.strip.name);
        let name = format!("lumen-{first}");
        thread::Builder::new()
            .name(name)
            .spawn(move || thread.run())?;
        Ok(Self { shared })
    }
}

impl FrameSink for Pump {
    /// The thread takes the frame after the next flush.
    fn submit(&self, index: usize, time: Time, bytes: &[u8], _: &[[u8; 4]]) {
        let mut slot = self.shared.slot.lock();
        slot.time = time;
        let Some(latest) = slot.latest.get_mut(index) else {
            return;
        };
        latest.frame.clear();
        latest.frame.extend_from_slice(bytes);
        let replaced = std::mem::replace(&mut latest.is_new, true);
        slot.faults.dropped += u64::from(replaced);
    }

    /// Wakes the thread for the stored frames. Calls the observer if the driver hangs.
    fn flush(&self) {
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

    /// Asks the thread to turn the strips off and to end.
    fn stop(&self, _: Time) {
        let mut slot = self.shared.slot.lock();
        if slot.phase != PumpPhase::Ended {
            slot.phase = PumpPhase::Stopped;
        }
        drop(slot);
        self.shared.wake.notify_one();
    }

    fn join(&self, timeout: Duration) -> bool {
        let mut slot = self.shared.slot.lock();
        if slot.phase != PumpPhase::Ended {
            self.shared.ended.wait_for(&mut slot, timeout);
        }
        slot.phase == PumpPhase::Ended
    }

    fn health(&self) -> Health {
        let frames = self.shared.frames.load(Ordering::Relaxed);
        self.shared.slot.lock().faults.health(frames)
    }

    /// The processor time is that until the last frame.
    fn stats(&self) -> SinkStats {
        let shared = &self.shared;
        SinkStats {
            cpu: Span::from_nanos(shared.cpu_nanos.load(Ordering::Relaxed)),
            wakeups: shared.wakeups.load(Ordering::Relaxed),
            messages: shared.messages.load(Ordering::Relaxed),
            writes: Some(shared.write_timer.writes()),
        }
    }

    fn measure(&self, span: Span) {
        let span = Duration::from_nanos(span.as_nanos());
        self.shared.write_timer.measure(instant() + span);
    }
}

/// Sleeps in the thread of a pump until the device is ready for the next frame.
#[expect(
    clippy::disallowed_methods,
    reason = "the only place where an output sleeps"
)]
pub(crate) fn pause(span: Duration) {
    thread::sleep(span);
}

/// The system clock: a hanging driver must be detected under a manual engine clock too.
#[expect(
    clippy::disallowed_methods,
    reason = "drivers are timed by the system clock"
)]
pub(crate) fn instant() -> Instant {
    Instant::now()
}

impl Drop for Pump {
    fn drop(&mut self) {
        self.stop(Time::ZERO);
    }
}

impl std::fmt::Debug for Pump {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pump").finish_non_exhaustive()
    }
}

/// The state of the thread.
struct PumpThread {
    shared: Arc<PumpShared>,
    plans: Vec<StripPlan>,
    factory: Factory,
    back_off: BackOff,
    /// The latest frames, kept to show them again after a fault.
    frames: Vec<Vec<u8>>,
    /// When they were rendered; `None` before the first.
    time: Option<Time>,
    /// Since when the open output has worked; `None` before its first frame arrived.
    working_since: Option<Instant>,
}

impl PumpThread {
    fn run(mut self) {
        let _end = EndGuard(Arc::clone(&self.shared));
        wake_on_time();
        loop {
            match catch_unwind(AssertUnwindSafe(|| self.run_output())) {
                Ok(Ok(())) => break,
                Ok(Err(error)) => self.shared.fail(&error),
                Err(_) => self.shared.fail(&internal_error()),
            }
            let elapsed = |since| instant().saturating_duration_since(since);
            let worked_for = self.working_since.take().map_or(Duration::ZERO, elapsed);
            if self.shared.wait_backoff(self.back_off.next(worked_for)) {
                // The fault may have left the strips lit.
                let _ = catch_unwind(AssertUnwindSafe(|| self.darken()));
                break;
            }
        }
    }

    /// Opens the output once more to turn off strips that a fault may have left lit.
    fn darken(&self) -> Result<(), OutputError> {
        let Some(time) = self.time else {
            return Ok(());
        };
        (self.factory)(&self.plans)?.blank(time)
    }

    /// Opens the output and sends frames to it until the pump is stopped.
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
                    self.working_since.get_or_insert_with(instant);
                }
                self.shared.succeed();
            }
            if self.next(output.refresh()) {
                return output.blank(self.time.unwrap_or_default());
            }
        }
    }

    /// Waits for new frames, or until the current ones must be sent again; returns `true` if the
    /// pump was stopped.
    fn next(&mut self, refresh: Option<Duration>) -> bool {
        self.shared.publish_cpu();
        let shared = Arc::clone(&self.shared);
        let mut slot = shared.slot.lock();
        slot.faults.driving = None;
        while !slot.latest.iter().any(|it| it.is_new) && slot.phase != PumpPhase::Stopped {
            slot.phase = PumpPhase::WaitingForFrame;
            let timed_out = shared.sleep(&mut slot, refresh);
            shared.wakeups.fetch_add(1, Ordering::Relaxed);
            if timed_out {
                break;
            }
        }
        self.take(&mut slot)
    }

    /// Takes the new frames; returns `true` if the pump was stopped.
    fn take(&mut self, slot: &mut FrameSlot) -> bool {
        if slot.phase == PumpPhase::WaitingForFrame {
            slot.phase = PumpPhase::Busy;
        }
        for (frame, latest) in self.frames.iter_mut().zip(&mut slot.latest) {
            if std::mem::take(&mut latest.is_new) {
                std::mem::swap(frame, &mut latest.frame);
                self.time = Some(slot.time);
            }
        }
        slot.faults.driving = Some(instant());
        slot.phase == PumpPhase::Stopped
    }
}

impl PumpShared {
    /// Waits for a wake-up; returns `true` if the timeout passed instead.
    fn sleep(&self, slot: &mut MutexGuard<'_, FrameSlot>, timeout: Option<Duration>) -> bool {
        if let Some(timeout) = timeout {
            return self.wake.wait_for(slot, timeout).timed_out();
        }
        self.wake.wait(slot);
        false
    }

    /// Records that the device works.
    fn succeed(&self) {
        let mut slot = self.slot.lock();
        slot.faults.in_a_row = 0;
        if slot.faults.dark.take().is_some() {
            slot.faults.reconnects += 1;
            drop(slot);
            (self.observer)(None);
        }
    }

    /// Records a fault; calls the observer unless it is the same fault as before.
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

    /// Waits before the next retry; returns `true` if the pump was stopped.
    fn wait_backoff(&self, wait: Duration) -> bool {
        self.publish_cpu();
        let mut slot = self.slot.lock();
        slot.faults.retry_at = Some(instant() + wait);
        // Frames do not end a back-off: `flush` wakes only a thread in `WaitingForFrame`.
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

/// Marks the thread as ended when dropped, even after a panic; the output was dropped before.
struct EndGuard(Arc<PumpShared>);

impl Drop for EndGuard {
    fn drop(&mut self) {
        let mut slot = self.0.slot.lock();
        slot.phase = PumpPhase::Ended;
        slot.faults.driving = None;
        drop(slot);
        self.0.ended.notify_all();
    }
}

#[cfg(test)]
mod test;
