//! The state machine: events, samples and time in; the state to show and the next deadline out.
//!
//! It keeps facts (what happened, what was measured, what runs) and derives every active state
//! from them anew, in the order of [`State::ALL`]; so there is no transition to get wrong, and
//! with constant facts the state changes only at the deadlines that it names. It reads no clock:
//! times are arguments and never go back.

mod active;
mod events;

use super::filament::FilamentWatch;
use super::heat::Heat;
use super::job::JobWatch;
use super::operations::Operations;
use super::pause::PauseWatch;
use super::snapshot::SnapshotWatch;
use super::stream::{Stream, StreamEnd, Surroundings};
use super::{State, StateSettings};
use crate::input::{Job, MAX_SOURCES, Sample};
use crate::time::{Span, Time};

/// A command that runs in two samples in a row runs at least this long: samples come 4 times a
/// second.
const COMMANDED_AFTER: Span = Span::from_millis(400);

/// Motion after so much stillness was begun by the user. The end of a job's motion comes up to 2 s
/// after Klipper has read the end of its file.
const STILL_FOR: Span = Span::from_millis(3_000);

/// What the machine says after it has looked at the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The state to show.
    pub state: State,
    /// When the state may change if nothing happens until then; always in the future.
    pub next: Option<Time>,
}

/// How far Klipper has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Life {
    #[default]
    Starting,
    Ready,
    /// The printer does not answer, and was at rest: it was switched off.
    Gone,
    /// Only a restart, which makes a new engine, leads out of this.
    Shutdown,
}

/// A state that the user asked for, whatever the printer does.
#[derive(Clone, Copy, Debug)]
struct Forced {
    state: State,
    until: Option<Time>,
}

/// Decides what the printer is doing.
#[derive(Clone, Debug)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "independent facts of a printer"
)]
pub struct StateMachine {
    settings: StateSettings,
    life: Life,
    link_lost: bool,
    command_error_until: Option<Time>,
    operations: Operations,
    latest: Sample,
    is_sampled: bool,
    job: JobWatch,
    stream: Stream,
    pause: PauseWatch,
    snapshot: SnapshotWatch,
    filament: FilamentWatch,
    heat: Heat,
    forced: Option<Forced>,
    /// A filament change has left the job paused.
    change_waits: bool,
    /// What a manual probe shows as.
    manual: State,
    /// Since when a command has run.
    commanded: Option<Time>,
    /// When the printer last moved.
    moved: Option<Time>,
    /// The printer does something, or did at the last step.
    busy: bool,
    /// When the printer was last in use.
    used: Time,
    /// When something else than boredom was last to be shown.
    occupied: Time,
    active: Vec<State>,
}

impl StateMachine {
    /// Makes a machine of a Klipper that starts.
    pub fn new(settings: StateSettings, now: Time) -> Self {
        let mut machine = Self {
            settings,
            life: Life::Starting,
            link_lost: false,
            command_error_until: None,
            operations: Operations::new(),
            latest: Sample::default(),
            is_sampled: false,
            job: JobWatch::default(),
            stream: Stream::default(),
            pause: PauseWatch::default(),
            snapshot: SnapshotWatch::default(),
            filament: FilamentWatch::default(),
            heat: Heat::default(),
            forced: None,
            change_waits: false,
            manual: State::Probing,
            commanded: None,
            moved: None,
            busy: false,
            used: now,
            occupied: now,
            // Every state once, and as many of the user's own as operations can nest.
            active: Vec::with_capacity(2 * State::ALL.len()),
        };
        machine.step(now);
        machine
    }

    /// Shows a state whatever the printer does, alarms excepted, for a time or until it is taken
    /// back.
    pub fn force(&mut self, now: Time, state: State, duration: Option<Span>) -> Step {
        let until = duration.map(|duration| now + duration);
        self.forced = Some(Forced { state, until });
        self.touch(now);
        self.step(now)
    }

    /// Ends the forced state, and the error of a job that has failed.
    pub fn release(&mut self, now: Time) -> Step {
        self.forced = None;
        self.job.acknowledge();
        self.step(now)
    }

    /// Notes that the printer is in use.
    pub fn touch(&mut self, now: Time) {
        self.used = now;
        self.job.end_complete();
    }

    /// Progress of the job, 0.0-1.0: that of a streamed job is kept when Klipper forgets it.
    pub fn progress(&self) -> Option<f32> {
        self.stream.progress().or(self.latest.progress)
    }

    /// Lets time pass until `now`.
    pub fn step(&mut self, now: Time) -> Step {
        if self.latest.is_in_motion() {
            self.moved = Some(now);
        }
        self.end_stream(now);
        self.job.step(now);
        self.follow_pause(now);
        self.command_error_until = self.command_error_until.filter(|until| *until > now);
        self.forced = self
            .forced
            .filter(|forced| forced.until.is_none_or(|until| until > now));
        self.heat.step(now, self.job.is_active(), &self.settings);
        self.update_rest(now);
        self.collect(now);
        Step {
            state: self.state(),
            next: self.next(now),
        }
    }

