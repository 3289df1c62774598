//! Updates the facts of the state machine from events and samples.

use super::{KlipperPhase, PrinterActivity, STILL_FOR, StateMachine, Step};
use crate::input::{Job, Sample};
use crate::state::{Event, Operation, Shutdown, State};
use crate::time::Time;

impl StateMachine {
    /// Processes an event.
    pub fn event(&mut self, now: Time, event: Event) -> Step {
        match event {
            Event::Ready if self.klipper == KlipperPhase::Starting => {
                self.klipper = KlipperPhase::Ready;
                // Ignore jobs that ended before the start.
                self.job.clear_results();
                self.note_activity(now);
            }
            Event::Ready | Event::Trigger(_) => {}
            Event::Shutdown(shutdown) => self.shut_down(shutdown),
            Event::LinkLost => self.link_lost = true,
            Event::LinkFound => self.link_lost = false,
            Event::Begin(operation, state) => self.begin(now, operation, state),
            Event::End(operation) => self.end(now, operation),
            // The job continues, or fails and shows its own error.
            Event::CommandError if self.job.is(Job::Printing) => {}
            Event::CommandError => {
                self.command_error_until = Some(now + self.settings.command_error_for);
            }
            Event::Activity => {
                self.job.acknowledge();
                self.note_activity(now);
            }
        }
        self.step(now)
    }

    /// Processes a sample that was measured at `now`.
    pub fn sample(&mut self, now: Time, sample: &Sample) -> Step {
        let before = std::mem::replace(&mut self.latest, *sample);
        self.is_sampled = true;
        if self.heaters.sample(&sample.sources, &self.settings) {
            self.note_activity(now);
            self.job.acknowledge();
        }
        let was_still = self.moved_at.is_none_or(|at| now >= at + STILL_FOR);
        if sample.is_in_motion() || sample.has_moved(&before) {
            if was_still {
                self.note_activity(now);
            }
            self.moved_at = Some(now);
        }
        if sample.manual_probe && !before.manual_probe {
            let dialog = self.operations.states().find(|state| has_dialog(*state));
            self.manual_probe_state = dialog.unwrap_or(State::Probing);
        }
        self.command_since = sample
            .is_commanded
            .then(|| self.command_since.unwrap_or(now));
        let activity = PrinterActivity {
            in_operation: !self.operations.is_empty(),
            is_working: self.is_occupied(now) || sample.is_paused,
            has_own_job: sample.job.is_active(),
        };
        self.stream.sample(now, (&before, sample), activity);
        self.step(now)
    }

    fn shut_down(&mut self, shutdown: Shutdown) {
        let is_at_rest = !self.job.is_active() && !self.heaters.has_target();
        self.klipper = match (self.klipper, shutdown) {
            (
                KlipperPhase::Starting | KlipperPhase::PoweredOff,
                Shutdown::Lost | Shutdown::Unreachable,
            ) => KlipperPhase::PoweredOff,
            (KlipperPhase::Ready, Shutdown::Lost) if is_at_rest => KlipperPhase::PoweredOff,
            _ => KlipperPhase::Shutdown,
        };
    }

    fn begin(&mut self, now: Time, operation: Operation, state: State) {
        self.operations.begin(operation, state);
        if state == State::Snapshot {
            self.timelapse.begin(now, operation);
        }
        if !matches!(state, State::Snapshot | State::Paused) {
            self.job.acknowledge();
        }
        self.note_activity(now);
    }

    fn end(&mut self, now: Time, operation: Operation) {
        let is_paused = self.job.is(Job::Paused);
        let ends = |ended| {
            self.operations
                .within(operation)
                .any(|state| state == ended)
        };
        let (ends_change, ends_job) = (ends(State::Filament), ends(State::Cancelled));
        self.operations.end(operation);
        self.is_change_pending |= ends_change && is_paused;
        if ends_job && self.stream.is_active() {
            self.stream.stop();
            self.job.cancel(now, &self.settings);
        }
        let is_waiting = self.latest.taking_frame || is_paused;
        self.timelapse.end(operation, is_waiting);
    }
}

/// Returns whether a command of this state can leave a manual probe dialog open.
const fn has_dialog(state: State) -> bool {
    matches!(
        state,
        State::Meshing | State::Leveling | State::Probing | State::Calibrating
    )
}
