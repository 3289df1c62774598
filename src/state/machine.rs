//! The state machine: events, samples and time in; the state to show and the next deadline out.
//!
//! It keeps facts (what happened, what was measured, what runs) and derives every active state
//! from them anew, in the order of [`State::ALL`]; so there is no transition to get wrong, and
//! with constant facts the state changes only at the deadlines that it names. It reads no clock:
//! times are arguments and never go back.

mod active;

use super::heat::Heat;
use super::job::JobWatch;
use super::operations::Operations;
use super::{Event, State, StateSettings};
use crate::input::{MAX_SOURCES, Sample};
use crate::time::{Span, Time};

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
pub struct Machine {
    settings: StateSettings,
    life: Life,
    link_lost: bool,
    command_error_until: Option<Time>,
    operations: Operations,
    latest: Sample,
    job: JobWatch,
    heat: Heat,
    forced: Option<Forced>,
    /// The printer does something, or did at the last step.
    busy: bool,
    /// When the printer was last in use.
    used: Time,
    /// When something else than boredom was last to be shown.
    occupied: Time,
    active: Vec<State>,
}

impl Machine {
    /// Makes a machine of a Klipper that starts.
    pub fn new(settings: StateSettings, now: Time) -> Self {
        let mut machine = Self {
            settings,
            life: Life::Starting,
            link_lost: false,
            command_error_until: None,
            operations: Operations::new(),
            latest: Sample::default(),
            job: JobWatch::default(),
            heat: Heat::default(),
            forced: None,
            busy: false,
            used: now,
            occupied: now,
            // Every state once, and as many of the user's own as operations can nest.
            active: Vec::with_capacity(2 * State::ALL.len()),
        };
        machine.step(now);
        machine
    }

    /// Takes an event.
    pub fn event(&mut self, now: Time, event: Event) -> Step {
        match event {
            Event::Ready if self.life == Life::Starting => {
                self.life = Life::Ready;
                // What ended before the start is no news.
                self.job.forget_ends();
                self.touch(now);
            }
            Event::Ready => {}
            Event::Shutdown => self.life = Life::Shutdown,
            Event::LinkLost => self.link_lost = true,
            Event::LinkFound => self.link_lost = false,
            Event::Begin(operation, state) => {
                self.operations.begin(operation, state);
                self.touch(now);
            }
            Event::End(operation) => self.operations.end(operation),
            Event::CommandError => {
                self.command_error_until = Some(now + self.settings.command_error_for);
                self.touch(now);
            }
            // The idle timeout switches motors off too: that is nobody's visit. Their next start is.
            Event::MotorsOff => self.latest.motors_on = false,
            Event::Activity => self.touch(now),
        }
        self.step(now)
    }

    /// Takes what was measured at `now`.
    pub fn sample(&mut self, now: Time, sample: &Sample) -> Step {
        let target_rose = self.heat.sample(&sample.sources, &self.settings);
        let motors_started = sample.motors_on && !self.latest.motors_on;
        if target_rose || motors_started {
            self.touch(now);
        }
        // After the touch: a job that completes is news even when a motor starts with it.
        if self.job.sample(now, sample, &self.settings) {
            self.used = now;
        }
        self.latest = *sample;
        self.step(now)
    }

    /// Shows a state whatever the printer does, alarms excepted, for a time or until it is taken
    /// back.
    pub fn force(&mut self, now: Time, state: State, duration: Option<Span>) -> Step {
        let until = duration.map(|duration| now + duration);
        self.forced = Some(Forced { state, until });
        self.touch(now);
        self.step(now)
    }

    /// Takes the forced state back.
    pub fn release(&mut self, now: Time) -> Step {
        self.forced = None;
        self.step(now)
    }

    /// Says that somebody uses the printer.
    pub fn touch(&mut self, now: Time) {
        self.used = now;
        self.job.somebody_came();
    }

    /// Looks at the time.
    pub fn step(&mut self, now: Time) -> Step {
        self.job.step(now);
        self.command_error_until = self.command_error_until.filter(|until| *until > now);
        self.forced = self
            .forced
            .filter(|forced| forced.until.is_none_or(|until| until > now));
        self.heat.step(now, self.job.is_active(), &self.settings);
        self.rest(now);
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
    }

    /// Counts time as rest only while the printer does nothing; cooling is nothing.
    fn rest(&mut self, now: Time) {
        let busy = self.job.is_active()
            || self.heat.is_heating()
            || self.latest.manual_probe
            || !self.operations.is_empty();
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
            bored_at,
            sleep_at,
        ]
        .into_iter()
        .flatten()
        .filter(|deadline| *deadline > now)
        .min()
    }
}
