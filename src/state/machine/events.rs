//! What happens to the printer, and what is measured of it, as the facts that the machine keeps.

use super::{Life, STILL_FOR, StateMachine, Step, Surroundings};
use crate::input::{Job, Sample};
use crate::state::{Event, Operation, Shutdown, State};
use crate::time::Time;

impl StateMachine {
    /// Takes an event.
    pub fn event(&mut self, now: Time, event: Event) -> Step {
        match event {
            Event::Ready if self.life == Life::Starting => {
                self.life = Life::Ready;
                // What ended before the start is not news.
                self.job.forget_ends();
                self.touch(now);
            }
            Event::Ready => {}
            Event::Shutdown(shutdown) => self.shut_down(shutdown),
            Event::LinkLost => self.link_lost = true,
            Event::LinkFound => self.link_lost = false,
            Event::Begin(operation, state) => self.begin(now, operation, state),
            Event::End(operation) => self.end(now, operation),
            // A job goes on, or fails and shows that.
            Event::CommandError if self.job.is(Job::Printing) => {}
            Event::CommandError => {
                self.command_error_until = Some(now + self.settings.command_error_for);
            }
            Event::Activity => {
                self.job.acknowledge();
                self.touch(now);
            }
        }
        self.step(now)
    }

    /// Takes what was measured at `now`.
    pub fn sample(&mut self, now: Time, sample: &Sample) -> Step {
        let before = std::mem::replace(&mut self.latest, *sample);
        self.is_sampled = true;
        if self.heat.sample(&sample.sources, &self.settings) {
            self.touch(now);
            self.job.acknowledge();
        }
        let was_still = self.moved.is_none_or(|at| now >= at + STILL_FOR);
        if sample.is_in_motion() || sample.has_moved(&before) {
            if was_still {
                self.touch(now);
            }
            self.moved = Some(now);
        }
        if sample.manual_probe && !before.manual_probe {
            let dialog = self.operations.states().find(|state| has_dialog(*state));
            self.manual = dialog.unwrap_or(State::Probing);
        }
        self.commanded = sample.is_commanded.then(|| self.commanded.unwrap_or(now));
        let printer = Surroundings {
            in_operation: !self.operations.is_empty(),
            is_working: self.is_occupied(now) || sample.is_paused,
            has_own_job: sample.job.is_active(),
        };
        self.stream.sample(now, (&before, sample), printer);
        self.step(now)
    }

    fn shut_down(&mut self, shutdown: Shutdown) {
        let is_at_rest = !self.job.is_active() && !self.heat.has_target();
        self.life = match (self.life, shutdown) {
            (Life::Starting | Life::Gone, Shutdown::Lost | Shutdown::Unreachable) => Life::Gone,
            (Life::Ready, Shutdown::Lost) if is_at_rest => Life::Gone,
            _ => Life::Shutdown,
        };
    }

    fn begin(&mut self, now: Time, operation: Operation, state: State) {
        self.operations.begin(operation, state);
        if state == State::Snapshot {
            self.snapshot.begin(now, operation);
        }
        if !matches!(state, State::Snapshot | State::Paused) {
            self.job.acknowledge();
        }
        self.touch(now);
    }

    fn end(&mut self, now: Time, operation: Operation) {
        let is_paused = self.job.is(Job::Paused);
        let ends = |wanted| {
            self.operations
                .within(operation)
                .any(|state| state == wanted)
        };
        let (ends_change, ends_job) = (ends(State::Filament), ends(State::Cancelled));
        self.operations.end(operation);
        self.change_waits |= ends_change && is_paused;
        if ends_job && self.stream.is_active() {
            self.stream.stop();
            self.job.cancel(now, &self.settings);
        }
        let waits = self.latest.taking_frame || is_paused;
        self.snapshot.end(operation, waits);
    }
}

/// Whether a command of this state may leave a manual probe open.
const fn has_dialog(state: State) -> bool {
    matches!(
        state,
        State::Meshing | State::Leveling | State::Probing | State::Calibrating
    )
}
