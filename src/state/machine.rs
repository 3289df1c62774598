//! The state machine derives the state to show from events, samples and time.
//!
//! It stores facts (past events, the latest sample, running commands) and recomputes all active
//! states from them in the order of [`State::ALL`]. There are no transitions. While the facts are
//! constant, the state changes only at the deadlines that [`Step::next`] returns. The machine reads
//! no clock: times are arguments and never decrease.

mod active;
mod events;

use super::filament::FilamentWatch;
use super::heat::HeaterWatch;
use super::job::JobWatch;
use super::operations::Operations;
use super::pause::PauseWatch;
use super::streamed_job::{PrinterActivity, StreamEnd, StreamWatch};
use super::timelapse::TimelapseWatch;
use super::{State, StateSettings};
use crate::input::{Job, MAX_SOURCES, Sample};
use crate::time::{Span, Time};

/// The minimum duration of a command that counts as work. Samples are 250 ms apart, so such a
/// command is running in at least two samples.
const COMMAND_IS_WORK_AFTER: Span = Span::from_millis(400);

/// Motion counts as started by the user after this time without motion. The motion of a job ends up
/// to 2 s after Klipper has read the end of its file.
const STILL_FOR: Span = Span::from_millis(3_000);

/// The result of an update of the state machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The state to show.
    pub state: State,
    /// When the state can change without new events or samples; always in the future.
    pub next: Option<Time>,
}

/// The phase of Klipper's life cycle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum KlipperPhase {
    #[default]
    Starting,
    Ready,
    /// The MCU does not respond and the printer was at rest: it was switched off.
    PoweredOff,
    /// Final: a restart of Klipper creates a new engine.
    Shutdown,
}

/// A state that the user has forced.
#[derive(Clone, Copy, Debug)]
struct Forced {
    state: State,
    until: Option<Time>,
}

/// Derives the state of the printer.
#[derive(Clone, Debug)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "independent facts of a printer"
)]
pub struct StateMachine {
    settings: StateSettings,
    klipper: KlipperPhase,
    link_lost: bool,
    command_error_until: Option<Time>,
    operations: Operations,
    latest: Sample,
    is_sampled: bool,
    job: JobWatch,
    stream: StreamWatch,
    pause: PauseWatch,
    timelapse: TimelapseWatch,
    filament: FilamentWatch,
    heaters: HeaterWatch,
    forced: Option<Forced>,
    /// A filament change has ended and left the job paused.
    is_change_pending: bool,
    /// The state that a manual probe dialog shows as.
    manual_probe_state: State,
    /// Start time of the running command.
    command_since: Option<Time>,
    /// When the printer last moved.
    moved_at: Option<Time>,
    /// The printer was busy in the last update.
    is_busy: bool,
    /// When the printer was last used.
    used_at: Time,
    /// When a state other than a resting state or an alarm was last active.
    not_resting_at: Time,
    active: Vec<State>,
}

impl StateMachine {
    /// Creates a state machine in the `startup` state.
    pub fn new(settings: StateSettings, now: Time) -> Self {
        let mut machine = Self {
            settings,
            klipper: KlipperPhase::Starting,
            link_lost: false,
            command_error_until: None,
            operations: Operations::new(),
            latest: Sample::default(),
            is_sampled: false,
            job: JobWatch::default(),
            stream: StreamWatch::default(),
            pause: PauseWatch::default(),
            timelapse: TimelapseWatch::default(),
            filament: FilamentWatch::default(),
            heaters: HeaterWatch::default(),
            forced: None,
            is_change_pending: false,
            manual_probe_state: State::Probing,
            command_since: None,
            moved_at: None,
            is_busy: false,
            used_at: now,
            not_resting_at: now,
            // Enough for every built-in state and the custom states of all nested operations.
            active: Vec::with_capacity(2 * State::ALL.len()),
        };
        machine.step(now);
        machine
    }

    /// Forces a state for a duration, or until [`release`](Self::release). Alarms still show.
    pub fn force(&mut self, now: Time, state: State, duration: Option<Span>) -> Step {
        let until = duration.map(|duration| now + duration);
        self.forced = Some(Forced { state, until });
        self.note_activity(now);
        self.step(now)
    }

    /// Ends the forced state and acknowledges the error of a job.
    pub fn release(&mut self, now: Time) -> Step {
        self.forced = None;
        self.job.acknowledge();
        self.step(now)
    }

    /// Records that the printer is in use.
    pub fn note_activity(&mut self, now: Time) {
        self.used_at = now;
        self.job.end_complete();
    }

    /// Returns the progress of the job, 0.0-1.0.
    ///
    /// The progress of a streamed job is kept when Klipper resets it.
    pub fn progress(&self) -> Option<f32> {
        self.stream.progress().or(self.latest.progress)
    }

    /// Advances to `now`.
    pub fn step(&mut self, now: Time) -> Step {
        if self.latest.is_in_motion() {
            self.moved_at = Some(now);
        }
        self.end_stream(now);
        self.job.step(now);
        self.follow_pause(now);
        self.command_error_until = self.command_error_until.filter(|until| *until > now);
        self.forced = self
            .forced
            .filter(|forced| forced.until.is_none_or(|until| until > now));
        self.heaters.step(now, self.job.is_active(), &self.settings);
        self.update_rest(now);
        self.collect(now);
        Step {
            state: self.state(),
            next: self.next(now),
        }
    }