    /// The state to show: an alarm, else the forced one, else the highest active one.
    pub fn state(&self) -> State {
        let detected = self.detected();
        if detected.is_alarm() {
            return detected;
        }
        self.forced().unwrap_or(detected)
    }

    /// The highest active state, not minding what is forced.
    pub fn detected(&self) -> State {
        self.active.first().copied().unwrap_or(State::Idle)
    }

    /// All active states, highest first; `Idle` alone where there is none.
    pub fn active(&self) -> impl Iterator<Item = State> {
        self.active.iter().copied()
    }

    /// The forced state.
    pub fn forced(&self) -> Option<State> {
        self.forced.map(|forced| forced.state)
    }

    /// Takes over other settings.
    pub fn configure(&mut self, settings: StateSettings) {
        self.settings = settings;
    }

    /// Gives the user's own states new numbers; those without one end.
    pub fn rename(&mut self, rename: impl Fn(State) -> Option<State>) {
        self.operations.rename(&rename);
        self.forced = self
            .forced
            .and_then(|forced| rename(forced.state).map(|state| Forced { state, ..forced }));
    }

    /// Takes over another list of sources: each new one's index in the old list.
    pub fn reorder(&mut self, from: &[Option<usize>; MAX_SOURCES]) {
        self.heat.reorder(from);
        self.filament.clear();
    }

    /// Follows the job: Klipper's own, or one that a host streams.
    fn follow_job(&mut self, now: Time) {
        if !self.is_sampled {
            return;
        }
        let klippers = self.latest.job;
        let pausable = matches!(klippers, Job::Standby | Job::Printing) || self.stream.is_active();
        let job = if self.latest.is_paused && pausable || self.stream.is_resting() {
            Job::Paused
        } else if self.stream.is_active() {
            Job::Printing
        } else {
            klippers
        };
        let was_paused = self.job.is(Job::Paused);
        let extruding = self.latest.extruding || self.stream.is_active();
        // After the touch: a job that completes is news even when motion begins with it.
        if self.job.follow(now, (job, extruding), &self.settings) {
            self.used = now;
            if job.is_active() {
                self.job.acknowledge();
            }
        }
        self.change_waits &= job == Job::Paused;
        let resumed = was_paused && job == Job::Printing;
        let in_job = self.job.is_active();
        self.filament.sample(self.latest.filament, in_job, resumed);
    }

    /// Ends a streamed job whose time has come.
    fn end_stream(&mut self, now: Time) {
        let works = self.latest.is_in_motion() || self.latest.is_paused || self.is_occupied(now);
        let is_hot = self.heat.extruder_has_target(&self.settings);
        let end = self.stream.step(now, works, is_hot);
        self.follow_job(now);
        if end == Some(StreamEnd::Complete) {
            self.job.complete(now, &self.settings);
        }
    }

    fn follow_pause(&mut self, now: Time) {
        let is_paused = self.job.is(Job::Paused);
        let is_pausing = is_paused || self.operations.has(State::Paused);
        self.pause.follow(now, is_pausing, self.moved);
        self.snapshot.follow(self.latest.taking_frame || is_paused);
        self.snapshot.step(now);
    }

    /// Whether the printer is at work without a job, and whether anything moves or not.
    fn is_occupied(&self, now: Time) -> bool {
        let commanded = self.commanded.is_some_and(|at| now >= at + COMMANDED_AFTER);
        commanded
            || self.latest.manual_probe
            || self.latest.bed_screws
            || !self.operations.is_empty()
    }

    /// Counts time as rest only while the printer does nothing; cooling is nothing.
    fn update_rest(&mut self, now: Time) {
        let works = self.latest.is_in_motion() || self.job.is_active() || self.is_occupied(now);
        let busy = works || self.heat.is_heating();
        if busy || self.busy {
            self.used = now;
        }
        self.busy = busy;
    }

    fn bored_at(&self) -> Time {
        self.used + self.settings.bored_after
    }

    /// Sleep is counted from when boredom shows: what cools down is bored before it sleeps.
    fn sleep_at(&self) -> Time {
        self.bored_at().max(self.occupied) + self.settings.sleep_after
    }

    fn next(&self, now: Time) -> Option<Time> {
        let resting = self.life == Life::Ready && !self.busy;
        let bored_at = resting.then(|| self.bored_at());
        let drowsy = self.detected() == State::Bored && !self.heat.has_target();
        let sleep_at = drowsy.then(|| self.sleep_at());
        [
            self.command_error_until,
            self.job.complete_until(),
            self.job.cancelled_until(),
            self.heat.cooling_until(),
            self.forced.and_then(|forced| forced.until),
            self.pause.shows_at(self.settings.pause_after),
            self.snapshot.next(now),
            self.stream.next(),
            self.commanded.map(|since| since + COMMANDED_AFTER),
            bored_at,
            sleep_at,
        ]
        .into_iter()
        .flatten()
        .filter(|deadline| *deadline > now)
        .min()
    }
}