    /// Returns the state to show: an alarm, or else the forced state, or else the highest active
    /// one.
    pub fn state(&self) -> State {
        let detected = self.detected();
        if detected.is_alarm() {
            return detected;
        }
        self.forced().unwrap_or(detected)
    }

    /// Returns the highest active state, ignoring the forced state.
    pub fn detected(&self) -> State {
        self.active.first().copied().unwrap_or(State::Idle)
    }

    /// Returns all active states, highest first; `Idle` if no other is active.
    pub fn active(&self) -> impl Iterator<Item = State> {
        self.active.iter().copied()
    }

    /// Returns the forced state.
    pub fn forced(&self) -> Option<State> {
        self.forced.map(|forced| forced.state)
    }

    /// Replaces the settings.
    pub fn configure(&mut self, settings: StateSettings) {
        self.settings = settings;
    }

    /// Renumbers the custom states after a reload. States that no longer exist end.
    pub fn rename(&mut self, rename: impl Fn(State) -> Option<State>) {
        self.operations.rename(&rename);
        self.forced = self
            .forced
            .and_then(|forced| rename(forced.state).map(|state| Forced { state, ..forced }));
    }

    /// Reorders the sources after a reload; `from` holds the old index of each new source.
    pub fn reorder(&mut self, from: &[Option<usize>; MAX_SOURCES]) {
        self.heaters.reorder(from);
        self.filament.clear();
    }

    /// Updates the job, either Klipper's own or one that a host streams.
    fn follow_job(&mut self, now: Time) {
        if !self.is_sampled {
            return;
        }
        let klipper_job = self.latest.job;
        let can_pause =
            matches!(klipper_job, Job::Standby | Job::Printing) || self.stream.is_active();
        let job = if self.latest.is_paused && can_pause || self.stream.is_resting() {
            Job::Paused
        } else if self.stream.is_active() {
            Job::Printing
        } else {
            klipper_job
        };
        let was_paused = self.job.is(Job::Paused);
        let has_extruded = self.latest.has_extruded || self.stream.is_active();
        // Not `note_activity`, which would end a `complete` that has just started.
        if self.job.follow(now, (job, has_extruded), &self.settings) {
            self.used_at = now;
            if job.is_active() {
                self.job.acknowledge();
            }
        }
        self.is_change_pending &= job == Job::Paused;
        let has_resumed = was_paused && job == Job::Printing;
        let in_job = self.job.is_active();
        self.filament
            .sample(self.latest.filament, in_job, has_resumed);
    }

    /// Ends a streamed job that is over, and updates the job.
    fn end_stream(&mut self, now: Time) {
        let is_working =
            self.latest.is_in_motion() || self.latest.is_paused || self.is_occupied(now);
        let is_hot = self.heaters.extruder_has_target(&self.settings);
        let end = self.stream.step(now, is_working, is_hot);
        self.follow_job(now);
        if end == Some(StreamEnd::Complete) {
            self.job.complete(now, &self.settings);
        }
    }

    fn follow_pause(&mut self, now: Time) {
        let is_paused = self.job.is(Job::Paused);
        let is_pausing = is_paused || self.operations.has(State::Paused);
        self.pause.follow(now, is_pausing, self.moved_at);
        self.timelapse.follow(self.latest.taking_frame || is_paused);
        self.timelapse.step(now);
    }

    /// Returns whether the printer works without a job, even if nothing moves.
    fn is_occupied(&self, now: Time) -> bool {
        let is_commanded = self
            .command_since
            .is_some_and(|at| now >= at + COMMAND_IS_WORK_AFTER);
        is_commanded
            || self.latest.manual_probe
            || self.latest.bed_screws
            || !self.operations.is_empty()
    }

    /// Updates the time of last use. Cooling down does not count as use.
    fn update_rest(&mut self, now: Time) {
        let is_working =
            self.latest.is_in_motion() || self.job.is_active() || self.is_occupied(now);
        let is_busy = is_working || self.heaters.is_heating();
        if is_busy || self.is_busy {
            self.used_at = now;
        }
        self.is_busy = is_busy;
    }

    fn bored_at(&self) -> Time {
        self.used_at + self.settings.bored_after
    }

    /// The time in `bored` starts when it becomes visible, which can be after the cooldown.
    fn sleep_at(&self) -> Time {
        self.bored_at().max(self.not_resting_at) + self.settings.sleep_after
    }

    fn next(&self, now: Time) -> Option<Time> {
        let is_resting = self.klipper == KlipperPhase::Ready && !self.is_busy;
        let bored_at = is_resting.then(|| self.bored_at());
        let can_sleep = self.detected() == State::Bored && !self.heaters.has_target();
        let sleep_at = can_sleep.then(|| self.sleep_at());
        [
            self.command_error_until,
            self.job.complete_until(),
            self.job.cancelled_until(),
            self.heaters.cooling_until(),
            self.forced.and_then(|forced| forced.until),
            self.pause.shows_at(self.settings.pause_after),
            self.timelapse.next(now),
            self.stream.next(),
            self.command_since
                .map(|since| since + COMMAND_IS_WORK_AFTER),
            bored_at,
            sleep_at,
        ]
        .into_iter()
        .flatten()
        .filter(|deadline| *deadline > now)
        .min()
    }
}
